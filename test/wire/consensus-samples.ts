/** Samples of what replicas say and keep, for the frozen bytes. Every statement is really signed by its seat. */
import { utf8, type Bytes } from '../../src/kernel/bytes.ts';
import { encodeWith } from '../../src/kernel/codec.ts';
import { digestBytes } from '../../src/kernel/hash.ts';
import { memberIdFrom, peerIdFrom, type BoardId, type Hash } from '../../src/kernel/ids.ts';
import { certify, encodeCertificate } from '../../src/consensus/certificates.ts';
import { ownerToSign, type Link } from '../../src/consensus/chain.ts';
import { openCommittee, recordOf, successorOf, type Committee } from '../../src/consensus/committee.ts';
import { hashManifest, hashPiece } from '../../src/consensus/execution.ts';
import { proveLie, type SignedClaim } from '../../src/consensus/lies.ts';
import { consensusMessageCodec, type ConsensusMessage, type Manifest } from '../../src/consensus/messages.ts';
import { storedRecordCodec, type StoredRecord } from '../../src/consensus/records.ts';
import { questionToSign, type Question } from '../../src/consensus/questions.ts';
import { hashBatch, requestToSign, type Request } from '../../src/consensus/requests.ts';
import {
  claimOf,
  claimToSign,
  hashChange,
  statementToSign,
  type Claim,
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
  const seats = keys.map(({ publicKey }, at) => ({ key: peerIdFrom(publicKey), leaseMs: at * 60_000 }));
  const board: BoardId = FROZEN_BOARD;
  const opened = openCommittee({
    board,
    epoch: 0,
    start: 0,
    previous: undefined,
    resets: 0,
    seats,
    checkpointEvery: 32,
    window: 64,
  });
  if (!opened.ok) throw new RangeError(opened.code);
  return opened.value;
}

/** What a seat could not have claimed as well. */
function contradicting(claim: Claim, digest: Hash): Claim {
  if (claim.kind === 'viewChange') return { ...claim, content: digest };
  if (claim.kind !== 'newView') return { ...claim, digest };
  return { ...claim, changes: claim.changes.map((each) => ({ ...each, change: digest })) };
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
  const batch = { time: 1_770_000_000_000, requests: [request] };
  const position = { view: 5, seq: 33, digest: hashBatch(batch) };
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
  const next = successorOf(committee, { ...committee, seats: committee.seats.slice(0, 3) }, 33);
  const anew = successorOf(committee, committee, 33, true);
  if (!next.ok || !anew.ok) throw new RangeError('no committee follows');
  const close = { kind: 'close', seq: 33, digest: checkpoint.digest, next: next.value.digest } as const;
  const statements: readonly (readonly [seat: number, statement: Statement])[] = [
    [1, { kind: 'prePrepare', ...position }],
    [2, { kind: 'prepare', ...position }],
    [3, { kind: 'commit', ...position }],
    [0, checkpoint],
    [3, change],
    [2, { kind: 'newView', view: 6, changes: [0, 2, 3].map((seat) => ({ seat, change: changeHash })) }],
    [0, close],
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
    const company = statement.kind === 'prePrepare' ? batch : undefined;
    message(`statement.${statement.kind}`, { kind: 'statement', epoch: 0, signed, batch: company });
    stored(`statement.${statement.kind}`, { kind: 'statement', statement });
    stored(`foreign.${statement.kind}`, { kind: 'foreign', ...signed });
  }
  for (const [seat, statement] of statements) {
    const claims = [claimOf(statement), contradicting(claimOf(statement), hashPiece(PIECE))] as const;
    const [one, other] = await Promise.all(
      claims.map(async (claim): Promise<SignedClaim> => {
        const signature = await keys[seat]?.sign(claimToSign(committee.label, seat, claim));
        return { claim, signature: signature ?? new Uint8Array(64) };
      }),
    );
    if (one === undefined || other === undefined) continue;
    const proof = proveLie(committee, seat, one, other);
    message(`lie.${statement.kind}`, { kind: 'lie', proof });
    stored(`lie.${statement.kind}`, { kind: 'lie', ...proof });
  }
  const asker = unsigned.client;
  const place = { epoch: 0, turn: 7, view: 5, isActive: true, executed: 32, stable: 32 };
  const questions: readonly Question[] = [
    { kind: 'status', ...place, changes: 9, closes: 2 ** 30, slots },
    { kind: 'fetch', what: 'manifest', digest: checkpoint.digest },
    {
      ...{ kind: 'call', committee: committee.digest, turn: 300, executed: 34, stable: 32 },
      prepared: [
        { seq: 35, view: 5 },
        { seq: 36, view: 4 },
      ],
    },
    { kind: 'present', committee: committee.digest, caller: asker, turn: 300, reached: 36 },
  ];
  for (const question of questions) {
    const signed = await keys[2]?.sign(questionToSign(committee.board, asker, question));
    const signature = signed ?? new Uint8Array(64);
    message(`question.${question.kind}`, { kind: 'question', asker, question, signature });
  }
  const state = checkpoint.digest;
  const owner = keys[0]?.publicKey ?? PIECE;
  const ownersLink = async (kind: 'founding' | 'reset'): Promise<Link> => {
    const of = kind === 'founding' ? committee : anew.value;
    const signature = (await keys[0]?.sign(ownerToSign(kind, of, state))) ?? new Uint8Array(64);
    return { committee: recordOf(of), state, proof: { kind, owner: memberIdFrom(owner), signature } };
  };
  const handover: Link = {
    committee: recordOf(next.value),
    state,
    proof: { kind: 'handover', signatures: await signers(close, 0, 1, 3) },
  };
  for (const link of [await ownersLink('founding'), await ownersLink('reset'), handover]) {
    message(`links.${link.proof.kind}`, { kind: 'links', links: [link] });
    stored(`link.${link.proof.kind}`, { kind: 'link', ...link });
  }
  message('request', { kind: 'request', request });
  message('batch', { kind: 'batch', batch });
  message('decided', { kind: 'decided', epoch: 0, certificate: decided, batch });
  message('prepared', { kind: 'prepared', epoch: 0, certificate: prepared, batch });
  message('stable', { kind: 'stable', epoch: 0, certificate: stable });
  message('manifest', { kind: 'manifest', manifest: MANIFEST });
  message('piece', { kind: 'piece', bytes: PIECE });
  stored('seat', { kind: 'seat', seat: 3 });
  stored('request', { kind: 'request', ...unsigned });
  stored('prepared', { kind: 'prepared', ...prepared });
  stored('decided', { kind: 'decided', ...decided });
  stored('batch', { kind: 'batch', seq: 33, batch });
  stored('stable', { kind: 'stable', certificate: stable, manifest: MANIFEST });
  stored('piece', { kind: 'piece', seq: 32, index: 0, bytes: digestBytes('test/wire', PIECE) });
  const certificate = certify(committee, decided, batch, 0);
  if (certificate !== undefined) samples.set('consensus-certificate', encodeCertificate(certificate));
  return samples;
}
