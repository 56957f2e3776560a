/** Which view we are in, and what we hold of the way into the next ones. */
import type { Hash } from '../kernel/ids.ts';
import type { Committee } from './committee.ts';
import { firstPlan, type Plan } from './new-view.ts';
import { hashChange, type Signed, type StableCertificate, type StatementOf } from './statements.ts';

export type SignedChange = Signed<StatementOf<'viewChange'>>;
export type SignedNewView = Signed<StatementOf<'newView'>>;

interface HeldChange {
  readonly signed: SignedChange;
  readonly hash: Hash;
}

export class Views {
  readonly #committee: Committee;
  /** Of each seat the view change to the highest view. */
  readonly #changes = new Map<number, HeldChange>();
  /** Of each seat the new view of the highest view. */
  readonly #newViews = new Map<number, SignedNewView>();
  /** The view changes that the new view in force, and those on their way, are built on. */
  #named = new Map<Hash, SignedChange>();
  #view = 0;
  #isActive = true;
  #entered: SignedNewView | undefined;
  #plan: Plan;

  constructor(committee: Committee, stable: StableCertificate) {
    this.#committee = committee;
    this.#plan = firstPlan(stable);
  }

  get view(): number {
    return this.#view;
  }

  /** False from the view change until the new view. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** What the view we are in has to begin with. */
  get plan(): Plan {
    return this.#plan;
  }

  /** The new view by which we came into this one; none for view 0. */
  get entered(): SignedNewView | undefined {
    return this.#entered;
  }

  /** Leaves for `view`, without being in it yet. */
  leaveFor(view: number): void {
    this.#view = view;
    this.#isActive = false;
    this.#entered = undefined;
  }

  enter(newView: SignedNewView, plan: Plan): void {
    for (const { hash, signed } of this.#changes.values()) this.#named.set(hash, signed);
    this.#view = newView.statement.view;
    this.#isActive = true;
    this.#entered = newView;
    this.#plan = plan;
    for (const [seat, { statement }] of [...this.#newViews])
      if (statement.view <= this.#view) this.#newViews.delete(seat);
    this.#prune();
  }

  /** Takes a view change in. `isWanted`: a new view that waits here is built on it, by its hash. */
  addChange(signed: SignedChange, isWanted: (hash: Hash) => boolean): boolean {
    const { seat, statement } = signed;
    const hash = hashChange(this.#committee, signed);
    const isNamed = isWanted(hash) && !this.#named.has(hash);
    if (isNamed) this.#named.set(hash, signed);
    const held = this.#changes.get(seat);
    if (held !== undefined && held.signed.statement.view >= statement.view) return isNamed;
    this.#changes.set(seat, { signed, hash });
    return true;
  }

  /** Takes a new view in that may come into force. */
  addNewView(signed: SignedNewView): boolean {
    const { seat, statement } = signed;
    const held = this.#newViews.get(seat);
    if (held !== undefined && held.statement.view >= statement.view) return false;
    if (!this.#isAhead(statement.view)) return false;
    this.#newViews.set(seat, signed);
    this.#prune();
    return true;
  }

  /** New views that may come into force, the highest first. */
  waiting(): SignedNewView[] {
    return [...this.#newViews.values()]
      .filter(({ statement }) => this.#isAhead(statement.view))
      .sort((a, b) => b.statement.view - a.statement.view);
  }

  discard(newView: SignedNewView): void {
    if (this.#newViews.get(newView.seat) === newView) this.#newViews.delete(newView.seat);
  }

  /** View changes to exactly `view`, by seat. */
  changesTo(view: number): HeldChange[] {
    return [...this.#changes.values()]
      .filter(({ signed }) => signed.statement.view === view)
      .sort((a, b) => a.signed.seat - b.signed.seat);
  }

  /** View changes to `view` or a later one. */
  changesFrom(view: number): SignedChange[] {
    return [...this.#changes.values()]
      .map(({ signed }) => signed)
      .filter(({ statement }) => statement.view >= view);
  }

  /** The view change of this hash. */
  changeOf(hash: Hash): SignedChange | undefined {
    const named = this.#named.get(hash);
    if (named !== undefined) return named;
    for (const held of this.#changes.values()) if (held.hash === hash) return held.signed;
    return undefined;
  }

  /** Keeps of the named view changes those of the new view in force and of those that wait. */
  #prune(): void {
    const inUse = [...this.#newViews.values(), ...(this.#entered === undefined ? [] : [this.#entered])];
    const names = new Set(inUse.flatMap(({ statement }) => statement.changes.map(({ change }) => change)));
    this.#named = new Map([...this.#named].filter(([hash]) => names.has(hash)));
  }

  #isAhead(view: number): boolean {
    return view > this.#view || (view === this.#view && !this.#isActive);
  }
}
