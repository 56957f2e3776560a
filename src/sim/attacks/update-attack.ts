/** What attacks by updates are put together from. */
import type { Bytes } from '../../kernel/bytes.ts';
import { toBoth, type Attack, type Harm, type Target } from './attack.ts';
import { ONE_NUMBER, REF, rootItem, updateOf, yText, type ElementId } from './update-bytes.ts';

/** An attack that is one update. */
export function byUpdate(
  name: string,
  story: string,
  harm: readonly Harm[],
  verdict: string,
  update: (target: Target) => Bytes,
  study?: number,
): Attack {
  return {
    name,
    story,
    study,
    harm,
    verdicts: [verdict],
    plain: (target) => toBoth(update(target)),
    entries: ({ me, heads, target }) => [me.write('update', update(target), heads).bytes],
  };
}

/** Structs that follow on under the attacker's own client id. */
export function mine({ me, myClock }: Target, ...structs: readonly (readonly number[])[]): Bytes {
  return updateOf([{ client: me, clock: myClock, structs }]);
}

export function deleting(client: number, clock: number, len: number): Bytes {
  return updateOf([], [{ client, clock, len }]);
}

export const value = (key = 'hostile'): number[] => rootItem('board', key, ONE_NUMBER, REF.any);
export const word = (text: string): number[] => rootItem('board', 'hostile', yText(text), REF.string);

/** The struct of attacker's number `offset` of this update. */
export const own = ({ me, myClock }: Target, offset: number): ElementId => ({
  client: me,
  clock: myClock + offset,
});

export const letter = ({ letters }: Target, index: number): ElementId =>
  letters[index] ?? { client: 0, clock: 0 };
