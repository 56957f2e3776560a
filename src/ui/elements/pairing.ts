import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { canScan, scanCode } from '../code-scanner.ts';
import { codeOf, errorLine } from '../error-texts.ts';
import { icon } from '../icons.ts';
import type { PairPort, Status } from '../ports.ts';
import { baseStyles, buttonStyles, fieldStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';
import './qr-code.ts';

/**
 * Pairing step by step. Who begins shows a code and takes the answer; who was given a code answers it. A newcomer, who has nobody else
 * yet, only answers.
 */
type Step = 'choose' | 'offered' | 'answering' | 'answered' | 'linked';

/** Two people link their tabs by showing each other two codes. */
export class TsPairing extends LitElement {
  static override properties = {
    pair: { attribute: false },
    status: { attribute: false },
    newcomer: { type: Boolean },
    step: { state: true },
    code: { state: true },
    problem: { state: true },
    busy: { state: true },
    scanning: { state: true },
    copied: { state: true },
  };
  declare pair: PairPort;
  declare status: Status;
  /** Whether this is somebody who joins. */
  declare newcomer: boolean;
  declare step: Step;
  declare code: string;
  declare problem: string | null;
  declare busy: boolean;
  declare scanning: boolean;
  declare copied: boolean;
  /** Links there were when a code was answered: one more, and it has worked. */
  #linksBefore = new Set<string>();
  #stopScan: (() => void) | undefined;

  constructor() {
    super();
    this.newcomer = false;
    this.step = 'choose';
    this.code = '';
    this.problem = null;
    this.busy = false;
    this.scanning = false;
    this.copied = false;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    css`
      :host {
        display: grid;
        gap: 0.9rem;
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
      }
      .given {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 1.1rem;
        padding: 1rem;
        border-radius: var(--r-m);
        background: var(--tray);
      }
      :host([newcomer]) .given {
        grid-template-columns: minmax(0, 1fr);
        justify-items: center;
      }
      .beside {
        display: grid;
        gap: 0.7rem;
        align-content: start;
        width: 100%;
      }
      form {
        display: grid;
        gap: 0.7rem;
      }
      textarea {
        font: var(--text-xs) / 1.4 var(--mono);
        min-height: 5.2rem;
        max-height: 9rem;
        overflow-wrap: anywhere;
      }
      video {
        width: 100%;
        max-width: 22rem;
        border-radius: var(--r-m);
        background: #000;
      }
      .soft {
        color: var(--ink-soft);
        font-size: var(--text-s);
      }
      .problem {
        color: var(--bad);
        font-weight: 600;
      }
      .linked {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        color: var(--act);
        font-weight: 600;
      }
      @media (max-width: 560px) {
        .given {
          grid-template-columns: minmax(0, 1fr);
          justify-items: center;
        }
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#endScan();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (this.newcomer && this.step === 'choose') this.step = 'answering';
    if (changed.has('status') && this.step === 'answered') {
      const isNew = this.status.links.some(
        ({ peerId, state }) => state === 'up' && !this.#linksBefore.has(peerId),
      );
      if (isNew) this.step = 'linked';
    }
  }

  #onBegin = (): void => {
    void this.#run(async () => {
      this.code = await this.pair.offer();
      this.step = 'offered';
    });
  };

  #onHaveCode = (): void => {
    this.problem = null;
    this.step = 'answering';
  };

  #onAgain = (): void => {
    this.#endScan();
    this.problem = null;
    this.code = '';
    this.step = 'choose';
  };

  #onSubmit = (event: Event): void => {
    event.preventDefault();
    const pasted = this.renderRoot.querySelector<HTMLTextAreaElement>('#pasted')?.value ?? '';
    this.#take(pasted);
  };

  #take(code: string): void {
    void this.#run(async () => {
      if (this.step === 'offered') {
        await this.pair.complete(code);
        this.step = 'linked';
      } else {
        this.#linksBefore = new Set(this.status.links.map(({ peerId }) => peerId));
        this.code = await this.pair.answer(code);
        this.step = 'answered';
      }
    });
  }

  async #run(work: () => Promise<void>): Promise<void> {
    this.problem = null;
    this.copied = false;
    this.busy = true;
    try {
      await work();
    } catch (reason) {
      this.problem = codeOf(reason);
    } finally {
      this.busy = false;
    }
  }

  #onCopy = (): void => {
    void this.#copy();
  };

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.code);
      this.copied = true;
      emit(this, 'ts-announce', { text: texts.copied });
    } catch {
      this.renderRoot.querySelector<HTMLTextAreaElement>('#code')?.select();
    }
  }

  #onScan = (): void => {
    void this.#scan();
  };

  async #scan(): Promise<void> {
    this.problem = null;
    this.scanning = true;
    await this.updateComplete;
    const video = this.renderRoot.querySelector('video');
    if (video === null) return;
    try {
      this.#stopScan = await scanCode(
        video,
        (text) => text.startsWith('pair:'),
        (text) => {
          this.scanning = false;
          this.#take(text);
        },
      );
    } catch {
      this.scanning = false;
      this.problem = 'noCamera';
    }
  }

  #endScan = (): void => {
    this.#stopScan?.();
    this.#stopScan = undefined;
    this.scanning = false;
  };

  #given(label: string, hint: string): TemplateResult {
    return html`<div class="given">
      <ts-qr-code .value=${this.code} .label=${label}></ts-qr-code>
      <div class="beside">
        <div class="field">
          <label for="code">${label}</label>
          <textarea id="code" readonly rows="4" .value=${this.code}></textarea>
        </div>
        <div class="row">
          <button class="button ${this.step === 'answered' ? 'primary' : ''}" @click=${this.#onCopy}>
            ${icon(this.copied ? 'check' : 'copy', 16)} ${this.copied ? texts.copied : texts.pairCopy}
          </button>
        </div>
        <p class="soft">${hint}</p>
      </div>
    </div>`;
  }

  #paste(label: string, action: string): TemplateResult {
    return html`<form @submit=${this.#onSubmit}>
      <div class="field">
        <label for="pasted">${label}</label>
        <textarea
          id="pasted"
          rows="4"
          required
          spellcheck="false"
          autocapitalize="off"
          placeholder="pair:…"
        ></textarea>
      </div>
      ${this.scanning ? html`<video muted playsinline aria-label=${texts.pairCamera}></video>` : nothing}
      <div class="row">
        <button class="button primary" ?disabled=${this.busy}>${this.busy ? texts.pairBusy : action}</button>
        ${
          !canScan()
            ? nothing
            : this.scanning
              ? html`<button class="button" type="button" @click=${this.#endScan}>${texts.cancel}</button>`
              : html`<button class="button" type="button" @click=${this.#onScan}>${texts.pairScan}</button>`
        }
      </div>
    </form>`;
  }

  #body(): TemplateResult {
    switch (this.step) {
      case 'choose':
        return html`<div class="row">
          <button class="button" ?disabled=${this.busy} @click=${this.#onBegin}>
            ${this.busy ? texts.pairBusy : texts.pairBegin}
          </button>
          <button class="button quiet" @click=${this.#onHaveCode}>${texts.pairHaveCode}</button>
        </div>`;
      case 'offered':
        return html`${this.#given(texts.pairOffer, texts.pairOfferHint)}
        ${this.#paste(texts.pairTheirAnswer, texts.pairConnect)}`;
      case 'answering':
        return this.#paste(texts.pairTheirCode, texts.pairAnswer);
      case 'answered':
        return this.#given(texts.pairYourAnswer, texts.pairAnswerHint);
      case 'linked':
        return html`<p class="linked" role="status">${icon('check', 16)} ${texts.pairLinked}</p>`;
    }
  }

  override render(): TemplateResult {
    const canRestart = this.step !== 'choose' && !(this.newcomer && this.step === 'answering');
    return html`${this.#body()}
    ${this.problem === null ? nothing : html`<p class="problem" role="alert">${errorLine(this.problem)}</p>`}
    ${
      canRestart
        ? html`<div class="row">
            <button class="button quiet" @click=${this.#onAgain}>${texts.pairAgain}</button>
          </div>`
        : nothing
    }`;
  }
}

customElements.define('ts-pairing', TsPairing);
