/** Members, invites and proofs of the fake application: what owners do to them shows in its status. */
import type { Evidence, GovernPort, InviteStatus, MemberStatus, Role } from '../../src/ui/ports.ts';
import { ADA, BO, SELF } from './fake-board.ts';

export const CHIDI = 'f6'.repeat(32);

const DAY_MS = 86_400_000;

/** Who is on the fake board. `isTroubled`: one member was evicted, and a tab of another is frozen. */
export function fakeMembers(isTroubled: boolean): readonly MemberStatus[] {
  const plain = { asleep: false, standing: 'good', creator: false, eviction: null, self: false } as const;
  const eviction = { by: SELF, at: Date.now() - 2 * DAY_MS };
  return [
    {
      ...plain,
      ...{ memberId: SELF, name: 'Mira Holt', online: true, role: 'owner', peers: 2 },
      ...{ self: true, creator: true },
    },
    { ...plain, memberId: ADA, name: 'Ada Okafor', online: true, role: 'editor', peers: 1 },
    {
      ...plain,
      ...{ memberId: BO, name: 'Bo Lindqvist', online: true, asleep: true, role: 'editor', peers: 1 },
      standing: isTroubled ? 'frozen' : 'good',
    },
    {
      ...plain,
      ...{ memberId: CHIDI, name: 'Chidi', online: false, role: 'viewer', peers: 0 },
      ...(isTroubled ? { standing: 'evicted', eviction } : {}),
    },
  ];
}

function fakeInvites(): readonly InviteStatus[] {
  const open = { memberId: SELF, state: 'open' } as const;
  return [
    {
      ...open,
      ...{ inviteId: '71'.repeat(32), role: 'editor', uses: 5, admitted: [ADA, BO] },
      expiresAt: Date.now() + 2 * DAY_MS,
    },
    { ...open, inviteId: '72'.repeat(32), role: 'viewer', uses: 1000, admitted: [], expiresAt: null },
    {
      ...{ inviteId: '73'.repeat(32), role: 'viewer', uses: 1, admitted: [CHIDI], expiresAt: null },
      ...{ memberId: ADA, state: 'usedUp' },
    },
  ];
}

export function fakeEvidence(memberId = BO, name = 'Bo Lindqvist'): Evidence {
  const statement = { body: '8a'.repeat(32), signed: '74'.repeat(49), signature: '9c'.repeat(64) };
  return {
    ...{ kind: 'equivocation', boardId: 'd4'.repeat(32), author: '5b'.repeat(32), place: 17 },
    statements: [statement, { ...statement, body: '8b'.repeat(32) }],
    ...{ memberId, name, certificate: null, foundAt: Date.now() - 3_600_000 },
  };
}

/** What the fake application lends. */
interface Host {
  members(): readonly MemberStatus[];
  setMembers(members: readonly MemberStatus[]): void;
  /** The code to refuse the next call with, or null. */
  refusal(): string | null;
  renewed(): void;
}

export class FakeGoverning implements GovernPort {
  readonly #host: Host;
  #invites = fakeInvites();
  #evidence: readonly Evidence[];
  /** What was asked for, for assertions. */
  readonly said: string[] = [];

  constructor(host: Host, isTroubled: boolean) {
    this.#host = host;
    this.#evidence = isTroubled ? [fakeEvidence()] : [];
  }

  /** Test control: what is held against others. */
  setEvidence(evidence: readonly Evidence[]): void {
    this.#evidence = evidence;
  }

  async evict(memberId: string): Promise<void> {
    this.#hear(`evict ${memberId}`);
    const eviction = { by: SELF, at: Date.now() };
    this.#change(memberId, { standing: 'evicted', eviction, online: false });
  }

  async setRole(memberId: string, role: Role): Promise<void> {
    this.#hear(`setRole ${memberId} ${role}`);
    this.#change(memberId, { role });
  }

  async invites(): Promise<readonly InviteStatus[]> {
    return Promise.resolve(this.#invites);
  }

  async revokeInvite(invite: string): Promise<void> {
    this.#hear(`revokeInvite ${invite}`);
    this.#invites = this.#invites.map((one) =>
      one.inviteId === invite ? { ...one, state: 'revoked' } : one,
    );
  }

  evidence(): readonly Evidence[] {
    return this.#evidence;
  }

  async renewKey(): Promise<void> {
    this.#hear('renewKey');
    this.#host.renewed();
  }

  #hear(what: string): void {
    this.said.push(what);
    const code = this.#host.refusal();
    if (code !== null) throw Object.assign(new Error(code), { code });
  }

  #change(memberId: string, changes: Partial<MemberStatus>): void {
    const members = this.#host.members();
    this.#host.setMembers(
      members.map((member) => (member.memberId === memberId ? { ...member, ...changes } : member)),
    );
  }
}
