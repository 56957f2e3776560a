/** Attacks by the entry around an update: its place, its author, its session, its causal past, its size, its repetition. */
import { concatBytes, type Bytes } from '../../kernel/bytes.ts';
import type { BoardId, Hash } from '../../kernel/ids.ts';
import {
  entryToSign,
  hashEntry,
  NO_HASH,
  sealEntry,
  type Entry,
  type EntryHeader,
} from '../../replication/entry.ts';
import { MAX_HEADS, MAX_PAYLOAD_BYTES } from '../../replication/limits.ts';
import { toBoth, type Attack, type Harm, type PlainAssault, type Scene, type Target } from './attack.ts';
import { ONE_NUMBER, REF, rootItem, updateOf, varint } from './update-bytes.ts';

const UNKNOWN = 'ab'.repeat(32) as Hash;

/** A number under a key of the board, by the attacker. */
function setting({ me, myClock }: Pick<Target, 'me' | 'myClock'>, key: string, number = 1): Bytes {
  return updateOf([
    { client: me, clock: myClock, structs: [rootItem('board', key, [1, 125, ...varint(number)], REF.any)] },
  ]);
}

/** An attack that shows nothing new to plain Yjs: there, whoever sends an update has it applied. */
function byEntries(
  name: string,
  story: string,
  verdicts: readonly string[],
  entries: (scene: Scene) => readonly Entry[],
  more: Partial<Attack> = {},
): Attack {
  return {
    name,
    story,
    harm: ['admits'],
    plain: (target) => toBoth(setting(target, 'hostile')),
    verdicts,
    entries: (scene) => entries(scene).map(({ bytes }) => bytes),
    ...more,
  };
}

/** The attacker's next entry with a lie in its header, otherwise right. */
function lying(scene: Scene, lies: Partial<EntryHeader>): Entry {
  const { me, heads, target } = scene;
  return me.draft('update', setting(target, 'hostile'), { heads: [...heads].sort(), ...lies });
}

/** `entry` with other fields, under its old signature. */
function forged(
  scene: Scene,
  entry: Entry,
  changes: Partial<EntryHeader>,
  board = scene.identities.board,
): Entry {
  const header = { ...entry, ...changes };
  const hash = hashEntry(board, header, entry.payload);
  return sealEntry({ ...header, hash }, entry.signature);
}

const FORGERIES: readonly Attack[] = [
  byEntries(
    'writeAsTheVictim',
    "An entry in the victim's name, signed with the attacker's key.",
    ['badSignature'],
    (scene) => {
      const { victim } = scene;
      return victims(scene).map(({ author }) =>
        forged(scene, lying(scene, {}), { author, seq: victim.seq + 1, previous: victim.head }),
      );
    },
    {
      study: 5,
      harm: ['diverges', 'loses'],
      plain: ({ victim, victimClock }) => toBoth(setting({ me: victim, myClock: victimClock }, 'hostile')),
    },
  ),
  byEntries(
    'changedOnTheWay',
    "The victim's newest entry with another place, under the signature that it had.",
    ['badSignature'],
    (scene) =>
      victims(scene).map((entry) => forged(scene, entry, { seq: entry.seq + 1, previous: entry.hash })),
  ),
  byEntries('changedContent', "The victim's newest entry with another content.", ['badSignature'], (scene) =>
    victims(scene).map((entry) => {
      const payload = setting(scene.target, 'hostile');
      const hash = hashEntry(scene.identities.board, entry, payload);
      return sealEntry({ ...entry, payload, hash }, entry.signature);
    }),
  ),
  byEntries(
    'replayOfAnotherBoard',
    'An entry that its author truly signed, for another board.',
    ['badSignature'],
    (scene) => {
      const other = '0d'.repeat(32) as BoardId;
      const entry = lying(scene, {});
      const hash = hashEntry(other, entry, entry.payload);
      const signature = scene.keys.sign(scene.me.peer, entryToSign(hash));
      return [sealEntry({ ...entry, hash }, signature)];
    },
  ),
  byEntries(
    'replayOfAnotherSession',
    "The victim's newest entry, said to be of another writer session.",
    ['badSignature'],
    (scene) => victims(scene).map((entry) => forged(scene, entry, { session: 2 })),
  ),
  byEntries(
    'replay',
    'What the victim wrote, again and again.',
    ['known'],
    ({ victim }) =>
      [...victim.entries, ...victim.entries].map((entry) => ({ ...entry, bytes: entry.bytes.slice() })),
    { harm: [], plain: () => toBoth(updateOf([])) },
  ),
  byEntries('nobodysSignature', 'An entry whose signature is 64 zero bytes.', ['badSignature'], (scene) => [
    sealEntry(lying(scene, {}), new Uint8Array(64)),
  ]),
];

/** The victim's newest entry, in a list. */
function victims({ victim }: Pick<Scene, 'victim'>): readonly Entry[] {
  return victim.entries.slice(-1);
}

const CHAINS: readonly Attack[] = [
  byEntries('skippedPlace', 'An entry for the place after next.', ['badSequence'], (scene) => [
    lying(scene, { seq: scene.me.seq + 2 }),
  ]),
  byEntries('placeZero', 'An entry for place 0, which no journal has.', ['badSequence'], (scene) => [
    lying(scene, { seq: 0, previous: NO_HASH }),
  ]),
  byEntries('lastPlace', 'An entry for the last place that a number can hold.', ['badSequence'], (scene) => [
    lying(scene, { seq: Number.MAX_SAFE_INTEGER }),
  ]),
  byEntries(
    'secondBeginning',
    'An entry that says to be the first of a journal that goes on.',
    ['badSequence'],
    (scene) => [lying(scene, { previous: NO_HASH })],
  ),
  byEntries(
    'chainOfTheVictim',
    "An entry that continues the victim's journal instead of the attacker's.",
    ['badSequence'],
    (scene) => [lying(scene, { previous: scene.victim.head, seq: scene.victim.seq + 1 })],
  ),
  byEntries(
    'headNamedManyTimes',
    'An entry that names one head 4,096 times, each of which everybody looks up.',
    ['badHeads'],
    (scene) => [lying(scene, { heads: Array<Hash>(MAX_HEADS).fill(scene.victim.head) })],
  ),
  byEntries(
    'headsOutOfOrder',
    'The same entry with its heads in another order, which makes another hash of it.',
    ['badHeads'],
    (scene) => [lying(scene, { heads: [...scene.heads].sort().reverse() })],
  ),
  byEntries(
    'unclaimedSession',
    'An entry of a writer session that was never opened, whose client id nobody knows.',
    ['sessionUnclaimed'],
    (scene) => [lying(scene, { session: 2 })],
  ),
  byEntries(
    'buildingOnRubbish',
    'Good entries on top of one that is refused, by which the refused one would come in again.',
    ['buildsOnRefused', 'updateGap'],
    (scene) => {
      const { me, heads, target } = scene;
      const bad = me.write(
        'update',
        setting({ me: target.me, myClock: target.myClock + 9 }, 'hostile'),
        heads,
      );
      return [bad, me.write('update', setting(target, 'hostile')), me.write('update', updateOf([]))];
    },
  ),
  byEntries(
    'unseenDelete',
    "Deletes the victim's text without having it in the causal past: who holds the text would delete it, who does not yet could not.",
    ['updateForeignDelete'],
    ({ me, target }) => [me.draft('update', anonymousDelete(target))],
    { study: 2, harm: ['loses'], plain: (target) => toBoth(anonymousDelete(target)) },
  ),
  byEntries(
    'unseenInsert',
    "Writes into the victim's text without having it in the causal past.",
    ['updateDangling'],
    ({ me, target }) => {
      const letter = target.letters[0];
      const left = letter === undefined ? [] : [...varint(letter.client), ...varint(letter.clock)];
      const item = [0x80 | REF.any, ...left, ...ONE_NUMBER];
      return [me.draft('update', updateOf([{ client: target.me, clock: target.myClock, structs: [item] }]))];
    },
  ),
];

/** Deletes what the victim wrote, without saying who does. */
export function anonymousDelete({ text, letters }: Target): Bytes {
  return updateOf([], [{ client: text.client, clock: text.clock + 1, len: letters.length }]);
}

const WAITING: readonly Attack[] = [
  byEntries(
    'builtOnNothing',
    'Entries that build on what nobody has, so that they wait for ever.',
    ['waits'],
    ({ me, target }) =>
      Array.from({ length: 12 }, (_, index) =>
        me.write('update', setting(target, `hostile ${index}`), index === 0 ? [UNKNOWN] : []),
      ),
  ),
  byEntries(
    'oneMissing',
    'Sends 999 updates and keeps back the one before them: plain Yjs merges all that waits again with every one that comes.',
    ['waits'],
    (scene) => {
      const { me, heads, target } = scene;
      me.write('update', setting(target, 'kept back'), heads);
      return Array.from({ length: 999 }, (_, index) =>
        me.write('update', setting({ me: target.me, myClock: target.myClock + 1 + index }, 'hostile')),
      );
    },
    {
      study: 7,
      harm: ['pends', 'swells'],
      plain: ({ me, myClock }): PlainAssault =>
        toBoth(
          ...Array.from({ length: 999 }, (_, index) =>
            setting({ me, myClock: myClock + 1 + index }, 'hostile'),
          ),
        ),
    },
  ),
];

const SIZES: readonly Attack[] = [
  byEntries(
    'unfinishedParts',
    'Parts of an update that never end, and a claim that begins anew.',
    ['applied'],
    ({ me, heads }) => [
      ...Array.from({ length: 6 }, () => me.write('part', new Uint8Array(5_000), heads)),
      me.claim(),
    ],
    { leaves: 'equal' },
  ),
  byEntries(
    'rubbishInParts',
    'Parts that only together are an update, which is malformed.',
    ['applied', 'updateMalformed'],
    ({ me, heads }) => [
      me.write('part', new Uint8Array(5_000).fill(255), heads),
      me.write('update', new Uint8Array(10).fill(255)),
    ],
    { leaves: 'equal', harm: ['throws'], plain: () => toBoth(new Uint8Array(5_010).fill(255)) },
  ),
  byEntries(
    'unlimitedParts',
    'An update of 32 MiB and one byte, in parts.',
    ['applied', 'updateTooLarge'],
    ({ me, heads }) => {
      const part = new Uint8Array(MAX_PAYLOAD_BYTES);
      const parts = Array.from({ length: 128 }, () => me.write('part', part, heads));
      return [...parts, me.write('part', new Uint8Array(1))];
    },
    { leaves: 'equal' },
  ),
  byEntries(
    'wallClockNonsense',
    'Entries dated 1970 and a quarter of a million years from now.',
    ['applied'],
    ({ me, heads }) => [
      me.write('update', updateOf([]), heads, { wallMs: 0 }),
      me.write('update', updateOf([]), [], { wallMs: Number.MAX_SAFE_INTEGER }),
    ],
    { leaves: 'equal', harm: [], plain: () => toBoth(updateOf([])) },
  ),
  {
    name: 'secondSpelling',
    story: 'An entry whose bytes are spelled in another way, so that one entry has two forms.',
    harm: [],
    plain: () => toBoth(concatBytes(updateOf([]), new Uint8Array([0, 0]))),
    verdicts: ['badValue', 'trailing', 'truncated'],
    entries: (scene) => {
      const { bytes } = lying(scene, {});
      return [
        concatBytes(bytes, new Uint8Array(1)),
        bytes.subarray(0, -1),
        new Uint8Array(0),
        new Uint8Array(700).fill(255),
      ];
    },
  },
];

/** Two different structs for one place of the attacker, one for each honest person: what Yjs can never repair. */
const twoFaces = (target: Target): PlainAssault => ({
  first: [setting(target, 'hostile', 1)],
  second: [setting(target, 'hostile', 2)],
});
const FORK_HARM: readonly Harm[] = ['admits', 'diverges'];

const FORKS: readonly Attack[] = [
  byEntries(
    'equivocation',
    'Two different entries for one place, one for each half of the people.',
    ['applied', 'fork'],
    ({ me, heads, target }) => {
      const other = me.draft('update', setting(target, 'hostile', 2), { heads: [...heads].sort() });
      return [me.write('update', setting(target, 'hostile', 1), heads), other];
    },
    { study: 1, plain: twoFaces, harm: FORK_HARM, leaves: 'forked' },
  ),
  byEntries(
    'equivocationThreeWays',
    'Three entries for one place.',
    ['applied', 'fork', 'waits'],
    ({ me, heads, target }) => {
      const drafts = [2, 3].map((number) =>
        me.draft('update', setting(target, 'hostile', number), { heads: [...heads].sort() }),
      );
      return [me.write('update', setting(target, 'hostile', 1), heads), ...drafts];
    },
    { study: 1, plain: twoFaces, harm: FORK_HARM, leaves: 'forked' },
  ),
  byEntries(
    'equivocationThatGoesOn',
    'Two journals that go on side by side after the place where they part.',
    ['applied', 'fork', 'waits'],
    ({ me, heads, target }) => {
      const { seq, head } = me;
      const next = { me: target.me, myClock: target.myClock + 1 };
      const one = [me.write('update', setting(target, 'a'), heads), me.write('update', setting(next, 'b'))];
      me.resume(seq, head);
      const two = [me.write('update', setting(target, 'c'), heads), me.write('update', setting(next, 'd'))];
      return [...one, ...two];
    },
    { study: 1, plain: twoFaces, harm: FORK_HARM, leaves: 'forked' },
  ),
  byEntries(
    'equivocationInTheBeginning',
    'A second claim for the first place of a journal.',
    ['fork'],
    ({ me, heads }) => {
      const [, ...rest] = heads;
      const { seq, head } = me;
      me.resume(0, NO_HASH);
      const claim = me.claim(rest);
      me.resume(seq, head);
      return [claim];
    },
    { study: 1, plain: twoFaces, harm: FORK_HARM, leaves: 'forked' },
  ),
  byEntries(
    'equivocationBehindARefusal',
    'Two entries for one place, of which one breaks a rule: whoever hears that one first might take the other for the only one.',
    ['fork', 'updateGap'],
    ({ me, heads, target }) => {
      const gap = { me: target.me, myClock: target.myClock + 9 };
      return [
        me.draft('update', setting(gap, 'hostile', 2), { heads: [...heads].sort() }),
        me.write('update', setting(target, 'hostile', 1), heads),
      ];
    },
    { study: 1, plain: twoFaces, harm: FORK_HARM, leaves: 'forked', unsound: [0] },
  ),
  byEntries(
    'equivocationOfRefusals',
    'Two entries for one place that both break a rule, to go on as if nothing had been.',
    ['fork', 'updateGap', 'waits'],
    ({ me, heads, target }) => {
      const gap = { me: target.me, myClock: target.myClock + 9 };
      const drafts = [1, 2].map((number) =>
        me.draft('update', setting(gap, 'hostile', number), { heads: [...heads].sort() }),
      );
      return [...drafts, me.write('update', setting(target, 'hostile', 3), heads)];
    },
    { study: 1, plain: twoFaces, harm: FORK_HARM, leaves: 'forked', unsound: [0, 1] },
  ),
  byEntries(
    'equivocationOfWhatWaits',
    'Two entries for one place that build on what nobody has, so that neither is ever judged.',
    ['fork', 'waits'],
    ({ me, target }) =>
      [1, 2].map((number) => me.draft('update', setting(target, 'hostile', number), { heads: [UNKNOWN] })),
    { study: 1, plain: twoFaces, harm: FORK_HARM, leaves: 'forked' },
  ),
];

export const ENTRY_ATTACKS: readonly Attack[] = [...FORGERIES, ...CHAINS, ...WAITING, ...SIZES, ...FORKS];
