/** Durability: nothing leaves before it is on disk, and all of it is there after a crash. Rules of docs/spec/consensus.md. */
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../../src/kernel/random.ts';
import { PATIENCE_MS, STATUS_MS } from '../../../src/consensus/limits.ts';
import { restoreParts } from '../../../src/consensus/restore.ts';
import { ConsensusLedger } from '../../../src/sim/consensus-ledger.ts';
import { Council, OWNER, type Sent } from './council.ts';

const GUARDED = new Set(['prePrepare', 'prepare', 'commit', 'checkpoint', 'viewChange', 'newView']);

/** What a seat has said that could contradict something. */
function votesOf(council: Council, seat: number): string[] {
  return council.sent.flatMap(({ from, message }) =>
    from === seat && message.kind === 'statement' && GUARDED.has(message.signed.statement.kind)
      ? [message.signed.statement.kind]
      : [],
  );
}

function reopened(
  council: Council,
  seat: number,
  disk: Iterable<readonly [string, Uint8Array<ArrayBuffer>]>,
  isNew = false,
) {
  const options = { owners: [OWNER], founding: council.founding, self: council.keyOf(seat) };
  const application = new ConsensusLedger();
  return restoreParts({ ...options, application, random: randomFrom('restore') }, disk, isNew);
}

describe('durability', () => {
  it('[CON-13] a seat whose disk does not answer signs nothing that counts', () => {
    const council = new Council(4);
    council.isDurable = (seat) => seat !== 2;
    council.submit(0, 'one');
    expect(votesOf(council, 2)).toEqual([]);
    council.stop(0);
    council.wait(2 * PATIENCE_MS);
    expect(votesOf(council, 2)).toEqual([]);
    expect(council.eventsOf(2, 'decided')).toEqual([]);
    expect(council.eventsOf(1, 'decided')).toHaveLength(1);
  });

  it('[CON-15] a committee that dies all at once, after every single message, decides the same', () => {
    const whole = new Council(4);
    whole.submit(0, 'one');
    const boundaries = whole.sent.length;
    expect(boundaries).toBeGreaterThan(12);
    for (let boundary = 1; boundary < boundaries; boundary++) {
      const council = new Council(4);
      council.passes = () => council.sent.length <= boundary;
      council.submit(0, 'one');
      for (const seat of [0, 1, 2, 3]) council.stop(seat);
      council.settle();
      council.passes = () => true;
      for (const seat of [0, 1, 2, 3]) council.start(seat);
      council.settle();
      council.wait(3 * STATUS_MS);
      for (const seat of [0, 1, 2, 3]) {
        expect(council.executed(seat)).toEqual(['one']);
        expect(council.eventsOf(seat, 'notSigned')).toEqual([]);
        expect(council.eventsOf(seat, 'evidence')).toEqual([]);
      }
    }
  });

  it('[CON-15] state, decisions, votes and own requests come back', () => {
    const council = new Council(4);
    for (let count = 1; count <= 6; count++) council.submit(1, `op ${count}`);
    council.passes = () => false;
    council.submit(1, 'not decided');
    council.stop(1);
    council.passes = () => true;
    council.start(1);
    council.settle();
    expect(council.executed(1).slice(0, 6)).toEqual(['op 1', 'op 2', 'op 3', 'op 4', 'op 5', 'op 6']);
    council.wait(2 * STATUS_MS);
    for (const seat of [0, 1, 2, 3]) expect(council.executed(seat).at(-1)).toBe('not decided');
  });

  it('[CON-15] what was executed up to a checkpoint does not wait any more after a restart, though its record is kept for its number', () => {
    const council = new Council(4);
    for (let count = 1; count <= 4; count++) council.submit(1, `op ${count}`);
    council.wait(2 * STATUS_MS);
    expect(council.parts(1).checkpoints.stable.seq).toBe(4);
    council.stop(1);
    council.start(1);
    council.settle();
    expect(council.parts(1).own.all()).toEqual([]);
    council.submit(1, 'op 5');
    expect(council.executed(0).at(-1)).toBe('op 5');
  });

  it('[CON-15] a primary that comes back proposes nothing again that is under way', () => {
    const council = new Council(4);
    const isCommit = ({ message }: Sent): boolean =>
      message.kind === 'statement' && message.signed.statement.kind === 'commit';
    council.passes = (sent) => !isCommit(sent);
    council.submit(1, 'one');
    council.stop(0);
    council.start(0);
    // Whoever asked says so again, and the primary hears it for the first time in this life.
    council.wait(2 * STATUS_MS);
    expect(council.parts(0).pending.oldest()).toBeDefined();
    council.passes = () => true;
    council.wait(2 * STATUS_MS);
    expect(council.executed(0)).toEqual(['one']);
    expect(new Set(council.said(0, 'prePrepare').map(({ seq }) => seq))).toEqual(new Set([1]));
  });

  it('[CON-15] a key whose records are lost or damaged must not sign again', () => {
    const council = new Council(4);
    council.submit(0, 'one');
    const disk = [...(council.disks[1] ?? [])];
    expect(reopened(council, 1, disk).ok).toBe(true);
    expect(reopened(council, 1, [])).toEqual({ ok: false, code: 'lost' });
    expect(reopened(council, 1, [], true).ok).toBe(true);
    expect(
      reopened(
        council,
        1,
        disk.filter(([key]) => !key.endsWith('/seat')),
      ),
    ).toEqual({ ok: false, code: 'lost' });
    expect(reopened(council, 2, disk)).toEqual({ ok: false, code: 'damaged' });
    for (const at of disk.keys()) {
      const flipped = disk.map(
        ([key, value], i) =>
          [key, i === at ? value.map((byte, b) => (b === 20 ? byte ^ 4 : byte)) : value] as const,
      );
      const opened = reopened(council, 1, flipped);
      expect(opened.ok || opened.code).toBe((disk[at]?.[1].length ?? 0) > 20 ? 'damaged' : true);
    }
    const [first, second, ...rest] = disk;
    if (first === undefined || second === undefined) return expect.fail('nothing on disk');
    expect(reopened(council, 1, [[first[0], second[1]], [second[0], first[1]], ...rest])).toEqual({
      ok: false,
      code: 'damaged',
    });
  });
});
