/** Does what the group decided and falls to this tab, each deed once at a time. */
import type { MemberId, PeerId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/machine.ts';
import type { BoardSnapshot } from '../board/snapshot.ts';
import type { Operation } from '../governance/operations.ts';
import type { GovernanceState } from '../governance/state.ts';
import type { Journals } from '../replication/journals.ts';
import { decreesToTell, deedsOf, type Deed } from './carrying-out.ts';
import type { Roster } from './roster.ts';

/** A deed that is still to be done so long after it was begun is begun again, ms (guess: far above a write and a signature). */
const AGAIN_MS = 60_000;

export interface CarryingHost {
  /** Does it, or finds that it cannot be done now. */
  do(deed: Deed): void;
  snapshot(): BoardSnapshot;
  reachable(): readonly PeerId[];
}

export class CarryingDesk {
  readonly #self: PeerId;
  readonly #roster: Roster;
  readonly #journals: Journals;
  readonly #host: CarryingHost;
  /** When each was begun; only those that are still to be done. */
  readonly #begun = new Map<string, Instant>();
  /** Columns that are gone by a decision: whoever brings one back may keep it. */
  readonly #removed = new Set<string>();

  constructor(self: PeerId, roster: Roster, journals: Journals, host: CarryingHost) {
    this.#self = self;
    this.#roster = roster;
    this.#journals = journals;
    this.#host = host;
  }

  look(state: GovernanceState, now: Instant): void {
    const affairs = {
      state,
      self: this.#self,
      roster: this.#roster,
      reachable: new Set(this.#host.reachable()),
      roleChangedAt: this.#roleChangedAt,
      hasColumn: (id: string) => this.#host.snapshot().columns.some((column) => column.id === id),
    };
    const deeds = new Map(deedsOf(affairs).map((deed) => [nameOf(deed), deed]));
    for (const name of [...this.#begun.keys()]) if (!deeds.has(name)) this.#begun.delete(name);
    for (const [name, deed] of deeds) {
      const begunAt = this.#begun.get(name);
      if (this.#removed.has(name) || (begunAt !== undefined && now - begunAt < AGAIN_MS)) continue;
      this.#begun.set(name, now);
      if (deed.kind === 'removeColumn') this.#removed.add(name);
      this.#host.do(deed);
    }
  }

  /** What owners decreed by themselves and the group has to be told by this tab. */
  toTell(state: GovernanceState): Operation[] {
    return decreesToTell({
      state,
      self: this.#self,
      roster: this.#roster,
      roleChangedAt: this.#roleChangedAt,
    });
  }

  readonly #roleChangedAt = (member: MemberId): number => {
    const times = this.#roster.changesOf(member).map((hash) => this.#journals.get(hash)?.wallMs ?? 0);
    return Math.max(0, ...times);
  };
}

function nameOf(deed: Deed): string {
  if (deed.kind === 'removeColumn') return `column ${deed.proposal}`;
  const { decree } = deed;
  if (decree.kind === 'revoke') return 'revoke';
  return decree.kind === 'role' ? `role ${decree.member} ${decree.role}` : `evict ${decree.member}`;
}
