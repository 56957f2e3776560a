import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { codeOf, errorLine } from '../error-texts.ts';
import { momentText } from '../format.ts';
import { governingTexts as words } from '../governing-texts.ts';
import type { People } from '../people.ts';
import type { AppPort, InviteStatus } from '../ports.ts';
import { baseStyles, buttonStyles, fieldStyles } from '../styles/shared.ts';
import { emit } from '../ui-event.ts';

/** Invites that still admit somebody, for owners: each can be made void. */
export class TsInviteList extends LitElement {
  static override properties = {
    app: { attribute: false },
    people: { attribute: false },
    madeUrl: {},
    invites: { state: true },
    problem: { state: true },
  };
  declare app: AppPort;
  /** Who is on the board: the list is read again when somebody came. */
  declare people: People;
  /** The link that was made last beside this list, or null: another one means another invite. */
  declare madeUrl: string | null;
  declare invites: readonly InviteStatus[];
  declare problem: string | null;

  constructor() {
    super();
    this.madeUrl = null;
    this.invites = [];
    this.problem = null;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    css`
      :host {
        display: grid;
        gap: 0.5rem;
      }
      h3 {
        font-size: var(--text-m);
        font-weight: 620;
      }
      li {
        display: flex;
        align-items: center;
        gap: 0.7rem;
        padding: 0.4rem 0;
        border-top: 1px solid var(--line);
      }
      li:first-child {
        border-top: 0;
      }
      .what {
        display: grid;
        flex: 1;
        min-width: 0;
        line-height: 1.35;
      }
      .what b {
        font-weight: 620;
      }
      .soft {
        font-size: var(--text-s);
        color: var(--ink-soft);
      }
      summary {
        width: fit-content;
        min-height: var(--target);
        align-content: center;
        font-size: var(--text-s);
        font-weight: 600;
        cursor: pointer;
      }
      form {
        display: flex;
        align-items: end;
        gap: 0.5rem;
      }
      .field {
        flex: 1;
        min-width: 0;
      }
      .problem {
        color: var(--bad);
        font-size: var(--text-s);
      }
    `,
  ];

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('people') || changed.has('madeUrl')) void this.#read();
  }

  async #read(): Promise<void> {
    try {
      this.invites = (await this.app.govern.invites()).filter(({ state }) => state === 'open');
    } catch {
      // No board is open any more, and this list is on its way out.
      this.invites = [];
    }
  }

  async #revoke(invite: string): Promise<boolean> {
    this.problem = null;
    try {
      await this.app.govern.revokeInvite(invite);
      emit(this, 'ts-toast', { text: words.revoked });
      emit(this, 'ts-revoked', null);
      return true;
    } catch (reason) {
      this.problem = codeOf(reason);
      return false;
    } finally {
      await this.#read();
    }
  }

  #onRevoke(inviteId: string): () => void {
    return () => {
      void this.#revoke(inviteId).then(() => {
        // The button that had the focus is gone.
        this.renderRoot.querySelector<HTMLElement>('h3')?.focus();
      });
    };
  }

  #onPaste = (event: Event): void => {
    event.preventDefault();
    const field = this.renderRoot.querySelector('input');
    const link = field?.value.trim() ?? '';
    if (field === null || link === '') return;
    void this.#revoke(link).then((isDone) => {
      if (isDone) field.value = '';
    });
  };

  #invite(invite: InviteStatus): TemplateResult {
    const { role, uses, admitted, expiresAt, memberId, inviteId } = invite;
    const facts = [
      words.inviteUsed(admitted.length, uses),
      expiresAt === null ? words.inviteForEver : words.inviteUntil(momentText(expiresAt)),
      words.inviteBy(this.people.nameOf(memberId)),
    ].join(' · ');
    return html`<li>
      <span class="what">
        <b>${words.inviteAs(role)}</b>
        <span class="soft" dir="auto">${facts}</span>
      </span>
      <button
        class="button danger"
        aria-label=${words.revokeLabel(`${words.inviteAs(role)}, ${facts}`)}
        @click=${this.#onRevoke(inviteId)}
      >
        ${words.revoke}
      </button>
    </li>`;
  }

  override render(): TemplateResult {
    return html`<h3 tabindex="-1">${words.invitesTitle}</h3>
      ${
        this.invites.length === 0
          ? html`<p class="soft">${words.noInvites}</p>`
          : html`<ul role="list">
                ${repeat(
                  this.invites,
                  (invite) => invite.inviteId,
                  (invite) => this.#invite(invite),
                )}
              </ul>
              <p class="soft">${words.invitesHint}</p>`
      }
      <details>
        <summary>${words.revokePaste}</summary>
        <form @submit=${this.#onPaste}>
          <div class="field">
            <label for="link">${words.revokePasteLabel}</label>
            <input id="link" type="text" autocomplete="off" spellcheck="false" />
          </div>
          <button class="button danger">${words.revoke}</button>
        </form>
      </details>
      ${this.problem === null ? nothing : html`<p class="problem" role="alert">${errorLine(this.problem)}</p>`}`;
  }
}

customElements.define('ts-invite-list', TsInviteList);
