/** Certificates with real keys, for the verifier. */
import { generateKeyPairSync, sign, verify, createPublicKey, type KeyObject } from 'node:crypto';
import { certify } from '../../../src/consensus/certificates.ts';
import { ownerToSign, type Link } from '../../../src/consensus/chain.ts';
import { openCommittee, recordOf, type Committee } from '../../../src/consensus/committee.ts';
import { hashBatch, requestToSign, type Request } from '../../../src/consensus/requests.ts';
import { statementToSign, type SeatSignature, type Statement } from '../../../src/consensus/statements.ts';
import { certificateFile } from '../../../src/governance/certificate-file.ts';
import { encodeOperation, type Operation } from '../../../src/governance/operations.ts';
import { boardIdOf, genesisToSign, type Genesis } from '../../../src/identity/genesis.ts';
import { fromBase64Url, fromHex, toHex, type Bytes } from '../../../src/kernel/bytes.ts';
import { digestBytes } from '../../../src/kernel/hash.ts';
import { memberIdFrom, peerIdFrom, type BoardId, type Hash } from '../../../src/kernel/ids.ts';
import type { SignatureCheck } from '../../../src/kernel/machine.ts';

interface Key {
  readonly publicKey: Bytes;
  sign(body: Bytes): Bytes;
}

function newKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = fromBase64Url(publicKey.export({ format: 'jwk' }).x ?? '');
  if (raw === undefined) throw new RangeError('no public key');
  return { publicKey: raw, sign: (body) => Uint8Array.from(sign(null, body, privateKey)) };
}

const imported = new Map<string, KeyObject>();

/** Whether a real signature holds. */
export function holds({ signer, body, signature }: SignatureCheck): boolean {
  try {
    const x = Buffer.from(fromHex(signer)).toString('base64url');
    const key =
      imported.get(signer) ?? createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    imported.set(signer, key);
    return verify(null, body, key, signature);
  } catch {
    return false; // no key at all
  }
}

export interface Sample {
  readonly text: string;
  readonly committee: Committee;
  readonly genesis: Genesis;
}

interface Epochs {
  readonly seats: number;
  /** How many of the last committee's seats sign. */
  readonly signers: number;
  readonly otherBoard?: BoardId;
  /** How each epoch behind the first begins. */
  readonly chain?: readonly ('handover' | 'reset')[];
  /** How many seats of a committee sign for the next; a quorum if nothing else is said. */
  readonly closers?: number;
  /** Whether somebody else than the board's maker founds the committee. */
  readonly isUsurped?: boolean;
}

const STATE: Hash = toHex(digestBytes('a state')) as Hash;

/** A committee of new keys behind another, or the first. */
function nextCommittee(
  board: BoardId,
  before: Committee | undefined,
  seats: number,
  isReset: boolean,
): { readonly committee: Committee; readonly keys: readonly Key[] } {
  const keys = Array.from({ length: seats }, newKey);
  const opened = openCommittee({
    board,
    epoch: before === undefined ? 0 : before.epoch + 1,
    start: before === undefined ? 0 : before.start + 5,
    previous: before?.digest,
    resets: (before?.resets ?? 0) + (isReset ? 1 : 0),
    seats: keys.map(({ publicKey }) => ({ key: peerIdFrom(publicKey), leaseMs: 0 })),
    checkpointEvery: 32,
    window: 64,
  });
  if (!opened.ok) throw new RangeError(opened.code);
  return { committee: opened.value, keys };
}

function ownersLink(kind: 'founding' | 'reset', committee: Committee, owner: Key): Link {
  const signature = owner.sign(ownerToSign(kind, committee, STATE));
  const proof = { kind, owner: memberIdFrom(owner.publicKey), signature };
  return { committee: recordOf(committee), state: STATE, proof };
}

function signatures(
  committee: Committee,
  keys: readonly Key[],
  statement: Statement,
  count: number,
): SeatSignature[] {
  return keys
    .slice(0, count)
    .map((key, seat) => ({ seat, signature: key.sign(statementToSign(committee, seat, statement)) }));
}

/** The file of a decision in view 5 at place 12 of the last epoch, the second of three requests. */
export function sampleFile(operation: Operation, options: Partial<Epochs> = {}): Sample {
  const { seats = 4, signers = 3, otherBoard, chain = [], closers, isUsurped = false } = options;
  const maker = newKey();
  const body = {
    creator: memberIdFrom(maker.publicKey),
    electorate: 'tab',
    createdAt: 1_700_000_000_000,
    nonce: new Uint8Array(16),
  } as const;
  const genesis: Genesis = { ...body, signature: maker.sign(genesisToSign(body)) };
  const board = otherBoard ?? boardIdOf(genesis);
  let { committee, keys } = nextCommittee(board, undefined, seats, false);
  const links = [ownersLink('founding', committee, isUsurped ? newKey() : maker)];
  for (const kind of chain) {
    const next = nextCommittee(board, committee, seats, kind === 'reset');
    const close: Statement = {
      kind: 'close',
      seq: next.committee.start,
      digest: STATE,
      next: next.committee.digest,
    };
    const signed = signatures(committee, keys, close, closers ?? committee.quorum);
    links.push(
      kind === 'reset'
        ? ownersLink('reset', next.committee, maker)
        : {
            committee: recordOf(next.committee),
            state: STATE,
            proof: { kind: 'handover', signatures: signed },
          },
    );
    ({ committee, keys } = next);
  }
  const [client] = keys;
  if (client === undefined) throw new RangeError('nobody sits');
  const requests = [1, 2, 3].map((number): Request => {
    const unsigned = { client: peerIdFrom(client.publicKey), number, operation: encodeOperation(operation) };
    return { ...unsigned, signature: client.sign(requestToSign(board, unsigned)) };
  });
  const batch = { time: 1_700_000_300_000, requests };
  const position = { view: 5, seq: committee.start + 12, digest: hashBatch(batch) };
  const commit: Statement = { kind: 'commit', ...position };
  const decided = { ...position, signatures: signatures(committee, keys, commit, signers) };
  const certificate = certify(committee, decided, batch, 1);
  if (certificate === undefined) throw new RangeError('no certificate');
  return { text: certificateFile(genesis, links, certificate), committee, genesis };
}
