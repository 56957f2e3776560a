/** A run that went wrong, told so that it can be repeated: seed, faults, the last lines, the command. */

/** How to run one world again. */
export interface Replay {
  readonly seed: string;
  /** The one command that repeats the run. */
  readonly command: string;
}

export class SimulationFailure extends Error {
  override readonly name = 'SimulationFailure';
  readonly seed: string;

  constructor(
    what: string,
    replay: Replay,
    faults: readonly string[],
    lines: readonly string[],
    cause?: unknown,
  ) {
    const text = [
      what,
      `seed: ${replay.seed}`,
      `faults: ${faults.length === 0 ? 'none' : faults.join('; ')}`,
      `the last ${lines.length} lines:`,
      ...lines,
      `replay: ${replay.command}`,
    ].join('\n');
    super(text, { cause });
    this.seed = replay.seed;
  }
}
