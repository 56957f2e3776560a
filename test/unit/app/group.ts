/** Four members with a tab and a seat each, and what the application of the first one makes of their decisions. */
import { Deciding } from '../../../src/app/deciding.ts';
import type { BoardFacts } from '../../../src/app/decision-views.ts';
import type { PlacedDecision } from '../../../src/app/council-port.ts';
import type { Founding } from '../../../src/governance/state.ts';
import type { BoardId, MemberId, PeerId } from '../../../src/kernel/ids.ts';
import type { VerifierPort } from '../../../src/kernel/ports.ts';
import type { Role } from '../../../src/ui/ports.ts';
import { SittingCouncil } from '../../support/sitting-council.ts';

export const NAMES = ['ada', 'bo', 'chi', 'di'] as const;
export type Name = (typeof NAMES)[number];
export const DAY = 24 * 60 * 60 * 1000;
export const NOW = 1_764_000_000_000;

export const memberOf = (name: Name): MemberId => `a${NAMES.indexOf(name)}`.repeat(32) as MemberId;
export const tabOf = (name: Name): PeerId => `b${NAMES.indexOf(name)}`.repeat(32) as PeerId;

const TITLES: Readonly<Record<string, string>> = { ada: 'Ada', bo: 'Bo', chi: 'Chi', di: 'Di' };

const VERIFIER: VerifierPort = { verifyAll: async () => Promise.resolve(true) };

/** The group as `self` sees it; Ada made the board, the others are editors unless `roles` says otherwise. */
export class Group {
  readonly council: SittingCouncil;
  readonly deciding: Deciding;
  /** Whether a board is open, and one with a committee. */
  isOpen = true;
  hasCommittee = true;
  now = NOW;
  readonly columns = new Map([['column-1', 'Ideas']]);
  /** Roles as the board has them; what was decided comes later. */
  readonly boardRoles = new Map<string, Role>();
  readonly told: PlacedDecision[] = [];

  constructor(self: Name = 'ada', roles: Partial<Record<Name, Role>> = {}, seats: readonly Name[] = NAMES) {
    const founding: Founding = {
      board: 'dd'.repeat(32) as BoardId,
      creator: memberOf('ada'),
      electorate: 'tab',
      members: NAMES.slice(1).map((name) => ({ member: memberOf(name), role: roles[name] ?? 'editor' })),
      tabs: NAMES.map((name) => ({ peer: tabOf(name), member: memberOf(name) })),
    };
    for (const name of NAMES) this.boardRoles.set(memberOf(name), roles[name] ?? 'editor');
    this.boardRoles.set(memberOf('ada'), 'owner');
    this.council = new SittingCouncil({
      founding,
      self: tabOf(self),
      seats: seats.map(tabOf),
      now: () => this.now,
      changed: (decision) => {
        this.deciding.changed();
        if (decision !== undefined) this.told.push(decision);
      },
    });
    const facts: BoardFacts = {
      peerId: tabOf(self),
      memberId: memberOf(self),
      roleOf: (id) => this.boardRoles.get(id) ?? null,
      nameOf: (id) => TITLES[NAMES.find((name) => memberOf(name) === id) ?? ''],
      columnTitle: (id) => this.columns.get(id),
    };
    this.deciding = new Deciding(
      () => ({
        isOpen: this.isOpen,
        council: this.hasCommittee ? this.council : undefined,
        facts,
        sign: (toSign) => Promise.resolve(toSign),
      }),
      VERIFIER,
    );
  }

  /** Everybody of `names` says yes or no to a proposal. */
  cast(proposalId: string, choice: 'approve' | 'reject' | 'abstain', ...names: readonly Name[]): void {
    for (const name of names)
      this.council.ask(tabOf(name), {
        kind: 'castBallot',
        proposal: proposalId as never,
        choice,
        reason: '',
      });
  }

  close(proposalId: string): void {
    this.council.ask(tabOf('bo'), { kind: 'close', proposal: proposalId as never });
  }
}

/** The code that a call rejects with, or `done`. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'done';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}
