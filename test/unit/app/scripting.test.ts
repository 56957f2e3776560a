/** Every argument of a script is checked before anything happens. Method: the real interface on an application that must not be reached. Rules of docs/spec/decisions.md. */
import { describe, expect, it, vi } from 'vitest';
import type { Application } from '../../../src/app/application.ts';
import { createScripting, type Tabswarm } from '../../../src/app/scripting.ts';
import { codeOf, Group, memberOf } from './group.ts';

vi.stubGlobal('__APP_VERSION__', 'test');

function scriptingOf(group: Group): Tabswarm {
  const application = { decide: group.deciding } as unknown as Application;
  return createScripting(Promise.resolve(application), () => application);
}

const BAD_PROPOSALS: readonly (readonly [what: string, proposal: unknown])[] = [
  ['nothing', undefined],
  ['no title', {}],
  ['an empty title', { title: ' ' }],
  ['a title that is no text', { title: 3 }],
  ['a field that nobody knows', { title: 'x', urgent: true }],
  ['no time', { title: 'x', closesInMs: 999 }],
  ['more than 90 days', { title: 'x', closesInMs: 90 * 24 * 3_600_000 + 1 }],
  ['half a millisecond', { title: 'x', closesInMs: 1000.5 }],
  ['a threshold in per cent', { title: 'x', threshold: 67 }],
  ['half', { title: 'x', threshold: 0.5 }],
  ['a threshold between hundredths', { title: 'x', threshold: 0.6667 }],
  ['an action that nobody knows', { title: 'x', action: { type: 'dance' } }],
  ['a member id that is none', { title: 'x', action: { type: 'evict', memberId: 'ada' } }],
  [
    'a role that nobody has',
    { title: 'x', action: { type: 'setRole', memberId: 'aa'.repeat(32), role: 'king' } },
  ],
  ['half a policy', { title: 'x', action: { type: 'setPolicy', policy: { thresholdPercent: 67 } } }],
];

describe('a script', () => {
  it.each(BAD_PROPOSALS.map(([what, proposal]) => ({ what, proposal })))(
    '[DEC-3] proposes nothing with $what',
    async ({ proposal }) => {
      const group = new Group();
      expect(await codeOf(scriptingOf(group).propose(proposal))).toBe('badArgument');
      expect(group.council.decisions()).toEqual([]);
    },
  );

  it('[DEC-3] names proposals, choices and places as they are', async () => {
    const group = new Group();
    const tabswarm = scriptingOf(group);
    const { proposalId } = await tabswarm.propose({
      title: 'Lunch?',
      threshold: 0.75,
      action: { type: 'setRole', memberId: memberOf('bo'), role: 'owner' },
    });
    for (const bad of ['', 'ff', 7, null, proposalId.toUpperCase().replace(/[0-9]/g, 'A')])
      expect(await codeOf(tabswarm.vote(bad, 'approve'))).toBe('badArgument');
    for (const bad of ['yes', true, undefined])
      expect(await codeOf(tabswarm.vote(proposalId, bad))).toBe('badArgument');
    for (const bad of [{ reason: 1 }, { because: 'x' }, 'x'])
      expect(await codeOf(tabswarm.vote(proposalId, 'approve', bad))).toBe('badArgument');
    for (const bad of [0, -1, 1.5, '1', NaN, undefined])
      expect(await codeOf(tabswarm.certificate(bad))).toBe('badArgument');
    for (const bad of [0, 65, 'first'])
      expect(await codeOf(tabswarm.certificate(1, bad))).toBe('badArgument');
    expect(() => tabswarm.decisions({ since: -1 })).toThrow('badArgument');
    expect(() => tabswarm.decisionEvidence('1')).toThrow('badArgument');
    expect(await codeOf(tabswarm.withdraw(undefined))).toBe('badArgument');
    expect(await codeOf(tabswarm.verifyCertificate({ format: 'tabswarm/certificate/1' }))).toBe(
      'badArgument',
    );
    expect(group.council.decisions()).toHaveLength(1);
    await tabswarm.vote(proposalId, 'approve', { reason: 'good at it' });
    expect(tabswarm.proposals()?.proposals).toMatchObject([
      { proposalId, ownChoice: 'approve', ownReason: 'good at it', tally: { thresholdPercent: 75 } },
    ]);
    expect(tabswarm.decisions({ since: 2 })).toMatchObject([{ kind: 'castBallot' }]);
  });
});
