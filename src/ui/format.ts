const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' });
const shortDate = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const longDate = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });

/** "5 minutes ago", "yesterday", then a date. `at` and `now` are milliseconds since 1970; the future reads as just now. */
export function timeAgo(at: number, now: number): string {
  const age = Math.max(0, now - at);
  if (age < MINUTE) return 'just now';
  if (age < HOUR) return relative.format(-Math.floor(age / MINUTE), 'minute');
  if (age < DAY) return relative.format(-Math.floor(age / HOUR), 'hour');
  if (age < 7 * DAY) return relative.format(-Math.floor(age / DAY), 'day');
  return longDate.format(at);
}

/** "4.2 MB". Decimal units, one digit after the point from a megabyte on. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${String(bytes)} B`;
  if (bytes < 1_000_000) return `${String(Math.round(bytes / 1_000))} kB`;
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

/** How a due date reads on a card and how near it is. `due` is YYYY-MM-DD; `now` milliseconds since 1970. */
export function dueText(
  due: string,
  now: number,
): { readonly text: string; readonly near: 'late' | 'today' | 'later' } {
  const [year = 0, month = 1, day = 1] = due.split('-').map(Number);
  const date = new Date(year, month - 1, day);
  const today = new Date(now);
  today.setHours(0, 0, 0, 0);
  const days = Math.round((date.getTime() - today.getTime()) / DAY);
  if (days === 0) return { text: 'Today', near: 'today' };
  if (days === 1) return { text: 'Tomorrow', near: 'later' };
  const text = date.getFullYear() === today.getFullYear() ? shortDate.format(date) : longDate.format(date);
  return { text, near: days < 0 ? 'late' : 'later' };
}

/** When an invite stops working, as a date and time of this device. */
export function momentText(at: number): string {
  return new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}
