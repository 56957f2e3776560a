import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { BoardSnapshot } from '../../board/snapshot.ts';
import type { DecisionsView, DecisionStatus, ProposalStatus, QuorumStatus } from '../decision-ports.ts';
import { seatNames } from '../decisions/committee-pane.ts';
import { decisionTexts as words } from '../decisions/decision-texts.ts';
import '../decisions/double-votes.ts';
import { TsEvidenceDialog } from '../decisions/evidence-dialog.ts';
import { TsProposal } from '../decisions/proposal.ts';
import { TsProposeDialog } from '../decisions/propose-dialog.ts';
import { LOST_FOR_LONG_MS, TsResetDialog } from '../decisions/reset-dialog.ts';
import { nextTick } from '../decisions/time-left.ts';
import { timeAgo } from '../format.ts';
import { icon } from '../icons.ts';
import type { People } from '../people.ts';
import type { AppPort, Status } from '../ports.ts';
import { screenBar } from './screen-bar.ts';
import { isHindered } from '../standing.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { detailOf, emit } from '../ui-event.ts';
import { decisionsStyles } from './decisions-styles.ts';
import { pageStyles } from './page-styles.ts';
import '../decisions/certificate-check.ts';
import '../decisions/committee-pane.ts';
import '../elements/standing-banner.ts';
import '../elements/state-pill.ts';
import '../elements/theme-button.ts';

/** Lines of the record that are drawn, the newest (guess: what somebody looks through). */
const MAX_LINES = 50;
/** What tabs ask for by themselves, again and again: of no interest to people. */
const ROUTINE: ReadonlySet<string> = new Set([
  'introduce',
  'registerInvite',
  'takeSeat',
  'leaveSeat',
  'renewSeat',
  'expireSeats',
  'attest',
]);
/** How often it is looked whether a quorum has been gone for long. Guess: a twentieth of that. */
const LOST_TICK_MS = 15_000;
const list = new Intl.ListFormat('en');

/** What the group is to decide, what it decided, and on what that stands. */
export class TsDecisionsScreen extends LitElement {
  static override properties = {
    app: { attribute: false },
    status: { attribute: false },
    people: { attribute: false },
    board: { attribute: false },
    boardTitle: {},
    writeFailed: { type: Boolean },
    view: { state: true },
    record: { state: true },
  };
  declare app: AppPort;
  declare status: Status;
  declare people: People;
  declare board: BoardSnapshot | null;
  declare boardTitle: string;
  declare writeFailed: boolean;
  declare view: DecisionsView | null;
  /** What people decided, the newest first; null until somebody wants to see it. */
  declare record: readonly DecisionStatus[] | null;
  #unsubscribe: (() => void) | undefined;
  #tick: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.boardTitle = '';
    this.writeFailed = false;
    this.view = null;
    this.record = null;
  }

  static override styles = [baseStyles, buttonStyles, pageStyles, decisionsStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = this.app.on('council', () => {
      this.#look();
    });
    this.#look();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe?.();
    clearTimeout(this.#tick);
  }

  override willUpdate(changed: PropertyValues<this>): void {
    // Who is reached, and what the board says of members, changes with the status alone.
    if (changed.has('status') && changed.get('status') !== undefined) this.view = this.app.decide.view();
  }

  #look(): void {
    this.view = this.app.decide.view();
    if (this.record !== null) this.record = this.#lines();
    this.#tickSoon();
  }

  /** Time goes on without any event. */
  #tickSoon(): void {
    clearTimeout(this.#tick);
    const { proposals = [], time = 0 } = this.view ?? {};
    const ticks = proposals.filter(isOpen).map(({ closesAt }) => closesAt - time);
    const lostForMs = this.view?.quorum?.lostForMs ?? LOST_FOR_LONG_MS;
    const after = Math.min(
      nextTick(ticks) ?? Infinity,
      lostForMs < LOST_FOR_LONG_MS ? LOST_TICK_MS : Infinity,
    );
    if (after === Infinity) return;
    this.#tick = setTimeout(() => {
      this.#look();
    }, after);
  }

  #lines(): readonly DecisionStatus[] {
    const all = this.app.decide.decisions().filter(({ kind }) => !ROUTINE.has(kind));
    return all.slice(-MAX_LINES).reverse();
  }

  #onRecord = (event: Event): void => {
    this.record = (event.currentTarget as HTMLDetailsElement).open ? this.#lines() : null;
  };

  #onPropose = (): void => {
    const dialog = this.renderRoot.querySelector('ts-propose-dialog');
    if (dialog instanceof TsProposeDialog) void dialog.show();
  };

  #onEvidence = (event: Event): void => {
    const { place, sequence, what } = detailOf('ts-evidence', event);
    const dialog = this.renderRoot.querySelector('ts-evidence-dialog');
    if (dialog instanceof TsEvidenceDialog) void dialog.show(sequence, place, what);
  };

  /** The proposal goes to another place of the list: what had the focus goes with it, or to what needs a vote next. */
  #onDone = (event: Event): void => {
    emit(this, 'ts-announce', detailOf('ts-proposal-done', event));
    void this.updateComplete.then(async () => {
      const next =
        this.renderRoot.querySelector('.needs ts-proposal') ??
        this.renderRoot.querySelector('.open ts-proposal');
      if (!(next instanceof TsProposal)) return;
      await next.updateComplete;
      if (this.renderRoot instanceof ShadowRoot && this.renderRoot.activeElement === null) next.focus();
    });
  };

  #onReset = (): void => {
    const dialog = this.renderRoot.querySelector('ts-reset-dialog');
    if (dialog instanceof TsResetDialog) void dialog.show();
  };

  /** Once a quorum has been gone for long: who made the board may begin anew, and others are told who may. */
  #reset(quorum: QuorumStatus, creator: string): TemplateResult | typeof nothing {
    if ((quorum.lostForMs ?? 0) < LOST_FOR_LONG_MS) return nothing;
    if (creator !== this.status.memberId)
      return html`<span class="anew">${words.resetWho(this.people.nameOf(creator))}</span>`;
    return html`<button class="button anew" @click=${this.#onReset}>${words.resetOffer}</button>`;
  }

  #notice(quorum: QuorumStatus, creator: string): TemplateResult | typeof nothing {
    if (quorum.canDecide) return nothing;
    const gone = seatNames(quorum, this.people).filter(({ reached }) => !reached);
    const names = list.format(gone.map(({ name }) => name));
    return html`<div class="notice" role="status">
      ${icon('people', 20)}
      <b>${words.cannotDecideTitle}: ${words.cannotDecide(quorum.reachable, quorum.needed)}</b>
      <span>${this.status.partition === 'minority' ? words.splitLead : words.cannotDecideLead(names)}</span>
      ${this.#reset(quorum, creator)}
    </div>`;
  }

  #proposals(proposals: readonly ProposalStatus[], view: DecisionsView): TemplateResult {
    return html`<ul role="list">
      ${repeat(
        proposals,
        ({ proposalId }) => proposalId,
        (proposal) =>
          html`<li>
            <ts-proposal
              .app=${this.app}
              .people=${this.people}
              .proposal=${proposal}
              .time=${view.time}
              .canDecide=${view.quorum?.canDecide ?? false}
              @ts-evidence=${this.#onEvidence}
              @ts-proposal-done=${this.#onDone}
            ></ts-proposal>
          </li>`,
      )}
    </ul>`;
  }

  #group(
    look: string,
    title: string,
    proposals: readonly ProposalStatus[],
    view: DecisionsView,
  ): TemplateResult | typeof nothing {
    if (proposals.length === 0) return nothing;
    return html`<section class="group ${look}" aria-labelledby=${look}>
      <h2 id=${look}>${title}<span class="count">${proposals.length}</span></h2>
      ${this.#proposals(proposals, view)}
    </section>`;
  }

  #queued(view: DecisionsView): TemplateResult | typeof nothing {
    if (view.queued.length === 0) return nothing;
    const line = view.quorum?.canDecide === true ? words.sendingProposal : words.queuedProposal;
    return html`<section class="group" aria-labelledby="queued">
      <h2 id="queued">${words.queuedTitle}<span class="count">${view.queued.length}</span></h2>
      <ul role="list">
        ${view.queued.map(
          ({ title }) =>
            html`<li class="queued">
              <h3 dir="auto">${title}</h3>
              <p class="soft">${line}</p>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  #lists(view: DecisionsView): TemplateResult {
    const { proposals, queued } = view;
    if (proposals.length === 0 && queued.length === 0) {
      return html`<div class="empty">
        <b>${words.noProposals}</b>
        <p>${words.noProposalsHint}</p>
      </div>`;
    }
    const asking = proposals.filter(isAsking);
    const open = proposals.filter((proposal) => isOpen(proposal) && !isAsking(proposal));
    const closed = proposals.filter((proposal) => !isOpen(proposal));
    return html`${this.#group('needs', words.needsYou, asking, view)} ${this.#queued(view)}
    ${this.#group('open', words.stillOpen, open, view)} ${this.#group('closed', words.history, closed, view)}`;
  }

  /** Stays for ever. */
  #doubleVotes({ doubleVotes, time }: DecisionsView): TemplateResult | typeof nothing {
    if (doubleVotes.length === 0) return nothing;
    return html`<ts-double-votes
      class="group"
      .doubleVotes=${doubleVotes}
      .people=${this.people}
      .time=${time}
      @ts-evidence=${this.#onEvidence}
    ></ts-double-votes>`;
  }

  /** Stays for ever. */
  #beginnings({ beginnings }: DecisionsView): TemplateResult | typeof nothing {
    if (beginnings.length === 0) return nothing;
    return html`<section class="group" aria-labelledby="beginnings">
      <h2 id="beginnings">${words.beginnings}<span class="count">${beginnings.length}</span></h2>
      <ul role="list">
        ${beginnings.map(
          ({ memberId, seats, seatsBefore, sequence }) =>
            html`<li class="queued">
              <h3 dir="auto">${words.begunAnew(this.people.nameOf(memberId), seatsBefore, seats)}</h3>
              <p class="soft">${words.sequence}: ${sequence}</p>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  #record(view: DecisionsView): TemplateResult {
    const evidence =
      ({ place, sequence, summary }: DecisionStatus) =>
      (): void => {
        const dialog = this.renderRoot.querySelector('ts-evidence-dialog');
        if (dialog instanceof TsEvidenceDialog) void dialog.show(sequence, place, summary);
      };
    return html`<details class="record" @toggle=${this.#onRecord}>
      <summary>${words.record}</summary>
      <p class="soft">${words.recordLead}</p>
      ${
        this.record === null || this.record.length === 0
          ? nothing
          : html`<ol role="list">
              ${this.record.map(
                (line) =>
                  html`<li>
                    <span class="place">${line.sequence}</span>
                    <span class="what"
                      ><span class=${line.refusal === null ? '' : 'undone'} dir="auto">${line.summary}</span>
                      <span class="soft"
                        >${timeAgo(line.at, view.time)}${line.refusal === null ? '' : ` · ${words.undone}`}</span
                      ></span
                    >
                    <button
                      class="button quiet"
                      aria-label=${words.evidenceLabel(line.summary)}
                      @click=${evidence(line)}
                    >
                      ${words.evidence}
                    </button>
                  </li>`,
              )}
            </ol>`
      }
    </details>`;
  }

  #page(view: DecisionsView | null): TemplateResult {
    const check = html`<ts-certificate-check
      .app=${this.app}
      .boardId=${this.status.boardId ?? ''}
    ></ts-certificate-check>`;
    if (view === null) {
      return html`<div class="columns decisions">
        <div class="empty">
          <b>${words.noCommittee}</b>
          <p>${words.noCommitteeLead}</p>
        </div>
        <div class="side">${check}</div>
      </div>`;
    }
    return html`${view.quorum === null ? nothing : this.#notice(view.quorum, view.creator)}
      <div class="columns decisions">
        <div>
          ${this.#lists(view)} ${this.#doubleVotes(view)} ${this.#beginnings(view)} ${this.#record(view)}
        </div>
        <div class="side">
          <ts-committee-pane
            .quorum=${view.quorum}
            .policy=${view.policy}
            .people=${this.people}
          ></ts-committee-pane>
          ${check}
        </div>
      </div>
      <ts-propose-dialog
        .app=${this.app}
        .people=${this.people}
        .board=${this.board}
        .policy=${view.policy}
        .canDecide=${view.quorum?.canDecide ?? false}
      ></ts-propose-dialog>
      <ts-reset-dialog .app=${this.app} .people=${this.people} .quorum=${view.quorum}></ts-reset-dialog>
      <ts-evidence-dialog .app=${this.app} .people=${this.people}></ts-evidence-dialog>`;
  }

  override render(): TemplateResult {
    const mayPropose = this.view?.mayPropose === true && this.status.barred === null;
    return html`${screenBar(this.status, this.writeFailed)}
      ${
        isHindered(this.status)
          ? html`<ts-standing-banner .status=${this.status} .people=${this.people}></ts-standing-banner>`
          : nothing
      }
      <main>
        <p class="lead">${words.title}</p>
        <div class="top">
          <h1 dir="auto">${this.boardTitle}</h1>
          ${
            mayPropose
              ? html`<button class="button primary propose" @click=${this.#onPropose}>
                  ${icon('plus', 16)} ${words.newProposal}
                </button>`
              : nothing
          }
        </div>
        ${this.#page(this.view)}
      </main>`;
  }
}

function isOpen({ stage }: ProposalStatus): boolean {
  return stage === 'open' || stage === 'closingSoon' || stage === 'due';
}

/** Whether our answer is still to come. */
function isAsking({ mayAnswer, ownChoice, queued }: ProposalStatus): boolean {
  return mayAnswer && ownChoice === null && queued === null;
}

customElements.define('ts-decisions-screen', TsDecisionsScreen);
