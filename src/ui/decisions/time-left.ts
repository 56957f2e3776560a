const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Below this, seconds are shown, so the words change each second. */
const SECONDS_BELOW_MS = 2 * MINUTE;
/** How often words without seconds are looked at again, ms. Origin: guess; a minute is the smallest thing that they name. */
const SLOW_TICK_MS = 20 * SECOND;

const units = (value: number, unit: 'second' | 'minute' | 'hour' | 'day'): string =>
  new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' }).format(value);

/** "2 days", "5 hours", "12 minutes", "40 seconds": rounded down but for seconds, so that it never promises too much. `leftMs` below 0 counts as 0. */
export function timeLeft(leftMs: number): string {
  const left = Math.max(0, leftMs);
  if (left < SECONDS_BELOW_MS) return units(Math.ceil(left / SECOND), 'second');
  if (left < 2 * HOUR) return units(Math.floor(left / MINUTE), 'minute');
  if (left < 2 * DAY) return units(Math.floor(left / HOUR), 'hour');
  return units(Math.floor(left / DAY), 'day');
}

/** When words about these times have to be made again, ms from now; undefined when nothing runs. */
export function nextTick(leftMs: readonly number[]): number | undefined {
  const running = leftMs.filter((left) => left > 0);
  if (running.length === 0) return undefined;
  return Math.min(...running) < SECONDS_BELOW_MS + SLOW_TICK_MS ? SECOND : SLOW_TICK_MS;
}
