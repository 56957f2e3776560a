/**
 * Seats that lie, each with its own key and no other. Mutations are those of ByzzFuzz (Winter and others, "Randomized testing of Byzantine fault
 * tolerant algorithms", OOPSLA 2023): small changes to what an honest replica would have said, signed anew.
 */
import { utf8, type Bytes } from '../kernel/bytes.ts';
import { digest } from '../kernel/hash.ts';
import type { Hash } from '../kernel/ids.ts';
import { pick, type Random } from '../kernel/random.ts';
import { primaryOf, type Committee } from '../consensus/committee.ts';
import { PATIENCE_MS } from '../consensus/limits.ts';
import type { ConsensusMessage } from '../consensus/messages.ts';
import type { Parts } from '../consensus/parts.ts';
import { hashBatch, hashRequest, requestToSign, type Request } from '../consensus/requests.ts';
import {
  statementToSign,
  type PreparedCertificate,
  type Statement,
  type StatementOf,
} from '../consensus/statements.ts';

/** A message on its way to one seat, some ms later. */
export interface Delivery {
  readonly to: number;
  readonly message: ConsensusMessage;
  readonly afterMs?: number;
}

export interface LiarContext {
  readonly committee: Committee;
  readonly seat: number;
  readonly random: Random;
  readonly sign: (body: Bytes) => Bytes;
}

/** What becomes of each message that an honest replica in the liar's place would send to a seat. */
export interface Liar {
  lie(message: ConsensusMessage, to: number): readonly Delivery[];
  /** Changes the replica itself. */
  tamper?(parts: Parts): void;
}

export const LIAR_KINDS = [
  'silent',
  'slow',
  'starving',
  'equivocating',
  'mutating',
  'forging',
  'twin',
] as const;
export type LiarKind = (typeof LIAR_KINDS)[number];

/** Share of a patience by which the slow primary holds back its proposals: it just does not get replaced for each of them. */
const SLOW_MS = PATIENCE_MS * 0.8;
/** Per thousand messages that are mutated. */
const MUTATED_PER_MILLE = 300;
const NO_SIGNATURE: Bytes = new Uint8Array(64);

/** The liar of a kind. A twin lies by being there twice, and says what an honest replica says. */
export function createLiar(kind: LiarKind, context: LiarContext): Liar {
  switch (kind) {
    case 'silent':
      return { lie: () => [] };
    case 'slow':
      return {
        lie: (message, to) => [{ to, message, ...(isProposal(message) ? { afterMs: SLOW_MS } : {}) }],
      };
    case 'starving':
      return starving(context);
    case 'equivocating':
      return equivocating(context);
    case 'mutating':
      return {
        lie: (message, to) => {
          const isMutated = context.random.below(1000) < MUTATED_PER_MILLE;
          return [{ to, message: isMutated ? mutated(context, message) : message }];
        },
      };
    case 'forging':
      return forging(context);
    case 'twin':
      return { lie: (message, to) => [{ to, message }] };
  }
}

function isProposal(message: ConsensusMessage): boolean {
  return message.kind === 'statement' && message.signed.statement.kind === 'prePrepare';
}

/** A statement as this seat's own. */
export function speak({ committee, seat, sign }: LiarContext, statement: Statement): ConsensusMessage {
  const signature = sign(statementToSign(committee, seat, statement));
  return { kind: 'statement', signed: { seat, statement, signature }, requests: undefined };
}

/** Orders everything but the requests of the seat after it, and sees nothing wrong with that. */
function starving({ committee, seat }: LiarContext): Liar {
  const victim = committee.seats[(seat + 1) % committee.seats.length];
  return {
    lie: (message, to) => [{ to, message }],
    tamper: ({ patience, pending }) => {
      patience.deadline = () => undefined;
      const take = pending.take.bind(pending);
      pending.take = (view) => take(view).filter(({ client }) => client !== victim);
    },
  };
}

/** Proposes one batch to the even seats and another to the odd ones, and votes for both. */
function equivocating(context: LiarContext): Liar {
  const { committee, random, seat, sign } = context;
  const client = committee.seats[seat] ?? ('' as Committee['seats'][number]);
  const others = new Map<Hash, readonly Request[]>();
  const other = (hash: Hash): readonly Request[] => {
    const known = others.get(hash);
    if (known !== undefined) return known;
    const unsigned = { client, number: 1 + random.below(20), operation: utf8(`evil ${random.below(1000)}`) };
    const requests = [{ ...unsigned, signature: sign(requestToSign(committee.board, unsigned)) }];
    others.set(hash, requests);
    return requests;
  };
  return {
    lie: (message, to) => {
      if (message.kind !== 'statement' || to % 2 === 0) return [{ to, message }];
      const { statement } = message.signed;
      if (!isVote(statement)) return [{ to, message }];
      const requests = other(statement.digest);
      const changed = { ...statement, digest: hashBatch(requests.map(hashRequest)) };
      const spoken = speak(context, changed);
      if (spoken.kind !== 'statement' || statement.kind !== 'prePrepare') return [{ to, message: spoken }];
      return [{ to, message: { ...spoken, requests } }];
    },
  };
}

function isVote(statement: Statement): statement is StatementOf<'prePrepare' | 'prepare' | 'commit'> {
  return statement.kind === 'prePrepare' || statement.kind === 'prepare' || statement.kind === 'commit';
}

/** Claims in its view changes what nobody prepared, and sends one for the next view with every status, so that it is there early. */
function forging(context: LiarContext): Liar {
  const { committee } = context;
  let parts: Parts | undefined;
  const claim = (view: number): PreparedCertificate[] =>
    parts === undefined ? [] : [forgedCertificate(committee, view - 1, parts.checkpoints.stable.seq + 1)];
  return {
    lie: (message, to) => {
      if (parts === undefined || message.kind !== 'statement') return [{ to, message }];
      const { statement } = message.signed;
      if (statement.kind === 'viewChange')
        return [{ to, message: speak(context, { ...statement, prepared: claim(statement.view) }) }];
      if (statement.kind !== 'status') return [{ to, message }];
      const view = statement.view + 1;
      const { stable } = parts.checkpoints;
      const forged = speak(context, { kind: 'viewChange', view, stable, prepared: claim(view) });
      return [message, forged].map((each) => ({ to, message: each }));
    },
    tamper: (own) => {
      parts = own;
    },
  };
}

/** Signatures that do not hold, of as many seats as are needed. */
function forgedCertificate(committee: Committee, view: number, seq: number): PreparedCertificate {
  const primary = primaryOf(committee, view);
  const signatures = committee.seats
    .map((_, seat) => ({ seat, signature: NO_SIGNATURE }))
    .filter(({ seat }) => seat !== primary)
    .slice(0, committee.quorum - 1);
  return { view, seq, digest: digest('forged', utf8(String(seq))), proposal: NO_SIGNATURE, signatures };
}

type Mutation = (context: LiarContext, statement: Statement) => Statement;

const near = (number: number, { random }: LiarContext): number =>
  Math.max(0, number + (random.below(2) === 0 ? 1 : -1));

const MUTATIONS: readonly Mutation[] = [
  (context, statement) =>
    'view' in statement ? { ...statement, view: near(statement.view, context) } : statement,
  (context, statement) =>
    'seq' in statement ? { ...statement, seq: near(statement.seq, context) } : statement,
  ({ random }, statement) =>
    'digest' in statement
      ? { ...statement, digest: digest('mutated', utf8(String(random.below(3)))) }
      : statement,
  (_, statement) => (statement.kind === 'viewChange' ? { ...statement, prepared: [] } : statement),
  (_, statement) =>
    statement.kind === 'viewChange' ? { ...statement, prepared: statement.prepared.slice(1) } : statement,
  (_, statement) =>
    statement.kind === 'viewChange'
      ? { ...statement, stable: { ...statement.stable, signatures: statement.stable.signatures.slice(1) } }
      : statement,
  (_, statement) =>
    statement.kind === 'newView' ? { ...statement, changes: statement.changes.slice(1) } : statement,
  (_, statement) =>
    statement.kind === 'newView'
      ? { ...statement, changes: [...statement.changes.slice(0, -1), ...statement.changes.slice(0, 1)] }
      : statement,
  (_, statement) =>
    statement.kind === 'status' ? { ...statement, executed: 0, stable: 0, slots: [] } : statement,
];

/** The message with a small change, signed by this seat whoever it was of. */
export function mutated(context: LiarContext, message: ConsensusMessage): ConsensusMessage {
  const mutate = pick(context.random, MUTATIONS);
  if (message.kind !== 'statement' || mutate === undefined) return message;
  return speak(context, mutate(context, message.signed.statement));
}

/** What a relay without any key can make of a message: the same signature on something else. */
export function tampered(context: LiarContext, message: ConsensusMessage): ConsensusMessage {
  const changed = mutated(context, message);
  if (changed.kind !== 'statement' || message.kind !== 'statement') return message;
  const { seat, signature } = message.signed;
  return { ...changed, signed: { seat, signature, statement: changed.signed.statement } };
}
