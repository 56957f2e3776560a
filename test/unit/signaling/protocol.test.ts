import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CLOSE_CODES,
  MAX_FRAME_BYTES,
  MAX_NESTING,
  MAX_TOPIC_LENGTH,
  MAX_TOPICS_PER_CONNECTION,
  parseClientMessage,
  parseServerMessage,
} from '../../../signaling/protocol.ts';
import { hostileText } from '../../support/signaling-fuzz.ts';

const topic = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((text) => text.length <= MAX_TOPIC_LENGTH);
const data = fc.jsonValue({ maxDepth: 6 }).map((value): unknown => JSON.parse(JSON.stringify(value)));

describe('messages of clients', () => {
  it('[SIG-1] reads every message that y-webrtc sends, and drops fields it does not know', () => {
    const message = fc.oneof(
      fc.record({
        type: fc.constantFrom('subscribe', 'unsubscribe'),
        topics: fc.array(topic, { maxLength: 8 }),
      }),
      fc.record({ type: fc.constant('publish'), topic, data }),
      fc.record({ type: fc.constant('ping') }),
    );
    fc.assert(
      fc.property(message, data, (sent, extra) => {
        const text = JSON.stringify({ ...sent, extra });
        expect(parseClientMessage(text)).toEqual({ ok: true, value: sent });
      }),
      { seed: 1 },
    );
  });

  it('[SIG-1] reads the frame of a stock client that has no room open yet', () => {
    expect(parseClientMessage('{"type":"subscribe","topics":[]}')).toEqual({
      ok: true,
      value: { type: 'subscribe', topics: [] },
    });
  });

  it.each([
    ['not json', 'notJson'],
    ['', 'notJson'],
    ['{"type":"ping"} {}', 'notJson'],
    ['null', 'notObject'],
    ['[]', 'notObject'],
    ['"ping"', 'notObject'],
    ['{}', 'unknownType'],
    ['{"type":"toString"}', 'unknownType'],
    ['{"type":1}', 'unknownType'],
    ['{"__proto__":{"type":"ping"}}', 'unknownType'],
    ['{"type":"subscribe"}', 'badTopics'],
    ['{"type":"subscribe","topics":"a"}', 'badTopics'],
    ['{"type":"subscribe","topics":{"length":1,"0":"a"}}', 'badTopics'],
    ['{"type":"subscribe","topics":["a",1]}', 'badTopic'],
    ['{"type":"unsubscribe","topics":[""]}', 'badTopic'],
    ['{"type":"publish","data":1}', 'badTopic'],
    ['{"type":"publish","topic":{},"data":1}', 'badTopic'],
    ['{"type":"publish","topic":"a"}', 'missingData'],
  ])('[SIG-2] refuses %s with %s', (text, code) => {
    expect(parseClientMessage(text)).toEqual({ ok: false, code });
  });

  it('[SIG-2] answers any text with a message or a code that has a close code', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const parsed = parseClientMessage(text);
        if (parsed.ok) expect(JSON.stringify(parsed.value).length).toBeGreaterThan(0);
        else expect(CLOSE_CODES[parsed.code]).toBeGreaterThanOrEqual(1001);
      }),
      { seed: 2, numRuns: 20_000 },
    );
  });

  it('[SIG-2] takes topic names up to their longest and no longer', () => {
    const named = (length: number): unknown =>
      parseClientMessage(JSON.stringify({ type: 'publish', topic: 'x'.repeat(length), data: null }));
    expect(named(MAX_TOPIC_LENGTH)).toMatchObject({ ok: true });
    expect(named(MAX_TOPIC_LENGTH + 1)).toEqual({ ok: false, code: 'badTopic' });
  });

  it('[SIG-2] takes as many topics at once as a connection may hold and no more', () => {
    const naming = (count: number): unknown =>
      parseClientMessage(JSON.stringify({ type: 'subscribe', topics: Array<string>(count).fill('x') }));
    expect(naming(MAX_TOPICS_PER_CONNECTION)).toMatchObject({ ok: true });
    expect(naming(MAX_TOPICS_PER_CONNECTION + 1)).toEqual({ ok: false, code: 'badTopics' });
  });

  it('[SIG-7] takes frames up to the largest and no larger', () => {
    const sized = (length: number): string => {
      const empty = JSON.stringify({ type: 'publish', topic: 't', data: '' });
      return JSON.stringify({ type: 'publish', topic: 't', data: 'x'.repeat(length - empty.length) });
    };
    expect(parseClientMessage(sized(MAX_FRAME_BYTES))).toMatchObject({ ok: true });
    expect(parseClientMessage(sized(MAX_FRAME_BYTES + 1))).toEqual({ ok: false, code: 'frameTooLarge' });
  });

  it('[SIG-7] counts nesting outside strings only, and refuses what would overflow the stack when passed on', () => {
    const nested = (depth: number): string =>
      `{"type":"publish","topic":"t","data":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(parseClientMessage(nested(MAX_NESTING))).toMatchObject({ ok: true });
    expect(parseClientMessage(nested(MAX_NESTING + 1))).toEqual({ ok: false, code: 'tooDeep' });
    expect(parseClientMessage(nested(30_000))).toEqual({ ok: false, code: 'tooDeep' });
    const brackets = '[{\\"['.repeat(1000);
    expect(parseClientMessage(`{"type":"publish","topic":"t","data":"${brackets}"}`)).toMatchObject({
      ok: true,
    });
  });
});

describe('messages of servers', () => {
  it('[SIG-1] reads what ours and stock servers send', () => {
    fc.assert(
      fc.property(topic, data, fc.option(fc.nat(), { nil: undefined }), (name, value, clients) => {
        const message = {
          type: 'publish',
          topic: name,
          data: value,
          ...(clients === undefined ? {} : { clients }),
        };
        expect(parseServerMessage(JSON.stringify(message))).toEqual({ ok: true, value: message });
      }),
      { seed: 3 },
    );
    expect(parseServerMessage('{"type":"pong"}')).toEqual({ ok: true, value: { type: 'pong' } });
  });

  it('[SIG-2] drops a count that is none, and refuses everything else with a code', () => {
    expect(parseServerMessage('{"type":"publish","topic":"t","data":1,"clients":-1}')).toEqual({
      ok: true,
      value: { type: 'publish', topic: 't', data: 1 },
    });
    expect(parseServerMessage('{"type":"ping"}')).toEqual({ ok: false, code: 'unknownType' });
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(typeof parseServerMessage(text).ok).toBe('boolean');
      }),
      { seed: 4, numRuns: 5000 },
    );
  });
});
