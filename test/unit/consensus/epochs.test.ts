/** From one committee to the next. Rules of docs/spec/consensus.md. */
import { describe, expect, it } from 'vitest';
import { certify, encodeCertificate, verifyCertificate } from '../../../src/consensus/certificates.ts';
import { encodeChain, verifyChain } from '../../../src/consensus/chain.ts';
import { MAX_CLOCK_AHEAD_MS, PATIENCE_MS, STATUS_MS } from '../../../src/consensus/limits.ts';
import { hashBatch } from '../../../src/consensus/requests.ts';
import {
  batchOf,
  Council,
  keyOf,
  keys,
  OWNER,
  requestFrom,
  seatsOf,
  signedBy,
  statementOf,
  type Sent,
} from './council.ts';

const ALL = [0, 1, 2, 3];
const holds = (check: Parameters<typeof keys.holds>[0][number]): boolean => keys.holds([check]);
const kindOf = ({ message }: Sent): string =>
  message.kind === 'statement' ? message.signed.statement.kind : message.kind;
const epochsOf = (council: Council, peers: readonly number[]): number[] =>
  peers.map((peer) => council.parts(peer).committee.epoch);

describe('the boundary', () => {
  it('[CON-23, CON-25] a seat is taken, handed on and given up by what is executed', () => {
    const council = new Council(4, ['e', 'f']);
    council.submit(0, `+${keyOf('e')}`);
    expect(epochsOf(council, [...ALL, 4, 5])).toEqual([1, 1, 1, 1, 1, 1]);
    expect(council.parts(4).seat).toBe(4);
    expect(council.parts(5).seat).toBeUndefined();
    council.submit(4, 'by the fifth');
    council.submit(1, `=${keyOf('seat 0')}>${keyOf('f')}`);
    expect(council.parts(5).seat).toBe(0);
    expect(council.parts(0).seat).toBeUndefined();
    council.submit(5, 'by the heir');
    council.submit(2, `-${keyOf('e')}`);
    council.submit(3, 'by the rest');
    const texts = council.executed(3);
    expect(texts.filter((text) => text.startsWith('by'))).toEqual([
      'by the fifth',
      'by the heir',
      'by the rest',
    ]);
    for (const peer of [0, 1, 2, 3, 4, 5]) expect(council.executed(peer)).toEqual(texts);
    expect(epochsOf(council, [0, 4, 5])).toEqual([3, 3, 3]);
  });

  it.each([1, 2, 3, 4, 5, 7, 13])('[CON-23, CON-30] hands over with %i seats', (size) => {
    const council = new Council(size, ['e']);
    expect(council.committee.isFaultTolerant).toBe(size > 3);
    council.submit(size - 1, `+${keyOf('e')}`);
    council.submit(size, 'by the newcomer');
    for (let peer = 0; peer <= size; peer++) expect(council.executed(peer)).toHaveLength(2);
    expect(council.parts(size).committee.keys).toHaveLength(size + 1);
  });

  it('[CON-23] goes from 4 seats to 31 and back to 4, several changes of one batch at once; what cannot be changes nothing', () => {
    const more = Array.from({ length: 27 }, (_, at) => `more ${at}`);
    const council = new Council(4, [...more, 'one too many']);
    const gather = (changes: readonly string[]): void => {
      council.passes = (sent) => kindOf(sent) === 'request';
      for (const change of changes) council.submit(0, change);
      council.passes = () => true;
      council.wait(8 * STATUS_MS);
    };
    gather(more.map((name) => `+${keyOf(name)}`));
    expect(council.parts(30).committee.keys).toHaveLength(31);
    const { epoch } = council.parts(30).committee;
    expect(epoch).toBeLessThan(4);
    council.submit(1, `+${keyOf('one too many')}`);
    expect(council.parts(1).committee.epoch).toBe(epoch);
    gather(more.map((name) => `-${keyOf(name)}`));
    expect(council.eventsOf(0, 'refused')).toEqual([]);
    // The application did not forget who was one too many, and had room in the end.
    expect(council.parts(2).committee.keys).toHaveLength(5);
    expect(council.executed(30)).toEqual(council.executed(0));
  });

  it('[CON-24] nothing is committed behind what may end the epoch before that is executed, and what was under way is asked again', () => {
    const council = new Council(4, ['e']);
    council.passes = (sent) => kindOf(sent) !== 'commit';
    // Another primary than an honest one proposes behind it: here it is made to.
    council.parts(0).execution.mayReseat = () => false;
    council.parts(0).pending.isFull = () => true;
    council.submit(0, `+${keyOf('e')}`);
    for (let count = 1; count <= 4; count++) council.submit(1, `op ${count}`);
    expect(council.said(1, 'prepare').map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(council.said(1, 'commit').map(({ seq }) => seq)).toEqual([1]);
    council.passes = () => true;
    council.wait(4 * STATUS_MS);
    expect(epochsOf(council, ALL)).toEqual([1, 1, 1, 1]);
    for (const peer of [...ALL, 4])
      expect([...council.executed(peer)].sort()).toEqual([`+${keyOf('e')}`, 'op 1', 'op 2', 'op 3', 'op 4']);
    expect(council.eventsOf(2, 'decided').map(({ epoch }) => epoch)).toEqual([
      0,
      1,
      ...council
        .eventsOf(2, 'decided')
        .slice(2)
        .map(() => 1),
    ]);
  });

  it('[CON-24] an honest primary proposes nothing behind it', () => {
    const council = new Council(4, ['e']);
    council.passes = (sent) => kindOf(sent) !== 'commit';
    council.submit(0, `+${keyOf('e')}`);
    council.submit(1, 'op');
    expect(council.said(0, 'prePrepare').map(({ seq }) => seq)).toEqual([1]);
  });

  it('[CON-24] no place is committed before all places below it are prepared', () => {
    const council = new Council(4);
    const held: Sent[] = [];
    council.passes = (sent, to) => {
      const { message } = sent;
      const isFirst =
        message.kind === 'statement' &&
        'seq' in message.signed.statement &&
        message.signed.statement.seq === 1;
      if (to !== 3 || !isFirst) return kindOf(sent) !== 'batch' || to !== 3;
      held.push(sent);
      return false;
    };
    council.submit(0, 'one');
    council.submit(0, 'two');
    expect(council.said(3, 'commit')).toEqual([]);
    expect(council.said(1, 'commit').map(({ seq }) => seq)).toEqual([1, 2]);
    for (const { message } of held) council.receive(3, message);
    council.settle();
    expect(council.executed(3)).toEqual(['one', 'two']);
  });

  it('[CON-25] a committee that dies all at once, after every single message, hands over all the same', () => {
    const change = `=${keyOf('seat 2')}>${keyOf('e')}`;
    const whole = new Council(4, ['e']);
    whole.submit(1, change);
    const boundaries = whole.sent.length;
    expect(boundaries).toBeGreaterThan(20);
    for (let boundary = 1; boundary < boundaries; boundary++) {
      const council = new Council(4, ['e']);
      council.passes = () => council.sent.length <= boundary;
      council.submit(1, change);
      for (const peer of [...ALL, 4]) council.stop(peer);
      council.settle();
      council.passes = () => true;
      for (const peer of [...ALL, 4]) council.start(peer);
      council.settle();
      council.wait(4 * STATUS_MS);
      council.submit(4, 'next');
      for (const peer of [...ALL, 4]) {
        expect(`${boundary}: ${council.executed(peer).join()}`).toBe(`${boundary}: ${change},next`);
        expect(council.parts(peer).committee.epoch).toBe(1);
        expect(council.eventsOf(peer, 'notSigned')).toEqual([]);
        expect(council.eventsOf(peer, 'evidence')).toEqual([]);
      }
    }
  });

  it('[CON-25] each epoch has its guard and its records, and those of the one before go in the write that begins it', () => {
    const council = new Council(4, ['e']);
    council.submit(0, 'one');
    const { digest } = council.committee;
    council.submit(0, `-${keyOf('seat 3')}`);
    for (const peer of ALL) {
      const stored = [...(council.disks[peer]?.keys() ?? [])];
      expect(stored.filter((key) => key.startsWith(digest))).toEqual([]);
      const seats = stored.filter((key) => key === `${council.parts(peer).committee.digest}/seat`);
      expect(seats).toHaveLength(peer === 3 ? 0 : 1);
    }
    council.stop(1);
    council.disks[1]?.delete(`${council.parts(2).committee.digest}/seat`);
    expect(() => {
      council.start(1);
    }).toThrow('lost');
  });
});

describe('those without a seat, and those who had one', () => {
  it('[CON-26] a follower holds the same, asks through any seat, and hands state on', () => {
    const council = new Council(4, ['e', 'f']);
    council.submit(4, 'from outside');
    for (const peer of [...ALL, 4, 5]) expect(council.executed(peer)).toEqual(['from outside']);
    expect(council.sent.filter(({ from, message }) => from === 4 && message.kind === 'statement')).toEqual(
      [],
    );
    council.stop(5);
    for (let count = 1; count <= 9; count++) council.submit(4, `op ${count}`);
    council.start(5);
    council.wait(4 * STATUS_MS);
    expect(council.executed(5)).toEqual(council.executed(0));
  });

  it('[CON-26] who was away for several epochs comes by the chain, and by the state of the newest', () => {
    const council = new Council(4, ['e', 'f', 'g']);
    council.stop(3);
    council.stop(6);
    for (const name of ['e', 'f']) council.submit(0, `+${keyOf(name)}`);
    for (let count = 1; count <= 6; count++) council.submit(4, `op ${count}`);
    council.submit(0, `-${keyOf('seat 3')}`);
    for (const peer of [3, 6]) council.start(peer);
    council.wait(5 * STATUS_MS);
    for (const peer of [3, 6]) {
      expect(council.parts(peer).committee.epoch).toBe(3);
      expect(council.executed(peer)).toEqual(council.executed(0));
      expect(council.parts(peer).seat).toBeUndefined();
    }
  });

  it('[CON-26] one that never answers, and links that come again, keep nobody from the state of an epoch', () => {
    const council = new Council(4, ['e', 'f']);
    council.stop(4);
    council.submit(1, `+${keyOf('f')}`);
    // Everybody says every second who sits now; the first of those to ask has nothing to say.
    council.passes = ({ message }, to) =>
      to !== 0 || message.kind !== 'question' || message.question.kind !== 'fetch';
    council.start(4);
    council.wait(5 * STATUS_MS);
    expect(council.parts(4).committee.epoch).toBe(1);
    expect(council.executed(4)).toEqual(council.executed(0));
  });

  it('[CON-26, CON-27] a committee of new keys alone gets its state from the seats before', () => {
    const council = new Council(1, ['e']);
    council.passes = (sent, to) => to !== 1 && sent.from !== 1;
    council.submit(0, 'one');
    council.submit(0, `=${keyOf('seat 0')}>${keyOf('e')}`);
    expect(council.parts(0).seat).toBeUndefined();
    expect(council.eventsOf(0, 'relieved')).toEqual([]);
    council.passes = () => true;
    council.wait(4 * STATUS_MS);
    council.submit(1, 'two');
    expect(council.executed(0)).toEqual(['one', `=${keyOf('seat 0')}>${keyOf('e')}`, 'two']);
    expect(council.eventsOf(0, 'relieved').map(({ epoch }) => epoch)).toEqual([0]);
  });

  it('[CON-27] a message of another epoch is refused with a code, and those of an evicted seat have no effect', () => {
    const council = new Council(4, ['e']);
    const old = council.committee;
    council.submit(0, `-${keyOf('seat 3')}`);
    const next = council.parts(0).committee;
    const commit = { kind: 'commit', view: 0, seq: 2, digest: hashBatch(batchOf()) } as const;
    const ghost = signedBy(old, 3, commit);
    expect(council.refusal(0, statementOf(ghost, 0))).toBe('earlierEpoch');
    expect(council.refusal(0, statementOf(ghost, 7))).toBe('laterEpoch');
    expect(council.refusal(0, statementOf(ghost, 1))).toBe('unsound');
    expect(council.refusal(0, statementOf({ ...ghost, seat: 2 }, 1))).toBe('unsound');
    const wrong = signedBy({ ...next, keys: old.keys }, 2, commit);
    expect(council.refusal(0, statementOf(wrong, 1))).toBeUndefined();
    council.submit(3, 'not heard');
    expect(council.executed(0)).not.toContain('not heard');
  });

  it('[CON-26] a client that may not ask any more is not executed, whoever proposes it', () => {
    const council = new Council(4);
    council.submit(0, `-${keyOf('seat 3')}`);
    const batch = { time: 0, requests: [requestFrom(keyOf('seat 3'), 1, 'from one who is gone')] };
    const { committee } = council.parts(0);
    const proposal = { kind: 'prePrepare', view: 0, seq: 2, digest: hashBatch(batch) } as const;
    const signed = signedBy(committee, 1, proposal);
    for (const peer of [0, 2]) council.receive(peer, { kind: 'statement', epoch: 1, signed, batch });
    const own = council.parts(1);
    own.batches.offer(hashBatch(batch), batch);
    council.receive(1, { kind: 'statement', epoch: 1, signed, batch });
    const commit = signedBy(committee, 1, { ...proposal, kind: 'commit' });
    for (const peer of [0, 2]) council.receive(peer, statementOf(commit, 1));
    council.settle();
    expect(council.eventsOf(0, 'decided').at(-1)?.executed).toEqual([]);
    expect(council.executed(0)).toHaveLength(1);
  });
});

describe('agreed time', () => {
  const tell = (council: Council, times: readonly number[]): void => {
    for (const [peer, time] of times.entries())
      council.step(peer, { kind: 'command', command: { type: 'clock', time } });
  };

  it('[CON-28] a transient seat is given up when its lease is over by agreed time', () => {
    const council = new Council(4, ['e']);
    tell(council, [1e12, 1e12, 1e12, 1e12, 1e12]);
    council.submit(0, `+${keyOf('e')}~5000`);
    council.submit(4, 'alive');
    council.submit(0, `!${keyOf('e')}`);
    expect(council.parts(0).committee.keys).toHaveLength(5);
    council.wait(6_000);
    council.submit(0, `!${keyOf('e')}`);
    expect(council.parts(0).committee.keys).toHaveLength(4);
    expect(council.parts(1).execution.time).toBeGreaterThanOrEqual(1e12 + 5_000);
  });

  it('[CON-28] no seat follows a clock that is far ahead of its own, and f + 1 others take it along', () => {
    const council = new Council(4);
    tell(council, [1e12 + 2 * MAX_CLOCK_AHEAD_MS, 1e12, 1e12, 1e12]);
    council.submit(0, 'too early');
    for (const seat of [1, 2, 3]) expect(council.said(seat, 'prepare')).toEqual([]);
    council.wait(4 * PATIENCE_MS);
    for (const seat of ALL) expect(council.executed(seat)).toEqual(['too early']);
    expect(council.parts(1).execution.time).toBeLessThan(1e12 + MAX_CLOCK_AHEAD_MS);
    const slow = new Council(4);
    tell(slow, [1e12, 1e12, 1e12, 1e12 - 2 * MAX_CLOCK_AHEAD_MS]);
    slow.submit(0, 'in time');
    expect(slow.said(3, 'prepare')).toHaveLength(1);
  });

  it('[CON-28] time never goes back', () => {
    const council = new Council(4);
    tell(council, [1e12, 1e12, 1e12, 1e12]);
    council.submit(0, 'one');
    tell(council, [1e12 - 5_000, 1e12, 1e12, 1e12]);
    council.submit(0, 'two');
    expect(council.parts(2).execution.time).toBe(1e12);
  });
});

describe('the chain', () => {
  const council = new Council(4, ['e', 'f']);
  council.submit(0, `+${keyOf('e')}`);
  council.submit(1, `=${keyOf('seat 0')}>${keyOf('f')}`);
  council.submit(5, 'by the heir');
  const links = council.parts(0).chain.links(0, 99);
  const pins = { board: council.committee.board, owners: [OWNER] };
  const bytes = encodeChain(links);
  const verdict = (changed: typeof links): string => {
    const verified = verifyChain(pins, encodeChain(changed), holds);
    return verified.ok ? 'holds' : verified.code;
  };

  it('[CON-29] proves every committee from the founding on, and with it every decision', () => {
    const verified = verifyChain(pins, bytes, holds);
    if (!verified.ok) return expect.fail(verified.code);
    expect(verified.value.map(({ committee }) => committee.keys.length)).toEqual([4, 5, 5]);
    const [decision] = council.eventsOf(1, 'decided').slice(-1);
    const epoch = verified.value[decision?.epoch ?? 0];
    if (decision === undefined || epoch === undefined) return expect.fail('nothing was decided');
    const made = certify(epoch.committee, decision.certificate, decision.batch, 0);
    if (made === undefined) return expect.fail('no certificate');
    const proved = verifyCertificate(epoch.committee, encodeCertificate(made), holds);
    expect(proved.ok && proved.value.request.client).toBe(keyOf('f'));
    const first = verified.value[0]?.committee ?? council.committee;
    expect(verifyCertificate(first, encodeCertificate(made), holds)).toEqual({
      ok: false,
      code: 'otherCommittee',
    });
  });

  it('[CON-29] fails with any byte altered', () => {
    for (let at = 0; at < bytes.length; at++) {
      const altered = bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
      const verified = verifyChain(pins, altered, holds);
      expect(`${at}: ${verified.ok ? 'holds' : 'fails'}`).toBe(`${at}: fails`);
    }
  });

  it('[CON-29] says why it proves nothing', () => {
    const [first, second, third] = links;
    if (first === undefined || second === undefined || third === undefined) return expect.fail('no links');
    expect(verdict(links)).toBe('holds');
    expect(verdict([])).toBe('empty');
    expect(verdict([first, third])).toBe('gap');
    expect(verdict([second])).toBe('badProof');
    expect(verdict([first, first])).toBe('badProof');
    const committee = (changes: Partial<typeof second.committee>) => ({
      ...second,
      committee: { ...second.committee, ...changes },
    });
    expect(verdict([first, committee({ start: 0 })])).toBe('badStart');
    expect(verdict([first, committee({ resets: 1 })])).toBe('badResets');
    expect(verdict([first, committee({ seats: [] })])).toBe('badCommittee');
    expect(verdict([first, committee({ seats: seatsOf('e') })])).toBe('badSignature');
    const { proof } = second;
    if (proof.kind !== 'handover') return expect.fail('no handover');
    const signed = (signatures: typeof proof.signatures) => ({ ...second, proof: { ...proof, signatures } });
    expect(verdict([first, signed(proof.signatures.slice(1))])).toBe('tooFew');
    expect(verdict([first, signed([...proof.signatures].reverse())])).toBe('badSeats');
    const stranger = { kind: 'reset', owner: keyOf('e') as never, signature: new Uint8Array(64) } as const;
    expect(verdict([first, { ...second, proof: stranger }])).toBe('notAnOwner');
    expect(verifyChain(pins, bytes.slice(1), holds)).toEqual({ ok: false, code: 'unreadable' });
    const others = { ...pins, board: keyOf('e') as never };
    expect(verifyChain(others, bytes, holds)).toEqual({ ok: false, code: 'otherBoard' });
  });
});
