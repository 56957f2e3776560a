/**
 * Notices that an author signed two entries for one place, whatever became of the first one: it is held, it waits, or it was refused. Two
 * signatures are proof whatever they are under, so a liar whose second face breaks a rule does not get away with it because some heard that
 * one first. Of refused entries only what a proof needs is kept, in bounded room: of each author the lowest places. That is enough: whatever its journal
 * goes on with has to pass them.
 */
import type { BoardId, Hash, PeerId } from '../kernel/ids.ts';
import type { Entry } from './entry.ts';
import { proveContradiction, stateIn, type ForkBook, type ForkProof, type Statement } from './forks.ts';
import type { Journals } from './journals.ts';
import { MAX_STATEMENTS, MAX_STATEMENTS_EACH, MAX_STATEMENTS_OF_STRANGERS } from './limits.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** What a refused entry said. */
interface Said {
  readonly hash: Hash;
  readonly statement: Statement;
}

export class ForkWatch {
  readonly #board: BoardId;
  readonly #journals: Journals;
  readonly #waiting: WaitingRoom;
  readonly #book: ForkBook;
  /** What authors on the board said and was refused, by author and place. */
  readonly #said = new Map<PeerId, Map<number, Said>>();
  #count = 0;
  /** The same of authors who are not on the board (yet), by author and place, oldest first: two different statements for each place at most. */
  readonly #saidByStrangers = new Map<string, readonly Said[]>();

  constructor(board: BoardId, journals: Journals, waiting: WaitingRoom, book: ForkBook) {
    this.#board = board;
    this.#journals = journals;
    this.#waiting = waiting;
    this.#book = book;
  }

  /** Statements of refused entries that are kept. */
  get size(): number {
    return this.#count + this.#saidByStrangers.size;
  }

  /** The proof that `entry`, whose signature holds, and an earlier one are, if it says something new about somebody on the board. */
  notice(entry: Entry): ForkProof | undefined {
    const { author, seq, hash } = entry;
    if (seq === 0 || !this.#book.isNews(entry) || !this.#isOnBoard(author)) return undefined;
    const held = this.#journals.at(author, seq);
    const other =
      held !== undefined && held.hash !== hash
        ? held
        : this.#waiting.at(author, seq).find((guest) => guest.hash !== hash);
    if (other !== undefined) return this.#prove(entry, stateIn(other));
    const ours = this.#said.get(author)?.get(seq);
    const strangers = this.#saidByStrangers.size === 0 ? [] : this.#saidByStrangers.get(placeOf(entry));
    const said = [...(ours === undefined ? [] : [ours]), ...(strangers ?? [])];
    const different = said.find((each) => each.hash !== hash);
    return different && this.#prove(entry, different.statement);
  }

  /** The author is on the board from now on: what it said before for one place, and nobody could prove, for the lowest one. */
  joined(author: PeerId): ForkProof | undefined {
    const bySeq = new Map<number, Said[]>();
    const add = (seq: number, said: Said): void => {
      const others = bySeq.get(seq) ?? [];
      if (others.every(({ hash }) => hash !== said.hash)) bySeq.set(seq, [...others, said]);
    };
    for (const [seq, said] of this.#said.get(author) ?? []) add(seq, said); // when it was on the board before
    for (const [place, said] of this.#saidByStrangers)
      if (place.startsWith(author)) for (const each of said) add(seqOf(place), each);
    for (const guest of this.#waiting.of(author))
      add(guest.seq, { hash: guest.hash, statement: stateIn(guest) });
    const [lowest] = [...bySeq].filter(([, said]) => said.length > 1).sort(([a], [b]) => a - b);
    if (lowest === undefined) return undefined;
    const [seq, [one, other]] = lowest;
    if (one === undefined || other === undefined) return undefined;
    return proveContradiction(this.#board, { author, seq }, one.statement, other.statement);
  }

  /** `entry` was refused. */
  refused(entry: Entry): void {
    const { author, seq, hash } = entry;
    if (seq === 0 || !this.#book.isNews(entry)) return;
    const said: Said = { hash, statement: stateIn(entry) };
    if (this.#isOnBoard(author)) this.#keep(author, seq, said);
    else this.#keepOfStranger(placeOf(entry), said);
  }

  #isOnBoard(author: PeerId): boolean {
    return this.#journals.linesOf(author).length > 0;
  }

  #prove(entry: Entry, other: Statement): ForkProof {
    const { author, seq } = entry;
    for (const place of this.#said.get(author)?.keys() ?? []) if (place >= seq) this.#drop(author, place);
    return proveContradiction(this.#board, { author, seq }, stateIn(entry), other);
  }

  #keep(author: PeerId, seq: number, said: Said): void {
    const places = this.#said.get(author) ?? new Map<number, Said>();
    if (places.has(seq)) return;
    this.#said.set(author, places);
    places.set(seq, said);
    this.#count += 1;
    if (places.size > MAX_STATEMENTS_EACH) this.#drop(author, Math.max(...places.keys()));
    if (this.#count <= MAX_STATEMENTS) return;
    let most: readonly [PeerId, ReadonlyMap<number, Said>] = [author, places];
    for (const each of this.#said) if (each[1].size > most[1].size) most = each;
    this.#drop(most[0], Math.max(...most[1].keys()));
  }

  #drop(author: PeerId, seq: number): void {
    const places = this.#said.get(author);
    if (places?.delete(seq) !== true) return;
    this.#count -= 1;
    if (places.size === 0) this.#said.delete(author);
  }

  #keepOfStranger(place: string, said: Said): void {
    const before = this.#saidByStrangers.get(place) ?? [];
    if (before.length > 1 || before.some(({ hash }) => hash === said.hash)) return;
    this.#saidByStrangers.set(place, [...before, said]);
    const [oldest] = this.#saidByStrangers.keys();
    if (this.#saidByStrangers.size > MAX_STATEMENTS_OF_STRANGERS && oldest !== undefined)
      this.#saidByStrangers.delete(oldest);
  }
}

function placeOf({ author, seq }: Entry): string {
  return `${author}/${seq}`;
}

function seqOf(place: string): number {
  return Number(place.slice(place.indexOf('/') + 1));
}
