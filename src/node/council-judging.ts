/** What a message of the committee is worth to a node, before it is stepped or handed on. Rules NOD-51 and NOD-54 of docs/spec/node.md. */
import type { SignatureCheck } from '../kernel/machine.ts';
import type { Genesis } from '../identity/genesis.ts';
import { linkChecks } from '../consensus/chain.ts';
import { refuseMessage, type ConsensusMessage } from '../consensus/messages.ts';
import { checksLeft, judgingOf } from '../consensus/needed.ts';
import type { Parts } from '../consensus/parts.ts';
import { openFounding } from './founding.ts';
import type { Said } from './messages.ts';

/** Signatures to check, or nothing that anybody here could tell, or what no honest peer hands on. */
export type Judgement = readonly SignatureCheck[] | 'unfit' | 'wrong';

/** Where a committee is known. */
export function judgeSaid(parts: Parts, { committee, message }: Said): Judgement {
  const judging = judgingOf(parts);
  if ('epoch' in message) {
    if (committee === undefined) return 'wrong';
    if (judging.chain.at(message.epoch)?.committee.digest !== committee) return 'unfit';
  }
  const refusal = refuseMessage(judging, message);
  if (refusal === undefined) return checksLeft(parts, message);
  return refusal === 'earlierEpoch' || refusal === 'laterEpoch' || refusal === 'gap' ? 'unfit' : 'wrong';
}

/** Where none is: only a founding can be judged, by the board's genesis. */
export function judgeFounding(genesis: Genesis | undefined, message: ConsensusMessage): Judgement {
  const founding = message.kind === 'links' ? message.links[0] : undefined;
  if (founding === undefined || genesis === undefined) return 'unfit';
  const opened = openFounding(genesis, founding);
  if (opened.ok) return linkChecks(undefined, opened.value);
  return founding.committee.epoch === 0 ? 'wrong' : 'unfit';
}
