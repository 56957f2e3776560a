/** Many runs in one line per figure. */

export interface Spread {
  readonly runs: number;
  readonly median: number;
  readonly p95: number;
  readonly worst: number;
}

/** Median, 95th percentile (nearest rank) and largest value of `values`, which is not empty. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { runs: sorted.length, median: rank(0.5), p95: rank(0.95), worst: rank(1) };
}

/** The figures of many runs, by name, as they came. */
export class Figures {
  readonly #values = new Map<string, number[]>();

  add(figures: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(figures)) {
      const values = this.#values.get(name) ?? [];
      this.#values.set(name, values);
      values.push(value);
    }
  }

  /** A table in the order in which the names came first. */
  lines(): string[] {
    const rows = [...this.#values].map(([name, values]) => {
      const { median, p95, worst } = spreadOf(values);
      return [name, median, p95, worst].map((cell) => (typeof cell === 'number' ? shortNumber(cell) : cell));
    });
    const table = [['', 'median', 'p95', 'worst'], ...rows];
    const width = Math.max(...rows.map(([name = '']) => name.length), 0);
    return table.map(([name = '', ...cells]) =>
      [name.padEnd(width), ...cells.map((cell) => cell.padStart(10))].join(' '),
    );
  }
}

/** At most two decimals. */
export function shortNumber(value: number): string {
  return String(Math.round(value * 100) / 100);
}
