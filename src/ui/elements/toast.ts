import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { icon } from '../icons.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import type { ToastDetail } from '../ui-event.ts';

/** Toasts on screen at once; older ones make room. A guess: more would cover a phone. */
const MAX_TOASTS = 3;
/** Toasts that stay, each with somebody's words in it; older ones make room. A guess: a person who gets so many has stopped reading them. */
const MAX_STAYING = 10;
/** How long a toast stays, milliseconds: long enough to read two lines and reach Undo. Pauses under pointer or focus. */
const TOAST_MS = 8_000;

interface Toast extends ToastDetail {
  readonly key: number;
}

/** Short messages at the bottom of the screen, announced politely. */
export class TsToasts extends LitElement {
  static override properties = { toasts: { state: true } };
  declare toasts: readonly Toast[];
  #nextKey = 0;
  readonly #timers = new Map<number, number>();

  constructor() {
    super();
    this.toasts = [];
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      .list {
        position: fixed;
        inset: auto 0 0 0;
        width: auto;
        margin: 0;
        border: 0;
        background: none;
        overflow: visible;
        display: grid;
        justify-items: center;
        gap: 0.5rem;
        padding: 0 0.75rem calc(1rem + env(safe-area-inset-bottom));
        pointer-events: none;
      }
      .toast {
        pointer-events: auto;
        display: flex;
        align-items: center;
        gap: 0.75rem;
        max-width: min(34rem, 100%);
        padding: 0.45rem 0.45rem 0.45rem 1rem;
        border-radius: var(--r-m);
        background: var(--ink);
        color: var(--sheet);
        font-size: var(--text-s);
        box-shadow: var(--shadow-2);
        animation: rise 180ms var(--ease);
      }
      .toast.bad {
        background: var(--bad-wash);
        color: var(--ink);
        border: 1px solid var(--bad);
      }
      p {
        overflow-wrap: anywhere;
      }
      .do {
        font-weight: 700;
        min-height: var(--target);
        padding: 0 0.7rem;
        border-radius: var(--r-s);
        text-decoration: underline;
        text-underline-offset: 3px;
      }
      .icon,
      .icon:hover:not(:disabled) {
        color: inherit;
        margin-inline-start: auto;
      }
      .toast :focus-visible {
        outline-color: currentColor;
      }
      @keyframes rise {
        from {
          translate: 0 0.75rem;
          opacity: 0;
        }
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Shows a message; the same text again replaces the earlier one. */
  show(detail: ToastDetail): void {
    const toast = { ...detail, key: this.#nextKey };
    this.#nextKey += 1;
    const others = this.toasts.filter((other) => other.stays === true || other.text !== detail.text);
    const staying = others.filter((other) => other.stays === true).slice(-MAX_STAYING);
    const passing = others.filter((other) => other.stays !== true).slice(1 - MAX_TOASTS);
    const kept = new Set([...staying, ...passing]);
    this.toasts = [...others.filter((other) => kept.has(other)), toast];
    this.#arm(toast.key);
    this.#raise();
  }

  /** Takes away messages that offer something which is no longer true. */
  dropActions(): void {
    for (const toast of this.toasts)
      if (toast.action !== undefined && toast.stays !== true) this.#drop(toast.key);
  }

  /** Puts the list on top of whatever dialog is open: the top layer stacks in the order of showing. */
  #raise(): void {
    const list = this.renderRoot.querySelector<HTMLElement>('.list');
    if (list?.matches(':popover-open') === true) list.hidePopover();
    list?.showPopover();
  }

  #arm(key: number): void {
    clearTimeout(this.#timers.get(key));
    if (this.toasts.some((toast) => toast.key === key && toast.stays === true)) return;
    this.#timers.set(
      key,
      window.setTimeout(() => {
        this.#drop(key);
      }, TOAST_MS),
    );
  }

  #pause(key: number): void {
    clearTimeout(this.#timers.get(key));
  }

  #drop(key: number): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.toasts = this.toasts.filter((toast) => toast.key !== key);
  }

  #toast(toast: Toast): TemplateResult {
    const action = toast.action;
    return html`<div
      class="toast ${toast.kind ?? 'plain'}"
      @pointerenter=${() => {
        this.#pause(toast.key);
      }}
      @pointerleave=${() => {
        this.#arm(toast.key);
      }}
      @focusin=${() => {
        this.#pause(toast.key);
      }}
    >
      <p dir="auto">${toast.text}</p>
      ${
        action === undefined
          ? nothing
          : html`<button
              class="do"
              @click=${() => {
                this.#drop(toast.key);
                action.run();
              }}
            >
              ${action.label}
            </button>`
      }
      <button
        class="icon"
        aria-label=${texts.close}
        @click=${() => {
          this.#drop(toast.key);
        }}
      >
        ${icon('close', 16)}
      </button>
    </div>`;
  }

  override render(): TemplateResult {
    return html`<div role="status" class="list" popover="manual">
      ${repeat(
        this.toasts,
        (toast) => toast.key,
        (toast) => this.#toast(toast),
      )}
    </div>`;
  }
}

customElements.define('ts-toasts', TsToasts);
