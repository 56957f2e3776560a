/** What screens and scripts ask a group for, and what they are told of it. Method: real governance that executes at once. Rules of docs/spec/decisions.md. */
import type { LieProof } from '../../../src/consensus/lies.ts';
import type { BoardId, Hash } from '../../../src/kernel/ids.ts';
import { describe, expect, it } from 'vitest';
import type { ProposalStatus } from '../../../src/ui/decision-ports.ts';
import { codeOf, DAY, Group, memberOf, NOW, tabOf } from './group.ts';

const only = (group: Group): ProposalStatus => {
  const [proposal] = group.deciding.view()?.proposals ?? [];
  if (proposal === undefined) throw new RangeError('there is no proposal');
  return proposal;
};

describe('proposing', () => {
  it('[DEC-1] names the proposal that the group then has, with the terms that were given or are usual', async () => {
    const group = new Group();
    const { proposalId } = await group.deciding.propose({ title: ' Lunch at noon? ' });
    expect(only(group)).toMatchObject({
      proposalId,
      title: 'Lunch at noon?',
      body: '',
      memberId: memberOf('ada'),
      action: { type: 'none' },
      stage: 'open',
      openedAt: NOW,
      closesAt: NOW + DAY,
      finalBallots: false,
      tally: { thresholdPercent: 67, voters: 4, neededYes: 3, neededBallots: 2 },
    });
    const strict = new Group();
    await strict.deciding.propose({
      title: 'All or nothing',
      body: 'Really.',
      closesInMs: 1000,
      threshold: 1,
      finalBallots: true,
    });
    expect(only(strict)).toMatchObject({
      ...{ body: 'Really.', closesAt: NOW + 1000, finalBallots: true },
      tally: { thresholdPercent: 100, neededYes: 4 },
    });
  });

  it('[DEC-1] refuses at once what would do nothing, and asks the group for nothing', async () => {
    const viewer = new Group('bo', { bo: 'viewer' });
    expect(await codeOf(viewer.deciding.propose({ title: 'May I?' }))).toBe('notAllowed');
    const group = new Group();
    const { deciding } = group;
    const about = (action: Parameters<typeof deciding.propose>[0]['action']): Promise<string> =>
      codeOf(deciding.propose({ title: 'x', ...(action === undefined ? {} : { action }) }));
    expect(await about({ type: 'evict', memberId: memberOf('ada') })).toBe('memberProtected');
    expect(await about({ type: 'evict', memberId: 'ff'.repeat(32) })).toBe('unknownMember');
    expect(await about({ type: 'dropSeat', peerId: 'ff'.repeat(32) })).toBe('noSeat');
    expect(await codeOf(deciding.propose({ title: 'x'.repeat(2001) }))).toBe('textTooLong');
    expect(await codeOf(deciding.propose({ title: 'x', threshold: 0.52 }))).toBe('badProposal');
    expect(await codeOf(deciding.vote('ff'.repeat(32), 'approve'))).toBe('unknownProposal');
    expect(await codeOf(deciding.vote('nothing', 'approve'))).toBe('unknownProposal');
    expect(group.council.decisions()).toEqual([]);
    expect(viewer.council.decisions()).toEqual([]);
  });

  it('[DEC-1] has codes for no board, for one without a committee, and for one that does not know us yet', async () => {
    const group = new Group();
    group.hasCommittee = false;
    expect(await codeOf(group.deciding.propose({ title: 'x' }))).toBe('noCommittee');
    expect(group.deciding.view()).toBeNull();
    expect(group.deciding.committee()).toBeNull();
    expect([group.deciding.needsVote(), group.deciding.decisions()]).toEqual([0, []]);
    group.isOpen = false;
    expect(await codeOf(group.deciding.propose({ title: 'x' }))).toBe('noBoard');
    const evicted = new Group('bo');
    evicted.council.ask(tabOf('ada'), { kind: 'evict', member: memberOf('bo'), cuts: [] });
    expect(await codeOf(evicted.deciding.propose({ title: 'x' }))).toBe('evicted');
  });

  it('[DEC-6] says beforehand who may vote, what is needed and what would happen, and changes nothing by it', () => {
    const group = new Group();
    const preview = group.deciding.preview({
      title: '',
      action: { type: 'evict', memberId: memberOf('bo') },
    });
    expect(preview).toEqual({
      refusal: null,
      voters: 3,
      neededYes: 3,
      neededBallots: 2,
      consequences: [
        { code: 'memberRemoved', memberId: memberOf('bo') },
        { code: 'memberLosesSeats', memberId: memberOf('bo') },
        { code: 'committeeBecomes', seats: 3, faults: 0 },
      ],
    });
    expect(
      group.deciding.preview({ title: '', action: { type: 'removeColumn', columnId: 'column-1' } })
        .consequences,
    ).toEqual([{ code: 'columnRemoved', columnId: 'column-1', title: 'Ideas' }]);
    expect(
      group.deciding.preview({ title: '', action: { type: 'evict', memberId: memberOf('ada') } }).refusal,
    ).toBe('memberProtected');
    expect(group.deciding.view()?.proposals).toEqual([]);
    expect(group.council.decisions()).toEqual([]);
  });
});

describe('voting', () => {
  it('[DEC-4] counts what needs our vote, and puts that first, then what is open, then what was closed', async () => {
    const group = new Group('bo');
    const made: string[] = [];
    for (const title of ['later', 'sooner', 'answered', 'closed']) {
      const closesInMs = { later: 3 * DAY, sooner: 2 * DAY, answered: DAY, closed: 1000 }[title] ?? DAY;
      made.push((await group.deciding.propose({ title, closesInMs })).proposalId);
    }
    const [, , answered = '', closed = ''] = made;
    await group.deciding.vote(answered, 'abstain');
    group.now += 1000;
    group.close(closed);
    expect(group.deciding.view()?.proposals.map(({ title }) => title)).toEqual([
      'sooner',
      'later',
      'answered',
      'closed',
    ]);
    expect(group.deciding.needsVote()).toBe(2);
    expect(only(group)).toMatchObject({ mayAnswer: true, ownChoice: null });
  });

  it('[DEC-5, DEC-7] tells the tally, who is missing, and our own answer, which can be changed with a reason', async () => {
    const group = new Group('bo');
    const { proposalId } = await group.deciding.propose({ title: 'Lunch?' });
    group.cast(proposalId, 'approve', 'ada');
    await group.deciding.vote(proposalId, 'reject', { reason: ' no time ' });
    await group.deciding.vote(proposalId, 'approve');
    expect(only(group)).toMatchObject({
      tally: { yes: 2, no: 0, abstain: 0, approvalPerMille: 1000, verdict: 'passed', certain: null },
      ballots: [
        { memberId: memberOf('ada'), choice: 'approve', changes: 0 },
        { memberId: memberOf('bo'), choice: 'approve', reason: '', changes: 1 },
      ],
      missing: [
        { memberId: memberOf('chi'), left: false },
        { memberId: memberOf('di'), left: false },
      ],
      ownChoice: 'approve',
      mayAnswer: true,
    });
    expect(await codeOf(group.deciding.vote(proposalId, 'reject', { reason: 'x'.repeat(1025) }))).toBe(
      'textTooLong',
    );
    group.now += DAY;
    expect(await codeOf(group.deciding.vote(proposalId, 'reject'))).toBe('proposalClosed');
    expect(only(group)).toMatchObject({ stage: 'due', mayAnswer: false });
  });

  it('[DEC-5] says that a late vote turned the result and that there is more time', async () => {
    const group = new Group('bo');
    const { proposalId } = await group.deciding.propose({ title: 'Lunch?' });
    group.cast(proposalId, 'approve', 'ada');
    group.now += DAY - 1000;
    expect(only(group)).toMatchObject({ stage: 'closingSoon', extended: false });
    await group.deciding.vote(proposalId, 'approve');
    expect(only(group)).toMatchObject({ extended: true, closesAt: NOW + DAY + DAY / 10 });
  });

  it('[DEC-7] is withdrawn by whoever made it, and by nobody else', async () => {
    const group = new Group('bo');
    const { proposalId } = await group.deciding.propose({ title: 'Lunch?' });
    await group.deciding.withdraw(proposalId);
    expect(group.deciding.view()?.proposals.at(-1)).toMatchObject({ proposalId, stage: 'withdrawn' });
    group.council.ask(tabOf('chi'), {
      ...{ kind: 'propose', title: 'Tea?', body: '', action: { kind: 'none' } },
      ...{ closesInMs: DAY, thresholdPercent: undefined, areBallotsFinal: false },
    });
    const tea = group.deciding.view()?.proposals.find(({ title }) => title === 'Tea?');
    expect(await codeOf(group.deciding.withdraw(tea?.proposalId ?? ''))).toBe('notYours');
  });
});

describe('without a quorum', () => {
  it('[DEC-2, DEC-8] keeps proposals and votes, shows them as such, and has them counted when a quorum is there', async () => {
    const group = new Group('bo');
    const { proposalId } = await group.deciding.propose({ title: 'Lunch?' });
    group.council.reach([tabOf('bo'), tabOf('chi')]);
    expect(group.deciding.view()?.quorum).toMatchObject({
      ...{ seats: 4, faults: 1, needed: 3, reachable: 2, canDecide: false, faultTolerant: true },
      all: [
        { memberId: memberOf('ada'), reached: false },
        { memberId: memberOf('bo'), reached: true },
        { memberId: memberOf('chi'), reached: true },
        { memberId: memberOf('di'), reached: false },
      ],
    });
    await group.deciding.vote(proposalId, 'approve', { reason: 'hungry' });
    const later = await group.deciding.propose({ title: 'Dinner?' });
    expect(only(group)).toMatchObject({ ownChoice: null, queued: { choice: 'approve', reason: 'hungry' } });
    expect(group.deciding.view()?.queued).toMatchObject([{ ...later, title: 'Dinner?' }]);
    expect(group.deciding.pending()).toEqual({ queuedProposals: 1, queuedBallots: 1 });
    expect(group.deciding.needsVote()).toBe(0);
    group.council.reach([tabOf('ada'), tabOf('bo'), tabOf('chi')]);
    expect(group.deciding.pending()).toEqual({ queuedProposals: 0, queuedBallots: 0 });
    const views = group.deciding.view()?.proposals ?? [];
    expect(views.find((one) => one.proposalId === proposalId)).toMatchObject({
      ownChoice: 'approve',
      queued: null,
    });
    expect(views.find((one) => one.proposalId === later.proposalId)).toMatchObject({ title: 'Dinner?' });
  });

  it('[DEC-13] tells the reason of what was kept and came too late', async () => {
    const group = new Group('bo');
    const { proposalId } = await group.deciding.propose({ title: 'Lunch?', closesInMs: 1000 });
    group.council.reach([tabOf('bo')]);
    await group.deciding.vote(proposalId, 'approve');
    group.now += 1000;
    group.council.reach([tabOf('ada'), tabOf('bo'), tabOf('chi')]);
    const last = group.told.at(-1);
    expect(last === undefined ? undefined : group.deciding.told(last)).toMatchObject({
      kind: 'castBallot',
      own: true,
      refusal: 'proposalClosed',
      proposalId,
    });
  });

  it('[DEC-9] is not fault-tolerant with three seats', () => {
    const group = new Group('ada', {}, ['ada', 'bo', 'chi']);
    expect(group.deciding.view()?.quorum).toMatchObject({
      seats: 3,
      needed: 2,
      faults: 0,
      faultTolerant: false,
    });
  });
});

describe('what was decided', () => {
  it('[DEC-12] waits for an owner until the board shows it', async () => {
    const group = new Group('bo');
    const role = await group.deciding.propose({
      title: 'Chi only looks',
      closesInMs: 1000,
      action: { type: 'setRole', memberId: memberOf('chi'), role: 'viewer' },
    });
    const column = await group.deciding.propose({
      title: 'No ideas',
      closesInMs: 1000,
      action: { type: 'removeColumn', columnId: 'column-1' },
    });
    for (const { proposalId } of [role, column]) group.cast(proposalId, 'approve', 'ada', 'bo', 'di');
    group.now += 1000;
    for (const { proposalId } of [role, column]) group.close(proposalId);
    const waiting = (): unknown[] =>
      (group.deciding.view()?.proposals ?? []).map(({ awaitsOwner, execution, stage, title }) => [
        ...[title, stage, execution, awaitsOwner],
      ]);
    expect(waiting()).toEqual([
      ['No ideas', 'passed', 'done', true],
      ['Chi only looks', 'passed', 'done', true],
    ]);
    group.boardRoles.set(memberOf('chi'), 'viewer');
    group.columns.clear();
    expect(waiting()).toEqual([
      ['No ideas', 'passed', 'done', false],
      ['Chi only looks', 'passed', 'done', false],
    ]);
    // Somebody decides otherwise later, which counts.
    group.council.ask(tabOf('ada'), { kind: 'changeRole', member: memberOf('chi'), role: 'editor' });
    expect(waiting()).toEqual([
      ['No ideas', 'passed', 'done', false],
      ['Chi only looks', 'passed', 'done', false],
    ]);
  });

  it('[DEC-10] is listed in order, in words with names, with the places in a batch', async () => {
    const group = new Group('bo');
    const { proposalId } = await group.deciding.propose({ title: 'Lunch?' });
    await group.deciding.vote(proposalId, 'approve');
    group.council.ask(tabOf('chi'), { kind: 'changeRole', member: memberOf('di'), role: 'viewer' });
    expect(group.deciding.decisions()).toMatchObject([
      {
        sequence: 1,
        place: 1,
        kind: 'propose',
        summary: 'Bo proposes “Lunch?”: a question',
        proposalId,
        own: true,
      },
      { sequence: 2, place: 1, kind: 'castBallot', summary: 'Bo agrees with “Lunch?”', refusal: null },
      { sequence: 3, kind: 'changeRole', summary: 'Chi makes Di viewer', refusal: 'notAllowed', own: false },
    ]);
    expect(group.deciding.decisions({ since: 3 }).map(({ sequence }) => sequence)).toEqual([3]);
    expect(group.deciding.evidence(2)).toMatchObject({
      ...{ sequence: 2, epoch: 0, view: 5, n: 4, f: 1, quorum: 3, primary: tabOf('ada') },
      committed: [memberOf('ada'), memberOf('bo'), memberOf('chi')].map((memberId) => ({ memberId })),
    });
    expect(group.deciding.evidence(4)).toBeNull();
    expect(await codeOf(group.deciding.certificate(4))).toBe('unknownDecision');
    expect(await codeOf(group.deciding.certificate(2))).toBe('certificateGone');
  });
});

describe('a tab that voted twice', () => {
  const side = (digit: string) => ({
    claim: { kind: 'commit', view: 2, seq: 7, digest: digit.repeat(64) as Hash } as const,
    signature: new Uint8Array(64),
  });
  const proof: LieProof = {
    ...{ board: 'dd'.repeat(32) as BoardId, epoch: 3, committee: 'ee'.repeat(32) as Hash, seat: 2 },
    ...{ key: tabOf('chi'), first: side('1'), second: side('2') },
  };
  const statements = ['1', '2'].map((digit) => ({
    ...{ kind: 'commit', view: 2, sequence: 7, content: digit.repeat(64) },
  }));
  const chi = { peerId: tabOf('chi'), memberId: memberOf('chi'), epoch: 3, seat: 2, statements };

  it('[DEC-30] is listed with whose it is and both statements, before the group has decided and for ever after', () => {
    const { council, deciding } = new Group();
    expect(deciding.view()?.doubleVotes).toEqual([]);
    council.proofs = [proof];
    expect(deciding.view()?.doubleVotes).toEqual([{ ...chi, decided: null }]);
    council.ask(tabOf('bo'), { kind: 'convict', proof });
    const decided = { sequence: 1, place: 1, at: NOW };
    expect(deciding.view()?.doubleVotes).toEqual([{ ...chi, decided }]);
    expect(deciding.evidence(1)).toMatchObject({ doubleVote: { ...chi, decided } });
    expect(deciding.decisions().map(({ summary }) => summary)).toEqual([
      'A tab of Chi voted twice, and has no say any more',
    ]);
    council.ask(tabOf('bo'), { kind: 'revokeInvite', inviteKey: new Uint8Array(32) });
    expect(deciding.evidence(2)?.doubleVote).toBeNull();
  });
});

describe('a new beginning', () => {
  it('[DEC-14] is for whoever made the board, when too few seats are reached, and stays listed', async () => {
    expect(await codeOf(new Group('bo').deciding.resetCommittee())).toBe('notAllowed');
    const { council, deciding } = new Group();
    expect(await codeOf(deciding.resetCommittee())).toBe('committeeLives');
    expect(deciding.view()?.quorum?.lostForMs).toBeNull();
    council.reach([tabOf('ada')]);
    council.lostMs = 400_000;
    expect(deciding.view()?.quorum?.lostForMs).toBe(400_000);
    expect(await codeOf(deciding.resetCommittee())).toBe('done');
    expect(deciding.committee()).toMatchObject({ n: 1, resets: 1, hasQuorum: true });
    expect(deciding.view()).toMatchObject({
      creator: memberOf('ada'),
      beginnings: [{ memberId: memberOf('ada'), seatsBefore: 4, seats: 1 }],
    });
  });
});
