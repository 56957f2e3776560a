/** What an attack is: written once, aimed at two targets. test/hostile/README.md is the introduction. */
import type { Bytes } from '../../kernel/bytes.ts';
import type { Hash } from '../../kernel/ids.ts';
import type { Entry } from '../../replication/entry.ts';
import type { BoardIdentities } from '../board-identities.ts';
import type { SimKeys } from '../sim-keys.ts';
import type { ElementId } from './update-bytes.ts';
import type { Writer } from './writer.ts';

/** What goes wrong on documents of plain Yjs. */
export type Harm =
  | 'admits' // shows or holds what the attacker sent, and nothing tells it from the rest
  | 'captures' // every value that an honest author set at the same time is lost
  | 'diverges' // two honest documents differ after all was exchanged both ways
  | 'impersonates' // an honest document is made to leave its own client id
  | 'loses' // something that an honest author wrote, and nobody honest deleted, is not shown
  | 'pends' // waits for ever for something that nobody has
  | 'squats' // believes to hold what nobody wrote
  | 'swells' // works over all that waits again with every update that comes
  | 'throws'; // an honest document throws when it takes the update, or when it is used afterwards

/** What there is to attack on the board of honest people, and who attacks. */
export interface Target {
  /** The attacker's Yjs client id and next clock. */
  readonly me: number;
  readonly myClock: number;
  /** An honest author's client id and next clock. */
  readonly victim: number;
  readonly victimClock: number;
  /** A Y.Text of the victim, and its letters in order, three or more. */
  readonly text: ElementId;
  readonly letters: readonly ElementId[];
  /** A value of the victim under a key of a root map. */
  readonly value: { readonly root: string; readonly key: string; readonly id: ElementId };
}

/** Updates for plain documents; those for the second honest person are the same unless said otherwise. */
export interface PlainAssault {
  readonly first: readonly Bytes[];
  readonly second: readonly Bytes[];
}

/** What an attacker on our replication has in hand. */
export interface Scene {
  readonly keys: SimKeys;
  readonly identities: BoardIdentities;
  readonly target: Target;
  /** An editor's keys and journal. */
  readonly me: Writer;
  /** A viewer's. */
  readonly viewer: Writer;
  /** The newest entries of honest authors, with all that they build on. */
  readonly heads: readonly Hash[];
  /** What an honest author wrote, and where their journal ends. */
  readonly victim: { readonly entries: readonly Entry[]; readonly head: Hash; readonly seq: number };
}

export interface Attack {
  /** Short, unique, in camelCase. */
  readonly name: string;
  /** One sentence: what the attacker does and hopes for. */
  readonly story: string;
  /** Its number in the list of eight attacks that the field study measured on Yjs 13.6.33; undefined: one more. */
  readonly study?: number | undefined;
  plain(target: Target): PlainAssault;
  /** Everything that goes wrong on plain Yjs, in the order of the alphabet. */
  readonly harm: readonly Harm[];
  /** Encoded entries, which honest replicas hear in any order. */
  entries(scene: Scene): readonly Bytes[];
  /** Everything that becomes of them at an honest replica: codes of refusals, `applied`, `fork`, `waits`. */
  readonly verdicts: readonly string[];
  /**
   * `unharmed` (the usual): afterwards all honest documents are as if nothing had been sent. `equal`: something took effect, the same
   * everywhere. `forked`: the attacker is
   * proven to have forked; the same everywhere, too.
   */
  readonly leaves?: 'unharmed' | 'equal' | 'forked';
  /** Of a fork: which of its entries break a rule, by their place in the list. */
  readonly unsound?: readonly number[];
}

/** The same updates for both. */
export function toBoth(...updates: readonly Bytes[]): PlainAssault {
  return { first: updates, second: updates };
}
