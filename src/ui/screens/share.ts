import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { codeOf, errorLine, errorText } from '../error-texts.ts';
import { icon } from '../icons.ts';
import type { People } from '../people.ts';
import type { AppPort, InviteOptions, Status } from '../ports.ts';
import { screenBar } from './screen-bar.ts';
import { isHindered } from '../standing.ts';
import { baseStyles, buttonStyles, fieldStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { detailOf, emit } from '../ui-event.ts';
import { pageStyles } from './page-styles.ts';
import { shareStyles } from './share-styles.ts';
import { TsMemberDialog } from '../elements/member-dialog.ts';
import '../elements/evidence-list.ts';
import '../elements/invite-list.ts';
import '../elements/pairing.ts';
import '../elements/people-list.ts';
import '../elements/qr-code.ts';
import '../elements/scratch-banner.ts';
import '../elements/standing-banner.ts';
import '../elements/state-pill.ts';
import '../elements/theme-button.ts';

/** Role, uses and life of a new link: one person for a day, as issue trackers of the field settled on (research/board.md 2.4). */
const DEFAULT_INVITE = { role: 'editor', uses: 1, expiresInMs: 86_400_000 } as const;
const INVITE_ROLES = ['editor', 'viewer', 'agent'] as const;

/** Invite links, and who is on the board. */
export class TsShareScreen extends LitElement {
  static override properties = {
    app: { attribute: false },
    status: { attribute: false },
    people: { attribute: false },
    boardTitle: {},
    writeFailed: { type: Boolean },
    options: { state: true },
    url: { state: true },
    problem: { state: true },
    copied: { state: true },
    news: { state: true },
  };
  declare app: AppPort;
  declare status: Status;
  declare people: People;
  declare boardTitle: string;
  declare writeFailed: boolean;
  declare options: Required<InviteOptions>;
  declare url: string | null;
  declare problem: string | null;
  declare copied: 'yes' | 'refused' | null;
  /** The latest arrival, in words. */
  declare news: string | null;

  constructor() {
    super();
    this.options = DEFAULT_INVITE;
    this.url = null;
    this.problem = null;
    this.copied = null;
    this.news = null;
    this.boardTitle = '';
    this.writeFailed = false;
  }

  static override styles = [baseStyles, buttonStyles, fieldStyles, pageStyles, shareStyles];

  override firstUpdated(): void {
    // There is one link and nothing to choose.
    if (this.status.scratch !== undefined) void this.#make();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('people');
    if (before === undefined) return;
    const known = new Set(before.all.filter((member) => member.online).map((member) => member.memberId));
    const arrived = this.people.all.find(
      (member) => member.online && !member.self && !known.has(member.memberId),
    );
    if (arrived !== undefined) this.news = texts.hasJoined(arrived.name);
  }

  get #mayInvite(): boolean {
    const { role, barred } = this.status;
    return barred === null && (role === 'owner' || role === 'editor');
  }

  #onRole = (event: Event): void => {
    const value = (event.currentTarget as HTMLInputElement).value;
    const role = INVITE_ROLES.find((known) => known === value) ?? 'viewer';
    this.#choose({ ...this.options, role });
  };

  #onUses = (event: Event): void => {
    this.#choose({ ...this.options, uses: Number((event.currentTarget as HTMLSelectElement).value) });
  };

  #onExpiry = (event: Event): void => {
    this.#choose({ ...this.options, expiresInMs: Number((event.currentTarget as HTMLSelectElement).value) });
  };

  /** A link on screen always matches the choices beside it. */
  #choose(options: Required<InviteOptions>): void {
    this.options = options;
    this.url = null;
    this.copied = null;
  }

  #onMake = (): void => {
    void this.#make();
  };

  async #make(): Promise<void> {
    this.problem = null;
    this.copied = null;
    try {
      this.url = await this.app.invite(this.status.scratch === undefined ? this.options : {});
      await this.updateComplete;
      this.renderRoot.querySelector<HTMLElement>('.copy')?.focus();
    } catch (reason) {
      this.problem = codeOf(reason);
    }
  }

  #onCopy = (): void => {
    void this.#copy();
  };

  async #copy(): Promise<void> {
    if (this.url === null) return;
    try {
      await navigator.clipboard.writeText(this.url);
      this.copied = 'yes';
      emit(this, 'ts-announce', { text: texts.copied });
    } catch {
      this.copied = 'refused';
      this.renderRoot.querySelector<HTMLInputElement>('#link')?.select();
    }
  }

  #onSend = (): void => {
    if (this.url === null) return;
    // Closing the share sheet rejects, and there is nothing to tell about it.
    navigator.share({ title: texts.shareText(this.boardTitle), url: this.url }).catch(() => undefined);
  };

  #connecting(): string | null {
    const coming = this.status.links.find((link) => link.state === 'connecting');
    if (coming === undefined) return this.news;
    const member = this.people.all.find((other) => other.memberId === coming.memberId);
    return member === undefined ? texts.someoneConnecting : texts.isConnecting(member.name);
  }

  #options(): TemplateResult {
    const { role, uses, expiresInMs } = this.options;
    return html`<fieldset>
        <legend>${texts.inviteRole}</legend>
        <div class="roles">
          ${INVITE_ROLES.map(
            (known) =>
              html`<label class="role">
                <input
                  type="radio"
                  name="role"
                  .value=${known}
                  .checked=${known === role}
                  @change=${this.#onRole}
                />
                <span><b>${texts.roleName(known)}</b> ${texts.roleMay(known)}</span>
              </label>`,
          )}
        </div>
      </fieldset>
      <div class="pair">
        <div class="field">
          <label for="uses">${texts.inviteUses}</label>
          <select id="uses" @change=${this.#onUses}>
            ${texts.inviteUsesOptions.map(
              ([value, words]) => html`<option value=${value} ?selected=${value === uses}>${words}</option>`,
            )}
          </select>
        </div>
        <div class="field">
          <label for="expiry">${texts.inviteExpiry}</label>
          <select id="expiry" @change=${this.#onExpiry}>
            ${texts.inviteExpiryOptions.map(
              ([value, words]) =>
                html`<option value=${value} ?selected=${value === expiresInMs}>${words}</option>`,
            )}
          </select>
        </div>
      </div>`;
  }

  #link(url: string): TemplateResult {
    const canSend = typeof navigator.share === 'function';
    return html`<div class="result">
      <ts-qr-code .value=${url}></ts-qr-code>
      <div class="beside">
        <div class="field">
          <label for="link"
            >${this.status.scratch === undefined ? texts.inviteLink : texts.scratchLink}</label
          >
          <input id="link" readonly .value=${url} />
        </div>
        <div class="actions">
          <button class="button primary copy" @click=${this.#onCopy}>
            ${icon(this.copied === 'yes' ? 'check' : 'copy', 16)}
            ${this.copied === 'yes' ? texts.copied : texts.copyLink}
          </button>
          ${canSend ? html`<button class="button" @click=${this.#onSend}>${texts.nativeShare}</button>` : nothing}
        </div>
        ${this.copied === 'refused' ? html`<p class="problem" role="alert">${texts.copyByHand}</p>` : nothing}
        <p class="soft">${texts.qrTitle}</p>
      </div>
    </div>`;
  }

  #scratchLink(): TemplateResult {
    return html`<section class="pane" aria-labelledby="invite">
      <h2 id="invite">${texts.scratchLinkTitle}</h2>
      <p class="soft">${texts.scratchLinkLead}</p>
      ${this.url === null ? nothing : this.#link(this.url)}
      ${this.problem === null ? nothing : html`<p class="problem" role="alert">${errorLine(this.problem)}</p>`}
    </section>`;
  }

  #pairing(): TemplateResult {
    return html`<section class="pane" aria-labelledby="pair">
      <h2 id="pair">${texts.pairTitle}</h2>
      <p class="soft">${texts.pairLead}</p>
      <ts-pairing .pair=${this.app.pair} .status=${this.status}></ts-pairing>
    </section>`;
  }

  #invite(): TemplateResult {
    if (!this.#mayInvite) {
      return html`<section class="pane">
        <h2>${texts.inviteTitle}</h2>
        <p>
          ${this.status.barred === null ? texts.viewersCannotInvite : errorText(this.status.barred === 'evicted' ? 'evicted' : 'journalFrozen').what}
        </p>
      </section>`;
    }
    const news = this.#connecting();
    return html`<section class="pane" aria-labelledby="invite">
      <h2 id="invite">${texts.inviteTitle}</h2>
      ${this.#options()}
      ${
        this.url === null
          ? html`<button class="button primary make" @click=${this.#onMake}>
              ${icon('link', 16)} ${texts.makeLink}
            </button>`
          : this.#link(this.url)
      }
      ${this.problem === null ? nothing : html`<p class="problem" role="alert">${errorLine(this.problem)}</p>`}
      <p class="soft">${texts.privacyLine}</p>
      <p class="news" role="status">${news === null ? nothing : html`<span class="dot"></span>${news}`}</p>
      ${
        this.status.role === 'owner'
          ? html`<ts-invite-list
              .app=${this.app}
              .people=${this.people}
              .madeUrl=${this.url}
              @ts-revoked=${this.#onRevoked}
            ></ts-invite-list>`
          : nothing
      }
    </section>`;
  }

  #onManage = (event: Event): void => {
    const dialog = this.renderRoot.querySelector('ts-member-dialog');
    if (dialog instanceof TsMemberDialog) void dialog.show(detailOf('ts-manage', event).memberId);
  };

  /** The link on screen may be the one that admits nobody any more. */
  #onRevoked = (): void => {
    this.url = null;
  };

  #people(): TemplateResult {
    const isScratch = this.status.scratch !== undefined;
    return html`<section class="pane people" aria-labelledby="people">
      <h2 id="people">${isScratch ? texts.scratchHereTitle : texts.peopleTitle}</h2>
      ${isScratch ? html`<p class="soft">${texts.scratchHereLead}</p>` : nothing}
      <ts-people-list
        .status=${this.status}
        .people=${this.people}
        @ts-manage=${this.#onManage}
      ></ts-people-list>
    </section>`;
  }

  override render(): TemplateResult {
    const { scratch } = this.status;
    return html`${screenBar(this.status, this.writeFailed)}
      ${scratch === undefined ? nothing : html`<ts-scratch-banner .scratch=${scratch}></ts-scratch-banner>`}
      ${
        isHindered(this.status)
          ? html`<ts-standing-banner .status=${this.status} .people=${this.people}></ts-standing-banner>`
          : nothing
      }
      <main>
        <p class="lead">${texts.shareTitle}</p>
        <h1 dir="auto">${this.boardTitle}</h1>
        <div class="columns share">
          <div>
            ${scratch === undefined ? html`${this.#invite()} ${this.#pairing()}` : this.#scratchLink()}
          </div>
          <div>
            ${this.#people()}
            ${
              scratch === undefined
                ? html`<ts-evidence-list .app=${this.app} .people=${this.people}></ts-evidence-list>`
                : nothing
            }
          </div>
        </div>
      </main>
      <ts-member-dialog .app=${this.app} .status=${this.status} .people=${this.people}></ts-member-dialog>`;
  }
}

customElements.define('ts-share-screen', TsShareScreen);
