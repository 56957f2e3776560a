/** Bugs to plant in every honest node that runs the committee, each of which the judge of the committee scenario must catch. */
import type { PeerId } from '../kernel/ids.ts';
import type { Write } from '../kernel/machine.ts';
import { Patience } from '../consensus/patience.ts';
import type { CouncilDisk } from '../node/council-disk.ts';
import { LieBook } from '../consensus/lie-book.ts';
import { Witness } from '../consensus/witness.ts';
import { CarryingDesk } from '../node/carrying-desk.ts';
import { CouncilMail } from '../node/council-mail.ts';
import type { NodeCommand, NodeEffect } from '../node/events.ts';
import type { Node } from '../node/node.ts';
import { shortTempered } from './blame-watch.ts';
import type { BoardLifeOptions } from './board-life.ts';
import type { LiarKind } from './consensus-liars.ts';
import type { Birth } from './participant.ts';

type Machine = ReturnType<NonNullable<BoardLifeOptions['wrap']>>;

/**
 * `trouble`: anything goes wrong; `sleep`: tabs sleep and nothing else happens, so no view has a reason to change; `pairs`: at most two of four tabs are
 * ever there together.
 */
export type CommitteeMode = 'trouble' | 'sleep' | 'pairs';

export interface CommitteePlant {
  /** What the bug is. */
  readonly about: string;
  /** What kind of run it shows in; `trouble` unless said otherwise. */
  readonly mode?: CommitteeMode;
  /** What must be there for it to show. */
  readonly needs?: {
    readonly losses?: true;
    readonly siblings?: true;
    readonly oneEach?: true;
    readonly liar?: LiarKind;
    readonly crashes?: true;
  };
  readonly wrap?: (node: Node, birth: Birth<NodeCommand>, everybody: () => readonly PeerId[]) => Machine;
  readonly reads?: (disk: CouncilDisk, birth: Birth<NodeCommand>) => CouncilDisk;
  /** Changes code that all nodes share; gives back what undoes that. */
  readonly install?: () => () => void;
}

/** In place of what every tab of a profile keeps under its own key. */
const SHARED = 'shared';
/** Messages between two timers that are too many for `shortTempered`. */
const MANY_AT_ONCE = 32;

/** Changes the node, or what belongs to it, after every step: a state that was taken over is another object. */
function tampering(tamper: (node: Node) => void): NonNullable<CommitteePlant['wrap']> {
  return (node) => ({
    step: (input, now) => {
      const effects = node.step(input, now);
      tamper(node);
      return effects;
    },
  });
}

/** Replaces one method of a class until it is undone. */
function replacing<Name extends string, Method>(
  prototype: Record<Name, Method>,
  name: Name,
  method: NoInfer<Method>,
): () => () => void {
  return () => {
    const original = prototype[name];
    prototype[name] = method;
    return () => {
      prototype[name] = original;
    };
  };
}

/** Answers of the disk that do not wait for it. */
function hasty(node: Node): Machine {
  const answered = new Set<string>();
  const obey = (effects: readonly NodeEffect[], now: Parameters<Node['step']>[1]): NodeEffect[] =>
    effects.flatMap((effect) => {
      if (effect.kind !== 'persist' || !effect.tag.startsWith('consensus/')) return [effect];
      answered.add(effect.tag);
      return [effect, ...obey(node.step({ kind: 'durable', tag: effect.tag }, now), now)];
    });
  return {
    step: (input, now) => {
      const isOld = input.kind === 'durable' && answered.delete(input.tag);
      return isOld ? [] : obey(node.step(input, now), now);
    },
  };
}

/** The place of a tab's own records, behind the board's id. */
function shared(key: string, peer: PeerId): string {
  return key.replace(`/${peer}/`, `/${SHARED}/`);
}

const PLANTS: Readonly<Record<string, CommitteePlant>> = {
  hastyVotes: {
    about: 'votes are sent before their record is durable',
    needs: { crashes: true },
    wrap: (node) => hasty(node),
  },
  unmutedKey: {
    about: 'a key whose records are gone goes on as if it were new',
    needs: { losses: true },
    reads: (disk) => ({ ...disk, wasUsed: false }),
  },
  sharedRecords: {
    about: 'tabs of a profile keep what they signed in one place',
    needs: { siblings: true },
    wrap: (node, { peer }) => ({
      step: (input, now) =>
        node.step(input, now).map((effect) => {
          if (effect.kind !== 'persist') return effect;
          const writes = effect.writes.map((write): Write => ({ ...write, key: shared(write.key, peer) }));
          return { ...effect, writes };
        }),
    }),
    reads: (disk, { disk: stored, peer }) => {
      const prefix = `/${SHARED}/`;
      const records = stored.scan('consensus').flatMap(([key, value]): [string, typeof value][] => {
        const at = key.indexOf(prefix);
        return at < 0 ? [] : [[key.slice(at + prefix.length), value]];
      });
      return { ...disk, records, wasUsed: disk.wasUsed && records.length > 0 && peer !== '' };
    },
  },
  secretFounding: {
    about: 'whoever asks for the founding is not answered',
    install: replacing(CouncilMail.prototype, 'tellFounding', () => undefined),
  },
  impatient: {
    about: 'everybody counts as reachable, so patience runs without a quorum',
    mode: 'pairs',
    wrap: (node, { peer }, everybody) => {
      Object.assign(node, { reachable: () => everybody().filter((other) => other !== peer) });
      return node;
    },
  },
  hurried: {
    about: 'a primary is given a quarter of a second, which one that wakes up needs for itself',
    mode: 'sleep',
    install: () => {
      const usual = Object.getOwnPropertyDescriptor(Patience.prototype, 'limitMs') ?? {};
      Object.defineProperty(Patience.prototype, 'limitMs', { configurable: true, get: () => 250 });
      return () => void Object.defineProperty(Patience.prototype, 'limitMs', usual);
    },
  },
  doubleSeat: {
    about: 'a tab may sit beside others of its member where each has one seat',
    needs: { siblings: true, oneEach: true },
    wrap: tampering(({ council: { state } }) => {
      if (state !== undefined)
        state.seats.whyNotTake = (seat, _, replaces) =>
          state.seats.has(seat) || replaces !== undefined ? 'hasSeat' : undefined;
    }),
  },
  seatForLife: {
    about: 'whoever was evicted or may not edit any more keeps the seat',
    wrap: tampering(({ council: { state } }) => {
      if (state !== undefined) state.seats.leave = () => undefined;
    }),
  },
  shortArchive: {
    about: 'decisions are forgotten after four others',
    wrap: (node) => {
      const { archive } = node.council;
      const add = archive.add.bind(archive);
      archive.add = (archived) => {
        const writes = add(archived);
        const digits = 12;
        return writes.flatMap((write): Write[] => {
          const old = archived.certificate.seq - 4;
          if (write.op !== 'put' || old < 1) return [write];
          const key = `${write.key.slice(0, -digits)}${String(old).padStart(digits, '0')}`;
          return [write, { op: 'delete', store: write.store, key }];
        });
      };
      return node;
    },
  },
  tellsAgain: {
    about: 'what was told before is told again after a restart',
    needs: { crashes: true },
    wrap: (node) => {
      node.council.archive.has = () => false;
      return node;
    },
  },
  idleHands: {
    about: 'what was decided is not carried out on the board',
    install: replacing(CarryingDesk.prototype, 'look', () => undefined),
  },
  credulous: {
    about: 'what others say is stepped and handed on unchecked',
    needs: { liar: 'forging' },
    wrap: (node) => {
      node.council.judge = () => [];
      return node;
    },
  },
  shortTempered: {
    about: 'whoever brings much at once is taken for a flood',
    wrap: (node) => shortTempered(node, MANY_AT_ONCE),
  },
  deafToLies: {
    about: 'a second, different vote for one place goes unnoticed',
    needs: { liar: 'equivocating' },
    install: replacing(Witness.prototype, 'hear', () => undefined),
  },
  forgivingGroup: {
    about: 'what proves that a seat voted twice is kept, and nobody is asked to act on it',
    needs: { liar: 'equivocating' },
    install: replacing(LieBook.prototype, 'all', () => []),
  },
  blaming: {
    about: 'whoever brings what nobody here can judge yet is taken for a liar',
    wrap: (node) => {
      const { council } = node;
      const judge = council.judge.bind(council);
      council.judge = (said) => {
        const judged = judge(said);
        return judged === 'unfit' ? 'wrong' : judged;
      };
      return node;
    },
  },
};

/** Names of the bugs. */
export const COMMITTEE_PLANTS: readonly string[] = Object.keys(PLANTS);

export function committeePlant(name: string | undefined): CommitteePlant | undefined {
  return name === undefined ? undefined : PLANTS[name];
}
