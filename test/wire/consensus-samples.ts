/** Samples of what replicas say and keep, for the frozen bytes. Every statement is really signed by its seat. */
import { utf8, type Bytes } from '../../src/kernel/bytes.ts';
import { encodeWith } from '../../src/kernel/codec.ts';
import { digest, digestBytes } from '../../src/kernel/hash.ts';
import { peerIdFrom, type BoardId } from '../../src/kernel/ids.ts';
import { certify, encodeCertificate } from '../../src/consensus/certificates.ts';
import { openCommittee, type Committee } from '../../src/consensus/committee.ts';
import { hashManifest, hashPiece } from '../../src/consensus/execution.ts';
import { consensusMessageCodec, type ConsensusMessage, type Manifest } from '../../src/consensus/messages.ts';
import { storedRecordCodec, type StoredRecord } from '../../src/consensus/records.ts';
import { hashBatch, hashRequest, requestToSign, type Request } from '../../src/consensus/requests.ts';
import {
  hashChange,
  statementToSign,
  type PreparedCertificate,
  type SeatSignature,
  type Statement,
  type StatementOf,
} from '../../src/consensus/statements.ts';
import { FROZEN_BOARD } from './formats.ts';

interface Key {
  readonly publicKey: Bytes;
  sign(body: Bytes): Promise<Bytes>;
}

const PIECE = utf8('all of the state');
const MANIFEST: Manifest = { seq: 32, size: PIECE.length, pieces: [hashPiece(PIECE)] };

/** The committee of four seats with these keys. */
export function frozenCommittee(keys: readonly Pick<Key, 'publicKey'>[]): Committee {
  const seats = keys.map(({ publicKey }) => peerIdFrom(publicKey));
  const board: BoardId = FROZEN_BOARD;
  const opened = openCommittee({ board, epoch: 3, seats, checkpointEvery: 32, window: 64 });
  if (!opened.ok) throw new RangeError(opened.code);
  return opened.value;
}

/** Everything by the names of its files. */
export async function consensusSamples(keys: readonly Key[]): Promise<ReadonlyMap<string, Bytes>> {
  const committee = frozenCommittee(keys);
  const sign = async (seat: number, statement: Statement): Promise<Bytes> =>
    (await keys[seat]?.sign(statementToSign(committee, seat, statement))) ?? new Uint8Array(64);
  const signers = (statement: Statement, ...seats: readonly number[]): Promise<readonly SeatSignature[]> =>
    Promise.all(seats.map(async (seat) => ({ seat, signature: await sign(seat, statement) })));

  const unsigned = {
    client: peerIdFrom(keys[2]?.publicKey ?? PIECE),
    number: 300,
    operation: utf8('operation'),
  };
  const signature = (await keys[2]?.sign(requestToSign(committee.board, unsigned))) ?? new Uint8Array(64);
  const request: Request = { ...unsigned, signature };
  const requests = [request];
  const position = { view: 5, seq: 33, digest: hashBatch([hashRequest(request)]) };
  const checkpoint = { kind: 'checkpoint', seq: 32, digest: hashManifest(MANIFEST) } as const;
  const stable = { seq: 32, digest: checkpoint.digest, signatures: await signers(checkpoint, 0, 1, 3) };
  const decided = { ...position, signatures: await signers({ kind: 'commit', ...position }, 0, 2, 3) };
  const prepared: PreparedCertificate = {
    ...position,
    proposal: await sign(1, { kind: 'prePrepare', ...position }),
    signatures: await signers({ kind: 'prepare', ...position }, 2, 3),
  };
  const change: StatementOf<'viewChange'> = { kind: 'viewChange', view: 6, stable, prepared: [prepared] };
  const changeHash = hashChange(committee, { seat: 3, statement: change, signature: await sign(3, change) });
  const slots = [{ seq: 33, hasProposal: true, prepares: 12, commits: 2 ** 30 }];
  const statements: readonly (readonly [seat: number, statement: Statement])[] = [
    [1, { kind: 'prePrepare', ...position }],
    [2, { kind: 'prepare', ...position }],
    [3, { kind: 'commit', ...position }],
    [0, checkpoint],
    [3, change],
    [2, { kind: 'newView', view: 6, changes: [0, 2, 3].map((seat) => ({ seat, change: changeHash })) }],
    [0, { kind: 'status', view: 5, isActive: true, executed: 32, stable: 32, changes: 9, slots }],
    [1, { kind: 'fetch', what: 'manifest', digest: checkpoint.digest }],
  ];

  const samples = new Map<string, Bytes>();
  const message = (name: string, value: ConsensusMessage): void => {
    samples.set(`consensus-message.${name}`, encodeWith(consensusMessageCodec, value));
  };
  const stored = (name: string, value: StoredRecord): void => {
    samples.set(`consensus-record.${name}`, encodeWith(storedRecordCodec, value));
  };
  for (const [seat, statement] of statements) {
    const signed = { seat, statement, signature: await sign(seat, statement) };
    const batch = statement.kind === 'prePrepare' ? requests : undefined;
    message(`statement.${statement.kind}`, { kind: 'statement', signed, requests: batch });
    stored(`statement.${statement.kind}`, { kind: 'statement', statement });
  }
  message('request', { kind: 'request', request });
  message('batch', { kind: 'batch', requests });
  message('decided', { kind: 'decided', certificate: decided, requests });
  message('stable', { kind: 'stable', certificate: stable });
  message('manifest', { kind: 'manifest', manifest: MANIFEST });
  message('piece', { kind: 'piece', bytes: PIECE });
  stored('seat', { kind: 'seat', seat: 3 });
  stored('request', { kind: 'request', ...unsigned });
  stored('prepared', { kind: 'prepared', ...prepared });
  stored('decided', { kind: 'decided', ...decided });
  stored('batch', { kind: 'batch', seq: 33, requests });
  stored('stable', { kind: 'stable', certificate: stable, manifest: MANIFEST });
  stored('piece', { kind: 'piece', seq: 32, index: 0, bytes: digestBytes('test/wire', PIECE) });
  const certificate = certify(committee, decided, requests, 0);
  if (certificate !== undefined) samples.set('consensus-certificate', encodeCertificate(certificate));
  return samples;
}

/** The digest of a state that nobody voted on. */
export const FROZEN_GENESIS = digest('test/wire', utf8('genesis state'));
