/** Prints a measured figure among the test runner's own lines, so that a slow machine shows in the report. */
export function reportFigure(what: string, value: number, unit: string): void {
  process.stdout.write(`  figure: ${what}: ${String(Math.round(value * 10) / 10)} ${unit}\n`);
}
