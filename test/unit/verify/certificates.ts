/** Certificates with real keys, for the verifier. */
import { generateKeyPairSync, sign, verify, createPublicKey, type KeyObject } from 'node:crypto';
import { certify } from '../../../src/consensus/certificates.ts';
import { openCommittee, type Committee } from '../../../src/consensus/committee.ts';
import { hashBatch, hashRequest, requestToSign, type Request } from '../../../src/consensus/requests.ts';
import { statementToSign, type Statement } from '../../../src/consensus/statements.ts';
import { certificateFile } from '../../../src/governance/certificate-file.ts';
import { encodeOperation, type Operation } from '../../../src/governance/operations.ts';
import { boardIdOf, genesisToSign, type Genesis } from '../../../src/identity/genesis.ts';
import { fromBase64Url, fromHex, type Bytes } from '../../../src/kernel/bytes.ts';
import { memberIdFrom, peerIdFrom, type BoardId } from '../../../src/kernel/ids.ts';
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

/** The file of a decision in view 5 at place 12, the second of three requests. `signers`: how many of the seats sign. */
export function sampleFile(operation: Operation, seats = 4, signers = 3, otherBoard?: BoardId): Sample {
  const maker = newKey();
  const body = {
    creator: memberIdFrom(maker.publicKey),
    electorate: 'tab',
    createdAt: 1_700_000_000_000,
    nonce: new Uint8Array(16),
  } as const;
  const genesis: Genesis = { ...body, signature: maker.sign(genesisToSign(body)) };
  const board = otherBoard ?? boardIdOf(genesis);
  const keys = Array.from({ length: seats }, newKey);
  const opened = openCommittee({
    board,
    epoch: 0,
    seats: keys.map(({ publicKey }) => peerIdFrom(publicKey)),
    checkpointEvery: 32,
    window: 64,
  });
  if (!opened.ok) throw new RangeError(opened.code);
  const committee = opened.value;
  const [client] = keys;
  if (client === undefined) throw new RangeError('nobody sits');
  const requests = [1, 2, 3].map((number): Request => {
    const unsigned = { client: peerIdFrom(client.publicKey), number, operation: encodeOperation(operation) };
    return { ...unsigned, signature: client.sign(requestToSign(board, unsigned)) };
  });
  const position = { view: 5, seq: 12, digest: hashBatch(requests.map(hashRequest)) };
  const commit: Statement = { kind: 'commit', ...position };
  const signatures = keys
    .slice(0, signers)
    .map((key, seat) => ({ seat, signature: key.sign(statementToSign(committee, seat, commit)) }));
  const certificate = certify(committee, { ...position, signatures }, requests, 1);
  if (certificate === undefined) throw new RangeError('no certificate');
  return { text: certificateFile(genesis, certificate), committee, genesis };
}
