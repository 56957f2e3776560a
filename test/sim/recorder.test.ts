/** Recorded tabs of the simulated world, run again: rules NOD-120 to NOD-124 of docs/spec/node.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../src/kernel/bytes.ts';
import type { Recorder } from '../../src/node/recorder.ts';
import { RecordingReader, type Call } from '../../src/node/recording.ts';
import { drawCommitteeTrouble } from '../../src/sim/committee-trouble.ts';
import { replay, type Replayed } from '../../src/sim/replay.ts';
import type { Scenario } from '../../src/sim/scenario.ts';
import { boardScenario } from '../../src/sim/scenarios/board.ts';
import { COMMITTEE_SCENARIOS } from '../../src/sim/scenarios/committee.ts';
import { firstSeed } from '../support/sim-seeds.ts';

/** Of the committee that is recorded. */
const SEATS = 4;

interface Recorded {
  readonly name: string;
  readonly recorder: Recorder;
}

const [committeeScenario = boardScenario] = COMMITTEE_SCENARIOS;

/** All lives of a run. */
function recorded(scenario: Scenario, seed: number, peers?: number): readonly Recorded[] {
  const lives: Recorded[] = [];
  const keep = (recorder: Recorder, _birth: unknown, name: string): void => {
    lives.push({ name, recorder });
  };
  const command = `npm run sim -- --scenario ${scenario.name} --seeds ${seed}..${seed}`;
  scenario.run({ seed: String(seed), peers, replay: command, record: keep });
  return lives;
}

function replayed(bytes: Bytes): Replayed {
  const result = replay(bytes);
  if (!result.ok) throw new Error(result.code);
  return result.value;
}

function callsOf(bytes: Bytes): readonly Call[] {
  const opened = RecordingReader.open(bytes);
  if (!opened.ok) throw new Error(opened.code);
  const calls: Call[] = [];
  for (let next = opened.value.next(); next.ok; next = opened.value.next()) {
    calls.push(next.value);
    if (next.value.kind === 'ended') return calls;
  }
  throw new Error('it does not end');
}

/** The longest life of a small board. */
let longest: Bytes | undefined;
function sample(): Bytes {
  longest ??= recorded(boardScenario, 1, 3)
    .map(({ recorder }) => recorder.export())
    .reduce((a, b) => (b.length > a.length ? b : a));
  return longest;
}

/** What reading or replaying changed bytes comes to. */
function verdictOf(bytes: Bytes): string {
  const result = replay(bytes);
  if (!result.ok) return result.code;
  return result.value.difference === undefined ? 'equal' : 'different';
}

describe('recorded tabs', () => {
  it.each([1, firstSeed()])(
    '[NOD-120, NOD-121] do the same again, all lives of a board: seed %i',
    (seed) => {
      const lives = recorded(boardScenario, seed);
      for (const { name, recorder } of lives) {
        const { calls, difference, end, outputs } = replayed(recorder.export());
        expect({ name, difference }).toEqual({ name, difference: undefined });
        expect(end).toEqual({ why: 'running', detail: '' });
        expect(calls).toBe(recorder.status.calls);
        expect(outputs).toBeGreaterThan(0);
      }
    },
    120_000,
  );

  it('[NOD-120, NOD-121] do the same again with a committee, if they do not lie: then it shows', () => {
    // Seed 1 has a seat that lies, between the node and what is recorded.
    const liars = drawCommitteeTrouble('1', SEATS, undefined, undefined).tabs.flatMap(({ lie, name }) =>
      lie === undefined ? [] : [name],
    );
    const lives = recorded(committeeScenario, 1, SEATS);
    const differing = lives.filter(({ recorder }) => replayed(recorder.export()).difference !== undefined);
    expect(liars.length).toBeGreaterThan(0);
    expect(new Set(differing.map(({ name }) => name))).toEqual(new Set(liars));
  }, 120_000);

  it('[NOD-120] go on as if nobody recorded them', () => {
    const run = (record: (() => void) | undefined) =>
      boardScenario.run({ seed: '5', peers: 3, replay: '', record });
    expect(run(() => undefined)).toEqual(run(undefined));
  });
});

describe('a changed recording', () => {
  it('[NOD-121] shows where another effect comes out', () => {
    const bytes = sample();
    const calls = callsOf(bytes);
    const step = calls.findIndex((call) => call.kind === 'stepped' && call.outputs.length > 2);
    const call = calls[step];
    if (call?.kind !== 'stepped') throw new Error('no step');
    const digest = call.outputs[1]?.digest ?? new Uint8Array(0);
    const at = findBytes(bytes, digest);
    const changed = bytes.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    const { difference } = replayed(changed);
    expect(difference).toMatchObject({ call: step + 1, effect: 2, at: call.at });
    expect(difference?.recorded).toBe(call.outputs[1]?.kind);
  });

  it('[NOD-124] is read to its end or refused, wherever it was changed, and nothing is thrown', () => {
    const bytes = sample();
    const verdicts = new Set<string>();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ by;
        verdicts.add(verdictOf(changed));
      }),
      { numRuns: 60 },
    );
    expect(verdicts).toContain('different');
  }, 120_000);

  it('[NOD-124] is refused when it is cut short, goes on, is something else, or of another version', () => {
    const bytes = sample();
    for (const length of [0, 5, 19, 21, 200, bytes.length - 1])
      expect(verdictOf(bytes.subarray(0, length))).toMatch(/^(?:truncated|notARecording|otherFormat)$/);
    expect(verdictOf(Uint8Array.from([...bytes, 0]))).toBe('trailing');
    expect(verdictOf(new Uint8Array(100))).toBe('notARecording');
    const newer = bytes.slice();
    newer[19] = 2;
    expect(verdictOf(newer)).toBe('otherFormat');
    const other = bytes.slice();
    other[20] = (other[20] ?? 0) + 1;
    expect(verdictOf(other)).toBe('otherProtocol');
  });
});

function findBytes(all: Bytes, part: Bytes): number {
  for (let at = 0; at + part.length <= all.length; at++)
    if (part.every((byte, i) => all[at + i] === byte)) return at;
  throw new Error('not there');
}
