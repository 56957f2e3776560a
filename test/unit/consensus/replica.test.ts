/** Replicas around a table. Rules of docs/spec/consensus.md. */
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/kernel/bytes.ts';
import {
  certificateChecks,
  certify,
  encodeCertificate,
  verifyCertificate,
} from '../../../src/consensus/certificates.ts';
import { MAX_OPERATION_BYTES, PATIENCE_MS, STATUS_MS } from '../../../src/consensus/limits.ts';
import { hashBatch } from '../../../src/consensus/requests.ts';
import {
  batchOf,
  committeeOf,
  Council,
  GENESIS,
  keys,
  questionBy,
  requestBy,
  signedBy,
  statementOf,
  type Sent,
} from './council.ts';

const ALL = [0, 1, 2, 3];
const kindOf = ({ message }: Sent): string =>
  message.kind === 'statement' ? message.signed.statement.kind : message.kind;

/** Certificate bytes of the first decision that seat 0 told. */
function firstCertificate(council: Council): ReturnType<typeof encodeCertificate> {
  const [decision] = council.eventsOf(0, 'decided');
  const certificate =
    decision === undefined ? undefined : certify(council.committee, decision.certificate, decision.batch, 0);
  if (certificate === undefined) throw new RangeError('nothing was decided');
  return encodeCertificate(certificate);
}

describe('the normal case', () => {
  it('[CON-4, CON-6] decides what anybody asks for, in one order, with one round of each vote', () => {
    const council = new Council(4);
    council.submit(2, 'one');
    council.submit(0, 'two');
    for (const seat of ALL) expect(council.executed(seat)).toEqual(['one', 'two']);
    for (const seat of ALL) {
      expect(council.said(seat, 'prePrepare')).toHaveLength(seat === 0 ? 2 : 0);
      expect(council.said(seat, 'prepare')).toHaveLength(seat === 0 ? 0 : 2);
      expect(council.said(seat, 'commit')).toHaveLength(2);
    }
  });

  it.each([1, 2, 3, 5, 6, 7])('[CON-1] decides with %i seats as well', (size) => {
    const council = new Council(size);
    council.submit(size - 1, 'one');
    for (const seat of council.committee.keys.keys()) expect(council.executed(seat)).toEqual(['one']);
  });

  it('[CON-5] decides when every vote comes before the proposal', () => {
    const council = new Council(4);
    const held: Sent[] = [];
    council.passes = (sent, to) => {
      if (to === 3 && kindOf(sent) === 'batch') return false;
      if (to !== 3 || kindOf(sent) !== 'prePrepare') return true;
      held.push(sent);
      return false;
    };
    council.submit(1, 'one');
    expect(council.executed(3)).toEqual([]);
    for (const { message } of held) council.receive(3, message);
    council.settle();
    expect(council.executed(3)).toEqual(['one']);
  });

  it('[CON-6, CON-70] gathers requests into batches while two are under way', () => {
    const council = new Council(4);
    council.passes = (sent) => kindOf(sent) !== 'commit';
    for (let count = 1; count <= 20; count++) council.submit(0, `op ${count}`);
    expect(council.said(0, 'prePrepare').map(({ seq }) => seq)).toEqual([1, 2]);
    council.passes = () => true;
    council.wait(3 * STATUS_MS);
    expect(council.executed(0)).toHaveLength(20);
    expect(council.said(0, 'prePrepare')).toHaveLength(3);
  });

  it('[CON-6, CON-70] sends full batches beside those two, until eight are under way', () => {
    const council = new Council(4);
    council.passes = (sent) => kindOf(sent) !== 'commit';
    const proposed = (): number[] => council.said(0, 'prePrepare').map(({ seq }) => seq);
    // Eight of these are as many bytes as a batch may have.
    const large = 'x'.repeat(MAX_OPERATION_BYTES);
    const ask = (count: number): void => {
      for (; count > 0; count--) council.submit(count % 4, large);
    };
    ask(2 + 7);
    expect(proposed()).toEqual([1, 2]);
    ask(1);
    expect(proposed()).toEqual([1, 2, 3]);
    ask(5 * 8);
    expect(proposed()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    ask(8);
    expect(proposed()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('[CON-16] hands what others asked for to a primary that does nothing ever more seldom, and f + 1 seats do so first', () => {
    const council = new Council(7);
    council.passes = (sent, to) => to !== 0 || kindOf(sent) !== 'request';
    const request = requestBy(council.committee, 6, 1, 'one');
    for (const seat of [1, 2, 3, 4, 5]) council.receive(seat, { kind: 'request', request });
    const count = (ms: number): number[] => {
      council.wait(ms);
      return [1, 2, 3, 4, 5].map((seat) => {
        return council.sent.filter(
          ({ from, message, to }) => from === seat && to === 0 && message.kind === 'request',
        ).length;
      });
    };
    expect(count(1.9 * STATUS_MS).slice(3)).toEqual([0, 0]);
    // Just before they lose their patience and change the view.
    const [, , , ...later] = count(2 * STATUS_MS);
    expect(later).toEqual([1, 1]);
    for (const times of count(0)) {
      expect(times).toBeGreaterThanOrEqual(1);
      expect(times).toBeLessThanOrEqual(2);
    }
  });

  it('[CON-7] executes a request once, however often it is proposed', () => {
    const council = new Council(4);
    council.submit(1, 'one');
    const request = requestBy(council.committee, 1, 1, 'one');
    const digest = hashBatch(batchOf(request));
    const signed = signedBy(council.committee, 0, { kind: 'prePrepare', view: 0, seq: 2, digest });
    for (const seat of [1, 2, 3])
      council.receive(seat, { kind: 'statement', epoch: 0, signed, batch: batchOf(request) });
    council.settle();
    expect(council.eventsOf(1, 'decided').map(({ executed }) => executed.length)).toEqual([1, 0]);
    expect(council.executed(1)).toEqual(['one']);
  });

  it('[CON-4] an equivocating primary is proved, and decides at most one of its proposals', () => {
    const council = new Council(4);
    council.stop(0);
    const requests = [requestBy(council.committee, 0, 1, 'good'), requestBy(council.committee, 0, 2, 'evil')];
    const proposals = requests.map((request) => {
      const digest = hashBatch(batchOf(request));
      const signed = signedBy(council.committee, 0, { kind: 'prePrepare', view: 0, seq: 1, digest });
      const commit = signedBy(council.committee, 0, { kind: 'commit', view: 0, seq: 1, digest });
      return [
        { kind: 'statement', epoch: 0, signed, batch: batchOf(request) } as const,
        statementOf(commit),
      ] as const;
    });
    const [good, evil] = proposals;
    if (good === undefined || evil === undefined) return expect.fail('no proposals');
    for (const message of good) for (const seat of [1, 2]) council.receive(seat, message);
    for (const message of evil) council.receive(3, message);
    council.settle();
    council.receive(1, evil[0]);
    council.settle();
    expect(council.eventsOf(1, 'evidence')).toHaveLength(1);
    expect(council.said(1, 'prepare')).toHaveLength(1);
    // Liars are replaced; the honest seats agree on what became of the place.
    council.submit(1, 'next');
    council.wait(4 * PATIENCE_MS);
    expect(council.executed(1)).toContain('next');
    for (const seat of [2, 3]) expect(council.executed(seat)).toEqual(council.executed(1));
  });

  it('[CON-21] two decisions for one place stop a replica for good', () => {
    const council = new Council(4);
    council.submit(1, 'one');
    const request = requestBy(council.committee, 2, 1, 'other');
    const digest = hashBatch(batchOf(request));
    for (const seat of [1, 2, 3]) {
      const commit = signedBy(council.committee, seat, { kind: 'commit', view: 1, seq: 1, digest });
      council.receive(0, statementOf(commit));
    }
    expect(council.eventsOf(0, 'halted').map(({ reason }) => reason)).toEqual(['twoDecisions']);
    const said = council.sent.length;
    council.submit(0, 'more');
    expect(council.eventsOf(0, 'refused').map(({ code }) => code)).toEqual(['halted']);
    expect(council.sent.filter(({ from }, at) => from === 0 && at >= said)).toEqual([]);
  });
});

describe('checkpoints', () => {
  it('[CON-8] become stable by a quorum, and the log behind them goes', () => {
    const council = new Council(4);
    for (let count = 1; count <= 6; count++) council.submit(0, `op ${count}`);
    for (const seat of ALL) {
      expect(council.parts(seat).checkpoints.stable.seq).toBe(4);
      expect(council.parts(seat).log.seqs()).toEqual([5, 6]);
      const keys = [...(council.disks[seat] ?? [])].map(([key]) => key.slice(key.indexOf('/') + 1));
      expect(
        keys.filter((key) => /^(?:prepare|commit|decided|prepared|batch)\/[1-4](?:\/|$)/.test(key)),
      ).toEqual([]);
      expect(keys).toContain('piece/4/0');
    }
  });

  it('[CON-8] nobody votes above the high watermark', () => {
    const council = new Council(4);
    council.passes = (sent) => kindOf(sent) !== 'checkpoint' && kindOf(sent) !== 'status';
    for (let count = 1; count <= 12; count++) council.submit(0, `op ${count}`);
    expect(council.executed(1)).toHaveLength(8);
    council.passes = () => true;
    council.wait(3 * STATUS_MS);
    expect(council.executed(1)).toHaveLength(12);
  });

  it('[CON-17] a seat that missed more than the others keep takes the state over', () => {
    const council = new Council(4);
    council.passes = (sent, to) => to !== 3 && sent.from !== 3;
    for (let count = 1; count <= 9; count++) council.submit(0, `op ${count}`);
    council.passes = () => true;
    council.wait(5 * STATUS_MS);
    expect(council.eventsOf(3, 'caughtUp').map(({ seq }) => seq)).toEqual([8]);
    expect(council.executed(3)).toEqual(council.executed(0));
    council.submit(3, 'mine');
    for (const seat of ALL) expect(council.executed(seat).at(-1)).toBe('mine');
  });
});

describe('changing the view', () => {
  it('[CON-9] replaces a primary that is gone once the oldest request has waited long enough', () => {
    const council = new Council(4);
    council.stop(0);
    council.submit(1, 'one');
    council.wait(PATIENCE_MS - STATUS_MS);
    expect(council.said(1, 'viewChange')).toEqual([]);
    council.wait(3 * STATUS_MS);
    for (const seat of [1, 2, 3]) expect(council.executed(seat)).toEqual(['one']);
    expect(council.parts(1).views.view).toBe(1);
  });

  it('[CON-9] replaces a primary that serves all but one', () => {
    const council = new Council(4);
    const starved = council.committee.keys[3];
    const { patience, pending } = council.parts(0);
    const take = pending.take.bind(pending);
    patience.deadline = () => undefined;
    pending.take = (view) => take(view).filter(({ client }) => client !== starved);
    council.submit(3, 'starved');
    for (let count = 1; count <= 20 && !council.executed(1).includes('starved'); count++) {
      council.submit(1, `op ${count}`);
      council.wait(PATIENCE_MS / 8);
    }
    expect(council.executed(1)).toContain('starved');
    expect(council.executed(1).length).toBeGreaterThan(4);
  });

  it('[CON-9] waits for a new view only once a quorum left, and twice as long for the next', () => {
    const council = new Council(4);
    council.stop(0);
    council.passes = () => false;
    council.submit(1, 'one');
    council.wait(20 * PATIENCE_MS);
    expect(council.said(1, 'viewChange').map(({ view }) => view)).toEqual([1]);
    council.passes = (sent) => kindOf(sent) !== 'newView';
    council.wait(1.5 * PATIENCE_MS);
    for (const seat of [2, 3]) council.submit(seat, `op ${seat}`);
    council.wait(2 * PATIENCE_MS);
    const before = Math.max(...council.said(1, 'viewChange').map(({ view }) => view));
    council.passes = () => true;
    council.wait(10 * PATIENCE_MS);
    expect(council.parts(1).views.view).toBeGreaterThanOrEqual(before);
    for (const seat of [1, 2, 3]) expect(council.executed(seat)).toHaveLength(3);
  });

  it('[CON-11] f + 1 that left take the others along, f do not', () => {
    const council = new Council(4);
    const changes = [2, 3].map((seat) => {
      const stable = { seq: 0, digest: GENESIS, signatures: [] };
      return signedBy(council.committee, seat, { kind: 'viewChange', view: 3, stable, prepared: [] });
    });
    const [first, second] = changes;
    if (first === undefined || second === undefined) return expect.fail('no view changes');
    council.receive(0, statementOf(first));
    council.settle();
    expect(council.said(0, 'viewChange')).toEqual([]);
    council.receive(0, statementOf(second));
    council.settle();
    expect(council.said(0, 'viewChange').map(({ view }) => view)).toEqual([3]);
  });

  it('[CON-10] what was decided anywhere survives, and a place that nobody prepared gets a null batch', () => {
    const council = new Council(4);
    // Seat 2 alone decides the first request; of the second nothing but the proposal gets through; the third is prepared.
    council.passes = (sent, to) => {
      const { message } = sent;
      if (message.kind !== 'statement') return true;
      const { statement } = message.signed;
      if (statement.kind === 'commit' && statement.view === 0) return statement.seq === 1 && to === 2;
      return !(statement.kind === 'prepare' && statement.view === 0 && statement.seq === 2);
    };
    // This primary gathers nothing.
    council.parts(0).pending.isFull = () => true;
    for (let count = 1; count <= 3; count++) council.submit(0, `op ${count}`);
    expect(council.executed(2)).toEqual(['op 1']);
    council.stop(0);
    council.submit(1, 'next');
    council.wait(3 * PATIENCE_MS);
    for (const seat of [1, 2, 3]) expect(council.executed(seat).slice(0, 2)).toEqual(['op 1', 'op 3']);
    for (const seat of [1, 2, 3])
      expect([...council.executed(seat)].sort()).toEqual(['next', 'op 1', 'op 2', 'op 3']);
  });

  it('[CON-20] patience does not run while no quorum is reachable, nor while the tab slept', () => {
    const council = new Council(4);
    council.step(1, { kind: 'command', command: { type: 'reachable', peers: [council.keyOf(2)] } });
    council.passes = () => false;
    council.submit(1, 'one');
    council.wait(10 * PATIENCE_MS);
    expect(council.said(1, 'viewChange')).toEqual([]);
    council.step(1, {
      kind: 'command',
      command: { type: 'reachable', peers: [2, 3].map((seat) => council.keyOf(seat)) },
    });
    // The timer comes long after it should have: the tab was asleep.
    council.now += 10 * PATIENCE_MS;
    council.wait(1);
    expect(council.said(1, 'viewChange')).toEqual([]);
    council.wait(2 * PATIENCE_MS);
    expect(council.said(1, 'viewChange').map(({ view }) => view)).toEqual([1]);
  });

  it('[CON-20, CON-40] patience does not run while a certified state is not here, and begins anew when it is taken over', () => {
    const council = new Council(4);
    // Seat 3 hears requests alone; its own reaches nobody.
    council.passes = ({ from, message }, to) =>
      from !== 3 && (to !== 3 || message.kind === 'request') && kindOf({ from, to, message }) !== 'status';
    council.submit(3, 'mine');
    for (let count = 1; count <= 12; count++) council.submit(count % 3, `op ${count}`);
    expect(council.executed(0)).toHaveLength(12);
    // Now it hears that there is a newer state, and does not get it.
    const isState = (kind: string): boolean => kind === 'manifest' || kind === 'piece';
    council.passes = ({ from, message }) =>
      !isState(message.kind) && !(from === 3 && message.kind === 'request');
    council.wait(PATIENCE_MS + 1);
    expect(council.parts(3).checkpoints.ahead?.seq).toBe(12);
    expect(council.said(3, 'viewChange')).toEqual([]);
    council.passes = ({ from, message }) => !(from === 3 && message.kind === 'request');
    while (council.parts(3).checkpoints.ahead !== undefined) council.wait(STATUS_MS / 10);
    council.wait(PATIENCE_MS - STATUS_MS);
    expect(council.said(3, 'viewChange')).toEqual([]);
    council.wait(2 * STATUS_MS);
    expect(council.said(3, 'viewChange').map(({ view }) => view)).toEqual([1]);
  });
});

describe('exchange', () => {
  it('[CON-16] two that are never there together decide through a third', () => {
    const council = new Council(4);
    for (const seat of ALL)
      council.step(seat, { kind: 'command', command: { type: 'reachable', peers: [] } });
    const away = new Set([2, 3]);
    council.passes = (sent, to) => !away.has(sent.from) && !away.has(to);
    council.submit(0, 'one');
    expect(council.executed(0)).toEqual([]);
    // Seat 0 goes, and seat 2 comes: it hears of everything from seat 1.
    away.add(0).delete(2);
    council.wait(3 * STATUS_MS);
    expect(council.executed(1)).toEqual([]);
    expect(council.said(2, 'prepare')).toHaveLength(1);
    // Seat 2 goes, and seat 0 comes back: its commit was missing.
    away.add(2).delete(0);
    council.wait(3 * STATUS_MS);
    for (const seat of [0, 1]) expect(council.executed(seat)).toEqual(['one']);
  });

  it('[CON-22] questions that are repeated are not answered for ever', () => {
    const council = new Council(4);
    council.submit(0, 'one');
    const place = { epoch: 0, turn: 0, view: 0, isActive: true, executed: 0, stable: 0 };
    const message = questionBy('seat 3', { kind: 'status', ...place, changes: 0, closes: 0, slots: [] });
    const before = council.sent.length;
    for (let count = 0; count < 1000; count++) council.receive(0, message);
    const answers = council.sent.slice(before).filter(({ from, to }) => from === 0 && to === 3);
    expect(answers.length).toBeGreaterThan(0);
    expect(answers.length).toBeLessThan(400);
  });
});

describe('certificates', () => {
  const council = new Council(4);
  council.submit(2, 'one');
  const bytes = firstCertificate(council);
  const holds = (check: Parameters<typeof keys.holds>[0][number]): boolean => keys.holds([check]);

  it('[CON-18] prove a decision to whoever knows the committee', () => {
    const verified = verifyCertificate(council.committee, bytes, holds);
    if (!verified.ok) return expect.fail(verified.code);
    expect(verified.value.seq).toBe(1);
    expect(verified.value.request).toEqual(requestBy(council.committee, 2, 1, 'one'));
    const examined = certificateChecks(council.committee, bytes);
    expect(examined.ok && examined.value.checks.length).toBe(4);
  });

  it('[CON-18] fail with any byte altered', () => {
    for (let at = 0; at < bytes.length; at++) {
      const altered = bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
      const verified = verifyCertificate(council.committee, altered, holds);
      expect(`${at}: ${verified.ok ? 'holds' : 'fails'}`).toBe(`${at}: fails`);
    }
  });

  it('[CON-18] say why they prove nothing', () => {
    const [decision] = council.eventsOf(0, 'decided');
    if (decision === undefined) return expect.fail('nothing was decided');
    const { batch, certificate } = decision;
    const made = certify(council.committee, certificate, batch, 0);
    if (made === undefined) return expect.fail('no certificate');
    const reason = (changed: typeof made, by = council.committee): string => {
      const verified = verifyCertificate(by, encodeCertificate(changed), holds);
      return verified.ok ? 'holds' : verified.code;
    };
    const [first, second] = certificate.signatures;
    if (first === undefined || second === undefined) return expect.fail('no signatures');
    const decided = (signatures: typeof certificate.signatures) => ({
      ...made,
      decided: { ...certificate, signatures },
    });
    expect(reason(made)).toBe('holds');
    expect(reason(made, committeeOf(4, { epoch: 1 }))).toBe('otherCommittee');
    expect(reason(decided([first, second]))).toBe('tooFew');
    expect(reason(decided([first, second, second]))).toBe('badSeats');
    expect(reason({ ...made, decided: { ...certificate, seq: 2 } })).toBe('badSignature');
    expect(reason({ ...made, batch: { time: 0, requests: [] } })).toBe('otherBatch');
    expect(reason({ ...made, request: requestBy(council.committee, 2, 1, 'other') })).toBe('otherRequest');
    expect(reason({ ...made, request: { ...made.request, signature: new Uint8Array(64) } })).toBe(
      'badSignature',
    );
    const cut = verifyCertificate(council.committee, bytes.slice(1), holds);
    expect(cut).toEqual({ ok: false, code: 'unreadable' });
    expect(toHex(encodeCertificate(made))).toBe(toHex(bytes));
  });
});
