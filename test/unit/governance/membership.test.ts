/** Members, invites and forks in the agreed order. Rules of docs/spec/governance.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Role } from '../../../src/identity/roles.ts';
import { encodeOperation, operationChecks, type Operation } from '../../../src/governance/operations.ts';
import { MAX_INVITES_EACH, MAX_TABS_EACH } from '../../../src/governance/limits.ts';
import { toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { digest, digestBytes } from '../../../src/kernel/hash.ts';
import {
  admissionOf,
  type BOARD,
  capabilityOf,
  certificateOf,
  inviteKeyOf,
  KEYS,
  memberOf,
  NOW,
  peerOf,
} from '../identity/records.ts';
import { Assembly } from './assembly.ts';
import { forkOf } from './forks.ts';
import { lieOf } from './lies.ts';
import { Governance } from '../../../src/governance/governance.ts';
import { MAX_KEPT_PROOFS } from '../../../src/governance/limits.ts';

const admit = (name: string, capability = capabilityOf('ada')): Operation => ({
  kind: 'admit',
  admission: admissionOf(name, capability),
  certificate: certificateOf(name),
});

const roleOf = (group: Assembly, name: string): Role | undefined =>
  group.governance.state.members.roleOf(memberOf(name));

describe('authors', () => {
  it('[GOV-4] are tabs that the group knows, of members who are still in it', () => {
    const group = new Assembly({ bo: 'editor' });
    expect(group.governance.admits(peerOf('bo'))).toBe(true);
    expect(group.governance.admits(peerOf('cy'))).toBe(false);
    expect(group.ask('cy', { kind: 'introduce', certificate: certificateOf('bo', 'cy') })).toBe('unknownTab');
    expect(group.ask('ada', { kind: 'evict', member: memberOf('bo'), cuts: [] })).toBe('done');
    expect(group.governance.admits(peerOf('bo'))).toBe(false);
    expect(group.ask('bo', { kind: 'renewSeat' })).toBe('unknownTab');
  });

  it('[GOV-4] have the role that they have at that point of the order', () => {
    const group = new Assembly({ bo: 'editor', cy: 'editor' });
    const evict: Operation = { kind: 'evict', member: memberOf('cy'), cuts: [] };
    expect(group.ask('bo', evict)).toBe('notAllowed');
    group.ask('ada', { kind: 'changeRole', member: memberOf('bo'), role: 'owner' });
    expect(group.ask('bo', evict)).toBe('done');
    group.ask('ada', { kind: 'changeRole', member: memberOf('bo'), role: 'viewer' });
    expect(group.ask('bo', { kind: 'changeRole', member: memberOf('bo'), role: 'owner' })).toBe('notAllowed');
  });

  it('[GOV-6] are introduced by anybody who shows the certificate of a member, for that member only', () => {
    const group = new Assembly({ bo: 'editor', cy: 'viewer' });
    const introduce = (member: string, peer: string): Operation => ({
      kind: 'introduce',
      certificate: certificateOf(member, peer),
    });
    expect(group.ask('cy', introduce('bo', 'new tab'))).toBe('done');
    expect(group.governance.admits(peerOf('new tab'))).toBe(true);
    expect(group.ask('cy', introduce('bo', 'new tab'))).toBe('done');
    expect(group.ask('cy', introduce('cy', 'new tab'))).toBe('tabTaken');
    expect(group.ask('cy', introduce('nobody', 'other tab'))).toBe('unknownMember');
  });

  it('[GOV-6] have a bounded number of tabs', () => {
    const group = new Assembly({ bo: 'editor' });
    const tabs = Array.from({ length: MAX_TABS_EACH }, (_, at) => `tab ${at}`);
    const said = tabs.map((tab) =>
      group.ask('ada', { kind: 'introduce', certificate: certificateOf('bo', tab) }),
    );
    // Two were there before.
    expect(said.slice(-3)).toEqual(['done', 'tooManyTabs', 'tooManyTabs']);
    expect(group.ask('ada', { kind: 'introduce', certificate: certificateOf('ada', 'one') })).toBe('done');
  });
});

describe('invites', () => {
  it('[GOV-7] admit as many as they say, in the agreed order, and nobody twice', () => {
    const group = new Assembly();
    const capability = capabilityOf('ada', { uses: 2 });
    expect(group.ask('ada', admit('bo', capability))).toBe('done');
    expect(group.outcomes).toEqual(['memberAdmitted']);
    expect(group.ask('ada', admit('bo', capability))).toBe('alreadyMember');
    expect(group.ask('bo', admit('cy', capability))).toBe('done');
    expect(group.ask('bo', admit('di', capability))).toBe('inviteUsedUp');
    expect(roleOf(group, 'di')).toBeUndefined();
    expect(group.governance.admits(peerOf('cy'))).toBe(true);
  });

  it('[GOV-7] expire by agreed time, and keep their terms', () => {
    const group = new Assembly();
    const capability = capabilityOf('ada', { expiresAt: NOW + 10 });
    group.now = NOW + 9;
    expect(group.ask('ada', admit('bo', capability))).toBe('done');
    const renewed = capabilityOf('ada', { expiresAt: NOW + 10, uses: 1000 });
    expect(group.ask('ada', admit('cy', renewed))).toBe('inviteChanged');
    group.now = NOW + 10;
    expect(group.ask('ada', admit('cy', capability))).toBe('inviteExpired');
    group.now = NOW; // agreed time never goes back
    expect(group.ask('ada', admit('cy', capability))).toBe('inviteExpired');
  });

  it('[GOV-7] are made by those who may, and are void without them', () => {
    const group = new Assembly({ bo: 'editor', vi: 'viewer' });
    const by = (issuer: string, role: 'editor' | 'viewer'): Operation => ({
      kind: 'registerInvite',
      capability: capabilityOf(issuer, { role, inviteKey: inviteKeyOf(`${issuer} ${role}`) }),
    });
    expect(group.ask('bo', by('bo', 'editor'))).toBe('done');
    expect(group.ask('vi', by('vi', 'editor'))).toBe('inviteRoleNotAllowed');
    expect(group.ask('vi', by('stranger', 'viewer'))).toBe('inviteUnknownIssuer');
    group.ask('ada', { kind: 'evict', member: memberOf('bo'), cuts: [] });
    expect(group.governance.state.invites.rows()).toEqual([]);
    const capability = capabilityOf('bo', { inviteKey: inviteKeyOf('bo editor') });
    expect(group.ask('ada', admit('cy', capability))).toBe('inviteUnknownIssuer');
  });

  it('[GOV-7] of one member are bounded, and expired ones make room', () => {
    const group = new Assembly();
    const register = (at: number, expiresAt?: number): string =>
      group.ask('ada', {
        kind: 'registerInvite',
        capability: capabilityOf('ada', { inviteKey: inviteKeyOf(`number ${at}`), expiresAt }),
      });
    for (let at = 0; at < MAX_INVITES_EACH; at++) expect(register(at, NOW + 5)).toBe('done');
    expect(register(-1)).toBe('tooManyInvites');
    group.now = NOW + 5;
    expect(register(-1)).toBe('done');
    expect(group.governance.state.invites.rows()).toHaveLength(1);
  });

  it('[GOV-8] are revoked by owners, heard of or not, and by whoever made them', () => {
    const group = new Assembly({ bo: 'editor', cy: 'editor' });
    const revoke = (name: string): Operation => ({ kind: 'revokeInvite', inviteKey: inviteKeyOf(name) });
    const capability = capabilityOf('bo', { inviteKey: inviteKeyOf('bo') });
    expect(group.ask('bo', revoke('bo'))).toBe('notAllowed');
    group.ask('bo', { kind: 'registerInvite', capability });
    expect(group.ask('cy', revoke('bo'))).toBe('notAllowed');
    expect(group.ask('bo', revoke('bo'))).toBe('done');
    expect(group.ask('ada', admit('di', capability))).toBe('inviteRevoked');
    expect(group.ask('ada', revoke('unheard of'))).toBe('done');
    const unheard = capabilityOf('ada', { inviteKey: inviteKeyOf('unheard of') });
    expect(group.ask('ada', { kind: 'registerInvite', capability: unheard })).toBe('inviteRevoked');
  });

  it('[GOV-7] lose no count against an independent model, whatever is asked in whatever order', () => {
    const names = ['bo', 'cy', 'di', 'ed', 'fi'];
    const step = fc.record({
      name: fc.constantFrom(...names),
      invite: fc.integer({ min: 0, max: 2 }),
      isRevoking: fc.boolean(),
      later: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const group = new Assembly();
        const left = [1, 2, 3];
        const ends = [NOW + 20, Infinity, NOW + 40];
        const isIn = new Set<string>();
        for (const { name, invite, isRevoking, later } of steps) {
          group.now += later;
          const inviteKey = inviteKeyOf(`invite ${invite}`);
          const expiresAt = invite === 1 ? undefined : ends[invite];
          if (isRevoking && later === 3) {
            group.ask('ada', { kind: 'revokeInvite', inviteKey });
            left[invite] = 0;
            continue;
          }
          const capability = capabilityOf('ada', { inviteKey, expiresAt, uses: invite + 1 });
          const isDone = group.ask('ada', admit(name, capability)) === 'done';
          const expected = !isIn.has(name) && (left[invite] ?? 0) > 0 && group.now < (ends[invite] ?? 0);
          expect(isDone).toBe(expected);
          if (!expected) continue;
          isIn.add(name);
          left[invite] = (left[invite] ?? 0) - 1;
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('roles and evictions', () => {
  it('[GOV-9] are for owners; nobody restricts the maker of the board, and only that one restricts owners', () => {
    const group = new Assembly({ bo: 'owner', cy: 'owner', di: 'editor' });
    const evict = (name: string): Operation => ({ kind: 'evict', member: memberOf(name), cuts: [] });
    expect(group.ask('bo', evict('ada'))).toBe('memberProtected');
    expect(group.ask('bo', evict('cy'))).toBe('memberProtected');
    expect(group.ask('bo', { kind: 'changeRole', member: memberOf('cy'), role: 'viewer' })).toBe(
      'memberProtected',
    );
    expect(group.ask('di', evict('bo'))).toBe('notAllowed');
    expect(group.ask('bo', evict('di'))).toBe('done');
    expect(group.ask('bo', evict('di'))).toBe('unknownMember');
    expect(group.ask('ada', evict('cy'))).toBe('done');
    expect(group.ask('ada', evict('ada'))).toBe('memberProtected');
  });

  it('[GOV-10] end seats and invites, and an evicted key never comes back', () => {
    const group = new Assembly({ bo: 'editor' }).seat('ada', 'bo', 'bo/2');
    const cuts = [{ author: peerOf('bo'), seq: 4, head: digest('head', utf8('x')) }];
    expect(group.ask('ada', { kind: 'evict', member: memberOf('bo'), cuts })).toBe('done');
    expect(group.last.outcomes).toContainEqual({ kind: 'memberEvicted', member: memberOf('bo'), cuts });
    expect(group.seats()).toEqual([peerOf('ada')]);
    expect(group.ask('ada', admit('bo'))).toBe('wasEvicted');
    expect(group.ask('ada', { kind: 'introduce', certificate: certificateOf('bo', 'fresh') })).toBe(
      'unknownMember',
    );
  });

  it('[GOV-10] take the seats of whoever becomes a viewer', () => {
    const group = new Assembly({ bo: 'editor' }).seat('ada', 'bo');
    group.ask('ada', { kind: 'changeRole', member: memberOf('bo'), role: 'viewer' });
    expect(group.outcomes).toEqual(['roleChanged', 'seatLeft']);
    expect(group.ask('bo', { kind: 'takeSeat', replaces: undefined })).toBe('notAllowed');
  });

  it('[GOV-30] are left to a vote where the policy says so', () => {
    const group = new Assembly({ bo: 'editor' });
    const policy = { ...group.governance.state.policy, membersBy: 'vote' } as const;
    expect(group.ask('bo', { kind: 'setPolicy', policy })).toBe('notAllowed');
    expect(group.ask('ada', { kind: 'setPolicy', policy: { ...policy, thresholdPercent: 50 } })).toBe(
      'badPolicy',
    );
    expect(group.ask('ada', { kind: 'setPolicy', policy: { ...policy, quorumPercent: 0 } })).toBe(
      'badPolicy',
    );
    expect(group.ask('ada', { kind: 'setPolicy', policy })).toBe('done');
    expect(group.ask('ada', { kind: 'evict', member: memberOf('bo'), cuts: [] })).toBe('needsVote');
    expect(group.ask('ada', { kind: 'changeRole', member: memberOf('bo'), role: 'viewer' })).toBe(
      'needsVote',
    );
    expect(group.ask('ada', { kind: 'dropSeat', seat: peerOf('bo') })).toBe('needsVote');
    const locked = { ...policy, policyBy: 'vote' } as const;
    expect(group.ask('ada', { kind: 'setPolicy', policy: locked })).toBe('done');
    expect(group.ask('ada', { kind: 'setPolicy', policy })).toBe('needsVote');
  });
});

describe('a proof of a fork', () => {
  it('[GOV-11] cuts the tab at the lowest place known, takes its seat, and its member goes on with another', () => {
    const group = new Assembly({ bo: 'editor', vi: 'viewer' }).seat('ada', 'bo', 'bo/2');
    expect(group.ask('vi', { kind: 'cut', proof: forkOf('bo', 5) })).toBe('done');
    expect(group.last.outcomes).toEqual([
      { kind: 'journalCut', author: peerOf('bo'), seq: 5 },
      { kind: 'seatLeft', seat: peerOf('bo') },
    ]);
    expect(group.governance.admits(peerOf('bo'))).toBe(false);
    expect(group.governance.admits(peerOf('bo/2'))).toBe(true);
    expect(group.ask('vi', { kind: 'cut', proof: forkOf('bo', 7) })).toBe('done');
    expect(group.outcomes).toEqual([]);
    group.ask('vi', { kind: 'cut', proof: forkOf('bo', 2) });
    expect(group.last.outcomes).toEqual([{ kind: 'journalCut', author: peerOf('bo'), seq: 2 }]);
    expect(group.ask('vi', { kind: 'cut', proof: forkOf('stranger') })).toBe('unknownTab');
  });

  it('[GOV-11] has to contradict itself, on this board', () => {
    const group = new Assembly();
    const proof = forkOf('ada');
    expect(group.ask('ada', { kind: 'cut', proof: { ...proof, second: proof.first } })).toBe('proofEmpty');
    const other = { ...proof, board: toHex(digestBytes('other board')) as typeof BOARD };
    expect(group.ask('ada', { kind: 'cut', proof: other })).toBe('wrongBoard');
  });
});

describe('a proof of a double vote', () => {
  it('[GOV-40] ends the tab’s seat and its say for good; its member goes on with another tab, in its seat too', () => {
    const group = new Assembly({ bo: 'editor', vi: 'viewer' }, 'member').seat('ada', 'bo');
    const proof = lieOf('bo');
    expect(group.ask('vi', { kind: 'convict', proof })).toBe('done');
    expect(group.last.outcomes).toEqual([
      { kind: 'tabConvicted', tab: peerOf('bo') },
      { kind: 'seatLeft', seat: peerOf('bo') },
    ]);
    expect(group.governance.admits(peerOf('bo'))).toBe(false);
    expect(group.ask('bo', { kind: 'takeSeat', replaces: undefined })).toBe('unknownTab');
    expect(group.governance.admits(peerOf('bo/2'))).toBe(true);
    expect(group.ask('bo/2', { kind: 'takeSeat', replaces: undefined })).toBe('done');
    expect(group.seats()).toEqual([peerOf('ada'), peerOf('bo/2')]);
    const { convictions } = group.governance.state;
    expect(convictions.rows()).toEqual([{ tab: peerOf('bo'), seq: 1, at: NOW, proof }]);
    // Said again it does nothing, and about nobody it is refused.
    expect(group.ask('ada', { kind: 'convict', proof: lieOf('bo', 9) })).toBe('done');
    expect(group.outcomes).toEqual([]);
    expect(convictions.rows()).toHaveLength(1);
    expect(group.ask('ada', { kind: 'convict', proof: lieOf('stranger') })).toBe('unknownTab');
  });

  it('[GOV-40] counts about whoever made the board as well; the last seat stays, without a say', () => {
    const group = new Assembly({ bo: 'editor' }).seat('ada');
    expect(group.ask('bo', { kind: 'convict', proof: lieOf('ada') })).toBe('done');
    expect(group.outcomes).toEqual(['tabConvicted']);
    expect(group.seats()).toEqual([peerOf('ada')]);
    expect(group.governance.admits(peerOf('ada'))).toBe(false);
  });

  it('[GOV-40] has to contradict itself, on this board', () => {
    const group = new Assembly();
    const proof = lieOf('ada');
    const same = { ...proof, second: proof.first };
    expect(group.ask('ada', { kind: 'convict', proof: same })).toBe('proofEmpty');
    const other = lieOf('ada', 3, toHex(digestBytes('other board')) as typeof BOARD);
    expect(group.ask('ada', { kind: 'convict', proof: other })).toBe('wrongBoard');
  });

  it('[GOV-41] is kept of the last 64 tabs, and that they voted twice of all; it comes back with the state', () => {
    const names = Array.from({ length: MAX_KEPT_PROOFS + 1 }, (_, at) => `m${at}`);
    const group = new Assembly(Object.fromEntries(names.map((name) => [name, 'editor'])));
    for (const name of names) expect(group.ask('ada', { kind: 'convict', proof: lieOf(name) })).toBe('done');
    const rows = group.governance.state.convictions.rows();
    expect(rows).toHaveLength(names.length);
    expect(rows.filter(({ proof }) => proof === undefined).map(({ tab }) => tab)).toEqual([peerOf('m0')]);
    const copy = new Governance(group.founding, () => undefined);
    expect(copy.restore(group.governance.snapshot())).toBe(true);
    expect(copy.admits(peerOf('m0'))).toBe(false);
    expect(copy.state.convictions.rows()).toEqual(rows);
  });
});

describe('signatures inside operations', () => {
  const operations: readonly (readonly [Operation, number])[] = [
    [{ kind: 'introduce', certificate: certificateOf('bo') }, 1],
    [{ kind: 'registerInvite', capability: capabilityOf('ada') }, 1],
    [admit('bo'), 3],
    [{ kind: 'cut', proof: forkOf('bo') }, 2],
    [{ kind: 'convict', proof: lieOf('bo') }, 2],
    [{ kind: 'renewSeat' }, 0],
  ];

  it('[GOV-5] are named for whoever is to vote, and hold when they are real', () => {
    const { governance } = new Assembly();
    for (const [operation, count] of operations) {
      const checks = governance.checksOf(encodeOperation(operation));
      expect(checks).toHaveLength(count);
      expect(KEYS.holds(checks ?? [])).toBe(true);
    }
    expect(governance.checksOf(utf8('nonsense'))).toBeUndefined();
  });

  it('[GOV-5] do not hold when anything that they are about is changed', () => {
    const moved: Operation = {
      kind: 'introduce',
      certificate: { ...certificateOf('bo'), peer: peerOf('cy') },
    };
    expect(KEYS.holds(operationChecks(moved))).toBe(false);
    const raised: Operation = admit('bo', { ...capabilityOf('ada'), uses: 999 });
    expect(KEYS.holds(operationChecks(raised))).toBe(false);
    const stolen: Operation = {
      kind: 'admit',
      admission: { ...admissionOf('bo', capabilityOf('ada')), member: memberOf('cy') },
      certificate: undefined,
    };
    expect(KEYS.holds(operationChecks(stolen))).toBe(false);
  });
});
