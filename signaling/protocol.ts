/**
 * The signaling protocol: y-webrtc's publish/subscribe JSON over WebSocket text frames (y-webrtc 10.3.0, bin/server.js and
 * lib0/websocket.js). Pure and without imports: the server and the browser's client share it.
 * Rules and the wire table: docs/spec/signaling.md.
 */
/** A message, or the code of what is wrong with it. The same shape as the kernel's Result, which this folder does not import. */
export type Parsed<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly code: MalformedCode };

/** Path of the WebSocket endpoint. `/` is accepted too, because stock y-webrtc URLs carry no path. */
export const SIGNALING_PATH = '/signaling';

/**
 * Largest frame in bytes of UTF-8, both ways. A simple-peer offer with all its candidates is 2 to 10 kB, a third more when
 * encrypted and in base64 (measured); 64 KiB leaves room for several at once.
 */
export const MAX_FRAME_BYTES = 64 * 1024;

/** Longest topic name in UTF-16 units. Our own are 43 characters; stock room names are chosen by applications (guess). */
export const MAX_TOPIC_LENGTH = 256;

/** Most topics one connection may hold, and most that one subscribe or unsubscribe may name (guess: boards open in one tab). */
export const MAX_TOPICS_PER_CONNECTION = 64;

/**
 * Deepest nesting of objects and arrays in a frame. Stock signals reach 4. Without a bound, 64 KiB of `[` would overflow
 * the stack of `JSON.stringify` when the message is passed on.
 */
export const MAX_NESTING = 16;

/** Any JSON value: what a publisher sends is opaque to the server. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a client may send. */
export type ClientMessage =
  | { readonly type: 'subscribe'; readonly topics: readonly string[] }
  | { readonly type: 'unsubscribe'; readonly topics: readonly string[] }
  | { readonly type: 'publish'; readonly topic: string; readonly data: Json }
  | { readonly type: 'ping' };

/** What a server may send. `clients` is the number of the topic's subscribers when the message was passed on. */
export type ServerMessage =
  | { readonly type: 'publish'; readonly topic: string; readonly data: Json; readonly clients?: number }
  | { readonly type: 'pong' };

/** Why a frame is not a message. Closed set. */
export type MalformedCode =
  | 'frameTooLarge' // longer than MAX_FRAME_BYTES
  | 'tooDeep' // nested deeper than MAX_NESTING
  | 'notJson' // not one JSON text
  | 'notObject' // JSON, but not an object
  | 'unknownType' // `type` is missing or none of ours
  | 'badTopics' // `topics` is not an array, or names too many
  | 'badTopic' // a topic is not a string of 1 to MAX_TOPIC_LENGTH
  | 'missingData'; // a publish without `data`

/** Why the server ended a connection; the text of the close frame's reason. Closed set. */
export type RefusalCode =
  | MalformedCode
  | 'binaryFrame' // only text frames carry messages
  | 'badFrame' // broken WebSocket framing or invalid UTF-8
  | 'messageRate' // too many frames
  | 'byteRate' // too many bytes
  | 'fanOutRate' // too many bytes passed on to others
  | 'tooManyTopics' // above MAX_TOPICS_PER_CONNECTION
  | 'topicFull' // the topic has all the subscribers it may have
  | 'serverFull' // the server holds all the topics it may hold
  | 'slowConsumer' // did not take what was sent to it
  | 'silent' // did not answer a ping
  | 'shutdown' // the server is stopping
  | 'internal'; // our own mistake; the server goes on

/**
 * WebSocket close code (RFC 6455 section 7.4.1) of every refusal: 1008 policy, 1009 too big, 1003 unsupported data, 1007
 * invalid data, 1013 try again later, 1001 going away, 1011 internal error.
 */
export const CLOSE_CODES: Readonly<Record<RefusalCode, number>> = {
  frameTooLarge: 1009,
  tooDeep: 1008,
  notJson: 1008,
  notObject: 1008,
  unknownType: 1008,
  badTopics: 1008,
  badTopic: 1008,
  missingData: 1008,
  binaryFrame: 1003,
  badFrame: 1007,
  messageRate: 1008,
  byteRate: 1008,
  fanOutRate: 1008,
  tooManyTopics: 1008,
  topicFull: 1013,
  serverFull: 1013,
  slowConsumer: 1008,
  silent: 1008,
  shutdown: 1001,
  internal: 1011,
};

/** Reads a frame that a client sent. Total: any text yields a message or a code. Fields it does not know are dropped. */
export function parseClientMessage(text: string): Parsed<ClientMessage> {
  const parsed = parseObject(text);
  if (!parsed.ok) return parsed;
  const fields = parsed.value;
  const type = own(fields, 'type');
  switch (type) {
    case 'ping':
      return ok({ type });
    case 'subscribe':
    case 'unsubscribe': {
      const topics = readTopics(own(fields, 'topics'));
      return topics.ok ? ok({ type, topics: topics.value }) : topics;
    }
    case 'publish':
      return readPublish(fields);
    default:
      return refuse('unknownType');
  }
}

/** Reads a frame that a server sent, ours or stock. Total. `clients` is kept only when it is a whole number of at least 0. */
export function parseServerMessage(text: string): Parsed<ServerMessage> {
  const parsed = parseObject(text);
  if (!parsed.ok) return parsed;
  const type = own(parsed.value, 'type');
  if (type === 'pong') return ok({ type });
  if (type !== 'publish') return refuse('unknownType');
  const publish = readPublish(parsed.value);
  const clients = own(parsed.value, 'clients');
  const counted = typeof clients === 'number' && Number.isSafeInteger(clients) && clients >= 0;
  return publish.ok && counted ? ok({ ...publish.value, clients }) : publish;
}

/** Whether `value` can name a topic. Any text will do: names are map keys and nothing else. */
export function isTopic(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= MAX_TOPIC_LENGTH;
}

type Fields = Readonly<Record<string, Json>>;
type Publish = Extract<ClientMessage, { type: 'publish' }>;

function ok<Value>(value: Value): Parsed<Value> {
  return { ok: true, value };
}

function refuse(code: MalformedCode): { readonly ok: false; readonly code: MalformedCode } {
  return { ok: false, code };
}

/** Own fields only, so that nothing is ever read from a prototype. */
function own(fields: Fields, name: string): Json | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function parseObject(text: string): Parsed<Fields> {
  if (text.length > MAX_FRAME_BYTES) return refuse('frameTooLarge');
  if (nestsDeeperThan(text, MAX_NESTING)) return refuse('tooDeep');
  let value: Json;
  try {
    value = JSON.parse(text) as Json; // JSON.parse yields nothing else
  } catch {
    return refuse('notJson');
  }
  return isFields(value) ? ok(value) : refuse('notObject');
}

function isFields(value: Json): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readTopics(value: Json | undefined): Parsed<readonly string[]> {
  if (!Array.isArray(value)) return refuse('badTopics');
  const topics: readonly unknown[] = value;
  if (topics.length > MAX_TOPICS_PER_CONNECTION) return refuse('badTopics');
  return topics.every(isTopic) ? ok(topics) : refuse('badTopic');
}

function readPublish(fields: Fields): Parsed<Publish> {
  const topic = own(fields, 'topic');
  if (!isTopic(topic)) return refuse('badTopic');
  const data = own(fields, 'data');
  return data === undefined ? refuse('missingData') : ok({ type: 'publish', topic, data });
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Counts brackets outside strings without recursion. On text that is not JSON the answer does not matter: it is refused either way. */
function nestsDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) inString = !inString;
    else if (inString) i += unit === BACKSLASH ? 1 : 0;
    else if (OPENING.has(unit)) depth++;
    else if (CLOSING.has(unit)) depth--;
    if (depth > limit) return true;
  }
  return false;
}
