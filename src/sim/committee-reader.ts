/** Reads what a committee decided as docs/spec writes it down, for judges: no code of src/consensus, src/governance or src/node is in it. */
import { fromUtf8, toHex, utf8, type Bytes } from '../kernel/bytes.ts';
import { Reader, Writer } from '../kernel/codec.ts';
import { digest } from '../kernel/hash.ts';
import { idBytes, type Hash, type MemberId, type PeerId } from '../kernel/ids.ts';

const SIGNATURE_BYTES = 64;

/** A decision as a tab keeps it, and as it proves it. */
export interface ReadDecision {
  readonly epoch: number;
  readonly view: number;
  readonly seq: number;
  readonly digest: Hash;
  readonly signatures: readonly { readonly seat: number; readonly signature: Bytes }[];
  /** The batch: its primary's clock, and what was asked for. */
  readonly time: number;
  readonly requests: readonly ReadRequest[];
  /** The hash of the batch that is there, to be the digest. */
  readonly batchHash: Hash;
}

export interface ReadRequest {
  readonly client: PeerId;
  readonly number: number;
  readonly operation: Bytes;
}

/** What the record of a decision says; undefined when it is none. */
export function readDecision(bytes: Bytes): ReadDecision | undefined {
  const reader = new Reader(bytes);
  const [epoch, view, seq] = [reader.varint(), reader.varint(), reader.varint()];
  const hash = id(reader) as Hash;
  const signatures = several(reader, () => ({
    seat: reader.varint(),
    signature: reader.raw(SIGNATURE_BYTES),
  }));
  const time = reader.varint();
  const requests = several(reader, () => {
    const request = { client: id(reader) as PeerId, number: reader.varint(), operation: sized(reader) };
    reader.raw(SIGNATURE_BYTES);
    return request;
  });
  if (reader.failure !== undefined) return undefined;
  return { epoch, view, seq, digest: hash, signatures, time, requests, batchHash: hashOf(time, requests) };
}

function hashOf(time: number, requests: readonly ReadRequest[]): Hash {
  const writer = new Writer();
  writer.varint(time);
  writer.varint(requests.length);
  for (const { client, number, operation } of requests) {
    const request = new Writer();
    request.raw(idBytes(client));
    request.varint(number);
    request.varint(operation.length);
    request.raw(operation);
    writer.raw(idBytes(digest('tabswarm/request/1', request.finish())));
  }
  return digest('tabswarm/batch/2', writer.finish());
}

/** What a key signs when it asks for something; undefined when the body is no request. */
export function readRequestBody(body: Bytes): ReadRequest | undefined {
  const label = utf8('tabswarm/request/1');
  if (fromUtf8(body.slice(0, label.length)) !== fromUtf8(label)) return undefined;
  const reader = new Reader(body.slice(label.length + 1));
  id(reader); // the board
  return { client: id(reader) as PeerId, number: reader.varint(), operation: sized(reader) };
}

export interface ReadStatement {
  /** Its kind as on the wire. */
  readonly tag: number;
  /** Of a vote: epoch, view, place and digest, with slashes between them. */
  readonly rest: string;
}

/** What a seat signs; undefined when the body is no statement. */
export function readStatementBody(body: Bytes): ReadStatement | undefined {
  const label = utf8('tabswarm/statement/1');
  if (fromUtf8(body.slice(0, label.length)) !== fromUtf8(label)) return undefined;
  const reader = new Reader(body.slice(label.length + 1));
  id(reader); // the board
  const epoch = reader.varint();
  id(reader); // the committee
  reader.varint(); // the seat
  const tag = reader.varint();
  const isVote = tag <= 3;
  return { tag, rest: isVote ? `${epoch}/${reader.varint()}/${reader.varint()}/${id(reader)}` : '' };
}

export type ReadRole = 'owner' | 'editor' | 'viewer' | 'agent';
const ROLES: readonly ReadRole[] = ['owner', 'editor', 'viewer', 'agent'];
const INVITABLE: readonly ReadRole[] = ['editor', 'viewer', 'agent'];

export type ReadAction =
  | { readonly kind: 'none' | 'removeBoard' | 'other' }
  | { readonly kind: 'evict'; readonly member: MemberId }
  | { readonly kind: 'role'; readonly member: MemberId; readonly role: ReadRole }
  | { readonly kind: 'dropSeat'; readonly seat: PeerId }
  | { readonly kind: 'removeColumn'; readonly columnId: string };

export type ReadChoice = 'approve' | 'reject' | 'abstain';
const CHOICES: readonly ReadChoice[] = ['approve', 'reject', 'abstain'];

export type ReadOperation =
  | { readonly kind: 'introduce'; readonly tab: PeerId; readonly member: MemberId }
  | {
      readonly kind: 'admit';
      readonly member: MemberId;
      readonly issuer: MemberId;
      readonly role: ReadRole;
      readonly tab: { readonly peer: PeerId; readonly member: MemberId } | undefined;
    }
  | { readonly kind: 'changeRole'; readonly member: MemberId; readonly role: ReadRole }
  | { readonly kind: 'evict'; readonly member: MemberId }
  | { readonly kind: 'takeSeat'; readonly replaces: PeerId | undefined }
  | { readonly kind: 'convict'; readonly lie: ReadLie }
  | { readonly kind: 'leaveSeat' | 'renewSeat' }
  | { readonly kind: 'expireSeats'; readonly seats: readonly PeerId[] }
  | { readonly kind: 'dropSeat'; readonly seat: PeerId }
  | {
      readonly kind: 'propose';
      readonly title: string;
      readonly action: ReadAction;
      readonly closesInMs: number;
      readonly thresholdPercent: number | undefined;
      readonly isFinal: boolean;
    }
  | { readonly kind: 'castBallot'; readonly proposal: Hash; readonly choice: ReadChoice }
  | { readonly kind: 'withdraw' | 'close'; readonly proposal: Hash }
  /** What nobody asks for here, or bytes that say nothing. */
  | { readonly kind: 'other' };

/** One of the two claims of a proof: its place, and the bytes that were signed. */
export interface ReadClaim {
  readonly place: string;
  readonly body: Bytes;
  readonly signature: Bytes;
}

/** A proof that a seat voted twice. */
export interface ReadLie {
  readonly epoch: number;
  readonly committee: Hash;
  readonly seat: number;
  readonly key: PeerId;
  readonly claims: readonly [ReadClaim, ReadClaim];
}

/** What an operation says. */
export function readOperation(bytes: Bytes): ReadOperation {
  const reader = new Reader(bytes);
  const operation = operationOf(reader.varint(), reader);
  return reader.failure === undefined && reader.remaining === 0 ? operation : { kind: 'other' };
}

function operationOf(tag: number, reader: Reader): ReadOperation {
  switch (tag) {
    case 1: {
      const { member, peer } = certificate(reader);
      return { kind: 'introduce', tab: peer, member };
    }
    case 4:
      return admission(reader);
    case 5:
      return { kind: 'changeRole', member: id(reader) as MemberId, role: ROLES[reader.varint()] ?? 'viewer' };
    case 6:
      return { kind: 'evict', member: evicted(reader) };
    case 8:
      return { kind: 'takeSeat', replaces: reader.varint() === 1 ? (id(reader) as PeerId) : undefined };
    case 9:
      return { kind: 'leaveSeat' };
    case 10:
      return { kind: 'renewSeat' };
    case 11:
      return { kind: 'expireSeats', seats: several(reader, () => id(reader) as PeerId) };
    case 12:
      return { kind: 'dropSeat', seat: id(reader) as PeerId };
    case 13:
      return question(reader);
    case 14: {
      const [proposal, choice] = [id(reader) as Hash, CHOICES[reader.varint()] ?? 'abstain'];
      sized(reader); // the reason
      return { kind: 'castBallot', proposal, choice };
    }
    case 15:
      return { kind: 'withdraw', proposal: id(reader) as Hash };
    case 16:
      return { kind: 'close', proposal: id(reader) as Hash };
    case 19:
      return { kind: 'convict', lie: lie(reader) };
    default:
      return { kind: 'other' };
  }
}

function lie(reader: Reader): ReadLie {
  const board = id(reader);
  const epoch = reader.varint();
  const committee = id(reader) as Hash;
  const [seat, key] = [reader.varint(), id(reader) as PeerId];
  const label = new Writer();
  label.raw(utf8('tabswarm/statement/1'));
  label.varint(0);
  label.raw(idBytes(board as Hash));
  label.varint(epoch);
  label.raw(idBytes(committee));
  label.varint(seat);
  const begun = label.finish();
  return { epoch, committee, seat, key, claims: [claim(reader, begun), claim(reader, begun)] };
}

/** Kinds of claims by their tags on the wire, and how many numbers name the place of each. */
const PLACES: Readonly<Record<number, number>> = { 1: 2, 2: 2, 3: 2, 4: 1, 6: 1, 9: 0, 10: 1 };

function claim(reader: Reader, begun: Bytes): ReadClaim {
  const writer = new Writer();
  writer.raw(begun);
  const tag = reader.varint();
  writer.varint(tag);
  const number = (): number => {
    const value = reader.varint();
    writer.varint(value);
    return value;
  };
  const hash = (): void => writer.raw(reader.raw(32));
  const place = [tag, ...Array.from({ length: PLACES[tag] ?? 0 }, number)].join('/');
  if (tag === 9) number();
  if (tag === 6)
    for (let left = number(); left > 0 && reader.failure === undefined; left--) {
      number();
      hash();
    }
  else hash();
  if (tag === 9) hash();
  return { place, body: writer.finish(), signature: reader.raw(SIGNATURE_BYTES) };
}

function admission(reader: Reader): ReadOperation {
  id(reader); // the board
  const issuer = id(reader) as MemberId;
  reader.raw(32); // the invite's key
  const role = INVITABLE[reader.varint()] ?? 'viewer';
  reader.varint(); // uses
  if (reader.varint() === 1) reader.varint(); // the end
  sized(reader); // the board's title
  sized(reader); // the issuer's name
  reader.raw(SIGNATURE_BYTES);
  const member = id(reader) as MemberId;
  reader.raw(SIGNATURE_BYTES);
  const tab = reader.varint() === 1 ? certificate(reader) : undefined;
  return { kind: 'admit', member, issuer, role, tab };
}

function question(reader: Reader): ReadOperation {
  const title = fromUtf8(sized(reader));
  sized(reader); // the text
  const action = actionOf(reader.varint(), reader);
  const closesInMs = reader.varint();
  const thresholdPercent = reader.varint() === 1 ? reader.varint() : undefined;
  return { kind: 'propose', title, action, closesInMs, thresholdPercent, isFinal: reader.varint() === 1 };
}

function actionOf(tag: number, reader: Reader): ReadAction {
  switch (tag) {
    case 1:
      return { kind: 'none' };
    case 2:
      return { kind: 'evict', member: evicted(reader) };
    case 3:
      return { kind: 'role', member: id(reader) as MemberId, role: ROLES[reader.varint()] ?? 'viewer' };
    case 4:
      return { kind: 'dropSeat', seat: id(reader) as PeerId };
    case 5:
      return { kind: 'removeColumn', columnId: fromUtf8(sized(reader)) };
    case 6:
      return { kind: 'removeBoard' };
    default:
      return { kind: 'other' };
  }
}

/** The id of the proposal that a request makes: a hash of everything it says. */
export function proposalIdIn({ client, number, operation }: ReadRequest): Hash {
  const name = utf8(`${client}/${number}`);
  const writer = new Writer();
  writer.varint(name.length);
  writer.raw(name);
  // Behind the tag, which is one byte.
  writer.raw(operation.slice(1));
  return digest('tabswarm/proposal/1', writer.finish());
}

function certificate(reader: Reader): { readonly member: MemberId; readonly peer: PeerId } {
  const [member, peer] = [id(reader) as MemberId, id(reader) as PeerId];
  reader.varint(); // the slot
  sized(reader); // the name
  reader.raw(SIGNATURE_BYTES);
  return { member, peer };
}

function evicted(reader: Reader): MemberId {
  const member = id(reader) as MemberId;
  several(reader, () => [id(reader), reader.varint(), id(reader)]);
  return member;
}

function id(reader: Reader): string {
  return toHex(reader.raw(32));
}

function sized(reader: Reader): Bytes {
  return reader.raw(reader.varint());
}

function several<T>(reader: Reader, read: () => T): T[] {
  const count = reader.varint();
  const items: T[] = [];
  while (items.length < count && reader.failure === undefined) items.push(read());
  return items;
}
