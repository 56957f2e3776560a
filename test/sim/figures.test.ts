/** Figures of many runs, and the queue of events. */
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../src/kernel/random.ts';
import { EventQueue } from '../../src/sim/event-queue.ts';
import { Figures, spreadOf } from '../../src/sim/figures.ts';

describe('figures', () => {
  it('are median, 95th percentile and worst by nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(spreadOf(values)).toEqual({ runs: 100, median: 50, p95: 95, worst: 100 });
    expect(spreadOf([7])).toEqual({ runs: 1, median: 7, p95: 7, worst: 7 });
  });

  it('are a table with one line each', () => {
    const figures = new Figures();
    figures.add({ oneMs: 10, share: 0.123 });
    figures.add({ oneMs: 20, share: 0.456 });
    expect(figures.lines().map((line) => line.trim().split(/ +/))).toEqual([
      ['median', 'p95', 'worst'],
      ['oneMs', '10', '20', '20'],
      ['share', '0.12', '0.46', '0.46'],
    ]);
  });
});

describe('the queue of events', () => {
  it('orders by time and then by order of scheduling, however far ahead and whatever is added meanwhile', () => {
    const random = randomFrom('queue');
    const queue = new EventQueue();
    const ran: { at: number; order: number }[] = [];
    let order = 0;
    let now = 0;
    const add = (): void => {
      const far = [1, 100, 20_000, 100_000][random.below(4)] ?? 1;
      const at = now + random.below(far * 10) / 10;
      const mine = order++;
      queue.push(at, () => {
        ran.push({ at, order: mine });
        if (order < 5_000) for (let i = random.below(3); i > 0; i--) add();
      });
    };
    for (let i = 0; i < 2_000; i++) add();
    for (let event = queue.pop(); event !== undefined; event = queue.pop()) {
      now = event.at;
      event.run();
    }
    expect(ran).toHaveLength(order);
    expect(queue.size).toBe(0);
    const sorted = [...ran].sort((a, b) => a.at - b.at || a.order - b.order);
    expect(ran).toEqual(sorted);
  });

  it('takes events before the next one, after somebody has looked for it', () => {
    const queue = new EventQueue();
    const ran: string[] = [];
    queue.push(5_000, () => ran.push('later'));
    expect(queue.nextAt()).toBe(5_000);
    queue.push(10.5, () => ran.push('sooner'));
    const cancelled = queue.push(20, () => ran.push('never'));
    queue.cancel(cancelled);
    for (let event = queue.pop(); event !== undefined; event = queue.pop()) event.run();
    expect(ran).toEqual(['sooner', 'later']);
  });
});
