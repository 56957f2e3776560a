/** What screens ask. Rules of docs/spec/governance.md. */
import { describe, expect, it } from 'vitest';
import {
  consequencesOf,
  missingVoters,
  proposalsFor,
  quorumStatus,
  stageOf,
  tallyOf,
  whyNotVote,
} from '../../../src/governance/queries.ts';
import type { Hash } from '../../../src/kernel/ids.ts';
import { memberOf, NOW, peerOf } from '../identity/records.ts';
import { Assembly, DAY } from './assembly.ts';

const FOUR = { bo: 'editor', cy: 'editor', di: 'editor' } as const;

describe('the list of proposals', () => {
  it('[GOV-33] begins with what needs my answer, the most urgent first, and ends with what is closed, the last first', () => {
    const group = new Assembly(FOUR);
    const first = group.propose('ada', { title: 'closed first', closesInMs: 1000 });
    const second = group.propose('ada', { title: 'closed last', closesInMs: 1000 });
    group.now += 1000;
    for (const id of [first, second]) group.close(id);
    group.propose('ada', { title: 'later' });
    group.propose('ada', { title: 'sooner', closesInMs: DAY / 2 });
    const answered = group.propose('ada', { title: 'answered', closesInMs: 5000 });
    group.cast('bo', answered, 'approve');
    const aboutBo = { kind: 'role', member: memberOf('bo'), role: 'agent' } as const;
    group.propose('ada', { title: 'about me', closesInMs: 6000, action: aboutBo });
    const seen = proposalsFor(group.governance.state, memberOf('bo'), group.now);
    expect(seen.map(({ title }) => title)).toEqual([
      'sooner',
      'later',
      'answered',
      'about me',
      'closed last',
      'closed first',
    ]);
    expect(seen.map(({ mayAnswer }) => mayAnswer)).toEqual([true, true, true, false, false, false]);
    expect(seen[2]).toMatchObject({ ownChoice: 'approve', isVoter: true, author: memberOf('ada') });
    expect(seen[4]).toMatchObject({ stage: 'noQuorum', execution: 'none' });
  });

  it('[GOV-33] says where each stands', () => {
    const group = new Assembly(FOUR);
    const proposal = group.proposal(group.propose('ada'));
    const stages = [0, DAY - DAY / 10 - 1, DAY - DAY / 10, DAY - 1, DAY].map((ms) =>
      stageOf(proposal, NOW + ms),
    );
    expect(stages).toEqual(['open', 'open', 'closingSoon', 'closingSoon', 'due']);
  });
});

describe('one proposal', () => {
  it('[GOV-33] tells its tally, where the threshold lies, and who is missing', () => {
    const group = new Assembly(FOUR);
    const id = group.propose('ada');
    expect(tallyOf(group.proposal(id))).toMatchObject({
      approvalPerMille: undefined,
      thresholdPerMille: 670,
      neededYes: 3,
      missingYes: 2,
      neededBallots: 2,
      verdict: 'noQuorum',
    });
    group.cast('ada', id, 'approve');
    group.cast('bo', id, 'reject');
    expect(tallyOf(group.proposal(id))).toMatchObject({
      yes: 1,
      no: 1,
      approvalPerMille: 500,
      missingYes: 2,
      verdict: 'rejected',
      certain: undefined,
    });
    group.ask('ada', { kind: 'evict', member: memberOf('cy'), cuts: [] });
    expect(missingVoters(group.governance.state, group.proposal(id))).toEqual([
      { member: memberOf('cy'), hasLeft: true },
      { member: memberOf('di'), hasLeft: false },
    ]);
  });

  it('[GOV-33] tells what passing does', () => {
    const group = new Assembly({ ...FOUR, ed: 'viewer' }).seat('ada', 'bo', 'cy', 'di');
    const { state } = group.governance;
    const codesOf = (action: Parameters<typeof group.propose>[1]): unknown => {
      const proposal = group.proposal(group.propose('ada', action));
      const codes = consequencesOf(state, proposal).map(({ code, ...rest }) => [code, rest]);
      group.ask('ada', { kind: 'withdraw', proposal: proposal.id });
      return codes;
    };
    const bo = memberOf('bo');
    expect(codesOf({})).toEqual([['nothingByItself', {}]]);
    expect(codesOf({ action: { kind: 'evict', member: bo, cuts: [] } })).toEqual([
      ['memberRemoved', { member: bo }],
      ['memberLosesSeats', { member: bo }],
      ['committeeBecomes', { seats: 3, faults: 0 }],
    ]);
    expect(codesOf({ action: { kind: 'role', member: bo, role: 'agent' } })).toEqual([
      ['roleBecomes', { member: bo, role: 'agent' }],
    ]);
    expect(codesOf({ action: { kind: 'removeBoard' } })).toEqual([['boardRemoved', {}]]);
    const id = group.propose('ada', { action: { kind: 'evict', member: memberOf('ed'), cuts: [] } });
    group.ask('ada', { kind: 'evict', member: memberOf('ed'), cuts: [] });
    expect(consequencesOf(state, group.proposal(id))).toEqual([{ code: 'tooLate' }]);
  });
});

describe('the committee', () => {
  it('[GOV-33] says whether it can decide: 2 of 3 needed', () => {
    const group = new Assembly(FOUR);
    expect(quorumStatus(group.governance.state, () => true)).toBeUndefined();
    group.seat('ada', 'bo', 'cy');
    expect(quorumStatus(group.governance.state, (seat) => seat === peerOf('bo'))).toEqual({
      seats: 3,
      faults: 0,
      needed: 2,
      reachable: 1,
      canDecide: false,
      isFaultTolerant: false,
      missing: [
        { seat: peerOf('ada'), member: memberOf('ada') },
        { seat: peerOf('cy'), member: memberOf('cy') },
      ],
    });
    group.seat('ada', 'bo', 'cy', 'di');
    const status = quorumStatus(group.governance.state, (seat) => seat !== peerOf('di'));
    expect(status).toMatchObject({
      needed: 3,
      reachable: 3,
      faults: 1,
      canDecide: true,
      isFaultTolerant: true,
    });
  });
});

describe('a ballot', () => {
  it('[GOV-33] is refused beforehand exactly where its execution refuses it', () => {
    const group = new Assembly({ bo: 'editor', cy: 'editor', vi: 'viewer' });
    const said = (tab: string, proposal: Hash, reason = ''): string => {
      const ballot = { kind: 'castBallot', proposal, choice: 'approve', reason } as const;
      const beforehand = whyNotVote(group.governance.state, peerOf(tab), ballot, group.now) ?? 'done';
      expect(group.ask(tab, ballot)).toBe(beforehand);
      return beforehand;
    };
    const open = group.propose('ada');
    const final = group.propose('ada', { areBallotsFinal: true });
    const short = group.propose('bo', { closesInMs: 1000 });
    expect([said('bo', open), said('bo', open, 'again'), said('bo', final)]).toEqual([
      'done',
      'done',
      'done',
    ]);
    expect(said('bo', final)).toBe('ballotFinal');
    expect(said('vi', open)).toBe('notAVoter');
    expect(said('nobody', open)).toBe('unknownTab');
    expect(said('bo', '0'.repeat(64) as Hash)).toBe('unknownProposal');
    group.now += 1000;
    expect(said('cy', short)).toBe('proposalClosed');
    expect(group.ask('ada', { kind: 'evict', member: memberOf('cy'), cuts: [] })).toBe('done');
    expect(said('cy', open)).toBe('unknownTab');
  });
});
