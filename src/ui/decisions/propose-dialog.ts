import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { BoardSnapshot } from '../../board/snapshot.ts';
import type { NewProposal, Policy, ProposalAction, ProposalPreview } from '../decision-ports.ts';
import { codeOf, errorLine } from '../error-texts.ts';
import { icon } from '../icons.ts';
import { closeDialog, showDialog } from '../own-dialog.ts';
import type { People } from '../people.ts';
import type { AppPort, MemberStatus, Role } from '../ports.ts';
import { baseStyles, buttonStyles, dialogStyles, fieldStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';
import { decisionTexts as words } from './decision-texts.ts';
import { proposeStyles } from './propose-styles.ts';

const KINDS = ['none', 'evict', 'setRole', 'removeColumn', 'removeBoard', 'setPolicy'] as const;
type Kind = (typeof KINDS)[number];
const ROLES: readonly Role[] = ['owner', 'editor', 'viewer', 'agent'];
/** Thresholds to choose from above the policy's, per cent. */
const THRESHOLDS = [67, 75, 90, 100] as const;
const DAY_MS = 86_400_000;

/** What has been filled in so far. */
interface Draft {
  readonly kind: Kind;
  readonly memberId: string;
  readonly role: Role;
  readonly columnId: string;
  readonly policy: Policy;
  /** null while the suggested title stands. */
  readonly title: string | null;
  readonly body: string;
  readonly closesInMs: number;
  /** 0: the policy's. */
  readonly thresholdPercent: number;
  readonly finalBallots: boolean;
}

function emptyDraft(policy: Policy): Draft {
  return {
    ...{ kind: 'none', memberId: '', role: 'editor', columnId: '', policy, title: null, body: '' },
    ...{ closesInMs: DAY_MS, thresholdPercent: 0, finalBallots: false },
  };
}

/** Where something is put to the vote: what about, for how long, and what would happen then. */
export class TsProposeDialog extends LitElement {
  static override properties = {
    app: { attribute: false },
    people: { attribute: false },
    board: { attribute: false },
    policy: { attribute: false },
    canDecide: { type: Boolean },
    draft: { state: true },
    isOpen: { state: true },
    busy: { state: true },
    problem: { state: true },
  };
  declare app: AppPort;
  declare people: People;
  declare board: BoardSnapshot | null;
  declare policy: Policy;
  declare canDecide: boolean;
  declare draft: Draft;
  declare isOpen: boolean;
  declare busy: boolean;
  declare problem: string | null;

  constructor() {
    super();
    this.canDecide = true;
    this.isOpen = false;
    this.busy = false;
    this.problem = null;
  }

  static override styles = [baseStyles, buttonStyles, fieldStyles, dialogStyles, proposeStyles];

  async show(): Promise<void> {
    this.draft = emptyDraft(this.policy);
    this.problem = null;
    this.isOpen = true;
    await showDialog(this);
  }

  #onClose = (): void => {
    closeDialog(this);
  };

  #onClosed = (): void => {
    this.isOpen = false;
  };

  #change(changes: Partial<Draft>): void {
    this.problem = null;
    this.draft = { ...this.draft, ...changes };
  }

  /** Takes the value of a field of this name over. */
  #set(change: (value: string, isChecked: boolean) => Partial<Draft>): (event: Event) => void {
    return (event) => {
      const field = event.currentTarget as HTMLInputElement;
      this.#change(change(field.value, field.checked));
    };
  }

  #setPolicy(change: (value: number, isChecked: boolean) => Partial<Policy>): (event: Event) => void {
    return (event) => {
      const { checked, valueAsNumber } = event.currentTarget as HTMLInputElement;
      this.#change({ policy: { ...this.draft.policy, ...change(valueAsNumber, checked) } });
    };
  }

  /** The action as far as it is chosen; undefined while something is missing. */
  #action(): ProposalAction | undefined {
    const { columnId, kind, memberId, policy, role } = this.draft;
    switch (kind) {
      case 'none':
      case 'removeBoard':
        return { type: kind };
      case 'evict':
        return memberId === '' ? undefined : { type: kind, memberId };
      case 'setRole':
        return memberId === '' ? undefined : { type: kind, memberId, role };
      case 'removeColumn':
        return columnId === '' ? undefined : { type: kind, columnId };
      case 'setPolicy':
        return Number.isInteger(policy.thresholdPercent) && Number.isInteger(policy.quorumPercent)
          ? { type: kind, policy }
          : undefined;
    }
  }

  #title(): string {
    const { columnId, title } = this.draft;
    if (title !== null) return title;
    const action = this.#action();
    const column = this.board?.columns.find(({ id }) => id === columnId)?.title ?? '';
    return action === undefined ? '' : words.suggested(action, (id) => this.people.nameOf(id), column);
  }

  /** The proposal as filled in; undefined while something is missing. */
  #proposal(): NewProposal | undefined {
    const action = this.#action();
    const { body, closesInMs, finalBallots, thresholdPercent } = this.draft;
    if (action === undefined) return undefined;
    const threshold = thresholdPercent === 0 ? {} : { threshold: thresholdPercent / 100 };
    return { title: this.#title(), body, action, closesInMs, finalBallots, ...threshold };
  }

  #onSubmit = (event: Event): void => {
    event.preventDefault();
    void this.#propose();
  };

  async #propose(): Promise<void> {
    const proposal = this.#proposal();
    if (proposal === undefined || this.busy) return;
    this.busy = true;
    this.problem = null;
    try {
      await this.app.decide.propose(proposal);
      closeDialog(this);
      emit(this, 'ts-toast', { text: this.canDecide ? words.proposed : words.proposedOffline });
    } catch (reason) {
      this.problem = codeOf(reason);
    } finally {
      this.busy = false;
    }
  }

  #kinds(): TemplateResult {
    return html`<fieldset>
      <legend>${words.kindLegend}</legend>
      <div class="kinds">
        ${KINDS.map(
          (kind) =>
            html`<label
              ><input
                type="radio"
                name="kind"
                .value=${kind}
                .checked=${kind === this.draft.kind}
                ?autofocus=${kind === 'none'}
                @change=${this.#set(() => ({ kind, title: null }))}
              />${words.kinds[kind]}</label
            >`,
        )}
      </div>
    </fieldset>`;
  }

  /** Whoever can be removed or given another role: not whoever made the board, nobody who is gone. */
  #members(): readonly MemberStatus[] {
    return this.people.all.filter(({ creator, standing }) => !creator && standing !== 'evicted');
  }

  #who(): TemplateResult {
    const { memberId } = this.draft;
    return html`<div class="field">
      <label for="who">${words.who}</label>
      <select id="who" required @change=${this.#set((value) => ({ memberId: value }))}>
        <option value="" ?selected=${memberId === ''}>${words.chooseOne}</option>
        ${this.#members().map(
          (one) =>
            html`<option value=${one.memberId} ?selected=${one.memberId === memberId}>
              ${one.self ? texts.withYou(one.name) : one.name}
            </option>`,
        )}
      </select>
    </div>`;
  }

  #details(): TemplateResult | typeof nothing {
    const { columnId, kind, role } = this.draft;
    switch (kind) {
      case 'evict':
        return this.#who();
      case 'setRole':
        return html`<div class="pair">
          ${this.#who()}
          <div class="field">
            <label for="role">${words.role}</label>
            <select
              id="role"
              @change=${this.#set((value) => ({ role: ROLES.find((known) => known === value) ?? 'viewer' }))}
            >
              ${ROLES.map(
                (known) =>
                  html`<option value=${known} ?selected=${known === role}>${texts.roleName(known)}</option>`,
              )}
            </select>
          </div>
        </div>`;
      case 'removeColumn':
        return html`<div class="field">
          <label for="column">${words.column}</label>
          <select id="column" required @change=${this.#set((value) => ({ columnId: value }))}>
            <option value="" ?selected=${columnId === ''}>${words.chooseOne}</option>
            ${(this.board?.columns ?? []).map(
              ({ id, title }) => html`<option value=${id} ?selected=${id === columnId}>${title}</option>`,
            )}
          </select>
        </div>`;
      case 'setPolicy':
        return this.#rules();
      case 'none':
      case 'removeBoard':
        return nothing;
    }
  }

  #rules(): TemplateResult {
    const { agentsVote, membersBy, policyBy, quorumPercent, thresholdPercent } = this.draft.policy;
    const number = (
      id: string,
      label: string,
      least: number,
      value: number,
      change: (value: number) => Partial<Policy>,
    ): TemplateResult =>
      html`<div class="field">
        <label for=${id}>${label}</label>
        <input
          id=${id}
          type="number"
          required
          min=${least}
          max="100"
          .value=${String(value)}
          @input=${this.#setPolicy(change)}
        />
      </div>`;
    const check = (
      label: string,
      isOn: boolean,
      change: (isOn: boolean) => Partial<Policy>,
    ): TemplateResult =>
      html`<label class="check"
        ><input
          type="checkbox"
          .checked=${isOn}
          @change=${this.#setPolicy((_, isChecked) => change(isChecked))}
        /><span><b>${label}</b></span></label
      >`;
    return html`<fieldset>
      <legend>${words.newRules}</legend>
      <div class="pair">
        ${number('threshold', words.threshold, 51, thresholdPercent, (value) => ({ thresholdPercent: value }))}
        ${number('quorum', words.quorum, 1, quorumPercent, (value) => ({ quorumPercent: value }))}
      </div>
      ${check(words.agentsVote, agentsVote, (isOn) => ({ agentsVote: isOn }))}
      ${check(words.membersByVote, membersBy === 'vote', (isOn) => ({ membersBy: isOn ? 'vote' : 'owners' }))}
      ${check(words.policyByVote, policyBy === 'vote', (isOn) => ({ policyBy: isOn ? 'vote' : 'owners' }))}
    </fieldset>`;
  }

  #texts(): TemplateResult {
    return html`<div class="field">
        <label for="title">${words.questionLabel}</label>
        <input
          id="title"
          required
          maxlength="500"
          autocomplete="off"
          placeholder=${words.questionPlaceholder}
          .value=${this.#title()}
          @input=${this.#set((title) => ({ title }))}
        />
      </div>
      <div class="field">
        <label for="body">${words.bodyLabel}</label>
        <textarea
          id="body"
          rows="3"
          maxlength="8000"
          placeholder=${words.bodyPlaceholder}
          .value=${this.draft.body}
          @input=${this.#set((body) => ({ body }))}
        ></textarea>
      </div>`;
  }

  #terms(): TemplateResult {
    const { closesInMs, finalBallots, thresholdPercent } = this.draft;
    const usual = this.policy.thresholdPercent;
    const higher = THRESHOLDS.filter((percent) => percent > usual);
    return html`<div class="pair">
        <div class="field">
          <label for="closes">${words.closesIn}</label>
          <select id="closes" @change=${this.#set((value) => ({ closesInMs: Number(value) }))}>
            ${words.closesInOptions.map(
              ([ms, said]) => html`<option value=${ms} ?selected=${ms === closesInMs}>${said}</option>`,
            )}
          </select>
        </div>
        <div class="field">
          <label for="passes">${words.passesWith}</label>
          <select id="passes" @change=${this.#set((value) => ({ thresholdPercent: Number(value) }))}>
            <option value="0" ?selected=${thresholdPercent === 0}>
              ${words.passesWithPercent(usual, true)}
            </option>
            ${higher.map(
              (percent) =>
                html`<option value=${percent} ?selected=${percent === thresholdPercent}>
                  ${words.passesWithPercent(percent, false)}
                </option>`,
            )}
          </select>
        </div>
      </div>
      <label class="check"
        ><input
          type="checkbox"
          .checked=${finalBallots}
          @change=${this.#set((_, isChecked) => ({ finalBallots: isChecked }))}
        /><span><b>${words.finalLabel}</b><span class="soft">${words.finalHint}</span></span></label
      >`;
  }

  /** How the proposal would stand; undefined while something is missing, a code when it cannot be. */
  #preview(): ProposalPreview | string | undefined {
    const proposal = this.#proposal();
    if (proposal === undefined) return undefined;
    try {
      const preview = this.app.decide.preview(proposal);
      return preview.refusal ?? preview;
    } catch (reason) {
      return codeOf(reason);
    }
  }

  #effect(): TemplateResult {
    const preview = this.#preview();
    const name = (memberId: string): string => this.people.nameOf(memberId);
    return html`<div class="effect" role="status">
      <b>${words.ifPassed}</b>
      ${
        preview === undefined
          ? nothing
          : typeof preview === 'string'
            ? html`<span class="problem">${errorLine(preview)}</span>`
            : html`${preview.consequences.map((one) => html`<span dir="auto">${words.consequence(one, name)}</span>`)}
                <span>${words.previewNeeds(preview.neededYes, preview.voters, preview.neededBallots)}</span>`
      }
    </div>`;
  }

  override render(): TemplateResult {
    return html`<dialog class="panel" aria-labelledby="heading" @close=${this.#onClosed}>
      ${
        !this.isOpen
          ? nothing
          : html`<form @submit=${this.#onSubmit}>
              <div class="dialog-head">
                <h2 id="heading">${words.formTitle}</h2>
                <button class="icon" type="button" aria-label=${texts.close} @click=${this.#onClose}>
                  ${icon('close')}
                </button>
              </div>
              ${this.#kinds()} ${this.#details()} ${this.#texts()} ${this.#terms()} ${this.#effect()}
              ${
                this.problem === null
                  ? nothing
                  : html`<p class="problem" role="alert">${errorLine(this.problem)}</p>`
              }
              <div class="dialog-actions">
                <button class="button quiet" type="button" @click=${this.#onClose}>${texts.cancel}</button>
                <button class="button primary" ?disabled=${this.busy}>${words.propose}</button>
              </div>
            </form>`
      }
    </dialog>`;
  }
}

customElements.define('ts-propose-dialog', TsProposeDialog);
