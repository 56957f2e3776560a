/**
 * One connection with its protocol: collects candidates into few signals, has proofs made and checked, keeps the channel's buffer short,
 * and lingers after a goodbye until the other side has it. The rules are in link-protocol.ts.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Lane, LinkFailure } from '../kernel/machine.ts';
import type { ClockPort, LinkStats, SignerPort, VerifierPort } from '../kernel/ports.ts';
import { CHANNEL_BYTES, type Connection, type CreateConnection } from './connection.ts';
import type { Candidate, Description } from './description.ts';
import {
  LinkProtocol,
  type Fingerprints,
  type LinkEndCode,
  type LinkIdentity,
  type LinkOutput,
} from './link-protocol.ts';

/** How long a description and its first candidate wait for others, in ms (measured: those of the host come within 20 ms; the end of gathering takes 130 ms). */
export const FIRST_GATHER_MS = 20;
/** How long a description waits for its first candidate, in ms (measured: 1 to 20 ms, and more while 16 tabs join on two cores, where every third description was followed by a second signal). Guess: below the end of gathering. */
export const MOST_GATHER_MS = 100;
/** How long later candidates wait for one another, in ms (guess: several STUN answers in one signal). */
export const LATER_GATHER_MS = 50;
/** How long a connection stays after our goodbye unless the other side closes it first, in ms (guess: a slow round trip). */
export const LINGER_MS = 1000;
/** Frames held while the owner is asked whether a link may come up: the other side's proof and a few more (guess). */
export const MAX_HELD_FRAMES = 16;

export interface LinkEvents {
  /** Our description and the candidates found so far. */
  described(description: Description, candidates: readonly Candidate[]): void;
  /** Further candidates. */
  gathered(candidates: readonly Candidate[]): void;
  /** There are no further candidates. */
  complete?(): void;
  /** The channel is open. Where this is listened to, nothing is signed or read before `admit`. */
  opened?(): void;
  up(): void;
  message(message: Bytes, lane: Lane): void;
  /** Over, but not by `close` or `stop`. */
  ended(reason: LinkFailure, code: LinkEndCode | 'platform'): void;
  /** The connection is freed; the last call. */
  freed(): void;
}

export interface LinkOptions {
  readonly identity: LinkIdentity;
  readonly clock: ClockPort;
  readonly signer: SignerPort;
  readonly verifier: VerifierPort;
  readonly createConnection: CreateConnection;
  readonly iceServers: readonly RTCIceServer[];
  /** See {@link CreateConnection}. */
  readonly patient?: boolean;
  readonly events: LinkEvents;
}

export class Link {
  readonly #options: LinkOptions;
  readonly #protocol: LinkProtocol;
  readonly #connection: Connection;
  #over = false;
  #freed = false;
  #pumping = false;
  #described: Description | undefined;
  #descriptionSent = false;
  #candidates: Candidate[] = [];
  /** What came while the owner is asked. */
  #held: { readonly fingerprints: Fingerprints; readonly frames: Bytes[] } | undefined;
  #cancelGather: (() => void) | undefined;
  #cancelLinger: (() => void) | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#protocol = new LinkProtocol(options.identity);
    this.#connection = options.createConnection({
      initiator: options.identity.initiator,
      iceServers: options.iceServers,
      patient: options.patient ?? false,
      events: {
        described: (description) => {
          this.#described = description;
          this.#gather();
        },
        candidate: (candidate) => {
          this.#candidates.push(candidate);
          this.#gather();
        },
        gathered: () => {
          this.#flushGathered();
          options.events.complete?.();
        },
        opened: (fingerprints) => {
          this.#opened(fingerprints);
        },
        message: (frame) => {
          this.#received(frame);
        },
        drained: () => {
          this.#pump();
        },
        closed: (reason) => {
          this.#closed(reason);
        },
      },
    });
  }

  get identity(): LinkIdentity {
    return this.#protocol.identity;
  }

  /** Says who the other side is, where that was not known from the start. Before it is described. */
  meet(peer: PeerId): void {
    this.#protocol.meet(peer);
  }

  /** The owner lets the link come up. */
  admit(): void {
    const held = this.#held;
    if (held === undefined || this.#over) return;
    this.#held = undefined;
    this.#obey(this.#protocol.opened(held.fingerprints, this.#options.clock.now()));
    for (const frame of held.frames) this.#received(frame);
  }

  get stats(): LinkStats {
    return {
      rttMs: this.#protocol.rttMs,
      queuedBytes: this.#protocol.queuedBytes + this.#connection.bufferedBytes,
      ...this.#protocol.counters,
    };
  }

  describe(description: Description): void {
    this.#connection.describe(description);
  }

  addCandidates(candidates: readonly Candidate[]): void {
    for (const candidate of candidates) this.#connection.addCandidate(candidate);
  }

  send(message: Bytes, lane: Lane): 'queued' | 'full' | 'notUp' {
    const outcome = this.#protocol.send(message, lane, this.#connection.bufferedBytes);
    if (outcome === 'queued') this.#pumpSoon();
    return outcome;
  }

  tick(): void {
    this.#obey(this.#protocol.tick(this.#options.clock.now()));
    this.#pump();
  }

  /** Our timers were late by `ms`. */
  forgive(ms: number): void {
    this.#protocol.forgive(ms);
  }

  /** We were asleep. */
  probe(): void {
    this.#protocol.probe(this.#options.clock.now());
    this.#pump();
  }

  /** Says goodbye and frees the connection once the other side has had time to hear it. No `ended` follows. */
  close(reason: LinkFailure): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#held !== undefined) this.#protocol.opened(this.#held.fingerprints, this.#options.clock.now());
    this.#linger(this.#protocol.close(reason));
  }

  /** Says goodbye and frees the connection at once. */
  stop(reason: LinkFailure): void {
    if (!this.#over) for (const frame of this.#protocol.close(reason)) this.#connection.send(frame);
    this.#over = true;
    this.#free();
  }

  #opened(fingerprints: Fingerprints): void {
    const { clock, events } = this.#options;
    if (events.opened === undefined) {
      this.#obey(this.#protocol.opened(fingerprints, clock.now()));
      return;
    }
    this.#held = { fingerprints, frames: [] };
    events.opened();
  }

  #received(frame: Bytes): void {
    if (this.#held === undefined) {
      this.#obey(this.#protocol.received(frame, this.#options.clock.now()));
      this.#pump();
    } else if (this.#held.frames.length < MAX_HELD_FRAMES) this.#held.frames.push(frame);
    else this.#closed('closed');
  }

  #linger(lastFrames: readonly Bytes[]): void {
    const sent = lastFrames.filter((frame) => this.#connection.send(frame)).length;
    if (sent === 0) this.#free();
    else
      this.#cancelLinger = this.#options.clock.after(LINGER_MS, () => {
        this.#free();
      });
  }

  #obey(outputs: readonly LinkOutput[]): void {
    for (const output of outputs) {
      if (this.#over) return;
      this.#obeyOne(output);
    }
  }

  #obeyOne(output: LinkOutput): void {
    switch (output.kind) {
      case 'sign':
        void this.#sign(output.body);
        break;
      case 'verify':
        void this.#options.verifier.verifyAll([output.check]).then((holds) => {
          this.#obey(this.#protocol.verified(holds, this.#options.clock.now()));
          this.#pump();
        });
        break;
      case 'up':
        this.#options.events.up();
        break;
      case 'message':
        this.#options.events.message(output.message, output.lane);
        break;
      case 'ended':
        this.#over = true;
        this.#options.events.ended(output.reason, output.code);
        this.#linger(output.lastFrames);
        break;
    }
  }

  async #sign(body: Bytes): Promise<void> {
    try {
      this.#protocol.signed(await this.#options.signer.sign(body));
      this.#pump();
    } catch {
      this.#closed('closed'); // without our key there is no link
    }
  }

  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (!this.#over && this.#connection.bufferedBytes < CHANNEL_BYTES) {
      const frame = this.#protocol.nextFrame(this.#options.clock.now());
      if (frame === undefined || !this.#connection.send(frame)) return;
    }
  }

  /** Waits a little for more candidates, unless it is waiting already. */
  #gather(): void {
    if (this.#over) return;
    const isFirst = !this.#descriptionSent && this.#candidates.length === 1;
    if (isFirst) this.#stopGathering();
    const usualMs = this.#descriptionSent ? LATER_GATHER_MS : FIRST_GATHER_MS;
    const waitMs = this.#candidates.length === 0 ? MOST_GATHER_MS : usualMs;
    this.#cancelGather ??= this.#options.clock.after(waitMs, () => {
      this.#flushGathered();
    });
  }

  #stopGathering(): void {
    this.#cancelGather?.();
    this.#cancelGather = undefined;
  }

  #flushGathered(): void {
    if (this.#over || this.#described === undefined) return;
    this.#stopGathering();
    const candidates = this.#candidates;
    this.#candidates = [];
    if (!this.#descriptionSent) {
      this.#descriptionSent = true;
      this.#options.events.described(this.#described, candidates);
    } else if (candidates.length > 0) this.#options.events.gathered(candidates);
  }

  #closed(reason: 'iceFailed' | 'closed'): void {
    const wasOver = this.#over;
    this.#over = true;
    if (!wasOver) {
      this.#protocol.close(reason);
      this.#options.events.ended(reason, 'platform');
    }
    this.#free();
  }

  #free(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.#cancelGather?.();
    this.#cancelLinger?.();
    this.#candidates = [];
    this.#connection.destroy();
    this.#options.events.freed();
  }
}
