/** Proofs that a tab voted twice as a seat. */
import { utf8 } from '../../../src/kernel/bytes.ts';
import { digest } from '../../../src/kernel/hash.ts';
import { openCommittee, type Committee } from '../../../src/consensus/committee.ts';
import { proveLie, type LieProof } from '../../../src/consensus/lies.ts';
import { statementToSign } from '../../../src/consensus/statements.ts';
import { BOARD, KEYS, peerOf } from '../identity/records.ts';

function committeeOf(tab: string, board: typeof BOARD): Committee {
  const seats = [{ key: peerOf(tab), leaseMs: 0 }];
  const pace = { checkpointEvery: 4, window: 8 };
  const opened = openCommittee({ board, epoch: 0, start: 0, previous: undefined, resets: 0, seats, ...pace });
  if (!opened.ok) throw new RangeError('no committee');
  return opened.value;
}

/** Two commits of `tab` for place `seq`. */
export function lieOf(tab: string, seq = 3, board = BOARD): LieProof {
  const committee = committeeOf(tab, board);
  const [one, other] = ['one', 'other'].map((text) => {
    const claim = { kind: 'commit', view: 0, seq, digest: digest('test batch', utf8(text)) } as const;
    return { claim, signature: KEYS.sign(peerOf(tab), statementToSign(committee, 0, claim)) };
  });
  if (one === undefined || other === undefined) throw new RangeError('two claims');
  return proveLie(committee, 0, one, other);
}
