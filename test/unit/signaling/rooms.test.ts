import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, keepsUp, type Limits } from '../../../signaling/limits.ts';
import { MAX_FRAME_BYTES, MAX_TOPICS_PER_CONNECTION } from '../../../signaling/protocol.ts';
import { Rooms, type Verdict } from '../../../signaling/rooms.ts';
import { draw, fullBucket } from '../../../signaling/token-bucket.ts';
import { hostileText } from '../../support/signaling-fuzz.ts';

function roomsWith(limits: Partial<Limits> = {}): Rooms {
  return new Rooms({ ...DEFAULT_LIMITS, ...limits });
}

/** Rooms in which connections 1 to `count` are open, each from an address of its own. */
function openRooms(count: number, limits: Partial<Limits> = {}): Rooms {
  const rooms = roomsWith(limits);
  for (let id = 1; id <= count; id++) expect(rooms.open(id, `10.0.0.${id}`, 0)).toBeUndefined();
  return rooms;
}

function tell(rooms: Rooms, id: number, message: object, now = 0): Verdict {
  const text = JSON.stringify(message);
  return rooms.receive(id, text, text.length, now);
}

const subscribe = (...topics: string[]): object => ({ type: 'subscribe', topics });
const publish = (topic: string, data: unknown = 1): object => ({ type: 'publish', topic, data });
const receivers = (verdict: Verdict): readonly number[] => (verdict.kind === 'relay' ? verdict.to : []);

describe('who hears whom', () => {
  it('[SIG-3] passes a publish on to every subscriber but its sender, with their number', () => {
    const rooms = openRooms(3);
    for (const id of [1, 2, 3]) tell(rooms, id, subscribe('t'));
    const verdict = tell(rooms, 2, { ...publish('t', { from: 'x' }), stray: 1 });
    expect(verdict).toMatchObject({ kind: 'relay', to: [1, 3] });
    expect(verdict.kind === 'relay' && JSON.parse(verdict.text)).toEqual({
      type: 'publish',
      topic: 't',
      data: { from: 'x' },
      clients: 3,
    });
  });

  it('[SIG-4] lets a connection publish where it does not subscribe, and says nothing to an empty topic', () => {
    const rooms = openRooms(2);
    tell(rooms, 1, subscribe('t'));
    expect(receivers(tell(rooms, 2, publish('t')))).toEqual([1]);
    expect(tell(rooms, 2, publish('nobody'))).toEqual({ kind: 'done' });
    expect(tell(rooms, 1, publish('t'))).toEqual({ kind: 'done' });
  });

  it('[SIG-1] answers a ping', () => {
    expect(tell(openRooms(1), 1, { type: 'ping' })).toEqual({ kind: 'answer', text: '{"type":"pong"}' });
  });

  it.each(['__proto__', 'constructor', 'toString', ' ', '\u0000', '\ud800'])(
    '[SIG-6] treats %j as a topic like any other',
    (topic) => {
      const rooms = openRooms(2);
      expect(receivers(tell(rooms, 1, publish(topic)))).toEqual([]);
      tell(rooms, 2, subscribe(topic));
      expect(receivers(tell(rooms, 1, publish(topic)))).toEqual([2]);
      expect(Object.hasOwn(Object.prototype, '2')).toBe(false);
    },
  );

  it('[SIG-3, SIG-5] agrees with a model of sets under any sequence of calls, and forgets empty topics', () => {
    const id = fc.integer({ min: 1, max: 5 });
    const topic = fc.constantFrom('a', 'b', '__proto__', 'c');
    const step = fc.oneof(
      fc.record({ do: fc.constant('subscribe' as const), id, topic }),
      fc.record({ do: fc.constant('unsubscribe' as const), id, topic }),
      fc.record({ do: fc.constant('publish' as const), id, topic }),
      fc.record({ do: fc.constant('close' as const), id, topic }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const rooms = openRooms(5);
        const open = new Set([1, 2, 3, 4, 5]);
        const model = new Map<string, Set<number>>();
        const held = (name: string): Set<number> => model.get(name) ?? new Set();
        for (const { do: action, id: who, topic: name } of steps) {
          if (action === 'close') {
            rooms.close(who);
            open.delete(who);
            for (const subscribers of model.values()) subscribers.delete(who);
            continue;
          }
          const message = action === 'publish' ? publish(name) : { type: action, topics: [name] };
          const verdict = tell(rooms, who, message);
          if (!open.has(who)) {
            expect(verdict).toEqual({ kind: 'ignored' });
            continue;
          }
          if (action === 'subscribe') model.set(name, held(name).add(who));
          if (action === 'unsubscribe') held(name).delete(who);
          const expected = action === 'publish' ? [...held(name)].filter((other) => other !== who) : [];
          expect([...receivers(verdict)].sort()).toEqual(expected.sort());
        }
        expect(rooms.connections).toBe(open.size);
        expect(rooms.topics).toBe([...model.values()].filter(({ size }) => size > 0).length);
        for (const who of open) rooms.close(who);
        expect(rooms.topics).toBe(0);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

describe('what one may ask for', () => {
  it('[SIG-2] forgets a connection with its first bad frame and ignores the rest', () => {
    const rooms = openRooms(2);
    tell(rooms, 1, subscribe('t'));
    expect(rooms.receive(1, '{', 1, 0)).toEqual({ kind: 'refused', code: 'notJson' });
    expect(tell(rooms, 1, subscribe('t'))).toEqual({ kind: 'ignored' });
    expect(rooms.refuse(1, 'silent')).toEqual({ kind: 'ignored' });
    expect(tell(rooms, 2, publish('t'))).toEqual({ kind: 'done' });
    expect(rooms.connections).toBe(1);
  });

  it('[SIG-8] refuses the frame after the burst, and gives the rate back with time', () => {
    const messages = { burst: 5, perSecond: 10 };
    const rooms = openRooms(2, { messages });
    for (let i = 0; i < 5; i++) expect(tell(rooms, 1, { type: 'ping' }, 0).kind).toBe('answer');
    expect(tell(rooms, 1, { type: 'ping' }, 100).kind).toBe('answer');
    expect(tell(rooms, 1, { type: 'ping' }, 150)).toEqual({ kind: 'refused', code: 'messageRate' });
    expect(tell(rooms, 2, { type: 'ping' }, 150).kind).toBe('answer');
  });

  it('[SIG-8] counts control frames and bytes', () => {
    const rooms = openRooms(2, { messages: { burst: 2, perSecond: 1 }, bytes: { burst: 100, perSecond: 1 } });
    expect([rooms.control(1, 0, 0), rooms.control(1, 0, 0)]).toEqual([{ kind: 'done' }, { kind: 'done' }]);
    expect(rooms.control(1, 0, 0)).toEqual({ kind: 'refused', code: 'messageRate' });
    expect(rooms.receive(2, '{"type":"ping"}', 101, 0)).toEqual({ kind: 'refused', code: 'byteRate' });
  });

  it('[SIG-8] charges a publisher for every copy that is sent because of it', () => {
    const rooms = openRooms(4, { fanOut: { burst: 250, perSecond: 1 } });
    for (const id of [1, 2, 3]) tell(rooms, id, subscribe('t'));
    expect(receivers(tell(rooms, 4, publish('t', 'x'.repeat(20))))).toHaveLength(3);
    expect(tell(rooms, 4, publish('t', 'x'.repeat(20)))).toEqual({ kind: 'refused', code: 'fanOutRate' });
  });

  it('[SIG-8] never lets more through than burst plus rate times time, even when the clock steps back', () => {
    const rate = { burst: 10, perSecond: 5 };
    fc.assert(
      fc.property(
        fc.array(fc.record({ by: fc.integer({ min: -500, max: 500 }), take: fc.nat(4) })),
        (draws) => {
          const bucket = fullBucket(rate, 0);
          let [now, latest, taken] = [0, 0, 0];
          for (const { by, take } of draws) {
            now += by;
            latest = Math.max(latest, now);
            if (draw(bucket, rate, take, now)) taken += take;
            expect(taken).toBeLessThanOrEqual(rate.burst + (latest * rate.perSecond) / 1000 + 1e-6);
          }
        },
      ),
      { seed: 6 },
    );
  });

  it('[SIG-7] refuses a publish that would be too large once passed on', () => {
    const rooms = openRooms(2);
    tell(rooms, 2, subscribe('t'));
    const numbers = `{"type":"publish","topic":"t","data":[${Array<string>(12_000).fill('1e20').join(',')}]}`;
    expect(numbers.length).toBeLessThan(MAX_FRAME_BYTES);
    expect(rooms.receive(1, numbers, numbers.length, 0)).toEqual({ kind: 'refused', code: 'frameTooLarge' });
  });

  it('[SIG-9] counts topics per connection, per server, and subscribers per topic', () => {
    const rooms = openRooms(3, { topics: MAX_TOPICS_PER_CONNECTION + 1, subscribersPerTopic: 1 });
    const names = Array.from({ length: MAX_TOPICS_PER_CONNECTION }, (_, i) => `t${i}`);
    expect(tell(rooms, 1, subscribe(...names))).toEqual({ kind: 'done' });
    expect(tell(rooms, 1, subscribe(...names))).toEqual({ kind: 'done' });
    expect(tell(rooms, 2, subscribe('t0'))).toEqual({ kind: 'refused', code: 'topicFull' });
    expect(tell(rooms, 3, subscribe('u0', 'u1'))).toEqual({ kind: 'refused', code: 'serverFull' });
    expect(rooms.topics).toBe(MAX_TOPICS_PER_CONNECTION);
    expect(tell(rooms, 1, subscribe('one more'))).toEqual({ kind: 'refused', code: 'tooManyTopics' });
    expect(rooms.topics).toBe(0);
  });

  it('[SIG-9] counts connections per server and per address', () => {
    const rooms = roomsWith({ connections: 3, connectionsPerAddress: 2 });
    expect(rooms.open(1, 'a', 0)).toBeUndefined();
    expect(rooms.open(2, 'a', 0)).toBeUndefined();
    expect(rooms.open(3, 'a', 0)).toBe('tooManyFromAddress');
    expect(rooms.open(4, 'b', 0)).toBeUndefined();
    expect(rooms.open(5, 'c', 0)).toBe('tooManyConnections');
    rooms.close(1);
    expect(rooms.open(6, 'a', 0)).toBeUndefined();
  });

  it('[SIG-9] slows down an address that keeps coming back, and forgets it when it has recovered', () => {
    const rooms = roomsWith({ connecting: { burst: 2, perSecond: 1 }, addresses: 1 });
    for (const id of [1, 2]) {
      expect(rooms.open(id, 'a', 0)).toBeUndefined();
      rooms.close(id);
    }
    expect(rooms.open(3, 'a', 500)).toBe('connectingTooFast');
    rooms.sweep(500);
    expect(rooms.open(4, 'b', 500)).toBe('tooManyAddresses');
    rooms.sweep(2000);
    expect(rooms.addresses).toBe(0);
    expect(rooms.open(5, 'b', 2000)).toBeUndefined();
    rooms.sweep(10_000);
    expect(rooms.addresses).toBe(1);
  });

  it('[SIG-10] lets a connection fall behind by its allowance, and by less when all together do', () => {
    const limits = { ...DEFAULT_LIMITS, buffered: 100, bufferedInAll: 1000, bufferedUnderPressure: 10 };
    expect(keepsUp(limits, 60, 40, 900)).toBe(true);
    expect(keepsUp(limits, 61, 40, 900)).toBe(false);
    expect(keepsUp(limits, 60, 40, 961)).toBe(false);
    expect(keepsUp(limits, 0, 10, 5000)).toBe(true);
  });

  it('[SIG-14] gives every hostile frame a verdict, and others lose nothing by it', () => {
    const rooms = openRooms(2, {
      connectionsPerAddress: 100_000,
      connecting: { burst: 100_000, perSecond: 1 },
    });
    tell(rooms, 1, subscribe('steady'));
    let id = 10;
    let refused = 0;
    const kinds = new Set<string>();
    fc.assert(
      fc.property(hostileText, (text) => {
        id++;
        expect(rooms.open(id, 'attacker', id)).toBeUndefined();
        const verdict = rooms.receive(id, text, text.length, id);
        kinds.add(verdict.kind);
        if (verdict.kind === 'refused') refused++;
        else rooms.close(id);
      }),
      { seed: 7, numRuns: 20_000 },
    );
    expect(refused).toBeGreaterThan(10_000);
    expect([...kinds].sort()).toEqual(['answer', 'done', 'refused']);
    expect([rooms.connections, rooms.topics]).toEqual([2, 1]);
    expect(receivers(tell(rooms, 2, publish('steady'), id))).toEqual([1]);
  });
});
