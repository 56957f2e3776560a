/** Pairing by codes: what a code may be, how often it counts, and what each misuse is told. Rules of docs/spec/links.md, LNK-70 to LNK-79. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { digest, digestBytes } from '../../../src/kernel/hash.ts';
import type { PeerId } from '../../../src/kernel/ids.ts';
import type { Instant } from '../../../src/kernel/machine.ts';
import type { Result } from '../../../src/kernel/result.ts';
import { randomBytes } from '../../../src/runtime/crypto.ts';
import { MAX_CODE_CANDIDATES } from '../../../src/transport/compact-candidates.ts';
import type { Candidate, Description } from '../../../src/transport/description.ts';
import {
  CLOCK_SLACK_MS,
  COMPLETING_MS,
  MAX_WAITING,
  PAIRING_MS,
  Pairings,
} from '../../../src/transport/pairing.ts';
import {
  decodeNote,
  encodeNote,
  MAX_CODE_CHARS,
  readCode,
  writeCode,
  type PairingNote,
} from '../../../src/transport/pairing-code.ts';
import { createSealer } from '../../../src/transport/sealing.ts';
import { VirtualLinkNetwork, type VirtualPeer } from '../../support/virtual-links.ts';

const at = (ms: number): Instant => ms as Instant;
const peer = (name: string): PeerId => digest('test/peer', utf8(name)) as string as PeerId;
const WALL_MS = 1_760_000_000_000;

const DESCRIPTION: Description = {
  type: 'offer',
  ufrag: 'LvBo',
  pwd: 'PiSCbsVVGIzdOJJM82f1EKUZ',
  algorithm: 'sha-256',
  fingerprint: digestBytes('test/fingerprint', utf8('a')),
  setup: 'actpass',
  mid: '0',
  sctpPort: 5000,
  maxMessageSize: 262_144,
};

function candidate(type: Candidate['type'], address: string, port = 50_000): Candidate {
  return { foundation: '1', priority: 1, address, port, type, related: undefined };
}

function noteOf(changes: Partial<PairingNote> = {}): PairingNote {
  return {
    kind: 'offer',
    from: peer('member'),
    attempt: digestBytes('test/attempt', utf8('one')).slice(0, 8),
    expiresAt: WALL_MS / 1000 + 600,
    description: DESCRIPTION,
    candidates: [candidate('host', '192.0.2.7')],
    ...changes,
  };
}

function given<Value>(result: Result<Value, string>): Value {
  if (!result.ok) expect.fail(result.code);
  return result.value;
}

describe('a code', () => {
  it('[LNK-71] has less than 350 characters with a candidate of each usual kind', async () => {
    const key = await crypto.subtle.importKey('raw', new Uint8Array(32), 'AES-GCM', false, ['encrypt']);
    const sealer = createSealer(key, 'ab'.repeat(32), randomBytes, 'test');
    const candidates = [
      candidate('host', '0f1e2d3c-0000-4000-8000-1234567890ab.local'),
      candidate('host', 'fd00::2'),
      candidate('srflx', '203.0.113.9'),
      candidate('srflx', '2001:db8::7'),
    ];
    const code = writeCode(await sealer.seal(encodeNote(noteOf({ candidates })), undefined));
    expect(code.length).toBeLessThan(350);
    expect(readCode(code).ok).toBe(true);
  });

  it('[LNK-71] says again what was put into it, apart from what candidates need not say', () => {
    const addresses = [
      ['host', '192.0.2.255'],
      ['host', '0f1e2d3c-0000-4000-8000-1234567890ab.local'],
      ['srflx', '2001:db8:0:0:0:0:0:7'],
      ['relay', '::ffff:192.0.2.1'],
      ['host', 'some-name.local'.replace('some-name', 'abc-1')],
    ] as const;
    const note = noteOf({ candidates: addresses.map(([type, address]) => candidate(type, address)) });
    const read = given(decodeNote(encodeNote(note)));
    const pairs = read.candidates.map(({ type, address, port }) => [type, address, port]);
    expect(new Set(pairs.map(String))).toEqual(new Set(addresses.map((each) => String([...each, 50_000]))));
    expect({ ...read, candidates: [] }).toEqual({ ...note, candidates: [] });
    const priorities = read.candidates.map(({ priority }) => priority);
    expect(priorities.every((priority) => priority > 0 && priority < 2 ** 31)).toBe(true);
    expect(new Set(priorities).size).toBe(priorities.length);
  });

  it('[LNK-71] writes every IPv6 address that it reads', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 8, maxLength: 8 }),
        fc.integer({ min: 0, max: 7 }),
        (groups, gap) => {
          const zeroed = groups.map((each, index) => (index === gap ? '0' : each));
          const short = `${zeroed.slice(0, gap).join(':')}::${zeroed.slice(gap + 1).join(':')}`;
          for (const address of [groups.join(':'), short]) {
            const [read] = given(
              decodeNote(encodeNote(noteOf({ candidates: [candidate('host', address)] }))),
            ).candidates;
            expect(read?.address).toBe((address === short ? zeroed : groups).join(':'));
          }
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  it('[LNK-71] takes candidates of every type in turn, as many as it may', () => {
    const many = [
      ...Array.from({ length: 20 }, (_, i) => candidate('host', `192.0.2.${i}`)),
      candidate('srflx', '203.0.113.1'),
      candidate('relay', '203.0.113.2'),
    ];
    const read = given(decodeNote(encodeNote(noteOf({ candidates: many })))).candidates;
    expect(read).toHaveLength(MAX_CODE_CANDIDATES);
    expect(new Set(read.map(({ type }) => type))).toEqual(new Set(['host', 'srflx', 'relay']));
  });

  it('[LNK-72] is told apart from other texts, halves, changes and newer versions', () => {
    const code = writeCode(randomBytes(100));
    expect(readCode(`Here it is:\n  ${code}.  See you`)).toEqual(readCode(code));
    expect(readCode(`${code.slice(0, 60)}\r\n${code.slice(60)}`)).toEqual(readCode(code));
    const codes = (texts: readonly string[]): unknown[] =>
      texts.map((text) => {
        const read = readCode(text);
        return read.ok ? 'ok' : read.code;
      });
    const foreign = ['', 'hello', 'https://x.example/#/j/abc', `pair:${'A'.repeat(MAX_CODE_CHARS)}`];
    expect(new Set(codes(foreign))).toEqual(new Set(['pairMalformed']));
    const halves = Array.from({ length: code.length - 6 }, (_, cut) => code.slice(0, cut + 5));
    expect(new Set(codes(halves))).toEqual(new Set(['pairTruncated']));
    const changed = code.slice(0, 40) + (code[40] === 'A' ? 'B' : 'A') + code.slice(41);
    expect(codes([changed])).toEqual(['pairTruncated']);
  });

  it('[LNK-72] never throws, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.uint8Array({ maxLength: 300 }), (text, bytes) => {
        readCode(`pair:${text}`);
        const note = decodeNote(Uint8Array.from(bytes));
        if (note.ok) expect(note.value.candidates.length).toBeLessThanOrEqual(MAX_CODE_CANDIDATES);
      }),
      { seed: 8, numRuns: 2000 },
    );
    const bytes = encodeNote(noteOf());
    for (let place = 0; place < bytes.length; place++) {
      for (const flip of [1, 128]) decodeNote(bytes.map((byte, i) => (i === place ? byte ^ flip : byte)));
    }
    const description: Description = { ...DESCRIPTION, type: 'answer' };
    expect(decodeNote(encodeNote(noteOf({ description })))).toEqual({ ok: false, code: 'pairMalformed' });
  });
});

describe('the bookkeeping', () => {
  const member = peer('member');
  const newcomer = peer('newcomer');
  const answerOf = (offer: PairingNote): PairingNote => ({ ...offer, kind: 'answer', from: newcomer });

  it('[LNK-73] lets an offer be completed once', () => {
    const pairings = new Pairings(member);
    const offer = noteOf();
    pairings.begin('offer', offer.attempt, at(0));
    expect(pairings.takeAnswer(answerOf(offer), at(PAIRING_MS - 1))).toBeUndefined();
    expect(pairings.takeAnswer(answerOf(offer), at(PAIRING_MS - 1))).toBe('pairUsed');
    pairings.end(offer.attempt, 'pairUsed');
    expect(pairings.takeAnswer(answerOf(offer), at(PAIRING_MS - 1))).toBe('pairUsed');
  });

  it('[LNK-73] lets an offer be completed for ten minutes by our own time', () => {
    const pairings = new Pairings(member);
    const offer = noteOf();
    pairings.begin('offer', offer.attempt, at(0));
    expect(pairings.expired(at(PAIRING_MS - 1))).toEqual([]);
    expect(pairings.takeAnswer(answerOf(offer), at(PAIRING_MS))).toBe('pairExpired');
    expect(pairings.expired(at(PAIRING_MS)).map(({ attempt }) => toHex(attempt))).toEqual([
      toHex(offer.attempt),
    ]);
    pairings.end(offer.attempt, 'pairExpired');
    expect(pairings.takeAnswer(answerOf(offer), at(PAIRING_MS))).toBe('pairExpired');
    expect(pairings.expired(at(PAIRING_MS))).toEqual([]);
  });

  it('[LNK-73] gives a completed offer 20 s to become a link', () => {
    const pairings = new Pairings(member);
    const offer = noteOf();
    pairings.begin('offer', offer.attempt, at(0));
    pairings.takeAnswer(answerOf(offer), at(1000));
    expect(pairings.expired(at(1000 + COMPLETING_MS - 1))).toEqual([]);
    expect(pairings.expired(at(1000 + COMPLETING_MS))).toMatchObject([{ kind: 'completing' }]);
  });

  it('[LNK-73] lets an offer be answered once, and not long after it expired', () => {
    const pairings = new Pairings(newcomer);
    const offer = noteOf();
    const end = offer.expiresAt * 1000 + CLOCK_SLACK_MS;
    expect(pairings.judgeOffer(offer, end)).toBeUndefined();
    expect(pairings.judgeOffer(offer, end + 1)).toBe('pairExpired');
    pairings.begin('answer', offer.attempt, at(0));
    expect(pairings.judgeOffer(offer, WALL_MS)).toBe('pairUsed');
    pairings.end(offer.attempt, 'pairExpired');
    expect(pairings.judgeOffer(offer, WALL_MS)).toBe('pairUsed');
  });

  it('[LNK-72] tells codes of the other kind, of this tab and of nobody apart', () => {
    const pairings = new Pairings(member);
    const offer = noteOf();
    expect(pairings.judgeOffer(offer, WALL_MS)).toBe('pairOwn');
    expect(pairings.takeAnswer(offer, at(0))).toBe('pairOwn');
    expect(pairings.judgeOffer(answerOf(offer), WALL_MS)).toBe('pairWrongKind');
    expect(pairings.takeAnswer(noteOf({ from: newcomer }), at(0))).toBe('pairWrongKind');
    expect(pairings.takeAnswer(answerOf(offer), at(0))).toBe('pairUnknown');
  });

  it('[LNK-73] keeps so many waiting and no more', () => {
    const pairings = new Pairings(member);
    const attempts = Array.from({ length: MAX_WAITING + 1 }, (_, i) =>
      digestBytes('t', utf8(`${i}`)).slice(0, 8),
    );
    const over = attempts.map((attempt) => pairings.begin('offer', attempt, at(0)).length);
    expect(over).toEqual([...Array.from({ length: MAX_WAITING }, () => 0), 1]);
    const [first = new Uint8Array(8)] = attempts;
    expect(pairings.takeAnswer(answerOf(noteOf({ attempt: first })), at(0))).toBe('pairExpired');
  });
});

describe('two tabs that pair', () => {
  const networks: VirtualLinkNetwork[] = [];

  afterEach(async () => {
    for (const network of networks.splice(0)) await network.stop();
  });

  async function twoAlone(seed: string): Promise<[VirtualLinkNetwork, VirtualPeer, VirtualPeer]> {
    const network = new VirtualLinkNetwork(seed);
    networks.push(network);
    await network.useSignaling(false);
    return [network, await network.addPeer(), await network.addPeer()];
  }

  it('[LNK-72] are told what is wrong with each code', async () => {
    const [network, member, newcomer] = await twoAlone('codes');
    const offer = given(await network.wait(member.port.pair.offer()));
    const code = async (outcome: Promise<Result<unknown, string>>): Promise<string> => {
      const result = await network.wait(outcome);
      return result.ok ? 'ok' : result.code;
    };
    expect(await code(newcomer.port.pair.answer('no code'))).toBe('pairMalformed');
    expect(await code(newcomer.port.pair.answer(offer.slice(0, -20)))).toBe('pairTruncated');
    expect(await code(newcomer.port.pair.answer(writeCode(randomBytes(100))))).toBe('pairForeign');
    expect(await code(member.port.pair.answer(offer))).toBe('pairOwn');
    expect(await code(newcomer.port.pair.complete(offer))).toBe('pairWrongKind');
    const answer = given(await network.wait(newcomer.port.pair.answer(offer)));
    expect(await code(newcomer.port.pair.answer(offer))).toBe('pairUsed');
    expect(await code(member.port.pair.complete(offer))).toBe('pairOwn');
    expect(await code(member.port.pair.complete(answer))).toBe('ok');
    expect(await code(member.port.pair.complete(answer))).toBe('pairAlready');
    member.call((port) => port.hangUp(newcomer.id, 'replaced'));
    await network.time.advance(2000);
    expect(await code(member.port.pair.complete(answer))).toBe('pairUsed');
  });

  it('[LNK-73] [LNK-75] may take nine minutes, and not eleven', async () => {
    const [network, member, newcomer] = await twoAlone('slow people');
    const offer = given(await network.wait(member.port.pair.offer()));
    const late = given(await network.wait(member.port.pair.offer()));
    const answer = given(await network.wait(newcomer.port.pair.answer(offer)));
    const lateAnswer = given(await network.wait(newcomer.port.pair.answer(late)));
    await network.time.advance(9 * 60_000);
    expect(given(await network.wait(member.port.pair.complete(answer)))).toBe(newcomer.id);
    member.call((port) => port.hangUp(newcomer.id, 'replaced'));
    await network.time.advance(2 * 60_000);
    expect(await network.wait(member.port.pair.complete(lateAnswer))).toEqual({
      ok: false,
      code: 'pairExpired',
    });
    expect(network.connections.live).toBe(0);
  });

  it('[LNK-74] without a path between them are told so', async () => {
    const [network, member, newcomer] = await twoAlone('no path');
    network.connections.unreachable.add([member.id, newcomer.id].sort().join(' '));
    const offer = given(await network.wait(member.port.pair.offer()));
    const answer = given(await network.wait(newcomer.port.pair.answer(offer)));
    expect(await network.wait(member.port.pair.complete(answer))).toEqual({ ok: false, code: 'pairNoPath' });
    expect([...member.of('asked'), ...newcomer.of('asked')]).toEqual([]);
  });

  it('[LNK-74] are told when the other tab has gone meanwhile', async () => {
    const [network, member, newcomer] = await twoAlone('gone');
    const offer = given(await network.wait(member.port.pair.offer()));
    const answer = given(await network.wait(newcomer.port.pair.answer(offer)));
    newcomer.port.stop();
    await network.time.advance(100);
    expect(await network.wait(member.port.pair.complete(answer))).toEqual({
      ok: false,
      code: 'pairNoAnswer',
    });
  });

  it('[LNK-70] prove their keys as on every link: a code with another description makes none', async () => {
    const [network, member, newcomer] = await twoAlone('forged');
    const third = await network.addPeer();
    const offer = given(await network.wait(member.port.pair.offer()));
    await network.wait(newcomer.port.pair.answer(offer));
    // Somebody with the board's secret answers in the newcomer's name.
    const forged = given(await network.wait(third.port.pair.answer(offer)));
    const note = given(decodeNote(given(readCode(forged)).slice(64)));
    const inItsName = encodeNote({ ...note, from: newcomer.id });
    const code = writeCode(Uint8Array.from([...utf8('.'.repeat(64)), ...inItsName]));
    expect(await network.wait(member.port.pair.complete(code))).toEqual({ ok: false, code: 'pairFailed' });
    expect([...member.of('up'), ...third.of('up')]).toEqual([]);
    expect(member.of('dialFailed')).toMatchObject([{ peer: newcomer.id, reason: 'authFailed' }]);
  });
});
