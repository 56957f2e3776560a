/**
 * Seats that lie, each with its own key and no other. Mutations are those of ByzzFuzz (Winter and others, "Randomized testing of Byzantine fault
 * tolerant algorithms", OOPSLA 2023): small changes to what an honest replica would have said, signed anew.
 */
import { utf8, type Bytes } from '../kernel/bytes.ts';
import { digest } from '../kernel/hash.ts';
import type { Hash, MemberId, PeerId } from '../kernel/ids.ts';
import { pick, type Random } from '../kernel/random.ts';
import { ownerToSign, type Link } from '../consensus/chain.ts';
import { Clock } from '../consensus/clock.ts';
import { primaryOf, recordOf, successorOf, type Committee } from '../consensus/committee.ts';
import { PATIENCE_MS } from '../consensus/limits.ts';
import type { ConsensusMessage } from '../consensus/messages.ts';
import type { Parts } from '../consensus/parts.ts';
import { Pending } from '../consensus/pending.ts';
import { hashBatch, NULL_BATCH, requestToSign, type Batch } from '../consensus/requests.ts';
import {
  statementToSign,
  type PreparedCertificate,
  type Statement,
  type StatementOf,
} from '../consensus/statements.ts';

/** A message on its way to one peer, some ms later. */
export interface Delivery {
  readonly to: PeerId;
  readonly message: ConsensusMessage;
  readonly afterMs?: number;
}

export interface LiarContext {
  readonly self: PeerId;
  /** The committee that it thinks is in force, and its seat there, or the last one that it had. */
  readonly committee: Committee;
  readonly seat: number;
  /** The committee in which it last had a seat. */
  readonly former: { readonly committee: Committee; readonly seat: number };
  readonly random: Random;
  readonly sign: (body: Bytes) => Bytes;
}

/** What becomes of each message that an honest replica in the liar's place would send to a peer. */
export interface Liar {
  lie(message: ConsensusMessage, to: PeerId): readonly Delivery[];
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
  'hurrying',
  'usurping',
  'haunting',
] as const;
export type LiarKind = (typeof LIAR_KINDS)[number];

/** Share of a patience by which the slow primary holds back its proposals: it just does not get replaced for each of them. */
const SLOW_MS = PATIENCE_MS * 0.8;
/** How far ahead the clock of the hurrying primary is. */
const HURRY_MS = 3_600_000;
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
    case 'hurrying':
      return { lie: (message, to) => [{ to, message }], tamper: hurry };
    case 'usurping':
      return { lie: (message, to) => usurp(context, message).map((each) => ({ to, message: each })) };
    case 'haunting':
      return { lie: (message, to) => haunt(context, message).map((each) => ({ to, message: each })) };
    case 'twin':
      return { lie: (message, to) => [{ to, message }] };
  }
}

function isProposal(message: ConsensusMessage): boolean {
  return message.kind === 'statement' && message.signed.statement.kind === 'prePrepare';
}

/** A statement as this seat's own. */
export function speak(
  { committee, seat, sign }: LiarContext,
  statement: Statement,
): Extract<ConsensusMessage, { readonly kind: 'statement' }> {
  const signature = sign(statementToSign(committee, seat, statement));
  const signed = { seat, statement, signature };
  return { kind: 'statement', epoch: committee.epoch, signed, batch: undefined };
}

/** Orders everything but the requests of the seat after it, and sees nothing wrong with that. */
function starving(context: LiarContext): Liar {
  return {
    lie: (message, to) => [{ to, message }],
    tamper: ({ patience, pending }) => {
      patience.deadline = () => undefined;
      pending.take = (view) => {
        const { committee, seat } = context;
        const victim = committee.keys[(seat + 1) % committee.keys.length];
        return Pending.prototype.take.call(pending, view).filter(({ client }) => client !== victim);
      };
    },
  };
}

/** Its clock is an hour ahead. */
function hurry({ clock }: Parts): void {
  clock.time = (now) => (Clock.prototype.time.call(clock, now) ?? 0) + HURRY_MS;
}

/** Makes itself the next committee with every status, by the word of seats that said nothing, and by its own word as owner. */
function usurp(context: LiarContext, message: ConsensusMessage): ConsensusMessage[] {
  if (message.kind !== 'question') return [message];
  const { committee, self, sign } = context;
  const seats = [{ key: self, leaseMs: 0 }];
  return [false, true].flatMap((isReset): ConsensusMessage[] => {
    const next = successorOf(committee, { ...committee, seats }, committee.start + 1, isReset);
    if (!next.ok) return [];
    const state = digest('usurped', utf8(self));
    const close: Statement = { kind: 'close', seq: next.value.start, digest: state, next: next.value.digest };
    const signatures = [...committee.keys.keys()].slice(0, committee.quorum).map((seat) => {
      return { seat, signature: sign(statementToSign(committee, seat, close)) };
    });
    const owner = self as unknown as MemberId;
    const proof: Link['proof'] = isReset
      ? { kind: 'reset', owner, signature: sign(ownerToSign('reset', next.value, state)) }
      : { kind: 'handover', signatures };
    const links = [{ committee: recordOf(next.value), state, proof }];
    return [{ kind: 'links', links }, speak(context, close)];
  });
}

/** Goes on in the committee in which it had its last seat, and says of all of it that it is of the present one. */
function haunt(context: LiarContext, message: ConsensusMessage): ConsensusMessage[] {
  const { committee, former, random } = context;
  if (message.kind !== 'question') return [message];
  const seq = committee.start + 1 + random.below(3);
  const position = { view: random.below(2), seq, digest: NULL_BATCH };
  const statements: Statement[] = [
    { kind: 'commit', ...position },
    { kind: 'checkpoint', seq: committee.start + committee.checkpointEvery, digest: NULL_BATCH },
    { kind: 'close', seq, digest: NULL_BATCH, next: former.committee.digest },
  ];
  const haunting = statements.flatMap((statement) => {
    const spoken = speak({ ...context, ...former }, statement);
    return [spoken, { ...spoken, epoch: committee.epoch }];
  });
  return former.committee === committee ? [message] : [message, ...haunting];
}

/** Proposes one batch to one half of the peers and another to the others, and votes for both. */
function equivocating(context: LiarContext): Liar {
  const { random, self: client, sign } = context;
  const others = new Map<Hash, Batch>();
  const other = (hash: Hash): Batch => {
    const known = others.get(hash);
    if (known !== undefined) return known;
    const unsigned = { client, number: 1 + random.below(20), operation: utf8(`evil ${random.below(1000)}`) };
    const signature = sign(requestToSign(context.committee.board, unsigned));
    const batch = { time: 0, requests: [{ ...unsigned, signature }] };
    others.set(hash, batch);
    return batch;
  };
  return {
    lie: (message, to) => {
      const isFirstHalf = Number.parseInt(to.slice(0, 2), 16) % 2 === 0;
      if (message.kind !== 'statement' || isFirstHalf) return [{ to, message }];
      const { statement } = message.signed;
      if (!isVote(statement)) return [{ to, message }];
      const batch = other(statement.digest);
      const spoken = speak(context, { ...statement, digest: hashBatch(batch) });
      if (statement.kind !== 'prePrepare') return [{ to, message: spoken }];
      return [{ to, message: { ...spoken, batch } }];
    },
  };
}

function isVote(statement: Statement): statement is StatementOf<'prePrepare' | 'prepare' | 'commit'> {
  return statement.kind === 'prePrepare' || statement.kind === 'prepare' || statement.kind === 'commit';
}

/** Claims in its view changes what nobody prepared, and sends one for the next view with every status, so that it is there early. */
function forging(context: LiarContext): Liar {
  let parts: Parts | undefined;
  const claim = (view: number): PreparedCertificate[] =>
    parts === undefined
      ? []
      : [forgedCertificate(context.committee, view - 1, parts.checkpoints.stable.seq + 1)];
  return {
    lie: (message, to) => {
      if (parts === undefined) return [{ to, message }];
      if (message.kind === 'statement' && message.signed.statement.kind === 'viewChange') {
        const { statement } = message.signed;
        return [{ to, message: speak(context, { ...statement, prepared: claim(statement.view) }) }];
      }
      if (message.kind !== 'question' || message.question.kind !== 'status') return [{ to, message }];
      const view = message.question.view + 1;
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
  const signatures = committee.keys
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
    statement.kind === 'close'
      ? { ...statement, next: digest('mutated', utf8(String(random.below(3)))) }
      : statement,
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
  const epoch = near(message.epoch, context);
  const { statement } = changed.signed;
  return {
    ...message,
    epoch: context.random.below(4) === 0 ? epoch : message.epoch,
    signed: { seat, signature, statement },
  };
}
