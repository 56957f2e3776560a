import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { icon, type IconName } from '../icons.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';

export interface MenuItem {
  readonly label: string;
  readonly icon?: IconName;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** A thin line above it. */
  readonly separated?: boolean;
  readonly run: () => void;
}

/** A menu to put up beside an element, which gets the focus back. */
export interface MenuRequest {
  readonly label: string;
  readonly anchor: HTMLElement;
  readonly items: readonly MenuItem[];
}

/** The one menu of a screen: a native popover beside its anchor, at the bottom edge on a phone. */
export class TsMenu extends LitElement {
  static override properties = { request: { attribute: false } };
  declare request: MenuRequest | null;

  constructor() {
    super();
    this.request = null;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      .menu {
        position: fixed;
        inset: auto;
        margin: 0;
        min-width: 12.5rem;
        max-width: calc(100vw - 1rem);
        max-height: 70dvh;
        overflow: auto;
        padding: 0.35rem;
        border: 1px solid var(--line);
        border-radius: var(--r-m);
        background: var(--sheet);
        color: var(--ink);
        box-shadow: var(--shadow-2);
      }
      .menu button {
        display: flex;
        align-items: center;
        gap: 0.65rem;
        width: 100%;
        min-height: max(var(--target), 34px);
        padding: 0 0.65rem;
        border-radius: var(--r-s);
        font-size: var(--text-s);
        font-weight: 500;
        text-align: start;
      }
      .menu button svg {
        color: var(--ink-soft);
      }
      .menu button:hover,
      .menu button:focus-visible {
        background: var(--hover);
        outline-offset: -2px;
      }
      .menu .danger,
      .menu .danger svg {
        color: var(--bad);
      }
      .menu button:disabled {
        opacity: 0.45;
        cursor: default;
      }
      .separated {
        border-top: 1px solid var(--line);
        margin-top: 0.3rem;
        padding-top: 0.3rem;
      }
      @media (max-width: 640px) {
        .menu {
          inset: auto 0 0 0 !important;
          width: auto;
          max-width: none;
          border-radius: var(--r-l) var(--r-l) 0 0;
          padding: 0.6rem 0.6rem calc(0.6rem + env(safe-area-inset-bottom));
        }
      }
    `,
  ];

  /** Shows the menu and focuses its first item. */
  async show(request: MenuRequest): Promise<void> {
    this.request = request;
    await this.updateComplete;
    const menu = this.#menu();
    menu.showPopover();
    const anchor = request.anchor.getBoundingClientRect();
    const size = menu.getBoundingClientRect();
    const below = anchor.bottom + 4;
    const top = below + size.height > innerHeight - 8 ? Math.max(8, anchor.top - size.height - 4) : below;
    const left = Math.min(Math.max(8, anchor.right - size.width), innerWidth - size.width - 8);
    menu.style.top = `${String(top)}px`;
    menu.style.left = `${String(left)}px`;
    this.#buttons()[0]?.focus();
  }

  #menu(): HTMLElement {
    return this.renderRoot.querySelector('.menu') as HTMLElement;
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')];
  }

  #choose(item: MenuItem): void {
    const anchor = this.request?.anchor;
    this.#menu().hidePopover();
    anchor?.focus();
    item.run();
  }

  #onToggle = (event: ToggleEvent): void => {
    if (event.newState !== 'closed') return;
    const anchor = this.request?.anchor;
    const focusLost = document.activeElement === document.body || this.matches(':focus-within');
    if (focusLost) anchor?.focus();
    this.request = null;
  };

  #onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    const buttons = this.#buttons();
    const at = buttons.findIndex((button) => button.matches(':focus'));
    const go = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      const anchor = this.request?.anchor;
      this.#menu().hidePopover();
      anchor?.focus();
    } else if (go !== undefined) {
      event.preventDefault();
      buttons[(go + buttons.length) % buttons.length]?.focus();
    }
  };

  override render(): TemplateResult {
    const request = this.request;
    return html`<div
      class="menu"
      popover="auto"
      role="menu"
      tabindex="-1"
      aria-label=${request?.label ?? nothing}
      @toggle=${this.#onToggle}
      @keydown=${this.#onKeyDown}
    >
      ${repeat(
        request?.items ?? [],
        (item) => item.label,
        (item) =>
          html`<div role="none" class=${item.separated === true ? 'separated' : ''}>
            <button
              role="menuitem"
              class=${item.danger === true ? 'danger' : ''}
              ?disabled=${item.disabled === true}
              @click=${() => {
                this.#choose(item);
              }}
            >
              ${item.icon === undefined ? nothing : icon(item.icon)} ${item.label}
            </button>
          </div>`,
      )}
    </div>`;
  }
}

customElements.define('ts-menu', TsMenu);
