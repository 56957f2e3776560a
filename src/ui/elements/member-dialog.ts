import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { codeOf, errorLine } from '../error-texts.ts';
import { governingTexts as words } from '../governing-texts.ts';
import { icon } from '../icons.ts';
import { closeDialog, showDialog } from '../own-dialog.ts';
import type { People } from '../people.ts';
import type { AppPort, MemberStatus, Role, Status } from '../ports.ts';
import { mayManage } from '../standing.ts';
import { baseStyles, buttonStyles, dialogStyles, fieldStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';

const ROLES: readonly Role[] = ['owner', 'editor', 'viewer', 'agent'];

/** Where an owner changes a member's role, or removes it after having read what stays and what goes. */
export class TsMemberDialog extends LitElement {
  static override properties = {
    app: { attribute: false },
    status: { attribute: false },
    people: { attribute: false },
    memberId: { state: true },
    role: { state: true },
    asking: { state: true },
    busy: { state: true },
    problem: { state: true },
  };
  declare app: AppPort;
  declare status: Status;
  declare people: People;
  /** Whom it is about, null while it is closed. */
  declare memberId: string | null;
  /** The chosen role. */
  declare role: Role;
  /** Whether it asks if the member shall really go. */
  declare asking: boolean;
  declare busy: boolean;
  declare problem: string | null;

  constructor() {
    super();
    this.memberId = null;
    this.role = 'viewer';
    this.asking = false;
    this.busy = false;
    this.problem = null;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    dialogStyles,
    css`
      fieldset {
        display: grid;
        gap: 0.15rem;
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend,
      h3 {
        padding: 0 0 0.35rem;
        font-size: var(--text-s);
        font-weight: 600;
        color: var(--ink-soft);
      }
      label {
        display: flex;
        align-items: center;
        gap: 0.7rem;
        min-height: max(38px, var(--target));
        padding: 0.25rem 0.6rem;
        border-radius: var(--r-s);
        cursor: pointer;
        font-size: var(--text-s);
      }
      label:has(:checked) {
        background: var(--act-wash);
      }
      label b {
        font-size: var(--text-m);
        font-weight: 620;
        margin-inline-end: 0.4rem;
      }
      .note {
        margin-top: 0.6rem;
        font-size: var(--text-s);
        color: var(--ink-soft);
      }
      .end {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0.5rem;
        margin-top: 1.1rem;
        padding-top: 1rem;
        border-top: 1px solid var(--line);
        font-size: var(--text-s);
        color: var(--ink-soft);
      }
      h3 {
        margin-top: 0.9rem;
      }
      .facts {
        display: grid;
        gap: 0.35rem;
        margin: 0;
        padding-inline-start: 1.2rem;
        list-style: disc;
      }
      .for-good {
        margin-top: 0.9rem;
        font-weight: 600;
      }
      .problem {
        margin-top: 0.7rem;
        color: var(--bad);
      }
    `,
  ];

  /** Opens on a member that may be managed. */
  async show(memberId: string): Promise<void> {
    const member = this.people.all.find((one) => one.memberId === memberId);
    if (member === undefined || !mayManage(this.status, member)) return;
    this.memberId = memberId;
    this.role = member.role;
    this.asking = false;
    this.problem = null;
    await showDialog(this);
  }

  #member(): MemberStatus | undefined {
    return this.people.all.find((one) => one.memberId === this.memberId);
  }

  #onClose = (): void => {
    closeDialog(this);
  };

  #onClosed = (): void => {
    this.memberId = null;
    this.asking = false;
  };

  #onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
  };

  #onRole = (event: Event): void => {
    const { value } = event.currentTarget as HTMLInputElement;
    this.role = ROLES.find((role) => role === value) ?? 'viewer';
  };

  #onChange = (event: Event): void => {
    event.preventDefault();
    const member = this.#member();
    if (member === undefined) return;
    const { role } = this;
    void this.#decide(
      () => this.app.govern.setRole(member.memberId, role),
      words.roleIsNow(member.name, role),
    );
  };

  #onAsk = (): void => {
    this.problem = null;
    this.asking = true;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.cancel')?.focus());
  };

  #onEvict = (): void => {
    const member = this.#member();
    if (member === undefined) return;
    void this.#decide(() => this.app.govern.evict(member.memberId), words.evicted(member.name));
  };

  /** Closes with `done` as soon as the decision is kept; stays open with the reason when it is refused. */
  async #decide(decide: () => Promise<void>, done: string): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = null;
    try {
      await decide();
      closeDialog(this);
      emit(this, 'ts-toast', { text: done });
    } catch (reason) {
      this.problem = codeOf(reason);
    } finally {
      this.busy = false;
    }
  }

  #note(): string {
    if (this.role === 'owner') return words.roleNoteOwner;
    return this.role === 'viewer' ? words.roleNoteViewer : words.roleNote;
  }

  #problem(): TemplateResult | typeof nothing {
    return this.problem === null
      ? nothing
      : html`<p class="problem" role="alert">${errorLine(this.problem)}</p>`;
  }

  #choice(member: MemberStatus): TemplateResult {
    const isChanged = this.role !== member.role;
    return html`<div class="dialog-head">
        <h2 id="heading" dir="auto">${member.name}</h2>
        <button class="icon" aria-label=${texts.close} @click=${this.#onClose}>${icon('close')}</button>
      </div>
      <form @submit=${this.#onChange}>
        <fieldset>
          <legend>${words.roleLegend}</legend>
          ${ROLES.map(
            (role) =>
              html`<label
                ><input
                  type="radio"
                  name="role"
                  .value=${role}
                  .checked=${role === this.role}
                  ?autofocus=${role === member.role}
                  @change=${this.#onRole}
                /><span><b>${texts.roleName(role)}</b> ${texts.roleMay(role)}</span></label
              >`,
          )}
        </fieldset>
        <p class="note">${isChanged ? this.#note() : nothing}</p>
        ${this.#problem()}
        <div class="dialog-actions">
          <button class="button primary" ?disabled=${!isChanged || this.busy}>${words.changeRole}</button>
        </div>
      </form>
      <div class="end">
        <span>${words.evictLead}</span>
        <button class="button danger" @click=${this.#onAsk}>${words.evict}</button>
      </div>`;
  }

  #question(member: MemberStatus): TemplateResult {
    return html`<h2 id="heading" dir="auto">${words.evictTitle(member.name)}</h2>
      <h3>${words.staysTitle}</h3>
      <ul class="facts">
        ${words.stays.map((fact) => html`<li>${fact}</li>`)}
      </ul>
      <h3>${words.goesTitle}</h3>
      <ul class="facts">
        ${words.goes.map((fact) => html`<li>${fact}</li>`)}
      </ul>
      <p class="for-good">${words.evictForGood}</p>
      ${this.#problem()}
      <div class="dialog-actions">
        <button class="button quiet cancel" @click=${this.#onClose}>${texts.cancel}</button>
        <button class="button danger" ?disabled=${this.busy} @click=${this.#onEvict}>
          ${words.evictDo(member.name)}
        </button>
      </div>`;
  }

  override render(): TemplateResult {
    const member = this.#member();
    return html`<dialog
      class="box"
      aria-labelledby="heading"
      closedby="any"
      @close=${this.#onClosed}
      @keydown=${this.#onKeyDown}
    >
      ${member === undefined ? nothing : this.asking ? this.#question(member) : this.#choice(member)}
    </dialog>`;
  }
}

customElements.define('ts-member-dialog', TsMemberDialog);
