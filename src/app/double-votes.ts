/** Tabs that voted twice, as screens and scripts see them. Pure. */
import type { LieProof } from '../consensus/lies.ts';
import type { Claim } from '../consensus/statements.ts';
import type { Operation } from '../governance/operations.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { GovernanceState } from '../governance/state.ts';
import type { CouncilPort } from './council-port.ts';
import type { DoubleVote, VotedStatement } from '../ui/decision-ports.ts';

/** First those that the group has not decided on, then the convicted, the last one first. */
export function doubleVotesOf(
  state: GovernanceState,
  council: Pick<CouncilPort, 'decisions' | 'lies'>,
): DoubleVote[] {
  const open = council.lies();
  const undecided = open.filter(({ key }) => !state.convictions.has(key));
  const convicted = [...state.convictions.rows()].sort((a, b) => b.seq - a.seq);
  return [
    ...undecided.map((proof) => doubleVoteOf(state, proof, null)),
    ...convicted.map(({ at, proof, seq, tab }): DoubleVote => {
      const decided = { sequence: seq, place: placeOf(council, seq, tab), at };
      if (proof !== undefined) return doubleVoteOf(state, proof, decided);
      const memberId = state.members.memberOf(tab) ?? null;
      return { peerId: tab, memberId, epoch: 0, seat: 0, statements: [], decided };
    }),
  ];
}

/** Of the decision that convicted `tab`. */
function placeOf(council: Pick<CouncilPort, 'decisions'>, sequence: number, tab: PeerId): number | null {
  const found = council
    .decisions(sequence)
    .find(
      ({ operation, seq }) =>
        seq === sequence && operation?.kind === 'convict' && operation.proof.key === tab,
    );
  return found?.place ?? null;
}

/** What a decision of a tab that voted twice says of it; null for all others, and for bytes that are none. */
export function doubleVoteIn(
  state: GovernanceState,
  operation: Operation | undefined,
  decided: NonNullable<DoubleVote['decided']>,
): DoubleVote | null {
  return operation?.kind === 'convict' ? doubleVoteOf(state, operation.proof, decided) : null;
}

function doubleVoteOf(state: GovernanceState, proof: LieProof, decided: DoubleVote['decided']): DoubleVote {
  const { epoch, first, key, seat, second } = proof;
  return {
    peerId: key,
    memberId: state.members.memberOf(key) ?? null,
    epoch,
    seat,
    statements: [first, second].map(({ claim }) => votedStatement(claim)),
    decided,
  };
}

function votedStatement(claim: Claim): VotedStatement {
  const view = 'view' in claim ? claim.view : null;
  const sequence = 'seq' in claim ? claim.seq : null;
  return { kind: claim.kind, view, sequence, content: contentOf(claim) };
}

function contentOf(claim: Claim): string {
  switch (claim.kind) {
    case 'viewChange':
      return claim.content;
    case 'newView':
      return claim.changes.map(({ change }) => change).join(' ');
    case 'close':
      return `${claim.digest} ${claim.next}`;
    default:
      return claim.digest;
  }
}
