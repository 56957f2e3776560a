/** Histories full of decrees and forks, drawn at random: owners who put each other's friends out and down, people who know of it or not, and build on one another. */
import { encodeWith } from '../../src/kernel/codec.ts';
import type { Hash, MemberId } from '../../src/kernel/ids.ts';
import { pick, shuffled, type Random } from '../../src/kernel/random.ts';
import { admissionCodec } from '../../src/identity/admission.ts';
import { encodeDecree, type Cut } from '../../src/identity/decrees.ts';
import { ROLES, type Role } from '../../src/identity/roles.ts';
import type { Entry } from '../../src/replication/entry.ts';
import { ONE_NUMBER, REF, rootItem, updateOf } from '../../src/sim/attacks/update-bytes.ts';
import { Writer } from '../../src/sim/attacks/writer.ts';
import type { BoardIdentities } from '../../src/sim/board-identities.ts';
import type { SimKeys } from '../../src/sim/sim-keys.ts';

const FOUNDER = 'alice';
const OWNERS = ['olga', 'omar', 'oki'] as const;
const EDITORS = ['eve', 'emil', 'esra'] as const;
/** Entries after the beginning. */
const STEPS = 26;

/** Somebody, and what it knows: the newest entry of each that it has named or could name. */
interface Actor {
  readonly writer: Writer;
  /** All entries that lie behind its next one. */
  readonly known: Set<Hash>;
  /** Newest known entries of others that it has not named yet. */
  readonly unnamed: Map<string, Hash>;
}

export class DecreePlot {
  readonly entries: Entry[] = [];
  readonly #keys: SimKeys;
  readonly #identities: BoardIdentities;
  readonly #random: Random;
  readonly #actors = new Map<string, Actor>();
  readonly #pasts = new Map<Hash, ReadonlySet<Hash>>();
  readonly #promoted: { readonly member: MemberId; readonly entry: Hash }[] = [];
  /** From how many others somebody hears at most before it writes, and how many of ten entries are decrees, if it is an owner. */
  readonly #sociability: number;
  readonly #strictness: number;
  /** Of so many edits one is a fork; 0 for none. */
  readonly #forkEvery: number;
  /** Elements of the author's in the document up to an entry. */
  readonly #clocks = new Map<Hash, number>();
  #guests = 0;

  constructor(keys: SimKeys, identities: BoardIdentities, random: Random) {
    this.#keys = keys;
    this.#identities = identities;
    this.#random = random;
    const owners = OWNERS.slice(0, 1 + random.below(OWNERS.length));
    const editors = EDITORS.slice(0, 1 + random.below(EDITORS.length));
    this.#sociability = 1 + random.below(3);
    this.#strictness = 2 + random.below(5);
    this.#forkEvery = random.below(2) === 0 ? 0 : 4 + random.below(20);
    const alice = this.#enter(FOUNDER);
    this.#add(alice, alice.writer.claim());
    for (const name of [...owners, ...editors]) this.#admit(alice, name);
    for (const name of owners) this.#changeRole(alice, identities.member(name), 'owner');
    for (const name of [...owners, ...editors]) this.#claim(name, alice);
    for (let step = 0; step < STEPS; step++) this.#step();
  }

  #enter(name: string): Actor {
    const writer = new Writer(this.#keys, this.#identities, name);
    const actor = { writer, known: new Set<Hash>(), unnamed: new Map<string, Hash>() };
    this.#actors.set(name, actor);
    return actor;
  }

  #admit(by: Actor, name: string): void {
    const payload = encodeWith(admissionCodec, this.#identities.ticket(name));
    this.#add(by, by.writer.write('admit', payload, this.#names(by)));
  }

  #claim(name: string, from: Actor): void {
    const actor = this.#enter(name);
    this.#learn(actor, from);
    this.#add(actor, actor.writer.claim(this.#names(actor)));
  }

  #step(): void {
    const random = this.#random;
    const all = [...this.#actors.values()];
    const actor = pick(random, all);
    if (actor === undefined) return;
    for (const other of shuffled(random, all).slice(0, random.below(this.#sociability + 1)))
      if (other !== actor) this.#learn(actor, other);
    const what = random.below(10);
    const { name } = actor.writer;
    if (name === FOUNDER && random.below(4) === 0) this.#promote(actor);
    else if (what < this.#strictness && this.#isOwner(actor)) this.#decree(actor);
    else if (what === 9) this.#invite(actor);
    else {
      if (this.#forkEvery > 0 && random.below(this.#forkEvery) === 0) this.#fork(actor);
      this.#edit(actor);
    }
  }

  #edit(actor: Actor): void {
    const { writer } = actor;
    const clock = this.#clocks.get(writer.head) ?? 0;
    const structs = [
      rootItem('board', `${writer.name} ${writer.seq} ${this.entries.length}`, ONE_NUMBER, REF.any),
    ];
    const update = updateOf([{ client: writer.clientId, clock, structs }]);
    this.#add(actor, writer.write('update', update, this.#names(actor)));
    this.#clocks.set(writer.head, clock + 1);
  }

  /** What the actor writes next is for a place that it wrote for before. */
  #fork({ writer }: Actor): void {
    const before = pick(
      this.#random,
      this.entries.filter(({ author, hash }) => author === writer.peer && hash !== writer.head),
    );
    if (before !== undefined) writer.resume(before.seq, before.hash);
  }

  /** Somebody becomes an owner, of which those do not know who put it out or down at the same time. */
  #promote(by: Actor): void {
    const others = [...this.#actors.values()].filter((other) => other !== by);
    const lucky = pick(this.#random, others);
    if (lucky === undefined) return;
    this.#changeRole(by, lucky.writer.member, 'owner');
    if (this.#random.below(2) === 0) this.#learn(lucky, by);
  }

  /** A newcomer, by whom it likes. */
  #invite(by: Actor): void {
    this.#guests += 1;
    const name = `guest ${this.#guests}`;
    this.#admit(by, name);
    this.#claim(name, by);
  }

  #isOwner(actor: Actor): boolean {
    const { writer } = actor;
    return (
      writer.name === FOUNDER || this.#ownersFor(actor).has(writer.member) || this.#random.below(8) === 0
    );
  }

  #decree(by: Actor): void {
    const random = this.#random;
    const target = pick(
      random,
      [...this.#actors.values()].filter((other) => other !== by),
    );
    if (target === undefined) return;
    const { member } = target.writer;
    // Mostly about somebody who may still be decreed about, for all its author knows.
    if (random.below(10) > 0 && !this.#isDecent(by, target)) return;
    if (random.below(3) === 0) {
      this.#changeRole(by, member, pick(random, ROLES) ?? 'viewer');
      return;
    }
    const heads = this.#names(by);
    const payload = encodeDecree({ kind: 'evict', member, cuts: this.#cuts(by, target) });
    this.#add(by, by.writer.write('evict', payload, heads));
  }

  #isDecent(by: Actor, { writer }: Actor): boolean {
    if (writer.name === FOUNDER) return false;
    return by.writer.name === FOUNDER || !this.#ownersFor(by).has(writer.member);
  }

  /** Who is an owner for all that somebody knows, if nobody was put down again. */
  #ownersFor({ known }: Actor): ReadonlySet<MemberId> {
    const promoted = this.#promoted.filter(({ entry }) => known.has(entry));
    return new Set(promoted.map(({ member }) => member));
  }

  /** Where an eviction says that the journal ends: as far as its author knows it, earlier, or nowhere. */
  #cuts(by: Actor, target: Actor): readonly Cut[] {
    const known = this.entries.filter(
      ({ author, hash }) => author === target.writer.peer && by.known.has(hash),
    );
    const last = this.#random.below(3) === 0 ? pick(this.#random, known) : known.at(-1);
    if (last === undefined || this.#random.below(3) === 0) return [];
    return [{ author: last.author, seq: last.seq, head: last.hash }];
  }

  #changeRole(by: Actor, member: MemberId, role: Role): void {
    const heads = this.#names(by);
    const entry = by.writer.write('role', encodeDecree({ kind: 'role', member, role }), heads);
    if (role === 'owner') this.#promoted.push({ member, entry: entry.hash });
    this.#add(by, entry);
  }

  /** `actor` gets all that `from` has, and what lies behind it. */
  #learn(actor: Actor, from: Actor): void {
    const { head, name } = from.writer;
    const news = new Map(from.unnamed);
    if (from.writer.seq > 0) news.set(name, head);
    for (const [whose, hash] of news) {
      if (actor.known.has(hash) || whose === actor.writer.name) continue;
      actor.unnamed.set(whose, hash);
      actor.known.add(hash);
      for (const each of this.#pasts.get(hash) ?? []) actor.known.add(each);
    }
  }

  /** The heads that the next entry of `actor` names: what lies behind it from then on. */
  #names(actor: Actor): Hash[] {
    const heads = [...new Set(actor.unnamed.values())].filter((hash) => hash !== actor.writer.head);
    actor.unnamed.clear();
    return heads;
  }

  #add(actor: Actor, entry: Entry): void {
    this.entries.push(entry);
    this.#clocks.set(entry.hash, this.#clocks.get(entry.previous) ?? 0);
    const past = new Set(actor.known);
    this.#pasts.set(entry.hash, past);
    actor.known.add(entry.hash);
  }
}
