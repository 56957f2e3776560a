/** Names for people who have not chosen one. */
import { pick, type Random } from '../kernel/random.ts';

const QUALITIES = [
  'Amber',
  'Brisk',
  'Calm',
  'Clever',
  'Coral',
  'Gentle',
  'Golden',
  'Lucky',
  'Mellow',
  'Merry',
  'Nimble',
  'Patient',
  'Quiet',
  'Silver',
  'Steady',
  'Sunny',
];
const ANIMALS = [
  'Badger',
  'Beaver',
  'Crane',
  'Dolphin',
  'Falcon',
  'Finch',
  'Fox',
  'Hare',
  'Heron',
  'Lynx',
  'Marten',
  'Otter',
  'Owl',
  'Robin',
  'Seal',
  'Swift',
];

/** A quality and an animal, such as "Quiet Otter". */
export function inventName(random: Random): string {
  return `${pick(random, QUALITIES) ?? ''} ${pick(random, ANIMALS) ?? ''}`.trim();
}
