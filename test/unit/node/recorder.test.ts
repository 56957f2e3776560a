/** The flight recorder around a node: what ends a recording, and that nothing of it reaches the node. Rules NOD-120 to NOD-122 of docs/spec/node.md. */
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import type { Instant } from '../../../src/kernel/machine.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import type { NodeCommand } from '../../../src/node/events.ts';
import { MAX_RECORDING_BYTES } from '../../../src/node/limits.ts';
import { Node } from '../../../src/node/node.ts';
import { Recorder } from '../../../src/node/recorder.ts';
import type { Origin } from '../../../src/node/recording.ts';
import { replay } from '../../../src/sim/replay.ts';
import { BOARD, certificateOf, GENESIS, NOW } from '../identity/records.ts';

const ORIGIN: Origin = {
  app: 'test',
  board: BOARD,
  genesis: GENESIS,
  certificate: certificateOf('ada', 'ada', 'Ada'),
  ticket: undefined,
  seed: 'a recorded node',
};

function createNode(): Node {
  const { app: _app, seed, ...options } = ORIGIN;
  return new Node({ ...options, random: randomFrom(seed) });
}

function recorderOf(node: Node, limit?: number): Recorder {
  return new Recorder(node, ORIGIN, limit);
}

function tell(recorder: Recorder, command: NodeCommand, at = 0): void {
  recorder.step({ kind: 'command', command }, at as Instant);
}

const START: NodeCommand = { type: 'start', wallMs: NOW };

/** What becomes of a recording: how it ends, or where it differs. */
function outcome(recording: Bytes): unknown {
  const replayed = replay(recording);
  if (!replayed.ok) return replayed.code;
  const { difference, end } = replayed.value;
  return difference ?? end?.why;
}

describe('the recorder', () => {
  it('[NOD-121] hands on what the node does, and the same again', () => {
    const [recorder, other] = [recorderOf(createNode()), createNode()];
    const commands: NodeCommand[] = [START, { type: 'remember', peers: [] }, { type: 'sleeping' }];
    for (const [at, command] of commands.entries()) {
      const input = { kind: 'command', command } as const;
      const effects = recorder.step(input, (at * 0.1) as Instant);
      expect(effects).toEqual(other.step(input, (at * 0.1) as Instant));
      for (const effect of effects)
        if (effect.kind === 'send')
          expect(recorder.encode(effect.message)).toEqual(other.encode(effect.message));
    }
    expect(recorder.status).toMatchObject({ state: 'running', calls: 3 });
    expect(outcome(recorder.export())).toBe('running');
  });

  it('[NOD-121] notices that the node was made in another way', () => {
    const { app: _app, seed: _seed, ...options } = ORIGIN;
    const node = new Node({ ...options, random: randomFrom('another seed') });
    const recorder = recorderOf(node);
    tell(recorder, START);
    expect(outcome(recorder.export())).toMatchObject({ call: 1, doing: 'command start' });
  });

  it('[NOD-122] ends when there is no room left, and can be replayed up to there', () => {
    const recorder = recorderOf(createNode(), 8192);
    tell(recorder, START);
    const { calls } = recorder.status;
    tell(recorder, { type: 'restore', entries: [new Uint8Array(8192)] }, 1);
    tell(recorder, { type: 'sleeping' }, 2);
    expect(recorder.status).toMatchObject({ state: 'full', calls });
    expect(recorder.export().length).toBeLessThanOrEqual(8192);
    expect(outcome(recorder.export())).toBe('full');
    expect(MAX_RECORDING_BYTES).toBe(16 * 1024 * 1024);
  });

  it('[NOD-122] ends with a node that throws, and shows it throwing again', () => {
    const recorder = recorderOf(createNode());
    tell(recorder, START);
    // No command of ours: what a mistake of ours would look like.
    const command = { type: 'restore', entries: 5 } as unknown as NodeCommand;
    expect(() => tell(recorder, command, 1)).toThrow(TypeError);
    expect(recorder.status.state).toBe('threw');
    expect(outcome(recorder.export())).toBe('threw');
    const sound = new Recorder(
      {
        step: () => {
          throw new TypeError('not what a node says');
        },
        encode: () => new Uint8Array(0),
        decode: () => ({ ok: false, code: 'truncated' }),
        checks: () => [],
      },
      ORIGIN,
    );
    expect(() => tell(sound, START)).toThrow(TypeError);
    expect(outcome(sound.export())).toMatchObject({
      call: 1,
      recorded: 'TypeError: not what a node says',
    });
  });

  it('[NOD-122] ends where something cannot be written down, and the node goes on', () => {
    const recorder = recorderOf(createNode());
    tell(recorder, START);
    const odd = { type: 'sleeping', odd: new Set() } as unknown as NodeCommand;
    tell(recorder, odd, 1);
    expect(recorder.status).toMatchObject({ state: 'broken', calls: 1 });
    expect(outcome(recorder.export())).toBe('broken');
    const command: NodeCommand = { type: 'act', token: 'x', action: { kind: 'undo' }, wallMs: NOW };
    expect(recorder.step({ kind: 'command', command }, 2 as Instant)).toContainEqual({
      kind: 'emit',
      event: { type: 'refused', token: 'x', code: 'nothingToUndo' },
    });
  });
});
