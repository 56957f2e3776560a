/** What the contract suite needs from a driver and the fake world around it; one implementation per driver. */
import type { Bytes } from '../../src/kernel/bytes.ts';
import type { PeerId } from '../../src/kernel/ids.ts';
import type { Lane, LinkFailure, SignatureCheck, StoreFailure, Write } from '../../src/kernel/machine.ts';
import type { Result } from '../../src/kernel/result.ts';
import type { NoteProtocol, Order, ScriptedMachine } from './driver-script.ts';

/** A question that the fake edge has been asked and answers when the test says so. */
export interface Question<Asked, Answer> {
  readonly asked: Asked;
  readonly finish: (answer: Answer) => void;
}

export interface SentMessage {
  readonly to: PeerId;
  readonly bytes: Bytes;
  readonly lane: Lane;
}

/** Everything that left the driver, and every question it has open. */
export class Edges {
  readonly sent: SentMessage[] = [];
  /** `dial a`, `answer a true`, `hangUp a reason`, `stop`, `send a text`, `emit text`: in the order in which they left. */
  readonly calls: string[] = [];
  readonly writes: Question<readonly Write[], Result<undefined, StoreFailure>>[] = [];
  readonly signatures: Question<Bytes, Bytes>[] = [];
  readonly checks: Question<readonly SignatureCheck[], boolean>[] = [];
  readonly gaps: number[] = [];
  readonly stops: { readonly error: unknown; readonly trace: readonly string[] }[] = [];
  /** Called with every emitted event. */
  onEvent: (event: string) => void = () => {};
  /** Links that the fake link layer holds up. */
  readonly up = new Set<PeerId>();
}

export interface DriverHarness {
  readonly machine: ScriptedMachine;
  readonly protocol: NoteProtocol;
  readonly edges: Edges;
  command(order: Order): boolean;
  asked(peer: PeerId): void;
  discovered(peer: PeerId): void;
  linkUp(peer: PeerId): void;
  linkDown(peer: PeerId, reason: LinkFailure): void;
  dialFailed(peer: PeerId, reason: LinkFailure): void;
  received(peer: PeerId, bytes: Bytes): void;
  /** Lets time pass, timers fire and everything settle. */
  advance(ms: number): Promise<void>;
  /** Lets `ms` pass in which nothing runs, then lets everything that was due run at once. */
  freeze(ms: number): Promise<void>;
  /** Turns the clock back, if the harness has one that can be turned. */
  turnBack(ms: number): void;
  /** Lets everything settle that needs no time. */
  settle(): Promise<void>;
  stop(): void;
}

export type MakeHarness = (machine: ScriptedMachine, protocol: NoteProtocol) => DriverHarness;
