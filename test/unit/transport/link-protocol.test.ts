import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import { digest } from '../../../src/kernel/hash.ts';
import type { PeerId } from '../../../src/kernel/ids.ts';
import type { Instant, LinkFailure } from '../../../src/kernel/machine.ts';
import { encodeFrame, type Part } from '../../../src/transport/frames.ts';
import {
  GAP_MS,
  HEARTBEAT_MS,
  LinkProtocol,
  SILENT_MS,
  type LinkIdentity,
  type LinkOutput,
} from '../../../src/transport/link-protocol.ts';
import { standInSignature } from '../../support/virtual-links.ts';

const at = (ms: number): Instant => ms as Instant;
const peer = (name: string): PeerId => digest('test/peer', utf8(name)) as string as PeerId;
const A = peer('a');
const B = peer('b');
const C = peer('c');
const TOPIC = 'cd'.repeat(16);
const ATTEMPT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const PRINT = { a: 'SHA-256 AA', b: 'SHA-256 BB', m: 'SHA-256 EE' };

/** One end on a wire that the test carries by hand. */
class End {
  readonly protocol: LinkProtocol;
  readonly outputs: LinkOutput[] = [];
  readonly #signer: PeerId;

  constructor(identity: Partial<LinkIdentity> & Pick<LinkIdentity, 'self' | 'peer' | 'initiator'>) {
    this.protocol = new LinkProtocol({ topic: TOPIC, attempt: ATTEMPT, ...identity });
    this.#signer = identity.self;
  }

  obey(outputs: readonly LinkOutput[], now: number): void {
    for (const output of outputs) {
      this.outputs.push(output);
      if (output.kind === 'sign') this.protocol.signed(standInSignature(this.#signer, output.body));
      if (output.kind === 'verify') {
        const { signer, body, signature } = output.check;
        const holds = String(standInSignature(signer, body)) === String(signature);
        this.obey(this.protocol.verified(holds, at(now)), now);
      }
    }
  }

  open(local: string, remote: string, now = 0): void {
    this.obey(this.protocol.opened({ local, remote }, at(now)), now);
  }

  hear(frame: Bytes, now = 0): void {
    this.obey(this.protocol.received(frame, at(now)), now);
  }

  say(now = 0): Bytes[] {
    const frames: Bytes[] = [];
    for (let f = this.protocol.nextFrame(at(now)); f !== undefined; f = this.protocol.nextFrame(at(now)))
      frames.push(f);
    return frames;
  }

  get ended(): { reason: LinkFailure; code: string } | undefined {
    const end = this.outputs.find((output) => output.kind === 'ended');
    return end?.kind === 'ended' ? { reason: end.reason, code: end.code } : undefined;
  }

  get isUp(): boolean {
    return this.outputs.some((output) => output.kind === 'up');
  }
}

function exchange(a: End, b: End, now = 0): void {
  for (let round = 0; round < 6; round++) {
    for (const frame of a.say(now)) b.hear(frame, now);
    for (const frame of b.say(now)) a.hear(frame, now);
  }
}

function pair(): { a: End; b: End } {
  return {
    a: new End({ self: A, peer: B, initiator: true }),
    b: new End({ self: B, peer: A, initiator: false }),
  };
}

function linked(): { a: End; b: End } {
  const ends = pair();
  ends.a.open(PRINT.a, PRINT.b);
  ends.b.open(PRINT.b, PRINT.a);
  exchange(ends.a, ends.b);
  return ends;
}

describe('proving keys', () => {
  it('[LNK-10] [LNK-13] brings both ends up once both proofs hold', () => {
    const { a, b } = linked();
    expect([a.isUp, b.isUp]).toEqual([true, true]);
    expect([a.ended, b.ended]).toEqual([undefined, undefined]);
  });

  it('[LNK-13] keeps an end down until the other side has accepted its proof', () => {
    const { a, b } = pair();
    a.open(PRINT.a, PRINT.b);
    b.open(PRINT.b, PRINT.a);
    for (const frame of b.say()) a.hear(frame); // b's proof arrives and holds; ours has not been heard
    expect(a.isUp).toBe(false);
  });

  it('[LNK-11] fails when a server in the middle shows each side a certificate of its own', () => {
    const { a, b } = pair();
    a.open(PRINT.a, PRINT.m);
    b.open(PRINT.b, PRINT.m);
    const [toB, toA] = [a.say(), b.say()];
    for (const frame of toB) b.hear(frame);
    for (const frame of toA) a.hear(frame);
    for (const end of [a, b]) expect(end.ended).toEqual({ reason: 'authFailed', code: 'badProof' });
    expect([a.isUp, b.isUp]).toEqual([false, false]);
  });

  it.each([
    ['the initiator', PRINT.m, PRINT.a],
    ['the responder', PRINT.b, PRINT.m],
  ])('[LNK-11] fails when only %s is shown a certificate in the middle', (_who, seenByA, seenByB) => {
    const { a, b } = pair();
    a.open(PRINT.a, seenByA);
    b.open(PRINT.b, seenByB);
    const [toB, toA] = [a.say(), b.say()];
    for (const frame of toB) b.hear(frame);
    for (const frame of toA) a.hear(frame);
    for (const end of [a, b]) expect(end.ended).toEqual({ reason: 'authFailed', code: 'badProof' });
  });

  it.each<[string, Partial<LinkIdentity>]>([
    ['of another attempt', { attempt: Uint8Array.of(9, 9, 9, 9, 9, 9, 9, 9) }],
    ['for another board', { topic: 'ef'.repeat(16) }],
    ['towards another peer', { peer: C }],
    ['of another peer', { self: C }],
  ])('[LNK-11] fails with a proof %s', (_what, change) => {
    const victim = new End({ self: A, peer: B, initiator: true });
    const other = new End({ self: B, peer: A, initiator: false, ...change });
    victim.open(PRINT.a, PRINT.b);
    other.open(PRINT.b, PRINT.a);
    for (const frame of other.say()) victim.hear(frame);
    expect(victim.ended).toEqual({ reason: 'authFailed', code: 'badProof' });
  });

  it('[LNK-11] fails with our own proof sent back to us', () => {
    const { a } = pair();
    a.open(PRINT.a, PRINT.b);
    for (const frame of a.say()) a.hear(frame);
    expect(a.ended).toEqual({ reason: 'authFailed', code: 'badProof' });
  });

  it.each<[string, Part]>([
    ['a message', { kind: 'whole', lane: 'control', message: utf8('x') }],
    [
      'a piece',
      { kind: 'piece', lane: 'bulk', id: 0, total: 20_000, offset: 0, bytes: new Uint8Array(9000) },
    ],
    ['a ping', { kind: 'ping', id: 1 }],
    ['a pong', { kind: 'pong', id: 1 }],
  ])('[LNK-12] is all that is accepted first: not %s', (_what, part) => {
    const { a } = pair();
    a.open(PRINT.a, PRINT.b);
    a.hear(encodeFrame(0, [part]));
    expect(a.ended).toEqual({ reason: 'protocolError', code: 'unexpectedPart' });
  });

  it('[LNK-12] happens once: a second proof or a second ready ends the link', () => {
    for (const part of [
      { kind: 'auth', signature: new Uint8Array(64) },
      { kind: 'ready' },
    ] satisfies readonly Part[]) {
      const { a } = linked();
      a.hear(encodeFrame(2, [part]));
      a.hear(encodeFrame(3, [part]));
      a.hear(encodeFrame(4, [part]));
      expect(a.ended?.reason).toBe('protocolError');
    }
  });

  it('[LNK-12] sends no message before the link is up', () => {
    const { a } = pair();
    a.open(PRINT.a, PRINT.b);
    expect(a.protocol.send(utf8('early'), 'control', 0)).toBe('notUp');
  });
});

describe('an established link', () => {
  it('[LNK-2] [LNK-5] survives nothing malformed, and never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }), (frames) => {
        const { a } = linked();
        for (const frame of frames) a.hear(new Uint8Array(frame));
        const bad = frames.some((frame) => frame[0] !== 1);
        if (bad) expect(a.ended?.reason).toBe('protocolError');
      }),
      { seed: 4711, numRuns: 500 },
    );
  });

  it('[LNK-2] tells the other side why, and hears nothing more', () => {
    const { a, b } = linked();
    a.hear(Uint8Array.of(1));
    const end = a.outputs.find((output) => output.kind === 'ended');
    for (const frame of end?.kind === 'ended' ? end.lastFrames : []) b.hear(frame);
    expect(b.ended).toEqual({ reason: 'protocolError', code: 'told' });
    const count = a.outputs.length;
    a.hear(encodeFrame(50, []));
    expect(a.outputs).toHaveLength(count);
    expect(a.say()).toEqual([]);
  });

  it('[LNK-3] ends when a frame never comes', () => {
    const { a } = linked();
    a.hear(encodeFrame(40, []), 10);
    for (let ms = 500; ms < GAP_MS; ms += 500) a.hear(encodeFrame(40 + ms / 500, []), ms);
    expect(a.ended).toBeUndefined();
    a.obey(a.protocol.tick(at(GAP_MS + 10)), GAP_MS + 10);
    expect(a.ended).toEqual({ reason: 'protocolError', code: 'gapTimeout' });
  });

  it('[LNK-20] pings when it has been quiet, and measures the round trip', () => {
    const { a, b } = linked();
    exchange(a, b, 0);
    a.protocol.tick(at(HEARTBEAT_MS - 1));
    expect(a.say(HEARTBEAT_MS - 1)).toEqual([]);
    a.protocol.tick(at(HEARTBEAT_MS));
    const [ping] = a.say(HEARTBEAT_MS);
    b.hear(ping ?? new Uint8Array(0), HEARTBEAT_MS + 40);
    const [pong] = b.say(HEARTBEAT_MS + 40);
    a.hear(pong ?? new Uint8Array(0), HEARTBEAT_MS + 80);
    expect(a.protocol.rttMs).toBe(10); // a first sample of 0, then an eighth of 80
  });

  it('[LNK-21] ends after 10 s without a byte, and not before', () => {
    const { a } = linked();
    a.obey(a.protocol.tick(at(SILENT_MS - 1)), 0);
    expect(a.ended).toBeUndefined();
    a.obey(a.protocol.tick(at(SILENT_MS)), 0);
    expect(a.ended).toEqual({ reason: 'silent', code: 'silence' });
  });

  it('[LNK-21] does not count our own lag, and starts anew after our own sleep', () => {
    const late = linked().a;
    late.protocol.forgive(3000);
    late.obey(late.protocol.tick(at(SILENT_MS + 2999)), 0);
    expect(late.ended).toBeUndefined();
    late.obey(late.protocol.tick(at(SILENT_MS + 3000)), 0);
    expect(late.ended?.reason).toBe('silent');

    const asleep = linked().a;
    asleep.protocol.probe(at(60_000));
    asleep.obey(asleep.protocol.tick(at(60_000)), 60_000);
    expect(asleep.ended).toBeUndefined();
    expect(asleep.say(60_000)).toHaveLength(1);
    asleep.obey(asleep.protocol.tick(at(60_000 + SILENT_MS)), 0);
    expect(asleep.ended?.reason).toBe('silent');
  });

  it('[LNK-22] ends with the reason that the other side gives', () => {
    const { a, b } = linked();
    b.protocol.send(utf8('last words'), 'control', 0);
    for (const frame of b.protocol.close('replaced')) a.hear(frame);
    expect(a.outputs.filter((output) => output.kind === 'message')).toHaveLength(1);
    expect(a.ended).toEqual({ reason: 'replaced', code: 'told' });
  });
});
