/**
 * How a board's committee begins: its creator's first tab has the one seat of epoch 0, by the creator's word. Everything else of the state follows from the
 * genesis, so that whoever knows the board's id can judge a founding without believing who brings it. Rules NOD-50 to NOD-52 of docs/spec/node.md.
 */
import type { Bytes } from '../kernel/bytes.ts';
import { decodeWith, encodeWith } from '../kernel/codec.ts';
import type { BoardId, Hash, PeerId } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { boardIdOf, type Genesis } from '../identity/genesis.ts';
import { linkCodec, openLink, ownerToSign, type Epoch, type Link } from '../consensus/chain.ts';
import { openCommittee, type CommitteeRecord } from '../consensus/committee.ts';
import { firstSnapshot } from '../consensus/execution.ts';
import { Governance } from '../governance/governance.ts';
import type { Founding } from '../governance/state.ts';

/** Decisions between two certified states (guess: a newcomer executes at most twice as many). */
const CHECKPOINT_EVERY = 16;
/** Decisions that may be under way above the last certified state (guess: four checkpoints). */
const WINDOW = 64;

/** What the creator signs, and the founding with that signature. */
export interface FoundingDraft {
  readonly toSign: Bytes;
  seal(signature: Bytes): Link;
}

/** The founding of a new board's committee, of which `firstTab` is the first seat. */
export function draftFounding(genesis: Genesis, firstTab: PeerId): FoundingDraft {
  const committee: CommitteeRecord = {
    board: boardIdOf(genesis),
    epoch: 0,
    start: 0,
    previous: undefined,
    resets: 0,
    seats: [{ key: firstTab, leaseMs: 0 }],
    checkpointEvery: CHECKPOINT_EVERY,
    window: WINDOW,
  };
  const state = stateOf(genesis, committee);
  invariant(state !== undefined, 'one seat is a committee');
  return {
    toSign: ownerToSign('founding', committee, state),
    seal: (signature) => ({
      committee,
      state,
      proof: { kind: 'founding', owner: genesis.creator, signature },
    }),
  };
}

/** The first state of the group: the creator, and the tabs of the first committee as its own. */
export function beginningOf(genesis: Genesis, { board, seats }: CommitteeRecord): Founding {
  const { creator, electorate } = genesis;
  const tabs = seats.map(({ key }) => ({ peer: key, member: creator }));
  return { board, creator, electorate, members: [], tabs };
}

function stateOf(genesis: Genesis, record: CommitteeRecord): Hash | undefined {
  const committee = openCommittee(record);
  if (!committee.ok) return undefined;
  const application = new Governance(beginningOf(genesis, record), () => undefined);
  return firstSnapshot(application, committee.value).digest;
}

/** A founding of the board with this genesis, apart from its signature; refused when it is none, or begins with another state. */
export function openFounding(genesis: Genesis, link: Link): Result<Epoch, 'notAFounding'> {
  const opened = openLink({ board: boardIdOf(genesis), owners: [genesis.creator] }, undefined, link);
  if (!opened.ok || stateOf(genesis, link.committee) !== link.state) return refuse('notAFounding');
  return opened;
}

export function encodeFounding(link: Link): Bytes {
  return encodeWith(linkCodec, link);
}

/** Of our own disk, where it was verified before it was written. */
export function decodeFounding(board: BoardId, bytes: Bytes): Result<Link, 'damaged'> {
  const decoded = decodeWith(linkCodec, bytes);
  return decoded.ok && decoded.value.committee.board === board ? ok(decoded.value) : refuse('damaged');
}
