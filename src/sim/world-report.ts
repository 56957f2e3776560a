/** What a run in a {@link World} has to say when it went well. */
import type { ScenarioReport } from './scenario.ts';
import type { WorldTrace } from './world-trace.ts';

/** The part of a world that is reported. */
interface ReportedWorld {
  readonly now: number;
  readonly events: number;
  readonly counters: { readonly sentMessages: number; readonly sentBytes: number };
  readonly trace: WorldTrace;
}

/** The report of a scenario with these figures. */
export function reportOf(world: ReportedWorld, figures: ScenarioReport['figures']): ScenarioReport {
  return {
    virtualMs: world.now,
    events: world.events,
    sentMessages: world.counters.sentMessages,
    sentBytes: world.counters.sentBytes,
    traceDigest: world.trace.digest(),
    figures,
  };
}
