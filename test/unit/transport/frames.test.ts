import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import { digest } from '../../../src/kernel/hash.ts';
import type { Lane } from '../../../src/kernel/machine.ts';
import {
  decodeFrame,
  encodeFrame,
  LANES,
  MAX_FRAME_BYTES,
  MAX_MESSAGE_BYTES,
  type Part,
  type PiecePart,
} from '../../../src/transport/frames.ts';
import { Reassembly } from '../../../src/transport/reassembly.ts';
import { REORDER_WINDOW, Resequencer } from '../../../src/transport/resequencer.ts';
import {
  CONTROL_RESERVE_BYTES,
  HIGH_WATER_BYTES,
  MAX_BULK_BYTES,
  MESSAGE_COST,
  SendQueue,
} from '../../../src/transport/send-queue.ts';

const SEED = 20_261_122;

function filled(length: number, tint: number): Bytes {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + tint) & 255);
}

function allFrames(queue: SendQueue): Bytes[] {
  const frames: Bytes[] = [];
  for (let frame = queue.nextFrame(); frame !== undefined; frame = queue.nextFrame()) frames.push(frame);
  return frames;
}

/** What a receiver makes of frames: messages by lane, or the code of the first refusal. */
function receive(frames: readonly Bytes[]): Record<Lane, Bytes[]> | string {
  const order = new Resequencer();
  const reassembly = new Reassembly();
  const messages: Record<Lane, Bytes[]> = { control: [], journal: [], bulk: [] };
  for (const bytes of frames) {
    const frame = decodeFrame(bytes);
    if (!frame.ok) return frame.code;
    const inOrder = order.accept(frame.value);
    if (!inOrder.ok) return inOrder.code;
    for (const part of inOrder.value.flatMap((each) => each.parts)) {
      if (part.kind !== 'whole' && part.kind !== 'piece') continue;
      const message = reassembly.take(part);
      if (!message.ok) return message.code;
      if (message.value !== undefined) messages[part.lane].push(message.value);
    }
  }
  return messages;
}

const lane = fc.constantFrom(...LANES);
const size = fc.oneof(
  { weight: 6, arbitrary: fc.nat(200) },
  { weight: 3, arbitrary: fc.nat(40_000) },
  { weight: 1, arbitrary: fc.nat(200_000) },
);
const workload = fc.array(fc.tuple(lane, size), { maxLength: 30 });

describe('frames', () => {
  it('[LNK-1] [LNK-4] carry messages of any sizes, whole and in the order of their lane', () => {
    fc.assert(
      fc.property(workload, (messages) => {
        const queue = new SendQueue();
        const sent: Record<Lane, string[]> = { control: [], journal: [], bulk: [] };
        messages.forEach(([where, length], i) => {
          const message = filled(length, i);
          if (queue.push(where, message, 0)) sent[where].push(digest('test/message', message));
        });
        const frames = allFrames(queue);
        expect(frames.every((frame) => frame.length <= MAX_FRAME_BYTES)).toBe(true);
        const received = receive(frames);
        if (typeof received === 'string') return expect.fail(received);
        for (const where of LANES)
          expect(received[where].map((message) => digest('test/message', message))).toEqual(sent[where]);
        expect(queue.queuedBytes).toBe(0);
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  it('[LNK-3] are put back into order within the window', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(REORDER_WINDOW - 1), { minLength: 1, maxLength: 40 }), (shifts) => {
        const frames = shifts.map((_, i) =>
          encodeFrame(i, [{ kind: 'whole', lane: 'control', message: filled(3, i) }]),
        );
        const shuffled = shifts
          .map((shift, i) => ({ key: i + Math.min(shift, REORDER_WINDOW - 1 - 40), frame: frames[i] }))
          .sort((a, b) => a.key - b.key)
          .flatMap(({ frame }) => frame ?? []);
        expect(receive(shuffled)).toMatchObject({ control: shifts.map((_, i) => filled(3, i)) });
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  it('[LNK-3] are refused when repeated, or too far ahead', () => {
    const frame = (sequence: number): Bytes => encodeFrame(sequence, []);
    expect(receive([frame(0), frame(0)])).toBe('replayed');
    expect(receive([frame(0), frame(2), frame(2)])).toBe('replayed');
    expect(receive([frame(REORDER_WINDOW)])).toBe('gap');
    expect(receive([frame(REORDER_WINDOW - 1)])).toMatchObject({ control: [] });
  });

  it('[LNK-2] yield a code, and never throw, when they are garbage, cut off or too long', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (noise, plausible) => {
        const bytes = new Uint8Array(noise);
        if (plausible && bytes.length > 0) bytes[0] = 1;
        const frame = decodeFrame(bytes);
        if (frame.ok) expect(encodeFrame(frame.value.sequence, frame.value.parts)).toEqual(bytes);
        else expect(frame.code).toMatch(/^[a-zA-Z]+$/);
      }),
      { seed: SEED, numRuns: 3000 },
    );
    const whole = encodeFrame(7, [{ kind: 'whole', lane: 'bulk', message: filled(50, 1) }]);
    for (let cut = 0; cut < whole.length; cut++)
      expect(decodeFrame(whole.slice(0, cut))).toEqual({ ok: false, code: 'truncated' });
    expect(decodeFrame(new Uint8Array(MAX_FRAME_BYTES + 1))).toEqual({ ok: false, code: 'frameTooLarge' });
    expect(decodeFrame(Uint8Array.of(2, 0, 0))).toEqual({ ok: false, code: 'version' });
    expect(decodeFrame(Uint8Array.from([...whole, 0]))).toEqual({ ok: false, code: 'trailing' });
  });

  const piece = (change: Partial<PiecePart>): PiecePart => ({
    kind: 'piece',
    lane: 'bulk',
    id: 0,
    total: 20_000,
    offset: 0,
    bytes: filled(10_000, 0),
    ...change,
  });

  it.each<[string, readonly Part[], string]>([
    ['a first piece that does not begin', [piece({ offset: 1 })], 'misplaced'],
    ['a wrong id', [piece({ id: 1 })], 'misplaced'],
    ['a hole', [piece({}), piece({ offset: 10_001 })], 'misplaced'],
    ['an overlap', [piece({}), piece({ offset: 9999 })], 'misplaced'],
    ['a changed total', [piece({}), piece({ offset: 10_000, total: 20_001 })], 'misplaced'],
    ['an overrun', [piece({}), piece({ offset: 10_000, bytes: filled(10_001, 0) })], 'misplaced'],
    ['an empty piece', [piece({ bytes: filled(0, 0) })], 'needless'],
    ['a cut that was not needed', [piece({ total: 100, bytes: filled(50, 0) })], 'needless'],
    ['a second message too early', [piece({}), piece({ id: 1 })], 'interleaved'],
    [
      'a whole message too early',
      [piece({}), { kind: 'whole', lane: 'bulk', message: filled(1, 0) }],
      'interleaved',
    ],
  ])('[LNK-5] are refused with %s', (_what, parts, code) => {
    expect(receive(parts.map((part, i) => encodeFrame(i, [part])))).toBe(code);
  });

  it('[LNK-5] may interleave pieces of different lanes', () => {
    const parts = [
      piece({}),
      piece({ lane: 'journal' }),
      piece({ offset: 10_000 }),
      piece({ lane: 'journal', offset: 10_000 }),
    ];
    const received = receive(parts.map((part, i) => encodeFrame(i, [part])));
    expect(received).toMatchObject({ journal: [{ length: 20_000 }], bulk: [{ length: 20_000 }] });
  });
});

describe('the send queue', () => {
  it('[LNK-7] packs many small messages into one frame', () => {
    const queue = new SendQueue();
    for (let i = 0; i < 200; i++) queue.push('journal', filled(60, i), 0);
    expect(allFrames(queue)).toHaveLength(1);
  });

  it('[LNK-6] sends control before journal before bulk', () => {
    const queue = new SendQueue();
    queue.push('bulk', filled(100_000, 0), 0);
    queue.push('journal', filled(10, 1), 0);
    queue.push('control', filled(10, 2), 0);
    const first = decodeFrame(queue.nextFrame() ?? filled(0, 0));
    expect(first.ok && first.value.parts.map((part) => ('lane' in part ? part.lane : part.kind))).toEqual([
      'control',
      'journal',
      'bulk',
    ]);
  });

  it('[LNK-6] gives every lane a share, however much waits before it', () => {
    const queue = new SendQueue();
    queue.push('bulk', filled(1000, 0), 0);
    queue.push('journal', filled(1000, 0), 0);
    for (let i = 0; i < 100; i++) queue.push('control', filled(16_000, i), 0);
    const lanes = allFrames(queue).map((bytes) => {
      const frame = decodeFrame(bytes);
      return frame.ok ? frame.value.parts.flatMap((part) => ('lane' in part ? [part.lane] : [])) : [];
    });
    const first = (which: Lane): number => lanes.findIndex((each) => each.includes(which));
    expect(first('control')).toBe(0);
    expect(first('journal')).toBeLessThanOrEqual(4);
    expect(first('bulk')).toBeLessThanOrEqual(8);
  });

  it('[LNK-8] bounds each lane in bytes, and empty messages too', () => {
    const fill = (where: Lane, message: Bytes, inChannel = 0): SendQueue => {
      const queue = new SendQueue();
      while (queue.push(where, message, inChannel));
      return queue;
    };
    expect(fill('journal', filled(1000, 0)).queuedBytes).toBeLessThan(HIGH_WATER_BYTES + 2000);
    expect(fill('journal', filled(0, 0)).queuedBytes).toBeLessThanOrEqual(HIGH_WATER_BYTES + MESSAGE_COST);
    expect(fill('journal', filled(0, 0), HIGH_WATER_BYTES).queuedBytes).toBe(0);
    expect(fill('control', filled(1000, 0)).queuedBytes).toBeLessThan(
      HIGH_WATER_BYTES + CONTROL_RESERVE_BYTES + 2000,
    );
    expect(fill('bulk', filled(100_000, 0)).queuedBytes).toBeLessThan(MAX_BULK_BYTES + 200_000);
  });

  it('[LNK-8] takes control messages behind the largest journal message', () => {
    const queue = new SendQueue();
    expect(queue.push('journal', filled(MAX_MESSAGE_BYTES, 0), 0)).toBe(true);
    expect(queue.push('journal', filled(1, 0), 0)).toBe(false);
    expect(queue.push('control', filled(1000, 0), 0)).toBe(true);
  });

  it('[LNK-22] ends with what control still has to say, then the goodbye', () => {
    const queue = new SendQueue();
    queue.push('bulk', filled(100_000, 0), 0);
    queue.nextFrame();
    queue.push('control', filled(10, 0), 0);
    queue.push('journal', filled(10, 0), 0);
    const parts = queue.lastFrames({ kind: 'goodbye', reason: 'goodbye' }, 8).flatMap((bytes) => {
      const frame = decodeFrame(bytes);
      return frame.ok ? frame.value.parts.map((part) => ('lane' in part ? part.lane : part.kind)) : ['bad'];
    });
    expect(parts).toEqual(['control', 'goodbye']);
    expect(queue.waiting).toBe(false);
  });
});
