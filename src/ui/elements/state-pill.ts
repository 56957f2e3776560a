import { css, html, LitElement, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { pillState, type PillState } from '../board/pill-state.ts';
import type { Status } from '../ports.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import './state-panel.ts';

/** Peers drawn as dots round our own; more than six would touch. */
const MAX_DOTS = 6;

/** The pill's words for a state. */
export function pillText(state: PillState): string {
  switch (state.kind) {
    case 'live':
      return texts.pillLive(state.peers);
    case 'split':
      return texts.pillSplit(state.here, state.all);
    case 'alone':
      return texts.pillAlone(state.changes);
    case 'offline':
      return texts.pillOffline;
    case 'shutOut':
      return texts.pillShutOut;
    case 'notSaved':
      return texts.pillNotSaved;
  }
}

/** A small swarm: our dot in the middle, one dot for each peer round it. Hollow when nobody is near. */
function swarmGlyph(state: PillState): SVGTemplateResult {
  const peers = state.kind === 'live' ? state.peers : state.kind === 'split' ? state.here - 1 : 0;
  const around = Math.min(peers, MAX_DOTS);
  const dots = Array.from({ length: around }, (_, at) => {
    const angle = (at / Math.max(around, 1)) * 2 * Math.PI - Math.PI / 2;
    return svg`<circle cx=${9 + 6 * Math.cos(angle)} cy=${9 + 6 * Math.sin(angle)} r="2.3" />`;
  });
  if (state.kind === 'notSaved')
    return svg`<path d="M9 2 17 16H1Z" /><path class="cut" d="M9 7v4.2M9 13.4v.2" />`;
  if (state.kind === 'live') return svg`<circle cx="9" cy="9" r="2.6" />${dots}`;
  // Two groups with a gap between them.
  if (state.kind === 'split')
    return svg`<circle cx="5" cy="5.4" r="2.6" /><circle cx="5" cy="12.6" r="2.6" /><path class="ring" d="M10.2 1.6v14.8" /><circle class="ring" cx="14.6" cy="9" r="2" />`;
  const half = state.kind === 'alone' ? svg`<path d="M9 3.6a5.4 5.4 0 0 0 0 10.8z" />` : svg``;
  return svg`<circle class="ring" cx="9" cy="9" r="5.6" />${half}`;
}

/** The one honest state of the board, and behind it a panel with everything it is derived from. */
export class TsStatePill extends LitElement {
  static override properties = { status: { attribute: false }, writeFailed: { type: Boolean } };
  declare status: Status;
  declare writeFailed: boolean;

  constructor() {
    super();
    this.writeFailed = false;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: inline-flex;
        min-width: 0;
      }
      .pill {
        display: inline-flex;
        align-items: center;
        gap: 0.45rem;
        min-width: 0;
        min-height: var(--target);
        padding: 0 0.8rem 0 0.55rem;
        border-radius: 999px;
        font-size: var(--text-s);
        font-weight: 600;
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
        background: var(--act-wash);
        color: var(--act-strong);
      }
      .pill:hover {
        box-shadow: inset 0 0 0 1px currentColor;
      }
      .words {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .pill.alone,
      .pill.split {
        background: var(--honey-wash);
        color: var(--honey-ink);
      }
      .pill.offline {
        background: var(--press);
        color: var(--ink);
      }
      .pill.shutOut,
      .pill.notSaved {
        background: var(--bad);
        color: var(--sheet);
      }
      svg {
        fill: currentColor;
      }
      .ring {
        fill: none;
        stroke: currentColor;
        stroke-width: 1.8;
      }
      .cut {
        stroke: var(--bad);
        stroke-width: 1.8;
        stroke-linecap: round;
      }
      .panel {
        color-scheme: var(--scheme);
        position: fixed;
        inset: auto;
        margin: 0;
        width: min(23rem, calc(100vw - 1rem));
        max-height: 80dvh;
        overflow: auto;
        padding: 1rem 1.1rem;
        border: 1px solid var(--line);
        border-radius: var(--r-l);
        background: var(--sheet);
        color: var(--ink);
        box-shadow: var(--shadow-2);
      }
      @media (max-width: 640px) {
        .copies {
          display: none;
        }
        /* Two lines rather than half a truth. */
        .pill {
          white-space: normal;
          line-height: 1.2;
          text-align: start;
        }
        .panel {
          inset: auto 0 0 0 !important;
          width: auto;
          border-radius: var(--r-l) var(--r-l) 0 0;
          padding-bottom: calc(1rem + env(safe-area-inset-bottom));
        }
      }
    `,
  ];

  #onToggle = (event: ToggleEvent): void => {
    if (event.newState !== 'open') return;
    const panel = event.currentTarget as HTMLElement;
    const anchor = this.getBoundingClientRect();
    panel.style.top = `${String(anchor.bottom + 6)}px`;
    panel.style.left = `${String(Math.max(8, Math.min(anchor.left, innerWidth - panel.offsetWidth - 8)))}px`;
  };

  /** On how many devices everything is, once that is so: the honest word for "synced". */
  #copies(state: PillState): string {
    const { copies, pending } = this.status;
    const isSaid = state.kind === 'live' || (state.kind === 'alone' && state.changes === 0);
    return isSaid && copies !== null && copies > 1 && pending.unacknowledged === 0
      ? texts.pillCopies(copies)
      : '';
  }

  override render(): TemplateResult {
    const state = pillState(this.status, this.writeFailed);
    const words = pillText(state);
    const { copies } = this.status;
    return html`<button
        class="pill ${state.kind}"
        popovertarget="panel"
        title=${copies === null ? texts.scratchCopies : texts.copiesOn(copies)}
      >
        <svg viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">${swarmGlyph(state)}</svg>
        <span class="words" role="status">${words}<span class="copies">${this.#copies(state)}</span></span>
        <span class="hidden-text">${texts.pillDetails}</span>
      </button>
      <div
        id="panel"
        class="panel"
        popover="auto"
        role="group"
        aria-label=${texts.pillDetails}
        @toggle=${this.#onToggle}
      >
        <ts-state-panel .status=${this.status} .state=${state}></ts-state-panel>
      </div>`;
  }
}

customElements.define('ts-state-pill', TsStatePill);
