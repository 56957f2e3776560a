import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Choice, ProposalStatus } from '../decision-ports.ts';
import { CHOICES } from '../decision-ports.ts';
import { codeOf, errorLine } from '../error-texts.ts';
import { momentText, timeAgo } from '../format.ts';
import { icon } from '../icons.ts';
import type { People } from '../people.ts';
import type { AppPort } from '../ports.ts';
import { baseStyles, buttonStyles, fieldStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';
import { decisionTexts as words } from './decision-texts.ts';
import { proposalStyles } from './proposal-styles.ts';
import { timeLeft } from './time-left.ts';
import '../elements/avatar.ts';
import './tally-bar.ts';

/** Longer texts are cut until somebody wants them: about six lines. */
const LONG_CHARS = 400;
/** Names of who has not voted; the others are counted. A guess at what one line holds. */
const MAX_NAMES = 6;
const names = new Intl.ListFormat('en');

/** One proposal: what it says and would do, how it stands, and our own vote on it. */
export class TsProposal extends LitElement {
  static override properties = {
    app: { attribute: false },
    people: { attribute: false },
    proposal: { attribute: false },
    time: { type: Number },
    canDecide: { type: Boolean },
    changing: { state: true },
    choice: { state: true },
    reason: { state: true },
    busy: { state: true },
    problem: { state: true },
    isWhole: { state: true },
    withdrawing: { state: true },
  };
  declare app: AppPort;
  declare people: People;
  declare proposal: ProposalStatus;
  /** Agreed time, ms since 1970. */
  declare time: number;
  /** Whether a quorum of the committee is reached. */
  declare canDecide: boolean;
  /** Whether an answer that was given is being changed. */
  declare changing: boolean;
  declare choice: Choice | null;
  declare reason: string;
  declare busy: boolean;
  declare problem: string | null;
  declare isWhole: boolean;
  declare withdrawing: boolean;

  constructor() {
    super();
    this.time = 0;
    this.canDecide = true;
    this.changing = false;
    this.choice = null;
    this.reason = '';
    this.busy = false;
    this.problem = null;
    this.isWhole = false;
    this.withdrawing = false;
  }

  static override styles = [baseStyles, buttonStyles, fieldStyles, proposalStyles];

  override willUpdate(changed: PropertyValues<this>): void {
    // A form whose time is over goes away; what was chosen in it stays while it is there.
    if (changed.has('proposal') && !this.proposal.mayAnswer) this.changing = false;
  }

  /** Puts the focus on the title: what can be done about it comes next. */
  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('h3')?.focus();
  }

  get #isOpen(): boolean {
    const { stage } = this.proposal;
    return stage === 'open' || stage === 'closingSoon' || stage === 'due';
  }

  #name = (memberId: string): string => {
    const member = this.people.all.find((one) => one.memberId === memberId);
    return member?.self === true ? texts.withYou(member.name) : this.people.nameOf(memberId);
  };

  #isOwn(memberId: string): boolean {
    return this.people.all.some((one) => one.memberId === memberId && one.self);
  }

  #onChoice = (event: Event): void => {
    const { value } = event.currentTarget as HTMLInputElement;
    this.choice = CHOICES.find((known) => known === value) ?? null;
  };

  #onReason = (event: Event): void => {
    this.reason = (event.currentTarget as HTMLInputElement).value;
  };

  #onChange = (): void => {
    const { ownChoice, ownReason, queued } = this.proposal;
    this.choice = queued?.choice ?? ownChoice;
    this.reason = queued?.reason ?? ownReason;
    this.problem = null;
    this.changing = true;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('input:checked')?.focus());
  };

  #onKeep = (): void => {
    this.changing = false;
    void this.#focusChange();
  };

  async #focusChange(): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('.change')?.focus();
  }

  #onVote = (event: Event): void => {
    event.preventDefault();
    const { choice, reason } = this;
    if (choice === null) return;
    const text = this.canDecide ? words.voted : words.votedOffline;
    void this.#do(() => this.app.decide.vote(this.proposal.proposalId, choice, { reason }), text);
  };

  #onWithdraw = (): void => {
    if (!this.withdrawing) {
      this.withdrawing = true;
      return;
    }
    this.withdrawing = false;
    void this.#do(() => this.app.decide.withdraw(this.proposal.proposalId), words.withdrawn);
  };

  #onKeepIt = (): void => {
    this.withdrawing = false;
  };

  /** Says that it was kept, or why not. */
  async #do(act: () => Promise<void>, text: string): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = null;
    try {
      await act();
      this.changing = false;
      emit(this, 'ts-proposal-done', { text });
    } catch (reason) {
      this.problem = codeOf(reason);
    } finally {
      this.busy = false;
    }
  }

  #onEvidence = (): void => {
    const { closedSequence, proposalId, title } = this.proposal;
    if (closedSequence === null) return;
    const closing = this.app.decide
      .decisions({ since: closedSequence })
      .find(
        (one) => one.sequence === closedSequence && one.proposalId === proposalId && one.refusal === null,
      );
    emit(this, 'ts-evidence', { sequence: closedSequence, place: closing?.place ?? null, what: title });
  };

  #head(): TemplateResult {
    const { closedAt, closesAt, stage } = this.proposal;
    const isRunning = stage === 'open' || stage === 'closingSoon';
    return html`<div class="head">
      <span class="badge ${stage}"
        >${stage === 'passed' ? icon('check', 13) : nothing}${words.stage[stage]}</span
      >
      ${
        isRunning
          ? html`<span class="left">${words.left(timeLeft(closesAt - this.time))}</span
              ><span>${words.until(momentText(closesAt))}</span>`
          : closedAt === null
            ? nothing
            : html`<span>${words.closedAgo(timeAgo(closedAt, this.time))}</span>`
      }
    </div>`;
  }

  #said(): TemplateResult {
    const { body, memberId, openedAt, title } = this.proposal;
    const ago = timeAgo(openedAt, this.time);
    const isLong = body.length > LONG_CHARS && !this.isWhole;
    const showAll = (): void => {
      this.isWhole = true;
    };
    return html`<div>
        <h3 id="title" tabindex="-1" dir="auto">${title}</h3>
        <p class="by">
          <ts-avatar .memberId=${memberId} .name=${this.people.nameOf(memberId)} .size=${20}></ts-avatar>
          <span
            >${this.#isOwn(memberId) ? words.proposedByYou(ago) : words.proposedBy(this.#name(memberId), ago)}</span
          >
        </p>
      </div>
      ${body === '' ? nothing : html`<p class="body ${isLong ? 'long' : ''}" dir="auto">${body}</p>`}
      ${isLong ? html`<button class="more" @click=${showAll}>${words.showAll}</button>` : nothing}`;
  }

  #effect(): TemplateResult | typeof nothing {
    const { action, awaitsOwner, consequences, execution, stage } = this.proposal;
    if (stage === 'passed') {
      const line = awaitsOwner ? words.awaitsOwner : words.executed[execution ?? 'none'];
      return line === '' ? nothing : html`<p class="effect ${awaitsOwner ? 'waits' : ''}">${line}</p>`;
    }
    if (!this.#isOpen) return nothing;
    const isGrave = action.type === 'evict' || action.type === 'removeBoard';
    return html`<div class="effect ${isGrave ? 'grave' : ''}">
      <b>${words.ifPassed}</b>
      ${consequences.map((one) => html`<span dir="auto">${words.consequence(one, this.#name)}</span>`)}
    </div>`;
  }

  #tally(): TemplateResult {
    const { tally } = this.proposal;
    const { abstain, no, voters, yes } = tally;
    const toCome = voters - yes - no - abstain;
    return html`<ts-tally-bar .tally=${tally} ?quiet=${!this.#isOpen}></ts-tally-bar>
      <p class="legend">
        <span class="yes">${words.agree(yes)}</span><span class="no">${words.disagree(no)}</span>
        ${abstain > 0 ? html`<span class="abstain">${words.abstain(abstain)}</span>` : nothing}
        ${toCome > 0 && this.#isOpen ? html`<span class="open">${words.toCome(toCome)}</span>` : nothing}
      </p>
      ${this.#isOpen ? this.#outlook(yes + no + abstain) : nothing}`;
  }

  /** What would have to come, and who is missing. */
  #outlook(given: number): TemplateResult {
    const { extended, finalBallots, missing, stage, tally } = this.proposal;
    const { certain, missingYes, neededBallots, verdict } = tally;
    const line =
      certain !== null
        ? words.certain[certain]
        : given < neededBallots
          ? words.missingBallots(neededBallots - given)
          : verdict === 'passed'
            ? words.wouldPass
            : missingYes === null
              ? words.certain.rejected
              : words.missingYes(missingYes);
    return html`<div class="soft">
      <p>${line} ${missing.length === 0 ? words.nobodyMissing : words.notVoted(this.#missing())}</p>
      ${finalBallots ? html`<p>${words.finalBallots}</p>` : nothing}
      ${extended ? html`<p class="news">${words.extended}</p>` : nothing}
      ${stage === 'due' ? html`<p class="news">${words.countedNow}</p>` : nothing}
    </div>`;
  }

  #missing(): string {
    const { missing } = this.proposal;
    const listed = missing
      .slice(0, MAX_NAMES)
      .map(({ left, memberId }) => (left ? words.hasLeft(this.#name(memberId)) : this.#name(memberId)));
    const others = missing.length - listed.length;
    return `${names.format(others > 0 ? [...listed, `${String(others)} more`] : listed)}.`;
  }

  #ballots(): TemplateResult {
    const { ballots, tally } = this.proposal;
    return html`<details>
      <summary>${words.whoVoted(ballots.length, tally.voters)}</summary>
      ${
        ballots.length === 0
          ? html`<p class="soft">${words.saidNothing}</p>`
          : html`<ul class="ballots" role="list">
              ${ballots.map(
                ({ changes, choice, memberId, reason }) =>
                  html`<li>
                    <ts-avatar
                      .memberId=${memberId}
                      .name=${this.people.nameOf(memberId)}
                      .size=${20}
                    ></ts-avatar>
                    <span
                      >${this.#name(memberId)}
                      <span class=${choice}>${words.theyChose[choice]}</span>
                      ${reason === '' ? nothing : html`<q dir="auto">${reason}</q>`}
                      ${changes === 0 ? nothing : html`<span class="soft">(${words.changedTimes(changes)})</span>`}</span
                    >
                  </li>`,
              )}
            </ul>`
      }
    </details>`;
  }

  #own(): TemplateResult | typeof nothing {
    const { mayAnswer, ownChoice, ownReason, queued, title, voter } = this.proposal;
    if (!this.#isOpen) return nothing;
    if (!voter) return html`<p class="own">${words.noVoter}</p>`;
    if (mayAnswer && (this.changing || (ownChoice === null && queued === null))) return this.#form();
    const change = mayAnswer
      ? html`<button class="button change" aria-label=${words.changeLabel(title)} @click=${this.#onChange}>
          ${words.change}
        </button>`
      : nothing;
    if (queued !== null)
      return html`<div class="own">
        <span class="badge waiting"
          >${icon('waiting', 14)}${this.canDecide ? words.sendingVote(queued.choice) : words.queuedVote(queued.choice)}</span
        >
        <span class="grow"></span>${change}
      </div>`;
    if (ownChoice === null) return nothing;
    return html`<div class="own">
      <b>${words.chose[ownChoice]}</b>${ownReason === '' ? nothing : html`<q dir="auto">${ownReason}</q>`}
      <span class="grow"></span>${change}
    </div>`;
  }

  #form(): TemplateResult {
    const { proposalId, title } = this.proposal;
    return html`<form @submit=${this.#onVote}>
      <fieldset aria-label=${words.yourVoteOn(title)}>
        <legend>${words.yourVote}</legend>
        <div class="choices">
          ${CHOICES.map(
            (choice) =>
              html`<label class=${choice}
                ><input
                  type="radio"
                  name="choice-${proposalId}"
                  .value=${choice}
                  .checked=${choice === this.choice}
                  @change=${this.#onChoice}
                />${words.choice[choice]}</label
              >`,
          )}
        </div>
      </fieldset>
      <div class="cast">
        <div class="field">
          <label for="reason">${words.reason}</label>
          <input
            id="reason"
            maxlength="250"
            autocomplete="off"
            placeholder=${words.reasonPlaceholder}
            .value=${this.reason}
            @input=${this.#onReason}
          />
        </div>
        <button class="button primary" ?disabled=${this.choice === null || this.busy}>${words.vote}</button>
        ${
          this.changing
            ? html`<button class="button quiet" type="button" @click=${this.#onKeep}>${texts.cancel}</button>`
            : nothing
        }
      </div>
    </form>`;
  }

  #foot(): TemplateResult {
    const { closedSequence, memberId, stage, title } = this.proposal;
    const mayWithdraw = this.#isOwn(memberId) && (stage === 'open' || stage === 'closingSoon');
    return html`<div class="foot">
      ${this.#ballots()}
      ${
        closedSequence === null
          ? nothing
          : html`<button class="button" aria-label=${words.evidenceLabel(title)} @click=${this.#onEvidence}>
              ${words.evidence}
            </button>`
      }
      ${
        !mayWithdraw
          ? nothing
          : this.withdrawing
            ? html`<span class="soft">${words.withdrawSure}</span>
                <button class="button danger" ?disabled=${this.busy} @click=${this.#onWithdraw}>
                  ${words.withdraw}
                </button>
                <button class="button quiet" @click=${this.#onKeepIt}>${texts.cancel}</button>`
            : html`<button
                class="button quiet"
                aria-label=${words.withdrawLabel(title)}
                @click=${this.#onWithdraw}
              >
                ${words.withdraw}
              </button>`
      }
    </div>`;
  }

  override render(): TemplateResult {
    const { mayAnswer, ownChoice, queued } = this.proposal;
    const isAsking = mayAnswer && ownChoice === null && queued === null;
    return html`<article class=${isAsking ? 'asking' : ''} aria-labelledby="title">
      ${this.#head()} ${this.#said()} ${this.#effect()} ${this.#tally()} ${this.#foot()} ${this.#own()}
      ${this.problem === null ? nothing : html`<p class="problem" role="alert">${errorLine(this.problem)}</p>`}
    </article>`;
  }
}

customElements.define('ts-proposal', TsProposal);
