/** Bugs to plant in every honest replica of a simulated committee, each of which the oracle must catch. */
import { Closing } from '../consensus/closing.ts';
import { primaryOf, seatOf, type Committee } from '../consensus/committee.ts';
import type { Guard } from '../consensus/guard.ts';
import type { Parts } from '../consensus/parts.ts';
import { NULL_BATCH } from '../consensus/requests.ts';
import type { LiarKind } from './consensus-liars.ts';

export interface ConsensusPlant {
  /** What the bug is. */
  readonly about: string;
  /** A committee size in which it can show; 4 does for most. */
  readonly peers?: number;
  /** Another idea of what a quorum is. */
  readonly quorum?: (committee: Committee) => number;
  readonly tamper?: (parts: Parts) => void;
  /** Keys of records that a start finds. */
  readonly reads?: (key: string) => boolean;
  /** Signatures are not checked: none, none of those inside other messages, or none of links. */
  readonly checks?: 'none' | 'own' | 'notLinks';
  /** Seats are changed as often as can be, instead of as the seed draws it. */
  readonly isReseating?: boolean;
  /** Nothing goes wrong but for the liars; or there are two sides, with one of each twin on either; or everything goes as wrong as it can. */
  readonly trouble?: 'none' | 'split' | 'worst';
  /** Seats that lie, the first ones, when it is not for the seed to draw. */
  readonly liars?: { readonly kind: LiarKind; readonly count: (committee: Committee) => number };
}

/** The guard lets everything pass that it has not signed already. */
function unguarded({ guard }: Parts): void {
  const ask = guard.ask.bind(guard);
  guard.ask = (statement): ReturnType<Guard['ask']> => {
    const verdict = ask(statement);
    return verdict.kind === 'refused' ? { kind: 'sign', writes: [] } : verdict;
  };
}

/** Votes as if nothing were decided that was executed. */
export function votesBlindly({ execution }: Parts): void {
  const decidedAt = execution.decidedAt.bind(execution);
  execution.decidedAt = (seq) => (seq > execution.executed ? decidedAt(seq) : undefined);
}

const PLANTS: Readonly<Record<string, ConsensusPlant>> = {
  tooManyTwins: {
    about: 'no bug: f + 1 seats are there twice, which nothing can bear',
    trouble: 'split',
    liars: { kind: 'twin', count: ({ weakQuorum }) => weakQuorum },
  },
  quorumOfPaper: {
    about: 'q = 2f + 1 whatever n is',
    peers: 6,
    quorum: ({ faults }) => 2 * faults + 1,
  },
  smallQuorum: { about: 'q = 2f', quorum: ({ faults }) => Math.max(1, 2 * faults) },
  uncheckedSignatures: { about: 'whoever hands a message on is believed', checks: 'none' },
  uncheckedCertificates: {
    about: 'certificates inside view changes are not verified',
    checks: 'own',
    liars: { kind: 'forging', count: ({ faults }) => faults },
  },
  digestBlind: {
    about: 'commits count whatever they are for',
    tamper: ({ committee, log, views }) => {
      log.decided = (seq) => {
        const proposal = log.proposalAt(views.view, seq);
        const commits = log.votesOf('commit', views.view, seq).slice(0, committee.quorum);
        if (proposal === undefined || commits.length < committee.quorum) return undefined;
        const signatures = commits.map(({ seat, signature }) => ({ seat, signature }));
        return { view: views.view, seq, digest: proposal.digest, signatures };
      };
    },
  },
  voteBeforePersist: {
    about: 'votes leave before their record is durable',
    tamper: ({ outbox }) => {
      const push = outbox.push.bind(outbox);
      outbox.push = ({ speech, ...rest }) => {
        if (speech !== undefined) outbox.speakNow(speech);
        push(rest);
      };
    },
  },
  forgottenVotes: {
    about: 'a restart finds none of the votes',
    reads: (key) => !/\/(?:prePrepare|prepare|commit|checkpoint)\/\d+$/.test(key),
  },
  forgottenView: {
    about: 'a restart does not find the view change',
    reads: (key) => !/\/(?:viewChange|newView)$/.test(key),
  },
  forgottenCertificates: {
    about: 'a restart finds no prepared certificates',
    reads: (key) => !/\/prepared\/\d+$/.test(key),
  },
  forgottenNumbers: {
    about: 'a restart finds none of the own requests',
    reads: (key) => !/\/request\/\d+$/.test(key),
  },
  emptyViewChange: {
    about: 'view changes say that nothing was prepared, and the guard lets them',
    tamper: (parts) => {
      unguarded(parts);
      parts.prepared.values = () => [].values();
    },
  },
  allNull: {
    about: 'a new view begins with null batches, and nobody minds voting against what it decided',
    trouble: 'worst',
    tamper: (parts) => {
      votesBlindly(parts);
      const plan = parts.planNewView;
      parts.planNewView = (changes) => {
        const { order: planned, ...rest } = plan(changes);
        return { ...rest, order: new Map([...planned.keys()].map((seq) => [seq, NULL_BATCH])) };
      };
    },
  },
  voteAfterLeaving: {
    about: 'goes on voting in the view that it left',
    tamper: (parts) => {
      const { committee, seat, views } = parts;
      if (seat === undefined) return;
      let view = 0;
      const leaveFor = views.leaveFor.bind(views);
      views.leaveFor = (next) => {
        view = views.view;
        leaveFor(next);
      };
      const seqs = parts.log.seqs.bind(parts.log);
      parts.log.seqs = () => {
        for (const seq of seqs()) {
          const proposal = parts.log.proposalAt(view, seq);
          if (!views.isActive && proposal !== undefined && parts.batches.get(proposal.digest) !== undefined)
            parts.outbox.speakNow({
              kind: 'statement',
              committee,
              seat,
              statement: { kind: 'commit', view, seq, digest: proposal.digest },
            });
        }
        return seqs();
      };
    },
  },
  executeAgain: {
    about: 'requests that were executed are executed again',
    tamper: ({ execution }) => {
      execution.clients.has = () => false;
    },
  },
  clientsLostInTransfer: {
    about: 'taking a state over forgets which requests were executed',
    tamper: ({ execution }) => {
      execution.clients.restore = () => undefined;
    },
  },
  noRetransmission: {
    about: 'statuses are not answered',
    tamper: ({ checkpoints, execution, log, views }) => {
      log.votesOf = () => [];
      views.changesFrom = () => [];
      checkpoints.votesAbove = () => [];
      execution.decidedAt = () => undefined;
    },
  },
  noFetching: {
    about: 'what is missing is not asked for',
    tamper: ({ wanted }) => {
      wanted.add = () => undefined;
      wanted.again = () => [];
    },
  },
  patientWithProgress: {
    about: 'any progress sets the clock of the oldest request back',
    trouble: 'none',
    liars: { kind: 'starving', count: ({ faults }) => faults },
    tamper: (parts) => {
      const { patience } = parts;
      const satisfied = patience.satisfied.bind(patience);
      patience.satisfied = () => {
        satisfied();
        patience.begin(parts.now);
      };
    },
  },
  pipelinedPastTheEnd: {
    about: 'commits behind a batch that may end the epoch, before that is executed',
    isReseating: true,
    tamper: ({ execution }) => {
      execution.mayReseat = () => false;
    },
  },
  epochWithoutEnd: {
    about: 'goes on in the epoch whose seats were changed',
    isReseating: true,
    tamper: (parts) => {
      Object.defineProperty(parts, 'ending', { get: () => undefined, set: () => undefined });
    },
  },
  uncheckedLinks: {
    about: 'whoever says who sits next is believed',
    checks: 'notLinks',
    isReseating: true,
    liars: { kind: 'usurping', count: ({ faults }) => faults },
  },
  weakHandover: {
    about: 'a weak quorum hands over',
    isReseating: true,
    trouble: 'worst',
    tamper: ({ closing, committee }) => {
      closing.certificate = (close) =>
        Closing.prototype.certificate.call(closing, close) ??
        closing
          .all()
          .filter(({ statement }) => statement.seq === close.seq)
          .map(({ seat, signature }) => ({ seat, signature }))
          .sort((a, b) => a.seat - b.seat)
          .slice(0, committee.weakQuorum);
    },
  },
  oldLabel: {
    about: 'what is signed names the first committee for ever',
    isReseating: true,
    tamper: ({ chain, committee }) => {
      Object.assign(committee, { label: chain.at(0)?.committee.label });
    },
  },
  seatForLife: {
    about: 'votes on after the own seat is given up',
    isReseating: true,
    tamper: (parts) => {
      const former = parts.chain.at(parts.committee.epoch - 1)?.committee;
      if (parts.seat === undefined && former !== undefined)
        Object.assign(parts, { seat: seatOf(former, parts.self) });
    },
  },
  lostAtTheEnd: {
    about: 'what was proposed in one epoch is never proposed in the next',
    isReseating: true,
    trouble: 'none',
    tamper: ({ own, pending }) => {
      pending.begin = () => {
        pending.drop(() => true);
      };
      own.outstanding = () => [];
    },
  },
  anyTime: {
    about: 'the primary says what time it is',
    trouble: 'none',
    liars: { kind: 'hurrying', count: ({ faults }) => faults },
    tamper: ({ clock, seat, committee }) => {
      if (seat !== primaryOf(committee, 0)) clock.time = () => undefined;
    },
  },
  waitsForEver: {
    about: 'a new view that does not come is waited for',
    trouble: 'worst',
    tamper: ({ patience }) => {
      patience.newViewDeadline = () => undefined;
    },
  },
};

/** Names of the bugs. */
export const CONSENSUS_PLANTS: readonly string[] = Object.keys(PLANTS);

export function consensusPlant(name: string | undefined): ConsensusPlant | undefined {
  return name === undefined ? undefined : PLANTS[name];
}
