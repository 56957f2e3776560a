/**
 * `globalThis.tabswarm`: the scripting interface that people, tests and benchmarks share (docs/api.md). Every argument is checked; a
 * bad one rejects with code `badArgument` and changes nothing.
 */
import type { CommandOutcome } from '../board/command.ts';
import type { BoardSnapshot } from '../board/snapshot.ts';
import { PROTOCOL_VERSION } from '../node/limits.ts';
import type {
  CertificateVerdict,
  DecisionEvidence,
  DecisionStatus,
  DecisionsView,
} from '../ui/decision-ports.ts';
import type {
  BoardSummary,
  CardDelivery,
  Evidence,
  EvidenceVerdict,
  InviteStatus,
  PresenceStatus,
  RecorderPort,
  ReturnedEdit,
} from '../ui/ports.ts';
import type { Application, FullStatus } from './application.ts';
import {
  certificateSchema,
  checked,
  choiceSchema,
  commandSchema,
  createSchema,
  eventSchema,
  evidenceSchema,
  inviteSchema,
  joinSchema,
  leaveSchema,
  memberIdSchema,
  nameSchema,
  placeSchema,
  presenceSchema,
  proposalIdSchema,
  proposalSchema,
  roleSchema,
  sequenceSchema,
  sinceSchema,
  textSchema,
  voteSchema,
} from './arguments.ts';

export interface Tabswarm {
  readonly version: { readonly app: string; readonly protocol: number };
  /** The node is running and the last open board, if any, is loaded. Rejects with a CodedError when this browser cannot run us. */
  readonly ready: Promise<void>;
  createBoard(options: unknown): Promise<{ boardId: string }>;
  openBoard(boardId: unknown): Promise<void>;
  boards(): readonly BoardSummary[];
  invite(options?: unknown): Promise<string>;
  join(url: unknown, options?: unknown): Promise<{ boardId: string }>;
  leave(options?: unknown): Promise<void>;
  invites(): Promise<readonly InviteStatus[]>;
  revokeInvite(invite: unknown): Promise<void>;
  setRole(memberId: unknown, role: unknown): Promise<void>;
  evict(memberId: unknown): Promise<void>;
  evidence(): readonly Evidence[];
  verifyEvidence(evidence: unknown): Promise<EvidenceVerdict>;
  renewKey(): Promise<void>;
  propose(proposal: unknown): Promise<{ readonly proposalId: string }>;
  vote(proposalId: unknown, choice: unknown, options?: unknown): Promise<void>;
  withdraw(proposalId: unknown): Promise<void>;
  resetCommittee(): Promise<void>;
  proposals(): DecisionsView | null;
  decisions(options?: unknown): readonly DecisionStatus[];
  decisionEvidence(sequence: unknown, place?: unknown): DecisionEvidence | null;
  certificate(sequence: unknown, place?: unknown): Promise<string>;
  verifyCertificate(text: unknown): Promise<CertificateVerdict>;
  setName(name: unknown): Promise<void>;
  makeFullBoard(): Promise<{ boardId: string }>;
  readonly pair: {
    offer(): Promise<string>;
    answer(code: unknown): Promise<string>;
    complete(code: unknown): Promise<void>;
  };
  readonly board: {
    snapshot(): BoardSnapshot | null;
    deliveries(): readonly CardDelivery[];
    apply(command: unknown): Promise<CommandOutcome>;
    undo(): Promise<CommandOutcome>;
    redo(): Promise<CommandOutcome>;
    readonly returned: {
      list(): readonly ReturnedEdit[];
      again(id: unknown): Promise<CommandOutcome>;
      dismiss(id: unknown): Promise<void>;
    };
  };
  readonly presence: {
    others(): readonly PresenceStatus[];
    say(presence: unknown): void;
  };
  status(): FullStatus;
  on(event: unknown, listener: unknown): () => void;
  trace(): readonly string[];
  readonly recorder: RecorderPort;
}

declare const __APP_VERSION__: string;

/** The interface over an application that may still be starting. */
export function createScripting(starting: Promise<Application>, running: () => Application): Tabswarm {
  const ready = starting.then(() => undefined);
  // A start that failed is on screen; whoever awaits `ready` hears of it too, and nobody has to.
  ready.catch(() => undefined);
  return {
    version: { app: __APP_VERSION__, protocol: PROTOCOL_VERSION },
    ready,
    createBoard: async (options) => (await starting).createBoard(checked(createSchema, options)),
    openBoard: async (boardId) => (await starting).openBoard(checked(textSchema, boardId)),
    boards: () => running().boards(),
    invite: async (options = {}) => (await starting).invite(checked(inviteSchema, options)),
    join: async (url, options = {}) =>
      (await starting).join(checked(textSchema, url), checked(joinSchema, options)),
    leave: async (options = {}) => (await starting).leave(checked(leaveSchema, options)),
    invites: async () => (await starting).govern.invites(),
    revokeInvite: async (invite) => (await starting).govern.revokeInvite(checked(textSchema, invite)),
    setRole: async (memberId, role) =>
      (await starting).govern.setRole(checked(memberIdSchema, memberId), checked(roleSchema, role)),
    evict: async (memberId) => (await starting).govern.evict(checked(memberIdSchema, memberId)),
    evidence: () => running().govern.evidence(),
    verifyEvidence: async (evidence) => (await starting).govern.verify(checked(evidenceSchema, evidence)),
    renewKey: async () => (await starting).govern.renewKey(),
    ...decidingCalls(starting, running),
    setName: async (name) => (await starting).setName(checked(nameSchema, name)),
    makeFullBoard: async () => (await starting).makeFullBoard(),
    pair: {
      offer: async () => (await starting).pair.offer(),
      answer: async (code) => (await starting).pair.answer(checked(textSchema, code)),
      complete: async (code) => (await starting).pair.complete(checked(textSchema, code)),
    },
    board: {
      snapshot: () => running().board.snapshot(),
      deliveries: () => running().board.deliveries(),
      apply: async (command) => (await starting).board.apply(checked(commandSchema, command)),
      undo: async () => (await starting).board.undo(),
      redo: async () => (await starting).board.redo(),
      returned: {
        list: () => running().board.returned.list(),
        again: async (id) => (await starting).board.returned.again(checked(textSchema, id)),
        dismiss: async (id) => (await starting).board.returned.dismiss(checked(textSchema, id)),
      },
    },
    presence: {
      others: () => running().presence.others(),
      say: (presence) => {
        running().presence.say(checked(presenceSchema, presence));
      },
    },
    status: () => running().status(),
    on: (event, listener) => running().on(checked(eventSchema, event), checkedListener(listener)),
    trace: () => running().trace(),
    recorder: {
      status: () => running().recorder.status(),
      export: () => running().recorder.export(),
    },
  };
}

type DecidingCalls = Pick<
  Tabswarm,
  | 'propose'
  | 'vote'
  | 'withdraw'
  | 'resetCommittee'
  | 'proposals'
  | 'decisions'
  | 'decisionEvidence'
  | 'certificate'
  | 'verifyCertificate'
>;

function decidingCalls(starting: Promise<Application>, running: () => Application): DecidingCalls {
  return {
    propose: async (proposal) => (await starting).decide.propose(checked(proposalSchema, proposal)),
    vote: async (proposalId, choice, options = {}) =>
      (await starting).decide.vote(
        checked(proposalIdSchema, proposalId),
        checked(choiceSchema, choice),
        checked(voteSchema, options),
      ),
    withdraw: async (proposalId) => (await starting).decide.withdraw(checked(proposalIdSchema, proposalId)),
    resetCommittee: async () => (await starting).decide.resetCommittee(),
    proposals: () => running().decide.view(),
    decisions: (options = {}) => running().decide.decisions(checked(sinceSchema, options)),
    decisionEvidence: (sequence, place = 1) =>
      running().decide.evidence(checked(sequenceSchema, sequence), checked(placeSchema, place)),
    certificate: async (sequence, place = 1) =>
      (await starting).decide.certificate(checked(sequenceSchema, sequence), checked(placeSchema, place)),
    verifyCertificate: async (text) =>
      (await starting).decide.verifyCertificate(checked(certificateSchema, text)),
  };
}

function checkedListener(listener: unknown): (detail: unknown) => void {
  if (typeof listener !== 'function') throw new TypeError('a listener must be a function');
  return (detail) => {
    Reflect.apply(listener, undefined, [detail]);
  };
}
