/** Tables of a bench: rows with a target each, as text for the terminal and as Markdown for docs/benchmarks.md. */

/** One line of the table. `holds`: whether ours meets the target; null where there is none, or none for this group size. */
export interface Row {
  readonly what: string;
  readonly stock: string;
  readonly ours: string;
  readonly target: string;
  readonly holds: boolean | null;
}

/** Rows under one title. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

const HEADINGS = ['stock', 'ours', 'target', 'holds'];

const cellsOf = ({ what, stock, ours, target, holds }: Row): readonly string[] => [
  what,
  stock,
  ours,
  target,
  holds === null ? '' : holds ? 'yes' : 'NO',
];

/** Prints a section for the terminal. */
export function printSection({ title, rows }: Section): void {
  const all = [[title, ...HEADINGS], ...rows.map(cellsOf)];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? [];
  console.log();
  for (const line of all) {
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

/** A section as a Markdown table. */
export function markdownOf({ title, rows }: Section): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const dashed = ({ target, holds, ...row }: Row): Row => ({ ...row, target: target || '–', holds });
  return [
    line([title, ...HEADINGS]),
    line(['what', ...HEADINGS].map(() => '---')),
    ...rows.map((row) => line(cellsOf(dashed(row)))),
  ].join('\n');
}

/** How many rows have a target, and how many of them hold. */
export function tallyOf(sections: readonly Section[]): { readonly held: number; readonly judged: number } {
  const judged = sections.flatMap(({ rows }) => rows).filter(({ holds }) => holds !== null);
  return { held: judged.filter(({ holds }) => holds === true).length, judged: judged.length };
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en');
export const one = (value: number): string => (Math.round(value * 10) / 10).toLocaleString('en');
export const bytes = (value: number): string =>
  value < 10_000_000 ? `${one(value / 1000)} kB` : `${one(value / 1_000_000)} MB`;
export const time = (ms: number | null): string =>
  ms === null ? 'never' : ms < 100 ? `${one(ms)} ms` : `${whole(ms)} ms`;
