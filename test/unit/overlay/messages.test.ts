/** The overlay's messages: one spelling each, bounded, and signed for one board. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex, type Bytes } from '../../../src/kernel/bytes.ts';
import { decodeWith, encodeWith } from '../../../src/kernel/codec.ts';
import { boardIdFrom, type PeerId } from '../../../src/kernel/ids.ts';
import {
  MAX_CAPABILITIES,
  MAX_HOPS,
  MAX_LOAD,
  MAX_NOTE_BYTES,
  MAX_PLACES,
  MAX_TOLD_AGE_S,
  ROUTE_TTL,
  SHUFFLE_SAMPLE,
  SHUFFLE_TTL,
} from '../../../src/overlay/limits.ts';
import {
  announcementCheck,
  announcementToSign,
  gossipId,
  originOf,
  overlayMessageCodec,
  pulseToSign,
  silenceToSign,
  type OverlayMessage,
} from '../../../src/overlay/messages.ts';
import { announcement, BOARD, peer } from './overlay-fixture.ts';

const bytes = (min: number, max: number): fc.Arbitrary<Bytes> =>
  fc.uint8Array({ minLength: min, maxLength: max }).map((each) => new Uint8Array(each));
const hex = (length: number): fc.Arbitrary<string> => bytes(length, length).map(toHex);
const anyPeer = fc.nat(5_000).map(peer);
const peers = (max: number): fc.Arbitrary<PeerId[]> => fc.array(anyPeer, { maxLength: max });
const ascending = (max: number): fc.Arbitrary<PeerId[]> =>
  fc.uniqueArray(anyPeer, { maxLength: max }).map((each) => each.sort());
const counter = fc.maxSafeNat();
const signature = bytes(64, 64);
const lane = fc.constantFrom('control' as const, 'journal' as const, 'bulk' as const);
const hops = fc.nat(MAX_HOPS);
const ttl = fc.nat(ROUTE_TTL);
const id = hex(16);
const origin = hex(8);
const kind = <K extends string>(value: K): fc.Arbitrary<K> => fc.constant(value);

const announced = fc.record({
  peer: anyPeer,
  counter,
  neighbours: ascending(MAX_PLACES),
  asleep: fc.boolean(),
  version: fc.nat(65_535),
  load: fc.nat(MAX_LOAD),
  note: bytes(0, MAX_NOTE_BYTES),
  capabilities: fc
    .uniqueArray(fc.stringMatching(/^[a-z/0-9]{0,32}$/), { maxLength: MAX_CAPABILITIES })
    .map((each) => each.sort()),
  signature,
});
const silence = fc.record({ suspect: anyPeer, counter, witness: anyPeer, signature });
const age = fc.nat(MAX_TOLD_AGE_S);
const mention = fc.record({ id, origin, hops, large: fc.boolean(), age });
const path = peers(SHUFFLE_TTL + 1);
const sample = peers(SHUFFLE_SAMPLE);
const between = { from: anyPeer, to: anyPeer, number: counter, ttl };

const messages: fc.Arbitrary<OverlayMessage> = fc.oneof(
  fc.record({ kind: kind('gossip'), id, origin, hops, age, lane, payload: bytes(0, 200) }),
  fc.record({ kind: kind('ihave'), mentions: fc.array(mention, { maxLength: 8 }) }),
  fc.record({ kind: kind('graft'), id, origin, branch: fc.boolean() }),
  fc.record({ kind: kind('prune'), origin }),
  fc.record({
    kind: kind('heartbeat'),
    count: counter,
    echo: counter,
    heldMs: counter,
    isProbe: fc.boolean(),
  }),
  fc.record({ kind: kind('announcements'), hops, announcements: fc.array(announced, { maxLength: 3 }) }),
  fc.record({ kind: kind('silences'), silences: fc.array(silence, { maxLength: 3 }) }),
  fc.record({ kind: kind('pulse'), root: anyPeer, counter, signature }),
  fc.record({ kind: kind('shuffle'), path, ttl: fc.nat(SHUFFLE_TTL), sample }),
  fc.record({ kind: kind('shuffleReply'), path, sample }),
  fc.record({ kind: kind('introduction'), to: anyPeer, ttl, sealed: bytes(0, 100) }),
  fc.record({ kind: kind('routed'), ...between, lane, payload: bytes(0, 100) }),
  fc.record({ kind: kind('arrived'), ...between }),
);

describe('overlay messages', () => {
  it('[OVL-30] survive their codec, and every cut of their bytes is refused', () => {
    const property = fc.property(messages, fc.nat(), (message, cut) => {
      const encoded = encodeWith(overlayMessageCodec, message);
      expect(decodeWith(overlayMessageCodec, encoded)).toEqual({ ok: true, value: message });
      expect(decodeWith(overlayMessageCodec, encoded.slice(0, cut % encoded.length)).ok).toBe(false);
    });
    fc.assert(property, { seed: 1, numRuns: 600 });
  });

  it('[OVL-30] are read from any bytes without a throw, and what is read has one spelling', () => {
    const damaged = fc
      .tuple(messages, fc.nat(), bytes(0, 12), fc.nat(8))
      .map(([message, at, other, removed]) => {
        const encoded = encodeWith(overlayMessageCodec, message);
        const from = at % (encoded.length + 1);
        return concatBytes(encoded.slice(0, from), other, encoded.slice(from + removed));
      });
    let read = 0;
    const property = fc.property(fc.oneof(damaged, bytes(0, 80)), (input) => {
      const decoded = decodeWith(overlayMessageCodec, input);
      if (!decoded.ok) return;
      read += 1;
      expect(toHex(encodeWith(overlayMessageCodec, decoded.value))).toBe(toHex(input));
    });
    fc.assert(property, { seed: 2, numRuns: 3_000 });
    expect(read).toBeGreaterThan(100);
  });

  it('[OVL-30] neighbours and capabilities out of order or twice are refused', () => {
    const wrong = [
      announcement(peer(9), 1, [], { neighbours: [peer(2), peer(1)] }),
      announcement(peer(9), 1, [], { neighbours: [peer(1), peer(1)] }),
      announcement(peer(9), 1, [], { capabilities: ['b', 'a'] }),
      announcement(peer(9), 1, [], { capabilities: ['a', 'a'] }),
    ];
    for (const each of wrong) {
      const encoded = encodeWith(overlayMessageCodec, {
        kind: 'announcements',
        hops: 1,
        announcements: [each],
      });
      expect(decodeWith(overlayMessageCodec, encoded)).toEqual({ ok: false, code: 'notCanonical' });
    }
  });

  it('[OVL-30] what is signed for one board says nothing on another, nor as another kind', () => {
    const other = boardIdFrom(new Uint8Array(32).fill(8));
    const said = announcement(peer(1), 7, [peer(2)]);
    const bodies = [BOARD, other].flatMap((board) => [
      announcementToSign(board, said),
      silenceToSign(board, { suspect: peer(1), counter: 7, witness: peer(2) }),
      pulseToSign(board, { root: peer(1), counter: 7 }),
    ]);
    expect(new Set(bodies.map(toHex)).size).toBe(6);
    for (const change of [
      { counter: 8 },
      { neighbours: [] },
      { asleep: true },
      { version: 3 },
      { load: 1 },
      { capabilities: ['x'] },
      { note: new Uint8Array(1) },
    ])
      expect(toHex(announcementToSign(BOARD, { ...said, ...change }))).not.toBe(
        toHex(announcementToSign(BOARD, said)),
      );
    expect(announcementCheck(BOARD, said)).toMatchObject({ signer: peer(1), signature: said.signature });
  });

  it('[OVL-29] a broadcast is named after its payload, a source after its peer', () => {
    expect(gossipId(new Uint8Array([1]))).toHaveLength(32);
    expect(gossipId(new Uint8Array([1]))).not.toBe(gossipId(new Uint8Array([2])));
    expect(peer(1).startsWith(originOf(peer(1)))).toBe(true);
    expect(fromHex(originOf(peer(1)))).toHaveLength(8);
  });
});
