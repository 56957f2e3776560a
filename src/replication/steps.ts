/** A number that only grows along a journal, kept as the places where it changed. */

/** From the journal's entry `since` on, the number is `value`. */
export interface Step {
  readonly since: number;
  readonly value: number;
}

/** The first entry after which the number is more than `value`; undefined if it never is. `steps` ascend. */
export function firstAbove(steps: readonly Step[], value: number): number | undefined {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle]?.value ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return steps[low]?.since;
}

/** The number after entry `seq`: the value of the last step at or before it, 0 before the first. `steps` ascend. */
export function valueAt(steps: readonly Step[], seq: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle]?.since ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return steps[low - 1]?.value ?? 0;
}
