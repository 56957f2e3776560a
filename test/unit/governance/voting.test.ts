/** Proposals from their making to their closing. Rules of docs/spec/governance.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Choice } from '../../../src/governance/operations.ts';
import {
  MAX_CLOSED_PROPOSALS,
  MAX_OPEN_EACH,
  MAX_OPEN_MS,
  MAX_REASON_BYTES,
  MAX_REASONS_BYTES,
  MIN_OPEN_MS,
} from '../../../src/governance/limits.ts';
import { DEFAULT_POLICY } from '../../../src/governance/policy.ts';
import type { Hash } from '../../../src/kernel/ids.ts';
import { admissionOf, capabilityOf, certificateOf, memberOf, NOW, peerOf } from '../identity/records.ts';
import { Assembly, DAY, question } from './assembly.ts';
import { modelledResult, type Answer } from './tally-model.ts';

const FOUR = { bo: 'editor', cy: 'editor', di: 'editor' } as const;
const resultOf = (group: Assembly, id: Hash): string => {
  const { closing } = group.proposal(id);
  return closing === undefined ? 'open' : `${closing.result} ${closing.execution}`;
};

describe('a proposal', () => {
  it('[GOV-22] is for the owners and editors of the moment of its making', () => {
    const group = new Assembly({ ...FOUR, vi: 'viewer', al: 'agent' });
    const id = group.propose('bo');
    expect(group.proposal(id).voters).toHaveLength(4);
    group.ask('ada', {
      kind: 'admit',
      admission: admissionOf('ed', capabilityOf('ada')),
      certificate: certificateOf('ed'),
    });
    expect(group.cast('ed', id, 'approve')).toBe('notAVoter');
    expect(group.cast('vi', id, 'approve')).toBe('notAVoter');
    expect(group.cast('al', id, 'approve')).toBe('notAVoter');
    group.ask('ada', { kind: 'changeRole', member: memberOf('di'), role: 'viewer' });
    expect(group.cast('di', id, 'approve')).toBe('done');
    group.ask('ada', { kind: 'evict', member: memberOf('cy'), cuts: [] });
    expect(group.cast('cy', id, 'approve')).toBe('unknownTab');
    expect(group.proposal(id).voters).toHaveLength(4);
    expect(group.ask('vi', { kind: 'propose', ...question() })).toBe('notAllowed');
  });

  it('[GOV-22] measures by the policy of that moment', () => {
    const group = new Assembly(FOUR);
    const id = group.propose('ada');
    group.ask('ada', {
      kind: 'setPolicy',
      policy: { ...DEFAULT_POLICY, thresholdPercent: 100, quorumPercent: 100, agentsVote: true },
    });
    expect(group.proposal(id)).toMatchObject({ thresholdPercent: 67, neededBallots: 2 });
    const next = group.propose('ada');
    expect(group.proposal(next)).toMatchObject({ thresholdPercent: 100, neededBallots: 4 });
  });

  it('[GOV-30] counts agents where the policy says so', () => {
    const group = new Assembly({ al: 'agent' });
    expect(group.ask('al', { kind: 'propose', ...question() })).toBe('notAllowed');
    group.ask('ada', { kind: 'setPolicy', policy: { ...DEFAULT_POLICY, agentsVote: true } });
    expect(group.proposal(group.propose('al')).voters).toHaveLength(2);
  });

  it('[GOV-24] needs a title, a time within bounds, an agreed time, and no lower threshold than the policy', () => {
    const group = new Assembly(FOUR);
    const bad = [
      { title: ' ' },
      { closesInMs: MIN_OPEN_MS - 1 },
      { closesInMs: MAX_OPEN_MS + 1 },
      { thresholdPercent: 66 },
    ];
    for (const changes of bad)
      expect(group.ask('bo', { kind: 'propose', ...question(changes) })).toBe('badProposal');
    expect(group.proposal(group.propose('bo', { thresholdPercent: 100 })).thresholdPercent).toBe(100);
    const early = new Assembly();
    early.now = 0;
    expect(early.ask('ada', { kind: 'propose', ...question() })).toBe('noTime');
  });

  it('[GOV-32] is one of a bounded number', () => {
    const group = new Assembly(FOUR);
    const ids = Array.from({ length: MAX_OPEN_EACH }, () => group.propose('bo'));
    expect(group.ask('bo', { kind: 'propose', ...question() })).toBe('tooManyProposals');
    expect(new Set(ids).size).toBe(MAX_OPEN_EACH);
    for (const by of ['ada', 'cy', 'di']) for (let at = 0; at < MAX_OPEN_EACH; at++) group.propose(by);
    group.ask('ada', {
      kind: 'admit',
      admission: admissionOf('ed', capabilityOf('ada')),
      certificate: certificateOf('ed'),
    });
    expect(group.ask('ed', { kind: 'propose', ...question() })).toBe('tooManyProposals');
    group.now += DAY;
    for (const id of ids) expect(group.close(id)).toBe('done');
    for (let at = 0; at < MAX_CLOSED_PROPOSALS; at++) {
      const id = group.propose('bo', { closesInMs: MIN_OPEN_MS });
      group.now += MIN_OPEN_MS;
      group.close(id);
    }
    const kept = group.governance.state.proposals.rows().filter(({ closing }) => closing !== undefined);
    expect(kept).toHaveLength(MAX_CLOSED_PROPOSALS);
    expect(kept.some(({ id }) => ids.includes(id))).toBe(false);
    expect(group.cast('ada', ids[0] ?? kept[0]?.id ?? ('' as Hash), 'approve')).toBe('unknownProposal');
  });

  it('[NOD-90] is never forgotten when it ended the board, however many are closed after it', () => {
    const group = new Assembly(FOUR);
    const over = group.propose('bo', { closesInMs: MIN_OPEN_MS, action: { kind: 'removeBoard' } });
    for (const by of ['ada', 'bo', 'cy', 'di']) group.cast(by, over, 'approve');
    group.now += MIN_OPEN_MS;
    group.close(over);
    for (let at = 0; at < MAX_CLOSED_PROPOSALS + 2; at++) {
      const id = group.propose('bo', { closesInMs: MIN_OPEN_MS });
      group.now += MIN_OPEN_MS;
      group.close(id);
    }
    const { proposals } = group.governance.state;
    expect(proposals.end()?.id).toBe(over);
    expect(proposals.rows().filter(({ closing }) => closing !== undefined)).toHaveLength(
      MAX_CLOSED_PROPOSALS,
    );
  });

  it('[GOV-29] is named by all that it says: a ballot is for no other text', () => {
    const group = new Assembly(FOUR);
    const id = group.propose('bo');
    expect(group.propose('bo')).not.toBe(id);
    const other = new Assembly(FOUR);
    expect(other.propose('bo')).toBe(id);
    const edited = new Assembly(FOUR);
    expect(edited.propose('bo', { body: 'and pay it all by yourself' })).not.toBe(id);
    expect(edited.cast('ada', id, 'approve')).toBe('unknownProposal');
  });
});

describe('ballots', () => {
  it('[GOV-23] may be changed until it closes; the last one counts, with its reason', () => {
    const group = new Assembly(FOUR);
    const id = group.propose('ada');
    group.cast('bo', id, 'approve', 'hungry');
    group.cast('bo', id, 'reject', 'not any more');
    expect(group.proposal(id).ballots).toMatchObject([
      { choice: 'reject', reason: 'not any more', changes: 1 },
    ]);
    expect(group.cast('bo/2', id, 'abstain')).toBe('done'); // one member, two tabs
    expect(group.proposal(id).ballots).toHaveLength(1);
  });

  it('[GOV-23] may be final: then nobody changes one, and it closes as soon as the result is certain', () => {
    const group = new Assembly(FOUR);
    const id = group.propose('ada', { areBallotsFinal: true });
    group.cast('ada', id, 'approve');
    expect(group.cast('ada', id, 'reject')).toBe('ballotFinal');
    group.cast('bo', id, 'approve');
    expect(group.close(id)).toBe('notDue');
    group.cast('cy', id, 'approve');
    expect(group.close(id)).toBe('done');
    expect(resultOf(group, id)).toBe('passed none');
  });

  it('[GOV-23] share a bounded room for reasons, and are welcome without', () => {
    const names = Array.from({ length: MAX_REASONS_BYTES / MAX_REASON_BYTES + 1 }, (_, at) => `m${at}`);
    const group = new Assembly(Object.fromEntries(names.map((name) => [name, 'editor'])));
    const id = group.propose('ada');
    const said = names.map((name) => group.cast(name, id, 'approve', 'x'.repeat(MAX_REASON_BYTES)));
    expect(said.slice(-2)).toEqual(['done', 'tooManyReasons']);
    expect(group.cast(names.at(-1) ?? '', id, 'approve')).toBe('done');
    expect(group.cast(names[0] ?? '', id, 'reject', 'y'.repeat(MAX_REASON_BYTES))).toBe('done');
  });
});

describe('closing', () => {
  it('[GOV-24] is an operation, not before the deadline, once, with no ballots behind it or the deadline', () => {
    const group = new Assembly(FOUR);
    const id = group.propose('ada');
    for (const name of ['ada', 'bo', 'cy']) group.cast(name, id, 'approve');
    group.now = NOW + DAY - 1;
    expect(group.close(id)).toBe('notDue');
    expect(group.cast('di', id, 'approve')).toBe('done');
    group.now = NOW + DAY;
    expect(group.cast('di', id, 'reject')).toBe('proposalClosed');
    expect(group.close(id, 'bo')).toBe('done');
    expect(group.outcomes).toEqual(['proposalClosed']);
    expect(group.close(id)).toBe('proposalClosed');
    expect(group.proposal(id).closing).toMatchObject({ result: 'passed', at: NOW + DAY, seq: group.seq - 1 });
  });

  it('[GOV-25] is put off once when a late ballot turns the result', () => {
    const group = new Assembly(FOUR);
    const id = group.propose('ada');
    for (const name of ['ada', 'bo']) group.cast(name, id, 'approve');
    const late = DAY / 10;
    group.now = NOW + DAY - late - 1;
    group.cast('cy', id, 'reject');
    expect(group.proposal(id).isExtended).toBe(false);
    group.now = NOW + DAY - late;
    group.cast('cy', id, 'approve');
    expect(group.outcomes).toEqual(['proposalExtended']);
    expect(group.proposal(id).closesAt).toBe(NOW + DAY + late);
    group.now = NOW + DAY + late - 1;
    group.cast('cy', id, 'reject');
    expect(group.proposal(id).closesAt).toBe(NOW + DAY + late);
    group.now += 1;
    expect(group.close(id)).toBe('done');
    expect(resultOf(group, id)).toBe('rejected none');
  });

  it('[GOV-25] is not put off by a late ballot that turns nothing', () => {
    const group = new Assembly(FOUR);
    const id = group.propose('ada');
    for (const name of ['ada', 'bo', 'cy']) group.cast(name, id, 'approve');
    group.now = NOW + DAY - 1;
    group.cast('di', id, 'abstain');
    expect(group.proposal(id).isExtended).toBe(false);
  });

  it('[GOV-26] comes early when its author withdraws it', () => {
    const group = new Assembly(FOUR);
    const id = group.propose('bo');
    expect(group.ask('ada', { kind: 'withdraw', proposal: id })).toBe('notYours');
    expect(group.ask('bo', { kind: 'withdraw', proposal: id })).toBe('done');
    expect(resultOf(group, id)).toBe('withdrawn none');
    expect(group.cast('ada', id, 'approve')).toBe('proposalClosed');
    const over = group.propose('bo');
    group.now += DAY;
    expect(group.ask('bo', { kind: 'withdraw', proposal: over })).toBe('proposalClosed');
  });

  it('[GOV-20, GOV-24] comes to what the model says, whatever ballots come in whatever order', () => {
    const names = ['ada', 'bo', 'cy', 'di'];
    const step = fc.record({
      name: fc.constantFrom(...names),
      choice: fc.constantFrom<Choice>('approve', 'reject', 'abstain'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const group = new Assembly(FOUR);
        const id = group.propose('ada');
        const last = new Map<string, Answer>();
        for (const { name, choice } of steps) {
          group.cast(name, id, choice);
          last.set(name, choice);
        }
        group.now += DAY;
        group.close(id);
        const answers = names.map((name) => last.get(name) ?? 'none');
        const expected = modelledResult({ answers, threshold: 67, quorum: 50, isAboutMember: false });
        expect(resultOf(group, id)).toBe(`${expected} none`);
      }),
      { numRuns: 300 },
    );
  });

  it('[GOV-1] ballots of different members count alike in every order before the deadline', () => {
    const ballots: readonly (readonly [string, Choice])[] = [
      ['ada', 'approve'],
      ['bo', 'reject'],
      ['cy', 'approve'],
      ['di', 'abstain'],
    ];
    const counted = (order: readonly (readonly [string, Choice])[]): unknown => {
      const group = new Assembly(FOUR);
      const id = group.propose('ada');
      for (const [name, choice] of order) group.cast(name, id, choice);
      return group.proposal(id).ballots.map(({ voter, choice }) => [voter, choice]);
    };
    fc.assert(
      fc.property(fc.shuffledSubarray([...ballots], { minLength: 4 }), (order) => {
        expect(counted(order)).toEqual(counted(ballots));
      }),
    );
  });
});

describe('what passes', () => {
  function decide(group: Assembly, id: Hash, voters: readonly string[]): string {
    for (const name of voters) group.cast(name, id, 'approve');
    group.now += DAY;
    group.close(id);
    return resultOf(group, id);
  }

  it('[GOV-27] about a member is decided without that member, and not by one person', () => {
    const group = new Assembly({ bo: 'editor', cy: 'owner' });
    const id = group.propose('bo', { action: { kind: 'evict', member: memberOf('cy'), cuts: [] } });
    expect(group.cast('cy', id, 'reject')).toBe('notAVoter');
    expect(decide(group, id, ['bo', 'ada'])).toBe('passed done');
    const two = new Assembly({ bo: 'editor' });
    const alone = two.propose('ada', { action: { kind: 'evict', member: memberOf('bo'), cuts: [] } });
    expect(decide(two, alone, ['ada'])).toBe('noQuorum none');
  });

  it('[GOV-27] never restricts the maker of the board', () => {
    const group = new Assembly(FOUR);
    const action = { kind: 'evict', member: memberOf('ada'), cuts: [] } as const;
    expect(group.ask('bo', { kind: 'propose', ...question({ action }) })).toBe('memberProtected');
    const demote = { kind: 'role', member: memberOf('ada'), role: 'viewer' } as const;
    expect(group.ask('bo', { kind: 'propose', ...question({ action: demote }) })).toBe('memberProtected');
  });

  it('[GOV-28] happens at the closing, and says what others have to carry out', () => {
    const group = new Assembly(FOUR).seat('ada', 'bo', 'cy');
    const cuts = [{ author: peerOf('bo'), seq: 9, head: memberOf('x') as unknown as Hash }];
    const eviction = group.propose('di', { action: { kind: 'evict', member: memberOf('bo'), cuts } });
    decide(group, eviction, ['ada', 'cy', 'di']);
    expect(group.last.outcomes).toContainEqual({ kind: 'memberEvicted', member: memberOf('bo'), cuts });
    expect(group.seats()).toEqual([peerOf('ada'), peerOf('cy')]);
    const others: readonly (readonly [Parameters<typeof question>[0], string])[] = [
      [{ action: { kind: 'role', member: memberOf('di'), role: 'agent' } }, 'roleChanged'],
      [{ action: { kind: 'dropSeat', seat: peerOf('cy') } }, 'seatLeft'],
      [{ action: { kind: 'removeColumn', columnId: 'c1' } }, 'columnRemoved'],
      [{ action: { kind: 'removeBoard' } }, 'boardRemoved'],
      [{ action: { kind: 'policy', policy: { ...DEFAULT_POLICY, policyBy: 'vote' } } }, 'policyChanged'],
    ];
    for (const [asked, outcome] of others) {
      const id = group.propose('ada', asked);
      expect(decide(group, id, ['ada', 'cy'])).toBe('passed done');
      expect(group.outcomes).toEqual(['proposalClosed', outcome]);
    }
    expect(group.governance.state.policy.policyBy).toBe('vote');
  });

  it('[GOV-28] is not possible any more when whom it is about is gone', () => {
    const group = new Assembly(FOUR);
    const action = { kind: 'evict', member: memberOf('bo'), cuts: [] } as const;
    const id = group.propose('ada', { action });
    group.ask('ada', { kind: 'evict', member: memberOf('bo'), cuts: [] });
    expect(decide(group, id, ['ada', 'cy', 'di'])).toBe('passed impossible');
    expect(group.outcomes).toEqual(['proposalClosed']);
    expect(group.ask('ada', { kind: 'propose', ...question({ action }) })).toBe('unknownMember');
  });

  it('[GOV-28] does nothing when it was rejected', () => {
    const group = new Assembly(FOUR);
    const id = group.propose('ada', { action: { kind: 'evict', member: memberOf('bo'), cuts: [] } });
    group.cast('cy', id, 'reject');
    expect(decide(group, id, ['ada'])).toBe('rejected none');
    expect(group.governance.state.members.roleOf(memberOf('bo'))).toBe('editor');
  });
});
