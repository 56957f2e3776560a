/** Every attack. A new one is an element of one of these lists. */
import type { Attack } from './attack.ts';
import { ENTRY_ATTACKS } from './entry-attacks.ts';
import { MEMBERSHIP_ATTACKS } from './membership-attacks.ts';
import { UPDATE_ATTACKS } from './update-attacks.ts';

export const ATTACKS: readonly Attack[] = [...UPDATE_ATTACKS, ...ENTRY_ATTACKS, ...MEMBERSHIP_ATTACKS];
