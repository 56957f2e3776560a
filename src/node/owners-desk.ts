/**
 * What an owner decrees, put into the words of an entry: whom it may be about, and what stays of an evicted member's journals. One decree at a
 * time: until it is signed the roster does not know of it, and what is composed meanwhile builds on it all the same, so that a second
 * eviction of one member, or an admission by an invite that was just revoked, would be refused by everybody, and with it all that we write later
 * (rule NOD-45).
 */
import type { MemberId, PeerId } from '../kernel/ids.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { encodeWith } from '../kernel/codec.ts';
import { admissionCodec, type Admission } from '../identity/admission.ts';
import { encodeDecree, MAX_CUTS, type Cut } from '../identity/decrees.ts';
import type { Entry } from '../replication/entry.ts';
import { endOf, type Journals, type Line } from '../replication/journals.ts';
import type { Draft } from '../replication/own-journal.ts';
import type { ActionRefusal, DecreeRefusal, NodeCommand, OwnerDecree } from './events.ts';
import { MAX_WAITING_TURNS } from './limits.ts';
import type { Roster } from './roster.ts';

type DecreeCommand = NodeCommand & { readonly type: 'decree' };

/** What the desk asks of the node. */
export interface OwnersHost {
  /** Why nothing can be written now. */
  whyNot(): ActionRefusal | undefined;
  /** Whose decrees these are. */
  member(): MemberId;
  append(draft: Draft, token: string): void;
  /** Whether our own journal has a hole: nothing can be written for others either. */
  isDamaged(): boolean;
  wallMs(): number;
  /** Ends a link. */
  cut(peer: PeerId, reason: 'busy' | 'notMember'): void;
  refuse(token: string, code: ActionRefusal | DecreeRefusal): void;
}

export class OwnersDesk {
  readonly #self: PeerId;
  readonly #roster: Roster;
  readonly #journals: Journals;
  readonly #host: OwnersHost;
  #isSigning = false;
  #turns: (() => void)[] = [];

  constructor(self: PeerId, roster: Roster, journals: Journals, host: OwnersHost) {
    this.#self = self;
    this.#roster = roster;
    this.#journals = journals;
    this.#host = host;
  }

  decree(command: DecreeCommand): void {
    if (!this.#inTurn(() => this.#decree(command))) this.#host.refuse(command.token, 'notReady');
  }

  /** Writes an admission for the sake of `peer`, or ends the link. */
  admit(admission: Admission, peer: PeerId): void {
    const isInTurn = this.#inTurn(() => {
      if (this.#host.isDamaged()) return;
      const payload = encodeWith(admissionCodec, admission);
      if (this.#roster.mayBeAdmitted(admission))
        this.#host.append({ kind: 'admit', payload, wallMs: this.#host.wallMs() }, '');
      else this.#host.cut(peer, 'notMember'); // by a decree that was being signed
    });
    if (!isInTurn) this.#host.cut(peer, 'busy');
  }

  /** Runs what depends on who may do what: at once, or when the decree that is being signed is. False when too much waits already. */
  #inTurn(turn: () => void): boolean {
    if (!this.#isSigning) turn();
    else if (this.#turns.length < MAX_WAITING_TURNS) this.#turns.push(turn);
    else return false;
    return true;
  }

  /** Entries took effect, perhaps the decree that was being signed. */
  applied(entries: readonly Entry[]): void {
    const isSigned = entries.some(({ kind, author }) => author === this.#self && isDecree(kind));
    if (!this.#isSigning || !isSigned) return;
    this.#isSigning = false;
    const turns = this.#turns;
    this.#turns = [];
    for (const turn of turns) this.#inTurn(turn);
  }

  #decree({ token, decree, wallMs }: DecreeCommand): void {
    const code = this.#host.whyNot();
    const draft =
      code === undefined
        ? composeDecree(decree, this.#host.member(), wallMs, this.#roster, this.#journals)
        : refuse(code);
    if (!draft.ok) {
      this.#host.refuse(token, draft.code);
      return;
    }
    this.#isSigning = true;
    this.#host.append(draft.value, token);
  }
}

function isDecree(kind: Entry['kind']): boolean {
  return kind === 'evict' || kind === 'role' || kind === 'revoke';
}

/** The entry to write, or why `by` may not. */
function composeDecree(
  wanted: OwnerDecree,
  by: MemberId,
  wallMs: number,
  roster: Roster,
  journals: Journals,
): Result<Draft, ActionRefusal | DecreeRefusal> {
  const decree =
    wanted.kind === 'evict' ? { ...wanted, cuts: cutsOf(wanted.member, roster, journals) } : wanted;
  if (roster.roleOf(by) !== 'owner') return refuse('notAllowed');
  if (decree.kind !== 'revoke' && roster.roleOf(decree.member) === undefined) return refuse('unknownMember');
  if (roster.whyNot(decree, by) !== undefined) return refuse('memberProtected');
  return ok({ kind: decree.kind, payload: encodeDecree(decree), wallMs });
}

/** How far this node has each of the member's journals. Of more than an entry can name, the rest is cut at the entry's causal past: the same place. */
function cutsOf(member: MemberId, roster: Roster, journals: Journals): readonly Cut[] {
  const whole = (line: Line): readonly Cut[] => {
    const last = line.entries.at(-1);
    return last === undefined ? [] : [{ author: line.author, seq: endOf(line), head: last.hash }];
  };
  return roster
    .peersOf(member)
    .flatMap((peer) => {
      const lines = journals.linesOf(peer);
      // Of a journal that forked, several branches may stay: the causal past has them all.
      return lines.length === 1 ? lines.flatMap(whole) : [];
    })
    .slice(0, MAX_CUTS);
}
