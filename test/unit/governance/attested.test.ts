/** Certificates of checkpoints of the history: which bytes convince whoever knows the committee, and why others do not. */
import { describe, expect, it } from 'vitest';
import { decodeWith, encodeWith } from '../../../src/kernel/codec.ts';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import type { BoardId, Hash } from '../../../src/kernel/ids.ts';
import { openCommittee, type Committee } from '../../../src/consensus/committee.ts';
import { requestToSign, type Request } from '../../../src/consensus/requests.ts';
import {
  certifyHistory,
  historyCertificateCodec,
  historyChecks,
  type HistoryCertificate,
} from '../../../src/governance/attested.ts';
import { encodeOperation, type Attested } from '../../../src/governance/operations.ts';
import { MAX_CERTIFICATE_BYTES } from '../../../src/replication/limits.ts';
import { BOARD, KEYS, peerOf } from '../identity/records.ts';

const SEATS = ['ada', 'bo', 'cy', 'di'];
const SAID: Attested = { epoch: 3, number: 40, head: 'cd'.repeat(32) as Hash, hash: 'ef'.repeat(32) as Hash };

function committeeOf(names: readonly string[], epoch = SAID.epoch): Committee {
  const seats = names.map((name) => ({ key: peerOf(name), leaseMs: 0 }));
  const rest = { start: 9, previous: SAID.head, resets: 0, checkpointEvery: 4, window: 8 };
  const opened = openCommittee({ board: BOARD, epoch, seats, ...rest });
  return opened.ok ? opened.value : expect.fail('no committee');
}

/** What a tab asked for, as its request number `number`. */
function request(name: string, said = SAID, number = 7, board: BoardId = BOARD): Request {
  const unsigned = { client: peerOf(name), number, operation: encodeOperation({ kind: 'attest', ...said }) };
  return { ...unsigned, signature: KEYS.sign(unsigned.client, requestToSign(board, unsigned)) };
}

const FOUR = committeeOf(SEATS);
const requests = (names: readonly string[]): Request[] =>
  names.map((name, at) => request(name, SAID, 5 + at));
const certificate = (names: readonly string[], committee = FOUR): Bytes =>
  certifyHistory(committee, SAID, requests(names)) ?? expect.fail('too few');

/** A code, or whether all signatures hold. */
function verdict(bytes: Bytes, about = SAID, committee = FOUR): string {
  const checked = historyChecks(committee, about, bytes);
  return checked.ok ? String(checked.value.length > 0 && KEYS.holds(checked.value)) : checked.code;
}

function changed(change: Partial<HistoryCertificate>): Bytes {
  const decoded = decodeWith(historyCertificateCodec, certificate(['ada', 'bo', 'cy']));
  return encodeWith(historyCertificateCodec, {
    ...(decoded.ok ? decoded.value : expect.fail('unreadable')),
    ...change,
  });
}

describe('a certificate of the history', () => {
  it('[GOV-31] convinces whoever knows the committee, whoever of a quorum signed it, in whatever order they spoke', () => {
    expect(verdict(certificate(['ada', 'bo', 'cy']))).toBe('true');
    expect(verdict(certificate(['di', 'cy', 'ada']))).toBe('true');
    expect(verdict(certificate(SEATS))).toBe('true');
    const alone = committeeOf(['ada']);
    expect(verdict(certificate(['ada'], alone), SAID, alone)).toBe('true');
  });

  it('[GOV-31] is not made of too few seats, of one that speaks twice, or of those who have none', () => {
    for (const names of [['ada', 'bo'], ['ada', 'bo', 'bo'], ['ada', 'bo', 'eve'], []])
      expect(certifyHistory(FOUR, SAID, requests(names))).toBeUndefined();
    expect(certifyHistory(committeeOf(SEATS, 4), SAID, requests(SEATS))).toBeUndefined();
  });

  it('[GOV-31] is refused with a code when it is short, double, out of order, of another committee, or no certificate', () => {
    const all = decodeWith(historyCertificateCodec, certificate(SEATS));
    const [a, b, c] = all.ok ? all.value.requests : [];
    if (a === undefined || b === undefined || c === undefined) expect.fail('unreadable');
    expect(verdict(changed({ requests: [a, b] }))).toBe('tooFew');
    expect(verdict(changed({ requests: [a, b, b] }))).toBe('badSeats');
    expect(verdict(changed({ requests: [b, a, c] }))).toBe('badSeats');
    expect(verdict(changed({ requests: [a, b, { ...c, seat: 4 }] }))).toBe('badSeats');
    expect(verdict(changed({ committee: SAID.hash }))).toBe('otherCommittee');
    expect(verdict(certificate(SEATS), { ...SAID, epoch: 4 })).toBe('otherCommittee');
    expect(verdict(certificate(SEATS), SAID, committeeOf(SEATS, 4))).toBe('otherCommittee');
    expect(verdict(certificate(SEATS), SAID, committeeOf([...SEATS, 'eve']))).toBe('otherCommittee');
    expect(verdict(certificate(SEATS).slice(1))).toBe('unreadable');
    expect(verdict(new Uint8Array(0))).toBe('unreadable');
  });

  it('[GOV-31] does not hold for another checkpoint, number, end or board, nor with a seat\u2019s word put into another\u2019s mouth', () => {
    expect(verdict(certificate(SEATS), { ...SAID, hash: SAID.head })).toBe('false');
    expect(verdict(certificate(SEATS), { ...SAID, number: 41 })).toBe('false');
    expect(verdict(changed({ head: SAID.hash }))).toBe('false');
    const elsewhere = SEATS.map((name) => request(name, SAID, 7, SAID.hash as string as BoardId));
    expect(verdict(certifyHistory(FOUR, SAID, elsewhere) ?? expect.fail('too few'))).toBe('false');
    const forged = [...requests(['ada', 'bo']), { ...request('eve'), client: peerOf('cy') }];
    expect(verdict(certifyHistory(FOUR, SAID, forged) ?? expect.fail('too few'))).toBe('false');
    const lied = [...requests(['ada', 'bo']), request('cy', { ...SAID, hash: SAID.head })];
    expect(verdict(certifyHistory(FOUR, SAID, lied) ?? expect.fail('too few'))).toBe('false');
  });

  it('[GOV-31] of the largest committee fits into what a checkpoint may come with', () => {
    const names = Array.from({ length: 31 }, (_, at) => `seat ${at}`);
    const bytes = certificate(names, committeeOf(names));
    expect(bytes.length).toBeLessThan(2400);
    expect(bytes.length).toBeLessThan(MAX_CERTIFICATE_BYTES);
  });
});
