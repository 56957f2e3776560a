/** Votes and what they add up to. Rules of docs/spec/consensus.md. */
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { digest } from '../../../src/kernel/hash.ts';
import type { Vote } from '../../../src/consensus/statements.ts';
import { VoteLog } from '../../../src/consensus/vote-log.ts';
import { committeeOf, signedBy } from './council.ts';

const committee = committeeOf(4);
const A = digest('test', utf8('a'));
const B = digest('test', utf8('b'));

const vote = (kind: Vote['kind'], seat: number, of = A, view = 0) =>
  signedBy<Vote>(committee, seat, { kind, view, seq: 1, digest: of });

function logOf(...votes: readonly ReturnType<typeof vote>[]): VoteLog {
  const log = new VoteLog(committee);
  for (const each of votes) log.add(each);
  return log;
}

describe('the vote log', () => {
  it('[CON-4] counts a seat once however often it speaks', () => {
    const log = logOf(vote('prePrepare', 0), vote('prepare', 1), vote('prepare', 1));
    expect(log.add(vote('prepare', 1))).toBe(false);
    expect(log.prepared(0, 1)).toBeUndefined();
    expect(log.add(vote('prepare', 2))).toBe(true);
    expect(log.prepared(0, 1)?.signatures.map(({ seat }) => seat)).toEqual([1, 2]);
  });

  it('[CON-4] keeps the first of two votes for one place', () => {
    const log = logOf(vote('prePrepare', 0));
    expect(log.add(vote('prePrepare', 0, B))).toBe(false);
    expect(log.proposalAt(0, 1)?.digest).toBe(A);
  });

  it('[CON-4] counts a vote for what it is for', () => {
    const log = logOf(
      vote('prePrepare', 0),
      vote('prepare', 1),
      vote('prepare', 2, B),
      vote('prepare', 3, A, 1),
    );
    expect(log.prepared(0, 1)).toBeUndefined();
    const commits = logOf(
      vote('commit', 0),
      vote('commit', 1),
      vote('commit', 2, B),
      vote('commit', 3, A, 1),
    );
    expect(commits.decided(1)).toBeUndefined();
    commits.add(vote('commit', 2, A, 1));
    commits.add(vote('commit', 1, A, 1));
    expect(commits.decided(1)).toMatchObject({ view: 1, digest: A });
  });

  it('[CON-5] has no use for an order of votes', () => {
    const votes = [vote('prepare', 2), vote('commit', 3), vote('prepare', 1), vote('prePrepare', 0)];
    const [forth, back] = [logOf(...votes), logOf(...[...votes].reverse())];
    expect(forth.prepared(0, 1)).toEqual(back.prepared(0, 1));
    expect(forth.prepared(0, 1)).toBeDefined();
  });

  it('[CON-22] has one place for each seat, kind and sequence number', () => {
    const log = new VoteLog(committee);
    for (let view = 0; view < 100; view++) log.add(vote('commit', 3, view % 2 === 0 ? A : B, view));
    expect(log.votesOf('commit', 99, 1)).toHaveLength(1);
    expect(log.votesOf('commit', 98, 1)).toEqual([]);
    log.forget(1);
    expect(log.seqs()).toEqual([]);
  });
});
