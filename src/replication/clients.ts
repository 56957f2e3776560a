/**
 * Which elements of the document are whose. An author writes under one Yjs client id (entry.ts), and so do both branches of a fork, each
 * with elements of its own under the same clocks. In the document every line therefore has a client id of its own: the author's with
 * the line's rank among all that share it. Ranks keep the order of lines (journals.ts), so any two elements compare as they did for whoever
 * had seen only some of the branches: Yjs orders concurrent elements by client id, and what was next to each other stays so.
 *
 * An update names elements as its author's document did, which held its causal past; {@link Clients.translationFor} says what they
 * are called here.
 */
import type { BoardId } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import type { Past } from './causal-past.ts';
import type { SessionClock } from './checkpoint.ts';
import { CLIENT_BRANCHES, clientIdOf, type Entry } from './entry.ts';
import { lineOrder, type Line } from './journals.ts';
import { valueAt, type Step } from './steps.ts';

/** The elements that one line wrote in one session. */
export interface Client {
  readonly line: Line;
  readonly session: number;
  /** Client id of author and session. */
  readonly base: number;
  /** Place in the line from which on it is in use. */
  readonly since: number;
  /** Of whom it branched off; undefined when it was claimed. */
  readonly parent: Client | undefined;
  /** The parent's next clock there: what the author called by this clock is this client's clock 0. */
  readonly offset: number;
  /** Its next clock, by the line's entries. */
  readonly clocks: Step[];
  /** Client id in the document. */
  name: number;
  /** Client id in the state of the checkpoint that has it; undefined when it began later. */
  settledName: number | undefined;
}

export interface Element {
  readonly client: number;
  readonly clock: number;
}

/** How one causal past calls what is here called otherwise. */
export interface Translation {
  /** What an element is called here; undefined if that past calls nothing so. */
  element(id: Element): Element | undefined;
  /** The same of a run of elements, in pieces. */
  run(run: Element & { readonly len: number }): readonly (Element & { readonly len: number })[] | undefined;
}

/** Clients that one past does not tell apart, oldest first, each with its first clock in the common count. */
type Chain = readonly { readonly client: Client; readonly from: number }[];

export class Clients {
  readonly #board: BoardId;
  readonly #byBase = new Map<number, Client[]>();
  readonly #byName = new Map<number, Client>();
  readonly #ofLine = new Map<Line, Client[]>();
  /** Base ids with more than one client. */
  readonly #shared = new Set<number>();

  constructor(board: BoardId) {
    this.#board = board;
  }

  clear(): void {
    this.#byBase.clear();
    this.#byName.clear();
    this.#ofLine.clear();
    this.#shared.clear();
  }

  /** Whether a claim opens a session whose client id another author has: then all ids have to be ranked anew. */
  wouldShare({ author, session, kind }: Entry): boolean {
    if (kind !== 'claim') return false;
    const others = this.#byBase.get(clientIdOf(this.#board, author, session)) ?? [];
    return others.some(({ line }) => line.author !== author);
  }

  /** Notes an entry on its line, which added `elements` to the document. {@link rank} has to follow when a client id is shared. */
  note(entry: Entry, line: Line, elements: number): void {
    const client = this.#clientFor(entry, line);
    if (elements > 0) client.clocks.push({ since: entry.seq, value: nextClock(client) + elements });
  }

  /** Notes a client of a line that begins with a checkpoint. {@link endSettling} has to follow. */
  settle(line: Line, { session, clock }: SessionClock): void {
    const base = clientIdOf(this.#board, line.author, session);
    const since = line.start;
    const clocks = clock === 0 ? [] : [{ since, value: clock }];
    const rest = { parent: undefined, offset: 0, clocks, name: base, settledName: base };
    this.#add({ line, session, base, since, ...rest });
  }

  /** All clients of the checkpoint are noted. */
  endSettling(): void {
    this.rank();
    for (const client of this.#byName.values()) client.settledName = client.name;
  }

  /** Clients whose id in the document differs from the one in the checkpoint's state: from and to. */
  renamed(): ReadonlyMap<number, number> {
    const renamed = new Map<number, number>();
    for (const { settledName, name } of this.#byName.values())
      if (settledName !== undefined && settledName !== name) renamed.set(settledName, name);
    return renamed;
  }

  /** The clients of a line, oldest first, without those of the line that it branched off. */
  of(line: Line): readonly Client[] {
    return this.#ofLine.get(line) ?? [];
  }

  /** Gives every client its id in the document. */
  rank(): void {
    this.#byName.clear();
    for (const [base, clients] of this.#byBase) {
      if (clients.length > 1) this.#shared.add(base);
      clients.sort((a, b) =>
        a.line.author === b.line.author ? lineOrder(a.line, b.line) : a.line.author < b.line.author ? -1 : 1,
      );
      invariant(clients.length <= CLIENT_BRANCHES, 'more branches than a client id has room for');
      for (const [rank, client] of clients.entries()) {
        client.name = base + rank;
        this.#byName.set(client.name, client);
      }
    }
  }

  /** The client of the entry that follows `previous` on its line; undefined before the first claim. */
  after(line: Line, seq: number): Client | undefined {
    const client = this.#ofLine.get(line)?.findLast(({ since }) => since <= seq);
    if (client !== undefined || line.parent === undefined) return client;
    return this.after(line.parent, line.start - 1);
  }

  /** Whose elements are called by this client id in the document. */
  named(name: number): Client | undefined {
    return this.#byName.get(name);
  }

  /** First clock, in the document, of a client id that does not lie in `past`. */
  clockIn(past: Past, name: number): number {
    const client = this.#byName.get(name);
    return client === undefined ? 0 : valueAt(client.clocks, past.reach(client.line));
  }

  /** First clock of a client id that does not exist yet. */
  clockOf(name: number): number {
    const client = this.#byName.get(name);
    return client === undefined ? 0 : nextClock(client);
  }

  /** How to read an update written with this causal past; undefined when it calls everything as it is called here. */
  translationFor(past: Past): Translation | undefined {
    if (this.#shared.size === 0) return undefined;
    const chains = new Map<number, readonly Chain[]>();
    let isSame = true;
    for (const base of this.#shared) {
      const of = chainsIn(this.#byBase.get(base) ?? [], past);
      chains.set(base, of);
      isSame &&= of.every((chain, rank) => chain.length === 1 && chain[0]?.client.name === base + rank);
    }
    return isSame ? undefined : new Reading(chains);
  }

  #clientFor(entry: Entry, line: Line): Client {
    const known = this.#ofLine.get(line) ?? [];
    const last = known.at(-1);
    if (last?.session === entry.session) return last;
    const base = clientIdOf(this.#board, entry.author, entry.session);
    const before = entry.seq === line.start && line.parent !== undefined ? line.parent : undefined;
    const parent = before && this.after(before, entry.seq - 1);
    const isBranch = parent?.base === base;
    const client: Client = {
      line,
      session: entry.session,
      base,
      since: entry.seq,
      parent: isBranch ? parent : undefined,
      offset: isBranch ? valueAt(parent.clocks, entry.seq - 1) : 0,
      clocks: [],
      name: base,
      settledName: undefined,
    };
    this.#add(client);
    return client;
  }

  #add(client: Client): void {
    const { line, base } = client;
    this.#ofLine.set(line, [...(this.#ofLine.get(line) ?? []), client]);
    const sharing = this.#byBase.get(base) ?? [];
    this.#byBase.set(base, [...sharing, client]);
    if (sharing.length === 0) this.#byName.set(base, client);
  }
}

class Reading implements Translation {
  readonly #chains: ReadonlyMap<number, readonly Chain[]>;

  constructor(chains: ReadonlyMap<number, readonly Chain[]>) {
    this.#chains = chains;
  }

  element(id: Element): Element | undefined {
    const chain = this.#chainOf(id.client);
    if (chain === undefined) return this.#isShared(id.client) ? undefined : id;
    const at = chain.findLast(({ from }) => from <= id.clock);
    return at && { client: at.client.name, clock: id.clock - at.from };
  }

  run(run: Element & { readonly len: number }): readonly (Element & { readonly len: number })[] | undefined {
    const chain = this.#chainOf(run.client);
    if (chain === undefined) return this.#isShared(run.client) ? undefined : [run];
    const end = run.clock + run.len;
    return chain.flatMap(({ client, from }, at) => {
      const first = Math.max(run.clock, from);
      const last = Math.min(end, chain[at + 1]?.from ?? end);
      return first < last ? [{ client: client.name, clock: first - from, len: last - first }] : [];
    });
  }

  #chainOf(client: number): Chain | undefined {
    const rank = client % CLIENT_BRANCHES;
    return this.#chains.get(client - rank)?.[rank];
  }

  #isShared(client: number): boolean {
    return this.#chains.has(client - (client % CLIENT_BRANCHES));
  }
}

function nextClock({ clocks }: Client): number {
  return clocks.at(-1)?.value ?? 0;
}

/**
 * The clients of one base id as a causal past tells them apart, in order of rank: a branch whose siblings with lower hashes it does not
 * hold goes on with its line. `clients` are in order.
 */
function chainsIn(clients: readonly Client[], past: Past): readonly Chain[] {
  const chainOf = new Map<Client, { client: Client; from: number }[]>();
  const present = clients.filter(({ line, since }) => past.reach(line) >= since);
  for (const client of present.toSorted((a, b) => depthOf(a) - depthOf(b))) {
    const { parent } = client;
    const chain = parent && isFirstOf(client, present, past) ? chainOf.get(parent) : undefined;
    if (chain === undefined || parent === undefined) {
      chainOf.set(client, [{ client, from: 0 }]);
    } else {
      const from = (chain.find((link) => link.client === parent)?.from ?? 0) + client.offset;
      chain.push({ client, from });
      chainOf.set(client, chain);
    }
  }
  return [...new Set(present.map((client) => chainOf.get(client) ?? []))];
}

/** Whether the past holds no branch with a lower hash than that of `client` where it left its parent. */
function isFirstOf({ parent, since, line }: Client, present: readonly Client[], past: Past): boolean {
  if (parent === undefined || past.reach(parent.line) >= since) return false;
  const siblings = present.filter((other) => other.parent === parent && other.since === since);
  return siblings.every((other) => lineOrder(line, other.line) <= 0);
}

function depthOf({ line }: Client): number {
  let depth = 0;
  for (let at: Line | undefined = line; at !== undefined; at = at.parent) depth += 1;
  return depth;
}
