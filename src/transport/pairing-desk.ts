/**
 * Two people link their tabs by exchanging two codes, with no server: makes the codes, holds their connections meanwhile, and hands a link
 * over once both owners have let it in. Which codes are good is pairing.ts; what is in them pairing-code.ts.
 */
import { toHex, type Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { LinkFailure } from '../kernel/machine.ts';
import type { ClockPort } from '../kernel/ports.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import type { Candidate, Description } from './description.ts';
import type { LinkIdentity } from './link-protocol.ts';
import type { Link, LinkEvents } from './link.ts';
import {
  decodeNote,
  encodeNote,
  readCode,
  writeCode,
  type PairingCode,
  type PairingNote,
} from './pairing-code.ts';
import { PAIRING_MS, Pairings, type Waiting } from './pairing.ts';
import type { Sealer } from './sealing.ts';
import { ATTEMPT_BYTES } from './signals.ts';
import type { Trace } from './trace.ts';

/** How long a code waits for all of our candidates, in ms (guess: a STUN server that answers at all does so within a second). */
export const GATHER_MS = 2000;

/** So many times over when even the description is not here: a busy machine (guess: ten seconds). */
const GATHER_ROUNDS = 5;

/** Pairing as a person or a script does it. Refusals are codes; nothing rejects. */
export interface PairingPort {
  /** A code for somebody else to answer. */
  offer(): Promise<Result<string, PairingCode>>;
  /** The code that answers an offer, to be given back. The link comes up when the other side completes. */
  answer(code: string): Promise<Result<string, PairingCode>>;
  /** Takes the answer to an offer of ours; ok when the link is up. */
  complete(code: string): Promise<Result<PeerId, PairingCode>>;
}

/** What pairing needs of the link layer around it. */
export interface PairingHost {
  readonly self: PeerId;
  /** Seals codes; not the one of signals. */
  readonly sealer: Sealer;
  readonly clock: ClockPort;
  readonly randomBytes: (length: number) => Bytes;
  readonly trace: Trace;
  isLinked(peer: PeerId): boolean;
  /** A connection of its own, or undefined when there is no place for one. */
  open(identity: Omit<LinkIdentity, 'self' | 'topic'>, events: PairingLinkEvents): Link | undefined;
  /** Asks the owner, as for any link that somebody wants; it answers by `answered`. */
  ask(peer: PeerId): void;
  /** The link is the owner's now. */
  up(link: Link): void;
  /** A link that the owner let in never came up. */
  failed(peer: PeerId, reason: LinkFailure): void;
}

export type PairingLinkEvents = Omit<LinkEvents, 'message' | 'freed' | 'ended'> & {
  readonly ended: (reason: LinkFailure) => void;
};

interface Pair {
  readonly attempt: Bytes;
  readonly link: Link;
  /** Nobody until the answer to our offer is here. */
  peer: PeerId | undefined;
  stage: 'open' | 'asking' | 'admitted';
  description: Description | undefined;
  readonly candidates: Candidate[];
  /** Called once the description and all candidates are here, or the wait for them is over. */
  described: () => void;
  /** Called when it is over. */
  over: (outcome: Result<PeerId, PairingCode>) => void;
}

const CODES: Readonly<Partial<Record<LinkFailure, PairingCode>>> = {
  busy: 'pairBusy',
  replaced: 'pairAlready',
  iceFailed: 'pairNoPath',
  timeout: 'pairNoAnswer',
};

export class PairingDesk implements PairingPort {
  readonly #host: PairingHost;
  readonly #pairings: Pairings;
  readonly #pairs = new Map<string, Pair>();

  constructor(host: PairingHost) {
    this.#host = host;
    this.#pairings = new Pairings(host.self);
  }

  async offer(): Promise<Result<string, PairingCode>> {
    const attempt = this.#host.randomBytes(ATTEMPT_BYTES);
    const pair = this.#begin('offer', attempt, undefined);
    return pair === undefined ? this.#refuse('pairBusy') : this.#code('offer', pair, this.#expiry());
  }

  async answer(code: string): Promise<Result<string, PairingCode>> {
    const read = await this.#read(code);
    if (!read.ok) return this.#refuse(read.code);
    const note = read.value;
    const refusal = this.#pairings.judgeOffer(note, this.#host.clock.wallMs());
    if (refusal !== undefined) return this.#refuse(refusal);
    if (this.#host.isLinked(note.from)) return this.#refuse('pairAlready');
    const pair = this.#begin('answer', note.attempt, note.from);
    if (pair === undefined) return this.#refuse('pairBusy');
    pair.link.describe(note.description);
    pair.link.addCandidates(note.candidates);
    return this.#code('answer', pair, note.expiresAt);
  }

  async complete(code: string): Promise<Result<PeerId, PairingCode>> {
    const read = await this.#read(code);
    if (!read.ok) return this.#refuse(read.code);
    const note = read.value;
    if (this.#host.isLinked(note.from)) return this.#refuse('pairAlready');
    const refusal = this.#pairings.takeAnswer(note, this.#host.clock.now());
    if (refusal !== undefined) return this.#refuse(refusal);
    const pair = this.#pairs.get(toHex(note.attempt));
    if (pair === undefined) return this.#refuse('pairFailed'); // its connection ended while the code was on its way
    this.#host.trace({ kind: 'pairing', code: 'completing' });
    return new Promise((resolve) => {
      pair.over = resolve;
      pair.peer = note.from;
      pair.link.meet(note.from);
      pair.link.describe(note.description);
      pair.link.addCandidates(note.candidates);
    });
  }

  /** The owner's word on a pairing that asked; false when none of `peer` does. */
  answered(peer: PeerId, accept: boolean): boolean {
    const pair = this.#of(peer, 'asking');
    if (pair === undefined) return false;
    if (accept) {
      pair.stage = 'admitted';
      pair.link.admit();
    } else {
      pair.link.close('busy');
      this.#end(pair, 'busy');
    }
    return true;
  }

  /** The owner gives up; it is not told of an outcome. */
  abandon(peer: PeerId, reason: LinkFailure): void {
    for (const stage of ['asking', 'admitted'] as const) {
      const pair = this.#of(peer, stage);
      if (pair === undefined) continue;
      pair.stage = 'open';
      pair.link.close(reason);
      this.#end(pair, reason);
    }
  }

  /** Ends what is past its time. */
  tick(): void {
    for (const waiting of this.#pairings.expired(this.#host.clock.now())) this.#expire(waiting);
  }

  stop(): void {
    for (const pair of [...this.#pairs.values()]) {
      pair.stage = 'open';
      this.#end(pair, 'closed');
    }
  }

  #of(peer: PeerId, stage: Pair['stage']): Pair | undefined {
    return [...this.#pairs.values()].find((pair) => pair.peer === peer && pair.stage === stage);
  }

  /** Opens a connection for a code of ours. */
  #begin(kind: 'offer' | 'answer', attempt: Bytes, peer: PeerId | undefined): Pair | undefined {
    const { clock, self } = this.#host;
    for (const waiting of this.#pairings.begin(kind, attempt, clock.now())) this.#expire(waiting);
    const link = this.#host.open(
      { peer: peer ?? self, attempt, initiator: kind === 'offer' },
      {
        described: (description, candidates) => {
          pair.description = description;
          pair.candidates.push(...candidates);
        },
        gathered: (candidates) => void pair.candidates.push(...candidates),
        complete: () => pair.described(),
        opened: () => this.#opened(pair),
        up: () => this.#up(pair),
        ended: (reason) => this.#end(pair, reason),
      },
    );
    if (link === undefined) {
      this.#pairings.end(attempt, 'pairUsed');
      return undefined;
    }
    const pair: Pair = {
      attempt,
      link,
      peer,
      stage: 'open',
      description: undefined,
      candidates: [],
      described: () => {},
      over: () => {},
    };
    this.#pairs.set(toHex(attempt), pair);
    return pair;
  }

  /** The code of a connection, once the browser knows its own addresses. */
  async #code(
    kind: PairingNote['kind'],
    pair: Pair,
    expiresAt: number,
  ): Promise<Result<string, PairingCode>> {
    const { clock, self, sealer, trace } = this.#host;
    for (let round = 0; round < GATHER_ROUNDS && pair.description === undefined; round++) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(GATHER_MS, resolve);
        pair.described = () => {
          cancel();
          resolve();
        };
      });
      if (!this.#pairs.has(toHex(pair.attempt))) break;
    }
    const { attempt, description, candidates } = pair;
    if (description === undefined || !this.#pairs.has(toHex(attempt))) {
      pair.link.close('closed');
      this.#end(pair, 'closed');
      return this.#refuse('pairFailed'); // this browser makes no connections
    }
    const note = { kind, from: self, attempt, expiresAt, description, candidates };
    const sealed = await sealer.seal(encodeNote(note), undefined);
    trace({ kind: 'pairing', code: kind === 'offer' ? 'offered' : 'answered' });
    return ok(writeCode(sealed));
  }

  async #read(code: string): Promise<Result<PairingNote, PairingCode>> {
    const sealed = readCode(code);
    if (!sealed.ok) return sealed;
    const plain = await this.#host.sealer.open(sealed.value, undefined);
    return plain.ok ? decodeNote(plain.value) : refuse('pairForeign');
  }

  /** The channel is open; who is linked already is let in without asking (LNK-46). */
  #opened(pair: Pair): void {
    if (pair.peer === undefined) return;
    if (this.#host.isLinked(pair.peer)) pair.link.admit();
    else {
      pair.stage = 'asking';
      this.#host.ask(pair.peer);
    }
  }

  #up(pair: Pair): void {
    this.#pairs.delete(toHex(pair.attempt));
    this.#pairings.end(pair.attempt, 'pairUsed');
    this.#host.trace({ kind: 'pairing', code: 'up' });
    this.#host.up(pair.link);
    pair.over(ok(pair.link.identity.peer));
  }

  #expire({ attempt, kind }: Waiting): void {
    const pair = this.#pairs.get(toHex(attempt));
    const reason = kind === 'completing' ? 'timeout' : 'closed';
    pair?.link.close(reason);
    if (pair !== undefined) this.#end(pair, reason);
    this.#pairings.end(attempt, kind === 'completing' ? 'pairUsed' : 'pairExpired');
  }

  #end(pair: Pair, reason: LinkFailure): void {
    if (!this.#pairs.delete(toHex(pair.attempt))) return;
    this.#pairings.end(pair.attempt, 'pairUsed');
    const code = CODES[reason] ?? 'pairFailed';
    this.#host.trace({ kind: 'pairing', code });
    if (pair.stage === 'admitted' && pair.peer !== undefined) this.#host.failed(pair.peer, reason);
    pair.described();
    pair.over(refuse(code));
  }

  #expiry(): number {
    return Math.floor((this.#host.clock.wallMs() + PAIRING_MS) / 1000);
  }

  #refuse(code: PairingCode): Result<never, PairingCode> {
    this.#host.trace({ kind: 'pairing', code });
    return refuse(code);
  }
}
