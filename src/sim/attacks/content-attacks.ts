/** Attacks by what an update puts into the document: kinds of content, names and depths that no board has. */
import * as Y from 'yjs';
import { concatBytes, type Bytes } from '../../kernel/bytes.ts';
import type { Attack, Target } from './attack.ts';
import { byUpdate, letter, mine, own, word } from './update-attack.ts';
import {
  ARRAY_TYPE,
  itemBetween,
  itemIn,
  MAP_TYPE,
  ONE_NUMBER,
  REF,
  rootItem,
  varint,
  yText,
} from './update-bytes.ts';

/** Levels of nesting that a recursion does not survive. */
const ABYSS = 18_000;

const nestedTypes = (target: Target, levels: number): Bytes =>
  mine(
    target,
    ...Array.from({ length: levels }, (_, level) =>
      level === 0
        ? rootItem('board', 'hostile', MAP_TYPE, REF.type)
        : itemIn(own(target, level - 1), 'k', MAP_TYPE, REF.type),
    ),
  );

/** A type nested 20,000 deep, and the deletion of its outermost level. */
const deepFall = (target: Target): Bytes => {
  const levels = nestedTypes(target, ABYSS);
  // The section ends before the last byte, which says that nothing is deleted.
  return concatBytes(
    levels.subarray(0, -1),
    new Uint8Array([1, ...varint(target.me), 1, ...varint(target.myClock), 1]),
  );
};

const nestedArrays = (levels: number): number[] => [
  1,
  ...Array.from({ length: levels }, () => [117, 1]).flat(),
  125,
  1,
];
/** Objects that lie in each other as prototypes, where nobody who lists an object's values looks. */
const nestedPrototypes = (levels: number): number[] => [
  1,
  ...Array.from({ length: levels }, () => [118, 1, ...yText('__proto__')]).flat(),
  118,
  0,
];

export const CONTENT_ATTACKS: readonly Attack[] = [
  byUpdate(
    'unknownRoot',
    'Writes into a root type that the board does not have: stored by all, shown by none.',
    ['admits'],
    'updateUnknownRoot',
    (target) => mine(target, rootItem('elsewhere', 'hostile', ONE_NUMBER, REF.any)),
  ),
  byUpdate(
    'rootNamedProto',
    'Writes into a root type named like the prototype of every object.',
    ['admits'],
    'updateUnknownRoot',
    (target) => mine(target, rootItem('__proto__', 'hostile', ONE_NUMBER, REF.any)),
  ),
  byUpdate(
    'keyNamedProto',
    'Writes an object under the key that gives whoever reads the map into an object a prototype of the attacker.',
    ['admits'],
    'updateContent',
    (target) => mine(target, rootItem('board', '__proto__', [1, 118, 1, ...yText('isAdmin'), 120], REF.any)),
  ),
  byUpdate(
    'subdocument',
    'Puts a document into the document, which providers would load and store.',
    ['admits'],
    'updateSubdocument',
    (target) => {
      const doc = new Y.Doc({ gc: false });
      doc.clientID = target.me;
      doc.getMap('board').set('hostile', new Y.Doc({ guid: 'hostile' }));
      return Y.encodeStateAsUpdate(doc) as Bytes;
    },
  ),
  byUpdate(
    'format',
    'Puts formats into a text: Yjs tidies them up on every device by writing deletions of its own.',
    ['admits'],
    'updateContent',
    (target) =>
      mine(
        target,
        itemBetween(letter(target, 0), letter(target, 1), [...yText('b'), ...yText('1')], REF.format),
      ),
  ),
  byUpdate('embed', 'Embeds an object in a text.', ['admits'], 'updateContent', (target) =>
    mine(target, itemBetween(letter(target, 0), letter(target, 1), yText('{}'), REF.embed)),
  ),
  byUpdate(
    'bytes',
    'Sets a key to bytes, which no board shows and every device stores.',
    ['admits'],
    'updateContent',
    (target) => mine(target, rootItem('board', 'hostile', [4, 1, 2, 3, 4], REF.binary)),
  ),
  byUpdate(
    'olderJson',
    'Uses the older spelling of values, which is parsed as JSON.',
    ['admits'],
    'updateContent',
    (target) => mine(target, rootItem('board', 'hostile', [1, ...yText('{"a":1}')], REF.json)),
  ),
  byUpdate('deepTypes', 'Nests types 40 deep.', ['admits'], 'updateTooDeep', (target) =>
    nestedTypes(target, 40),
  ),
  byUpdate(
    'deepFall',
    'Nests types 18,000 deep and deletes the outermost: Yjs deletes recursively, and the tab ends.',
    ['admits', 'throws'],
    'updateTooDeep',
    deepFall,
  ),
  byUpdate('deepList', 'Nests lists in the lists of others.', ['admits'], 'updateTooDeep', (target) =>
    mine(
      target,
      rootItem('board', 'hostile', ARRAY_TYPE, REF.type),
      ...Array.from({ length: 30 }, (_, level) => [
        REF.type,
        0,
        ...varint(target.me),
        ...varint(target.myClock + level),
        ...ARRAY_TYPE,
      ]),
    ),
  ),
  byUpdate('deepValue', 'Nests one value 200 deep.', ['admits'], 'updateTooDeep', (target) =>
    mine(target, rootItem('board', 'hostile', nestedArrays(200), REF.any)),
  ),
  byUpdate(
    'bottomlessValue',
    'Nests one value so deep that some engines can read it and others cannot, so that honest people judge it differently.',
    ['throws'],
    'updateMalformed',
    (target) => mine(target, rootItem('board', 'hostile', nestedArrays(100_000), REF.any)),
  ),
  byUpdate(
    'prototypeValue',
    'The same hidden from whoever looks: each object is the prototype of the one before.',
    ['admits'],
    'updateContent',
    (target) => mine(target, rootItem('board', 'hostile', nestedPrototypes(300), REF.any)),
  ),
  byUpdate(
    'emptyContent',
    'An element of length 0, which stands at a place that the next one takes as well.',
    ['admits', 'throws'],
    'updateMalformed',
    (target) => mine(target, word('')),
  ),
];
