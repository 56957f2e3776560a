import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { codeOf, errorText } from '../error-texts.ts';
import { bytesText, momentText } from '../format.ts';
import { icon, logoMark } from '../icons.ts';
import { isUnderWay } from '../joining.ts';
import type { AppPort, InvitePreview, JoinProgress, Status } from '../ports.ts';
import { navigate } from '../router.ts';
import { baseStyles, buttonStyles, fieldStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { pageStyles } from './page-styles.ts';
import '../elements/pairing.ts';
import '../elements/theme-button.ts';

const STEPS = ['finding', 'connecting', 'copying', 'done'] as const;

/** An invite link: what it says, a name, then the stages of joining until the board is here. */
export class TsJoinScreen extends LitElement {
  static override properties = {
    app: { attribute: false },
    status: { attribute: false },
    url: {},
    progress: { attribute: false },
    preview: { state: true },
    problem: { state: true },
    joining: { state: true },
    pairing: { state: true },
  };
  declare app: AppPort;
  declare status: Status;
  declare url: string;
  declare progress: JoinProgress | null;
  declare preview: InvitePreview | null;
  declare problem: string | null;
  declare joining: boolean;
  /** Whether they chose to pair. */
  declare pairing: boolean;

  constructor() {
    super();
    this.url = '';
    this.progress = null;
    this.preview = null;
    this.problem = null;
    this.joining = false;
    this.pairing = false;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    pageStyles,
    css`
      main {
        display: grid;
        justify-items: center;
        padding-top: min(9vh, 5rem);
      }
      .invite {
        position: relative;
        display: grid;
        gap: 1.1rem;
        width: min(29rem, 100%);
        margin-top: 14px;
        padding: 1.75rem 1.75rem 1.6rem;
        border-radius: 0 20px 20px 20px;
        background: var(--sheet);
        box-shadow: var(--shadow-2);
      }
      .invite::before {
        content: '';
        position: absolute;
        left: 0;
        bottom: calc(100% - 1px);
        width: 8rem;
        height: 15px;
        border-radius: 8px 8px 0 0;
        background: var(--act);
      }
      .invite::after {
        content: '';
        position: absolute;
        left: 8rem;
        bottom: calc(100% - 1px);
        width: 7px;
        height: 7px;
        background: radial-gradient(circle at 100% 0, #0000 6.5px, var(--act) 7px);
      }
      h1 {
        margin: 0.2rem 0 0.3rem;
      }
      .button.primary {
        min-height: 44px;
        font-size: var(--text-m);
      }
      form {
        display: grid;
        gap: 1.1rem;
      }
      ol {
        display: grid;
        gap: 0.55rem;
      }
      li {
        display: flex;
        align-items: center;
        gap: 0.6rem;
        color: var(--ink-soft);
      }
      li .mark {
        display: grid;
        place-items: center;
        width: 20px;
        height: 20px;
        border-radius: 50%;
        border: 2px solid var(--edge);
        color: var(--on-act);
      }
      li.past .mark {
        background: var(--act);
        border-color: var(--act);
      }
      li.now {
        color: var(--ink);
        font-weight: 620;
      }
      li.now .mark {
        border-color: var(--honey);
        border-width: 6px;
      }
      .amount {
        margin-inline-start: auto;
        font-weight: 500;
        font-variant-numeric: tabular-nums;
        color: var(--ink-soft);
      }
      progress {
        appearance: none;
        width: 100%;
        height: 8px;
        border: 0;
        border-radius: 4px;
        overflow: hidden;
        background: var(--press);
      }
      progress::-webkit-progress-bar {
        background: var(--press);
      }
      progress::-webkit-progress-value {
        background: var(--act);
        transition: inline-size 200ms linear;
      }
      progress::-moz-progress-bar {
        background: var(--act);
      }
      .waiting {
        padding: 0.7rem 0.9rem;
        border-radius: var(--r-m);
        background: var(--honey-wash);
        color: var(--honey-ink);
        font-weight: 600;
      }
      .failed b {
        display: block;
        color: var(--bad);
        margin-bottom: 0.2rem;
      }
      .failed small {
        color: var(--ink-soft);
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
      }
    `,
  ];

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('url')) void this.#read(this.url);
    if (changed.has('progress') && this.progress?.phase === 'failed') {
      this.problem = this.progress.code;
      this.joining = false;
    }
  }

  async #read(url: string): Promise<void> {
    this.preview = null;
    this.problem = null;
    const preview = await this.app.previewInvite(url);
    if (url !== this.url) return;
    if (!preview.ok) {
      this.problem = preview.code;
      return;
    }
    this.preview = preview.value;
    if (preview.value.begun && !this.#isUnderWay()) void this.#join('');
  }

  /** Whether this board is being joined, whoever asked for it: this screen, or a script in this tab. */
  #isUnderWay(): boolean {
    if (this.joining) return true;
    return isUnderWay(this.progress) && this.status.boardId === this.preview?.boardId;
  }

  #onJoin = (event: Event): void => {
    event.preventDefault();
    const name = this.renderRoot.querySelector<HTMLInputElement>('#name')?.value.trim() ?? '';
    void this.#join(name);
  };

  async #join(name: string): Promise<void> {
    this.problem = null;
    this.joining = true;
    try {
      const { boardId } = await this.app.join(this.url, name === '' ? {} : { name });
      navigate({ screen: 'board', boardId }, 'replace');
    } catch (reason) {
      this.problem = codeOf(reason);
    } finally {
      this.joining = false;
    }
  }

  #onOpen = (): void => {
    if (this.preview !== null) navigate({ screen: 'board', boardId: this.preview.boardId }, 'replace');
  };

  #onStop = (): void => {
    this.app.cancelJoin();
  };

  #onRetry = (): void => {
    void this.#read(this.url);
  };

  #head(preview: InvitePreview): TemplateResult {
    if (preview.scratch === true) {
      return html`<div>
        <h1>${texts.scratchJoinTitle}</h1>
        <p class="waiting">${texts.scratchJoinLead}</p>
      </div>`;
    }
    return html`<div>
      <p class="soft" dir="auto">${texts.joinFrom(preview.inviterName || texts.someone)}</p>
      <h1 dir="auto">${preview.title || texts.untitled}</h1>
      <p class="soft">
        ${texts.joinAs(texts.roleName(preview.role), texts.roleMay(preview.role))}
        ${preview.expiresAt === null ? nothing : texts.joinExpires(momentText(preview.expiresAt))}
      </p>
    </div>`;
  }

  #form(preview: InvitePreview): TemplateResult {
    if (preview.alreadyMember) {
      return html`<p>${texts.joinAlready}</p>
        <button class="button primary" @click=${this.#onOpen}>${texts.openBoard}</button>`;
    }
    return html`<form @submit=${this.#onJoin}>
      <div class="field">
        <label for="name">${texts.joinName}</label>
        <input
          id="name"
          dir="auto"
          required
          maxlength="60"
          autocomplete="nickname"
          aria-describedby="hint"
          .value=${this.status.name}
        />
        <p class="soft" id="hint">${texts.joinNameHint}</p>
      </div>
      <button class="button primary">${texts.join}</button>
    </form>`;
  }

  #step(step: (typeof STEPS)[number], now: number, progress: JoinProgress): TemplateResult {
    const at = STEPS.indexOf(step);
    const state = at < now || progress.phase === 'done' ? 'past' : at === now ? 'now' : 'next';
    const words =
      step === 'connecting' && progress.phase === 'connecting' && progress.peers > 0
        ? texts.connectingTo(progress.peers)
        : texts.phases[step];
    const amount =
      step === 'copying' && progress.phase === 'copying'
        ? html`<span class="amount"
            >${texts.copyingBytes(bytesText(progress.receivedBytes), bytesText(progress.totalBytes))}</span
          >`
        : nothing;
    return html`<li class=${state} aria-current=${state === 'now' ? 'step' : nothing}>
      <span class="mark">${state === 'past' ? icon('check', 12) : nothing}</span>${words}${amount}
    </li>`;
  }

  #progress(progress: JoinProgress): TemplateResult {
    const phase = progress.phase;
    const now = phase === 'waiting' || phase === 'failed' ? 0 : STEPS.indexOf(phase);
    const isAlone = phase === 'waiting' || phase === 'finding';
    return html`<div role="status">
        ${
          phase === 'waiting'
            ? html`<p class="waiting">${texts.joinWaiting}</p>`
            : html`<ol role="list">
                ${STEPS.map((step) => this.#step(step, now, progress))}
              </ol>`
        }
      </div>
      ${
        phase === 'copying'
          ? html`<progress
              aria-label=${texts.phases.copying}
              max=${Math.max(progress.totalBytes, 1)}
              value=${progress.receivedBytes}
            ></progress>`
          : nothing
      }
      ${isAlone || this.pairing ? this.#pairing() : nothing}
      <button class="button" @click=${this.#onStop}>${texts.stopJoining}</button>`;
  }

  #onPair = (): void => {
    this.pairing = true;
  };

  /** Stays on screen once begun: its code is still needed when somebody has been heard of but not reached. */
  #pairing(): TemplateResult {
    if (!this.pairing)
      return html`<button class="button quiet" @click=${this.#onPair}>${texts.joinPair}</button>`;
    return html`<ts-pairing newcomer .pair=${this.app.pair} .status=${this.status}></ts-pairing>`;
  }

  #failed(code: string): TemplateResult {
    const { what, todo } = errorText(code);
    return html`<div class="failed" role="alert">
        <b>${what}</b>
        <p>${todo}</p>
        <small>${texts.troubleCode(code)}</small>
      </div>
      <div class="row">
        <button class="button" @click=${this.#onRetry}>${texts.tryAgain}</button>
        <a class="button quiet" href="#/">${texts.joinOtherwise}</a>
      </div>`;
  }

  #body(): TemplateResult {
    if (this.problem !== null) return this.#failed(this.problem);
    if (this.preview === null) return html`<p class="soft">${texts.joinReading}</p>`;
    const running = this.#isUnderWay() && this.progress?.phase !== 'failed';
    return html`${this.#head(this.preview)}
    ${running ? this.#progress(this.progress ?? { phase: 'finding' }) : this.#form(this.preview)}`;
  }

  override render(): TemplateResult {
    return html`<header class="bar">
        <a class="brand" href="#/">${logoMark(30)} ${texts.appName}</a>
        <span class="grow"></span>
        <ts-theme-button></ts-theme-button>
      </header>
      <main>
        ${this.preview === null ? html`<h1 class="hidden-text">${texts.joinTitle}</h1>` : nothing}
        <section class="invite" aria-label=${texts.joinTitle}>${this.#body()}</section>
      </main>`;
  }
}

customElements.define('ts-join-screen', TsJoinScreen);
