/** Proofs that a tab forked its journal. */
import { utf8 } from '../../../src/kernel/bytes.ts';
import { digest } from '../../../src/kernel/hash.ts';
import { entryToSign, hashPlace } from '../../../src/replication/entry.ts';
import { proveContradiction, type ForkProof } from '../../../src/replication/forks.ts';
import { BOARD, KEYS, peerOf } from '../identity/records.ts';

/** Two statements of `tab` for place `seq` of its journal. */
export function forkOf(tab: string, seq = 3, board = BOARD): ForkProof {
  const author = peerOf(tab);
  const [one, other] = ['one', 'other'].map((text) => {
    const body = digest('test body', utf8(text));
    return { body, signature: KEYS.sign(author, entryToSign(hashPlace(board, author, seq, body))) };
  });
  if (one === undefined || other === undefined) throw new RangeError('two statements');
  return proveContradiction(board, { author, seq }, one, other);
}
