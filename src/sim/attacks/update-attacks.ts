/** Attacks by what an update says: written by an editor with a valid key, wrapped into an entry that is right in every other way. */
import type { Attack } from './attack.ts';
import { CONTENT_ATTACKS } from './content-attacks.ts';
import { byUpdate, deleting, letter, mine, own, value } from './update-attack.ts';
import {
  itemBetween,
  itemIn,
  MAP_TYPE,
  ONE_NUMBER,
  REF,
  rootItem,
  updateOf,
  varint,
  yText,
} from './update-bytes.ts';

/** Clock values that one struct of a few bytes can claim. */
const MANY = 65_536;
const HUGE = 2 ** 46;
/** The largest client id that Yjs draws itself, and a larger one that it takes as well. */
const LARGEST_ID = 2 ** 32 - 1;
const LARGER_ID = 2 ** 52;
/** Keys that an honest author sets at the same time; see {@link file://./plain-board.ts}. */
export const CONTESTED_KEYS = Array.from({ length: 32 }, (_, index) => `contested ${index}`);

const DELETES: readonly Attack[] = [
  byUpdate(
    'preemptiveDelete',
    "Deletes the victim's next 65,536 elements before they are written, so that all of it vanishes on arrival.",
    ['captures', 'loses', 'pends'],
    'updateForeignDelete',
    ({ victim, victimClock }) => deleting(victim, victimClock, MANY),
    3,
  ),
  byUpdate(
    'preemptiveDeleteOfAStranger',
    'Deletes what a client that nobody has heard of will write.',
    ['pends'],
    'updateForeignDelete',
    () => deleting(77, 0, MANY),
    3,
  ),
  byUpdate(
    'preemptiveDeleteAcrossTheEdge',
    'Deletes something that exists and, in the same range, what comes after it.',
    ['captures', 'loses', 'pends'],
    'updateForeignDelete',
    ({ victim, victimClock }) => deleting(victim, victimClock - 1, MANY),
    3,
  ),
  byUpdate(
    'deleteOfItsOwnFuture',
    'Deletes what the attacker itself has not written yet, so that it can be shown to some and not to others.',
    ['pends'],
    'updateForeignDelete',
    ({ me, myClock }) => deleting(me, myClock, 8),
    3,
  ),
  byUpdate(
    'deleteWithoutEnd',
    'Deletes a range whose end no number can hold.',
    ['captures', 'loses', 'pends'],
    'updateForeignDelete',
    ({ victim, victimClock }) => deleting(victim, victimClock, Number.MAX_SAFE_INTEGER - 1),
    3,
  ),
  byUpdate(
    'deleteOfNothing',
    'Deletes a range of no elements, which Yjs never writes.',
    [],
    'updateForeignDelete',
    ({ victim }) => deleting(victim, 0, 0),
  ),
];

const IDENTITIES: readonly Attack[] = [
  byUpdate(
    'identityTheft',
    "Writes on under the victim's client id, who is made to take another when it comes back.",
    ['diverges', 'impersonates', 'loses'],
    'updateForeignClient',
    ({ victim, victimClock }) =>
      updateOf([
        {
          client: victim,
          clock: victimClock,
          structs: Array.from({ length: 100 }, (_, index) => value(`hostile ${index}`)),
        },
      ]),
    5,
  ),
  byUpdate(
    'foreignClientId',
    'Writes under a client id of nobody.',
    ['admits'],
    'updateForeignClient',
    () => updateOf([{ client: 77, clock: 0, structs: [value()] }]),
    5,
  ),
  byUpdate(
    'largestClientId',
    'Writes under the largest client id there is, which wins every concurrent change of a map.',
    ['admits', 'captures'],
    'updateForeignClient',
    () => updateOf([{ client: LARGEST_ID, clock: 0, structs: CONTESTED_KEYS.map(value) }]),
    6,
  ),
  byUpdate(
    'oversizedClientId',
    'Writes under a client id of 53 bits, larger than any that Yjs draws.',
    ['admits', 'captures'],
    'updateForeignClient',
    () => updateOf([{ client: LARGER_ID, clock: 0, structs: CONTESTED_KEYS.map(value) }]),
    6,
  ),
  byUpdate(
    'gcSquatting',
    "Claims the victim's next 65,536 clock values with one struct without content; what the victim writes is skipped.",
    ['captures', 'impersonates', 'loses', 'squats'],
    'updateForeignClient',
    ({ victim, victimClock }) =>
      updateOf([{ client: victim, clock: victimClock, structs: [[REF.gc, ...varint(MANY)]] }]),
    4,
  ),
  byUpdate(
    'ownGcSquatting',
    'Claims clock values of its own without content, to fill them differently for different people later.',
    ['admits', 'squats'],
    'updateSquatting',
    (target) => mine(target, [REF.gc, ...varint(MANY)]),
    4,
  ),
  byUpdate(
    'hugeClock',
    'Claims 2^46 clock values with one struct of nine bytes.',
    ['admits', 'squats'],
    'updateSquatting',
    (target) => mine(target, [REF.gc, ...varint(HUGE)]),
    4,
  ),
  byUpdate(
    'squattingByDeletedContent',
    'Claims clock values as content that was deleted before anybody saw it.',
    ['admits', 'squats'],
    'updateSquatting',
    (target) => mine(target, rootItem('board', 'hostile', varint(MANY), REF.deleted)),
    4,
  ),
];

const GAPS: readonly Attack[] = [
  byUpdate(
    'gapHiding',
    'Merges its first and its tenth update: a skip hides the hole, and what describes the update says that nothing is missing.',
    ['admits', 'pends'],
    'updateGap',
    (target) => mine(target, value('a'), [REF.skip, ...varint(8)], value('b')),
    8,
  ),
  byUpdate(
    'plainGap',
    'Leaves clock values out.',
    ['pends'],
    'updateGap',
    ({ me, myClock }) => updateOf([{ client: me, clock: myClock + 5, structs: [value()] }]),
    8,
  ),
  byUpdate(
    'clockAtTheEnd',
    'Begins at the last clock value that a number can hold.',
    ['pends'],
    'updateGap',
    ({ me }) => updateOf([{ client: me, clock: Number.MAX_SAFE_INTEGER - 2, structs: [value()] }]),
    8,
  ),
  byUpdate(
    'skipAlone',
    'An update that is only a skip.',
    [],
    'updateGap',
    (target) => mine(target, [REF.skip, ...varint(3)]),
    8,
  ),
];

const REFERENCES: readonly Attack[] = [
  byUpdate(
    'danglingLeft',
    'Stands after an element that nobody has written, and waits there for ever.',
    ['pends'],
    'updateDangling',
    (target) => mine(target, itemBetween({ client: target.victim, clock: MANY }, undefined)),
  ),
  byUpdate(
    'danglingRight',
    'Stands before an element that nobody has written.',
    ['pends'],
    'updateDangling',
    (target) => mine(target, itemBetween(undefined, { client: 77, clock: 3 })),
  ),
  byUpdate('danglingParent', 'Lies in a type that nobody has made.', ['pends'], 'updateDangling', (target) =>
    mine(target, itemIn({ client: 77, clock: 0 }, 'hostile')),
  ),
  byUpdate('cyclicParent', 'Lies in itself.', ['throws'], 'updateDangling', (target) =>
    mine(target, itemIn(own(target, 0), 'hostile', MAP_TYPE, REF.type)),
  ),
  byUpdate('cyclicParents', 'Two types that lie in each other.', ['throws'], 'updateDangling', (target) =>
    mine(
      target,
      itemIn(own(target, 1), 'hostile', MAP_TYPE, REF.type),
      itemIn(own(target, 0), 'hostile', MAP_TYPE, REF.type),
    ),
  ),
  byUpdate('referenceToItself', 'Stands after itself.', ['throws'], 'updateDangling', (target) =>
    mine(target, itemBetween(own(target, 0), undefined)),
  ),
  byUpdate(
    'referenceToLater',
    'Stands after what the same update writes later.',
    ['throws'],
    'updateDangling',
    (target) => mine(target, itemBetween(own(target, 1), undefined), value()),
  ),
  byUpdate(
    'parentThatIsNoType',
    'Lies in a number, which has no inside: whoever applies it throws it away, and with it what stands after it.',
    ['admits', 'squats'],
    'updateMisplaced',
    (target) => mine(target, itemIn(target.value.id, 'hostile')),
  ),
  byUpdate(
    'placeBetweenStrangers',
    'Stands between two letters that have others between them: replicas order it differently against what others write there.',
    ['admits'],
    'updateMisplaced',
    (target) => mine(target, itemBetween(letter(target, 0), letter(target, 2), yText('HOSTILE'), REF.string)),
  ),
  byUpdate(
    'placeTurnedAround',
    'Stands between two letters, the left one to its right.',
    ['admits'],
    'updateMisplaced',
    (target) => mine(target, itemBetween(letter(target, 1), letter(target, 0), yText('HOSTILE'), REF.string)),
  ),
  byUpdate(
    'placeOfTwoLists',
    'Stands between a value of a map and a letter of a text.',
    ['admits'],
    'updateMisplaced',
    (target) => mine(target, itemBetween(target.value.id, letter(target, 0))),
  ),
  byUpdate(
    'secondFirst',
    'Sets a key as if nobody had, so that two values are the first of it.',
    ['admits'],
    'updateMisplaced',
    (target) => mine(target, rootItem(target.value.root, target.value.key, ONE_NUMBER, REF.any)),
  ),
  byUpdate(
    'twoValuesUnderOneKey',
    'Puts a run of several values under one key, of which replicas would show different ones.',
    ['admits'],
    'updateMisplaced',
    (target) => mine(target, rootItem('board', 'hostile', [2, 125, 1, 125, 2], REF.any)),
  ),
];

const SHAPES: readonly Attack[] = [
  byUpdate(
    'twoSections',
    'Two sections of one client, of which Yjs reads both and applies the last.',
    ['pends'],
    'updateMalformed',
    ({ me, myClock }) =>
      updateOf([
        { client: me, clock: myClock, structs: [value('a')] },
        { client: me, clock: myClock + 1, structs: [value('b')] },
      ]),
  ),
  byUpdate(
    'sectionOfTheVictim',
    "Its own section, and one of the victim's beside it.",
    ['admits', 'diverges', 'loses'],
    'updateMalformed',
    ({ me, myClock, victim, victimClock }) =>
      updateOf([
        { client: me, clock: myClock, structs: [value('a')] },
        { client: victim, clock: victimClock, structs: [value('b')] },
      ]),
    5,
  ),
  byUpdate('noBytes', 'An update of no bytes.', ['throws'], 'updateMalformed', () => new Uint8Array(0)),
  byUpdate('truncated', 'An update that ends in the middle.', ['throws'], 'updateMalformed', (target) =>
    mine(target, value()).subarray(0, -6),
  ),
  byUpdate(
    'moreThanThere',
    'Promises 100,000 structs and brings one.',
    ['throws'],
    'updateMalformed',
    ({ me, myClock }) =>
      new Uint8Array([1, ...varint(100_000), ...varint(me), ...varint(myClock), ...value()]),
  ),
  byUpdate('noise', 'Bytes that mean nothing.', ['throws'], 'updateMalformed', () =>
    Uint8Array.from({ length: 300 }, (_, index) => (index * 151 + 77) & 255),
  ),
];

export const UPDATE_ATTACKS: readonly Attack[] = [
  ...DELETES,
  ...IDENTITIES,
  ...GAPS,
  ...REFERENCES,
  ...CONTENT_ATTACKS,
  ...SHAPES,
];
