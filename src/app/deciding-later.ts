/** {@link Deciding} before its code is here: until then no board is open, so nothing is decided yet. */
import { invariant } from '../kernel/invariant.ts';
import type { VerifierPort } from '../kernel/ports.ts';
import { CodedError } from '../runtime/coded-error.ts';
import type {
  CertificateVerdict,
  ClosedStatus,
  Choice,
  CommitteeStatus,
  DecidePort,
  DecisionEvidence,
  DecisionStatus,
  DecisionsView,
  NewProposal,
  ProposalPreview,
} from '../ui/decision-ports.ts';
import type { PlacedDecision } from './council-port.ts';
import type { Deciding, DecidingHost } from './deciding.ts';
import type { EngineLoader } from './engine-loader.ts';

const NOTHING_PENDING = { queuedProposals: 0, queuedBallots: 0 };

export class DecidingLater implements DecidePort {
  readonly #loader: EngineLoader;
  readonly #host: () => DecidingHost;
  readonly #verifier: VerifierPort;
  #made: Deciding | undefined;

  constructor(loader: EngineLoader, host: () => DecidingHost, verifier: VerifierPort) {
    this.#loader = loader;
    this.#host = host;
    this.#verifier = verifier;
  }

  changed(): void {
    this.#made?.changed();
  }

  committee(): CommitteeStatus | null {
    return this.#now?.committee() ?? null;
  }

  closed(): ClosedStatus | null {
    return this.#now?.closed() ?? null;
  }

  pending(): { readonly queuedProposals: number; readonly queuedBallots: number } {
    return this.#now?.pending() ?? NOTHING_PENDING;
  }

  view(): DecisionsView | null {
    return this.#now?.view() ?? null;
  }

  needsVote(): number {
    return this.#now?.needsVote() ?? 0;
  }

  async propose(proposal: NewProposal): Promise<{ readonly proposalId: string }> {
    return (await this.#later()).propose(proposal);
  }

  preview(proposal: NewProposal): ProposalPreview {
    if (this.#now === undefined) throw new CodedError('noBoard');
    return this.#now.preview(proposal);
  }

  async vote(proposalId: string, choice: Choice, options?: { readonly reason?: string }): Promise<void> {
    return (await this.#later()).vote(proposalId, choice, options);
  }

  async withdraw(proposalId: string): Promise<void> {
    return (await this.#later()).withdraw(proposalId);
  }

  async resetCommittee(): Promise<void> {
    return (await this.#later()).resetCommittee();
  }

  decisions(options?: { readonly since?: number }): readonly DecisionStatus[] {
    return this.#now?.decisions(options) ?? [];
  }

  told(decision: PlacedDecision): DecisionStatus {
    invariant(this.#now !== undefined, 'only an open board decides');
    return this.#now.told(decision);
  }

  evidence(sequence: number, place?: number): DecisionEvidence | null {
    return this.#now?.evidence(sequence, place) ?? null;
  }

  async certificate(sequence: number, place?: number): Promise<string> {
    return (await this.#later()).certificate(sequence, place);
  }

  async verifyCertificate(text: string): Promise<CertificateVerdict> {
    return (await this.#later()).verifyCertificate(text);
  }

  get #now(): Deciding | undefined {
    const { engine } = this.#loader;
    if (engine !== undefined) this.#made ??= new engine.Deciding(this.#host, this.#verifier);
    return this.#made;
  }

  async #later(): Promise<Deciding> {
    await this.#loader.load();
    invariant(this.#now !== undefined, 'the engine is here');
    return this.#now;
  }
}
