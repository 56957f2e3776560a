/** Frames that no honest client sends, and some that look honest: shared by the tests and bench/signaling.ts. */
import fc from 'fast-check';
import type { Random } from '../../src/kernel/random.ts';

const NASTY_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'type',
  'topics',
  'then',
];
const TYPES = ['subscribe', 'unsubscribe', 'publish', 'ping', 'pong', 'SUBSCRIBE', '', '__proto__'];

const nastyValue = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, '', [], {}),
  fc.constantFrom(...NASTY_NAMES),
  fc.string({ unit: 'binary' }),
  fc.array(fc.oneof(fc.constantFrom<unknown>(...NASTY_NAMES, null, 7), fc.string()), { maxLength: 80 }),
  fc.jsonValue({ maxDepth: 5 }),
);

const almostMessage = fc
  .record(
    {
      type: fc.oneof(fc.constantFrom<unknown>(...TYPES), nastyValue),
      topic: nastyValue,
      topics: nastyValue,
      data: nastyValue,
    },
    { requiredKeys: [] },
  )
  .map((value) => JSON.stringify(value));

/** Arbitrary text, nearly-messages, truncated messages, and deep or repeated brackets. */
export const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.json(),
  almostMessage,
  fc.tuple(almostMessage, fc.nat(60)).map(([text, cut]) => text.slice(0, cut)),
  fc
    .tuple(almostMessage, fc.nat(60), fc.string({ maxLength: 2 }))
    .map(([text, at, put]) => text.slice(0, at) + put + text.slice(at + 1)),
  fc
    .tuple(fc.constantFrom('[', '{"a":', '[{"', '"', '\\'), fc.integer({ min: 1, max: 2000 }))
    .map(([unit, n]) => unit.repeat(n)),
);

/** One fuzzed frame at a time, much cheaper than an arbitrary: for runs of a million. The same seed gives the same frames. */
export function fuzzedFrame(random: Random): string {
  const choose = (list: readonly string[]): string => list[random.below(list.length)] ?? '';
  const value = (): string =>
    choose([
      'null',
      '[]',
      '{}',
      '"a"',
      '["a","b"]',
      '1e999',
      '"__proto__"',
      '["__proto__"]',
      '{"__proto__":{}}',
      '"\\ud800"',
      '[[[[[[[[[[[[[[[[[[',
      '{"a"',
      '',
    ]);
  const message = `{"type":"${choose(TYPES)}","topic":${value()},"topics":${value()},"data":${value()}}`;
  switch (random.below(5)) {
    case 0:
      return message;
    case 1:
      return message.slice(0, random.below(message.length));
    case 2: {
      const at = random.below(message.length);
      return message.slice(0, at) + String.fromCharCode(random.below(0x180)) + message.slice(at + 1);
    }
    case 3:
      return Array.from({ length: random.below(40) }, () => String.fromCharCode(random.below(0x300))).join(
        '',
      );
    default:
      return choose(['[', '{"a":', '"', '{"type":"publish",']).repeat(1 + random.below(300));
  }
}
