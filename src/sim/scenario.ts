/** What a scenario is: a story that one seed tells with so many participants, and what has to be true in it. */

import type { RecordLife } from './board-life.ts';
import type { Curve } from './sim-keys.ts';

export interface ScenarioOptions {
  readonly seed: string;
  /** How many participants; undefined: as many as the seed draws, or as the scenario usually has. */
  readonly peers?: number | undefined;
  /** The command that repeats this run, for failures. */
  readonly replay: string;
  /** Name of a bug to plant, which the run must then catch; one of the scenario's `plants`. */
  readonly plant?: string | undefined;
  /** Makes the keys real ones, in the scenarios that have `curves`; without it they are a stand-in. */
  readonly curve?: Curve | undefined;
  /** Given the recorder of every life of a whole node, in the scenarios that have `records`. */
  readonly record?: RecordLife | undefined;
}

/** What a run that went well has to say. Figures are virtual: equal on every machine. */
export interface ScenarioReport {
  readonly virtualMs: number;
  readonly events: number;
  readonly sentMessages: number;
  readonly sentBytes: number;
  /** Equal for two runs in which the same things happened at the same times. */
  readonly traceDigest: string;
  /** The scenario's own figures. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface Scenario {
  readonly name: string;
  /** One line for the list. */
  readonly about: string;
  /** How many participants there usually are; undefined: the seed draws it. */
  readonly usualPeers: number | undefined;
  readonly plants: readonly string[];
  /** Whether its keys can be real ones. */
  readonly curves?: true;
  /** Whether its nodes can be recorded. */
  readonly records?: true;
  /** Throws {@link import('./failure.ts').SimulationFailure} when something is not as it has to be. */
  run(options: ScenarioOptions): ScenarioReport;
}
