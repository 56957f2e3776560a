/** Honest people on our replication, and an attack on them. */
import { expect } from 'vitest';
import type { Bytes } from '../../src/kernel/bytes.ts';
import { encodeWith } from '../../src/kernel/codec.ts';
import { randomFrom, shuffled } from '../../src/kernel/random.ts';
import { admissionCodec } from '../../src/identity/admission.ts';
import type { Entry } from '../../src/replication/entry.ts';
import type { Attack, Scene } from '../../src/sim/attacks/attack.ts';
import { HonestReplica } from '../../src/sim/attacks/honest-replica.ts';
import { FIRST_EDITS, greet, missingFrom, targetOf, writeMore } from '../../src/sim/attacks/plain-board.ts';
import { Writer } from '../../src/sim/attacks/writer.ts';
import { createBoardIdentities } from '../../src/sim/board-identities.ts';
import { SimKeys } from '../../src/sim/sim-keys.ts';

const WALL_MS = 1_893_456_000_000;
/** Orders of arrival drawn at random, besides those that are written down. */
const DRAWN_ORDERS = 6;

export interface Stage {
  readonly scene: Scene;
  readonly replica: () => HonestReplica;
  /** Entries before the attack, and honest ones after it or at the same time. */
  readonly before: readonly Entry[];
  readonly after: readonly Entry[];
  /** What Alice and Bob wrote: nothing of it may be missing afterwards. */
  readonly honest: readonly Entry[];
}

/** The board of Alice, who invited Bob, Mallory and, as a viewer, Vera. */
export function setStage(): Stage {
  const keys = new SimKeys(randomFrom('hostile stage'));
  const identities = createBoardIdentities(keys, 'alice', WALL_MS);
  const [alice, bob, mallory, vera] = ['alice', 'bob', 'mallory', 'vera'].map(
    (name) => new Writer(keys, identities, name),
  );
  if (alice === undefined || bob === undefined || mallory === undefined || vera === undefined)
    throw new Error('nobody is there');
  const before: Entry[] = [alice.claim()];
  for (const name of ['bob', 'mallory'])
    before.push(alice.write('admit', encodeWith(admissionCodec, identities.ticket(name))));
  before.push(alice.write('admit', encodeWith(admissionCodec, identities.ticket('vera', 'viewer'))));
  // Mallory joins before there is anything to attack: what she has not named she has not seen.
  const claimed = mallory.claim([alice.head]);
  for (const edit of FIRST_EDITS) before.push(alice.edit([], edit));
  const alices = [...before];
  before.push(claimed, bob.claim([alice.head]), vera.claim([alice.head]));
  const heads = [alice.head, bob.head, vera.head];
  const victim = { entries: alices, head: alice.head, seq: alice.seq };
  bob.receive(alices);
  const target = targetOf(mallory.clientId, alice.clientId);
  const after = [alice.edit([bob.head], writeMore), bob.edit([], greet)];
  bob.receive(after.slice(0, 1));
  after.push(bob.edit([alice.head], (doc) => doc.getMap('board').set('last', 1)));
  const scene: Scene = { keys, identities, target, me: mallory, viewer: vera, heads, victim };
  const honest = [...before, ...after].filter(({ author }) => author === alice.peer || author === bob.peer);
  return { scene, before, after, honest, replica: () => new HonestReplica(keys, identities) };
}

/** In which orders everything arrives. Honest entries of `before` come first or anywhere. */
function ordersOf({ before, after }: Stage, attack: readonly Bytes[]): (readonly Bytes[])[] {
  const [first, last] = [before, after].map((entries) => entries.map(({ bytes }) => bytes));
  if (first === undefined || last === undefined) return [];
  const random = randomFrom('orders of arrival');
  const drawn = Array.from({ length: DRAWN_ORDERS }, () => shuffled(random, [...first, ...attack, ...last]));
  return [
    [...first, ...attack, ...last],
    [...first, ...last, ...attack],
    [...first, ...[...attack].reverse(), ...last],
    [...attack, ...first, ...last],
    [...first, ...last, ...attack].reverse(),
    ...drawn,
  ];
}

/** The attack comes to nothing, in whatever order its entries and those of honest people arrive. */
export function expectRepelled(attack: Attack): void {
  const stage = setStage();
  const { honest } = stage;
  const all = [...stage.before, ...stage.after];
  const untouched = stage.replica();
  untouched.take(all);
  expect(missingFrom(untouched.document.doc)).toEqual([]);
  const crafted = attack.entries(stage.scene);
  const ownBytes = new Set(all.map(({ bytes }) => bytes));
  const ends = ordersOf(stage, crafted).map((order) => {
    const replica = stage.replica();
    const told = order.flatMap((bytes) => {
      const verdicts = replica.hear(bytes);
      expect(replica.isPending).toBe(false);
      return ownBytes.has(bytes) ? [] : verdicts;
    });
    // Once more, as a restart of the attacker would send it.
    for (const bytes of crafted) replica.hear(bytes);
    for (const entry of honest) expect(replica.journals.has(entry.hash)).toBe(true);
    expect(missingFrom(replica.document.doc)).toEqual([]);
    return { replica, told };
  });
  // In the first order, each verdict is on an entry of the attack.
  expect([...new Set(ends[0]?.told)].sort()).toEqual([...attack.verdicts].sort());
  const states = ends.map(({ replica }) => replica.state);
  const digests = new Set(ends.map(({ replica }) => replica.journals.frontierDigest()));
  for (const state of states) expect(state).toEqual(states[0]);
  expect(digests.size).toBe(1);
  if (attack.leaves !== undefined && attack.leaves !== 'unharmed') return;
  expect(states[0]).toEqual(untouched.state);
  expect([...digests]).toEqual([untouched.journals.frontierDigest()]);
}
