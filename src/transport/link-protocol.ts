/**
 * One end of a link, without the connection under it: proves both keys, then carries messages and heartbeats. Pure and synchronous:
 * inputs with the time, outputs in order. States: connecting, authenticating, up, closed. Rules: docs/spec/links.md, LNK-10 to LNK-25.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import type { Instant, Lane, LinkFailure, SignatureCheck } from '../kernel/machine.ts';
import { linkProofToSign } from '../identity/link-proof.ts';
import { decodeFrame, type FrameCode, type LinkPart, type Part } from './frames.ts';
import { Reassembly, type ReassemblyCode } from './reassembly.ts';
import { Resequencer, type OrderCode } from './resequencer.ts';
import { SendQueue } from './send-queue.ts';

/** A link that has sent nothing for this long sends a ping, in ms (DESIGN section 7: at least every 3 s; the overlay's own heartbeats are quicker). */
export const HEARTBEAT_MS = 3000;
/** A link that has brought no bytes for this long has ended, in ms, our own lag not counted (DESIGN section 7: the upper bound; the overlay judges sooner). */
export const SILENT_MS = 10_000;
/** A frame missing for this long never comes, in ms (guess: ten times the slowest retransmission seen). */
export const GAP_MS = 5000;
/** A round trip measured longer ago than this is measured again even on a busy link, in ms (guess). */
export const RTT_STALE_MS = 5000;
/** Most frames that follow a decision to end a link: control messages, then the goodbye (guess: twice the channel's share). */
export const MAX_LAST_FRAMES = 8;
/** Weight of a new sample in the mean round trip (RFC 6298, section 2). */
const RTT_WEIGHT = 1 / 8;

/** What exactly was wrong when a link ended, for the trace. */
export type LinkEndCode =
  | FrameCode
  | OrderCode
  | ReassemblyCode
  | 'unexpectedPart' // a part that this state does not allow
  | 'badProof' // a signature that does not hold for this connection
  | 'gapTimeout' // a frame that never came
  | 'silence'
  | 'told'; // the other side said so

export type LinkOutput =
  /** Sign these bytes and call `signed`. */
  | { readonly kind: 'sign'; readonly body: Bytes }
  /** Check this and call `verified`. */
  | { readonly kind: 'verify'; readonly check: SignatureCheck }
  | { readonly kind: 'up' }
  | { readonly kind: 'message'; readonly lane: Lane; readonly message: Bytes }
  /** The link is over: send `lastFrames` (none when the other side said goodbye) and close the connection. */
  | {
      readonly kind: 'ended';
      readonly reason: LinkFailure;
      readonly code: LinkEndCode;
      readonly lastFrames: readonly Bytes[];
    };

/** Who is connected with whom, and in which attempt. */
export interface LinkIdentity {
  readonly self: PeerId;
  readonly peer: PeerId;
  /** The board's signaling topic, hex. */
  readonly topic: string;
  /** 8 bytes. */
  readonly attempt: Bytes;
  readonly initiator: boolean;
}

/** `a=fingerprint` of both ends in the form of identity/link-proof.ts, of the descriptions that are really in use. */
export interface Fingerprints {
  readonly local: string;
  readonly remote: string;
}

export interface LinkCounters {
  sentMessages: number;
  sentBytes: number;
  receivedMessages: number;
  receivedBytes: number;
}

type State = 'connecting' | 'authenticating' | 'up' | 'closed';

export class LinkProtocol {
  readonly counters: LinkCounters = { sentMessages: 0, sentBytes: 0, receivedMessages: 0, receivedBytes: 0 };
  #identity: LinkIdentity;
  readonly #queue = new SendQueue();
  readonly #order = new Resequencer();
  readonly #reassembly = new Reassembly();
  #state: State = 'connecting';
  #fingerprints: Fingerprints = { local: '', remote: '' };
  #proof: 'none' | 'checking' | 'holds' = 'none';
  #ready = false;
  #heardAt = 0 as Instant;
  #sentAt = 0 as Instant;
  #gapSince: Instant | undefined;
  #ping: { readonly id: number; readonly at: Instant } | undefined;
  #nextPing = 0;
  #rttAt = 0 as Instant;
  #rttMs: number | null = null;

  constructor(identity: LinkIdentity) {
    this.#identity = identity;
  }

  get identity(): LinkIdentity {
    return this.#identity;
  }

  /** Says who the other side is, where that was not known from the start. Before the channel opens. */
  meet(peer: PeerId): void {
    invariant(this.#state === 'connecting', 'who the other side is cannot change once proofs are made');
    this.#identity = { ...this.#identity, peer };
  }

  get state(): State {
    return this.#state;
  }

  /** Mean round trip in ms, null before the first pong. Waiting in the channel is part of it. */
  get rttMs(): number | null {
    return this.#rttMs;
  }

  /** Bytes waiting in the lanes. */
  get queuedBytes(): number {
    return this.#queue.queuedBytes;
  }

  /** The channel is open. */
  opened(fingerprints: Fingerprints, now: Instant): readonly LinkOutput[] {
    if (this.#state !== 'connecting') return [];
    this.#state = 'authenticating';
    this.#fingerprints = fingerprints;
    this.#heardAt = now;
    this.#sentAt = now;
    this.#rttAt = now;
    return [{ kind: 'sign', body: this.#proofBody(this.#identity.initiator) }];
  }

  /** Our own proof is signed. */
  signed(signature: Bytes): void {
    if (this.#state === 'authenticating') this.#queue.pushLinkPart({ kind: 'auth', signature });
  }

  /** The check that `verify` asked for is done. */
  verified(holds: boolean, now: Instant): readonly LinkOutput[] {
    if (this.#state !== 'authenticating' || this.#proof !== 'checking') return [];
    if (!holds) return this.#end('authFailed', 'badProof');
    this.#proof = 'holds';
    this.#queue.pushLinkPart({ kind: 'ready' });
    return this.#maybeUp(now);
  }

  /** Bytes from the channel: one frame. */
  received(bytes: Bytes, now: Instant): readonly LinkOutput[] {
    if (this.#state === 'closed' || this.#state === 'connecting') return [];
    this.#heardAt = now;
    const frame = decodeFrame(bytes);
    if (!frame.ok) return this.#end('protocolError', frame.code);
    const frames = this.#order.accept(frame.value);
    if (!frames.ok) return this.#end('protocolError', frames.code);
    this.#gapSince = this.#order.held === 0 ? undefined : (this.#gapSince ?? now);
    const outputs: LinkOutput[] = [];
    for (const part of frames.value.flatMap((each) => each.parts)) {
      if (this.#isClosed()) break;
      outputs.push(...this.#part(part, now));
    }
    return outputs;
  }

  /** To be called every half second or so. */
  tick(now: Instant): readonly LinkOutput[] {
    if (this.#state !== 'up' && this.#state !== 'authenticating') return [];
    if (now - this.#heardAt >= SILENT_MS) return this.#end('silent', 'silence');
    if (this.#gapSince !== undefined && now - this.#gapSince >= GAP_MS)
      return this.#end('protocolError', 'gapTimeout');
    if (this.#state !== 'up') return [];
    const quiet = now - this.#sentAt >= HEARTBEAT_MS;
    const stale = now - this.#rttAt >= RTT_STALE_MS;
    if (quiet || stale) this.#sendPing(now);
    return [];
  }

  /** Our own timers were late by `ms`: what the other side did meanwhile is unknown, so its silence is not counted. */
  forgive(ms: number): void {
    this.#heardAt = (this.#heardAt + ms) as Instant;
    if (this.#gapSince !== undefined) this.#gapSince = (this.#gapSince + ms) as Instant;
  }

  /** After a sleep of our own: starts the other side's time anew and asks for a sign of life. */
  probe(now: Instant): void {
    this.#heardAt = now;
    if (this.#gapSince !== undefined) this.#gapSince = now;
    if (this.#state === 'up') this.#sendPing(now);
  }

  /** Queues a message. `full` ends nothing by itself. */
  send(message: Bytes, lane: Lane, inChannel: number): 'queued' | 'full' | 'notUp' {
    if (this.#state !== 'up') return 'notUp';
    if (!this.#queue.push(lane, message, inChannel)) return 'full';
    this.counters.sentMessages += 1;
    this.counters.sentBytes += message.length;
    return 'queued';
  }

  /** The next frame for the channel, or undefined when nothing waits. */
  nextFrame(now: Instant): Bytes | undefined {
    if (this.#state === 'closed' || this.#state === 'connecting') return undefined;
    const frame = this.#queue.nextFrame();
    if (frame !== undefined) this.#sentAt = now;
    return frame;
  }

  /** Ends the link from our side; the frames still to be sent, the goodbye last. */
  close(reason: LinkFailure): readonly Bytes[] {
    if (this.#state === 'closed') return [];
    const opened = this.#state !== 'connecting';
    this.#state = 'closed';
    return opened ? this.#queue.lastFrames({ kind: 'goodbye', reason }, MAX_LAST_FRAMES) : [];
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #part(part: Part, now: Instant): readonly LinkOutput[] {
    if (part.kind === 'whole' || part.kind === 'piece') {
      if (this.#state !== 'up') return this.#end('protocolError', 'unexpectedPart');
      const message = this.#reassembly.take(part);
      if (!message.ok) return this.#end('protocolError', message.code);
      if (message.value === undefined) return [];
      this.counters.receivedMessages += 1;
      this.counters.receivedBytes += message.value.length;
      return [{ kind: 'message', lane: part.lane, message: message.value }];
    }
    return this.#linkPart(part, now);
  }

  #linkPart(part: LinkPart, now: Instant): readonly LinkOutput[] {
    switch (part.kind) {
      case 'auth':
        return this.#auth(part.signature);
      case 'ready':
        if (this.#state !== 'authenticating' || this.#ready)
          return this.#end('protocolError', 'unexpectedPart');
        this.#ready = true;
        return this.#maybeUp(now);
      case 'ping':
        if (this.#state !== 'up') return this.#end('protocolError', 'unexpectedPart');
        this.#queue.pushLinkPart({ kind: 'pong', id: part.id });
        return [];
      case 'pong':
        if (this.#state !== 'up') return this.#end('protocolError', 'unexpectedPart');
        this.#pong(part.id, now);
        return [];
      case 'goodbye':
        this.#state = 'closed';
        return [{ kind: 'ended', reason: part.reason, code: 'told', lastFrames: [] }];
    }
  }

  #auth(signature: Bytes): readonly LinkOutput[] {
    if (this.#state !== 'authenticating' || this.#proof !== 'none')
      return this.#end('protocolError', 'unexpectedPart');
    this.#proof = 'checking';
    const body = this.#proofBody(!this.#identity.initiator);
    return [{ kind: 'verify', check: { signer: this.#identity.peer, body, signature } }];
  }

  #maybeUp(now: Instant): readonly LinkOutput[] {
    if (this.#proof !== 'holds' || !this.#ready) return [];
    this.#state = 'up';
    this.#sendPing(now); // the first round trip time at once
    return [{ kind: 'up' }];
  }

  #sendPing(now: Instant): void {
    this.#nextPing += 1;
    this.#ping = { id: this.#nextPing, at: now };
    this.#rttAt = now;
    this.#queue.pushLinkPart({ kind: 'ping', id: this.#nextPing });
  }

  /** A pong for an older ping says only that the other side lives. */
  #pong(id: number, now: Instant): void {
    if (this.#ping?.id !== id) return;
    const sample = now - this.#ping.at;
    this.#rttMs = this.#rttMs === null ? sample : this.#rttMs + (sample - this.#rttMs) * RTT_WEIGHT;
    this.#ping = undefined;
  }

  /** What the initiator (or the responder) of this connection signs, as we see the connection. */
  #proofBody(byInitiator: boolean): Bytes {
    const { self, peer, topic, attempt, initiator } = this.#identity;
    const { local, remote } = this.#fingerprints;
    return linkProofToSign({
      topic,
      attempt,
      initiator: initiator ? self : peer,
      responder: initiator ? peer : self,
      initiatorFingerprint: initiator ? local : remote,
      responderFingerprint: initiator ? remote : local,
      byInitiator,
    });
  }

  #end(reason: LinkFailure, code: LinkEndCode): readonly LinkOutput[] {
    return [{ kind: 'ended', reason, code, lastFrames: this.close(reason) }];
  }
}
