import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { PillState } from '../board/pill-state.ts';
import { errorText } from '../error-texts.ts';
import { bytesText } from '../format.ts';
import { icon } from '../icons.ts';
import type { LinkStatus, Status, StorageStatus } from '../ports.ts';
import { baseStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';

function stateText(state: PillState): string {
  switch (state.kind) {
    case 'live':
      return texts.stateLive;
    case 'split':
      return texts.stateSplit(state.side === 'majority', state.all - state.here);
    case 'alone':
      return texts.stateAlone;
    case 'offline':
      return texts.stateOffline;
    case 'shutOut':
      return texts.stateShutOut[state.why];
    case 'notSaved':
      return texts.stateNotSaved;
  }
}

const STORAGE_CODE = { unavailable: 'storageUnavailable', quota: 'quota', failed: 'storageFailed' } as const;

function linkWords(link: LinkStatus): string {
  if (link.state !== 'up') return texts.connecting;
  const way = link.browserLocal ? texts.sameBrowser : link.relayed ? texts.relayed : texts.direct;
  return link.rttMs === null ? way : `${way}, ${texts.rtt(link.rttMs)}`;
}

/** What the pill is derived from: connections, copies, storage, the meeting point. */
export class TsStatePanel extends LitElement {
  static override properties = { status: { attribute: false }, state: { attribute: false } };
  declare status: Status;
  declare state: PillState;

  static override styles = [
    baseStyles,
    css`
      :host {
        display: grid;
        gap: 0.9rem;
        font-size: var(--text-s);
      }
      h2 {
        font-size: var(--text-xs);
        font-weight: 650;
        color: var(--ink-soft);
        margin-bottom: 0.2rem;
      }
      .copies {
        font-size: var(--text-l);
        font-weight: 680;
        letter-spacing: -0.01em;
      }
      .soft {
        color: var(--ink-soft);
      }
      .lead {
        text-wrap: pretty;
      }
      li {
        display: flex;
        justify-content: space-between;
        gap: 1rem;
        padding: 0.22rem 0;
        border-top: 1px solid var(--line);
        font-variant-numeric: tabular-nums;
      }
      li:first-child {
        border-top: 0;
      }
      .bad {
        color: var(--bad);
      }
      .row {
        display: flex;
        gap: 0.5rem;
        align-items: flex-start;
      }
    `,
  ];

  #peer(link: LinkStatus): string {
    const member = this.status.members.find((other) => other.memberId === link.memberId);
    if (member === undefined) return texts.peerLabel(link.peerId);
    return member.self ? texts.ownTab : member.name;
  }

  #storage(storage: StorageStatus): TemplateResult {
    if (storage.state !== 'ok') {
      const { what, todo } = errorText(STORAGE_CODE[storage.state]);
      return html`<p class="bad">${what} ${todo}</p>`;
    }
    const used = storage.usedBytes === null ? null : bytesText(storage.usedBytes);
    const quota = storage.quotaBytes === null ? null : bytesText(storage.quotaBytes);
    return html`<p>${texts.storageOk(used, quota)}</p>
      <p class="soft">${storage.persistent ? texts.storagePersistent : texts.storageEvictable}</p>`;
  }

  #pending(): TemplateResult | typeof nothing {
    const { unacknowledged } = this.status.pending;
    if (unacknowledged === null) return nothing;
    if (unacknowledged > 0) return html`<p>${texts.waitingChanges(unacknowledged)}</p>`;
    return this.state.kind === 'live' ? html`<p class="soft">${texts.allReceived}</p>` : nothing;
  }

  override render(): TemplateResult {
    const { links, copies, storage, signaling } = this.status;
    return html`<p class="lead">${stateText(this.state)}</p>
      <div>
        <p class="copies">${copies === null ? texts.scratchCopies : texts.copiesOn(copies)}</p>
        <p class="soft">${copies === null ? texts.scratchCopiesHint : texts.copiesHint(copies)}</p>
        ${this.#pending()}
      </div>
      <div>
        <h2>${texts.connections}</h2>
        ${
          links.length === 0
            ? html`<p class="soft">${texts.noConnections}</p>`
            : html`<ul role="list">
                ${links.map(
                  (link) =>
                    html`<li>
                      <span dir="auto">${this.#peer(link)}</span><span class="soft">${linkWords(link)}</span>
                    </li>`,
                )}
              </ul>`
        }
      </div>
      <div>
        <h2>${texts.storage}</h2>
        <div class="row">
          ${icon('disk', 16)}
          <div>${this.#storage(storage)}</div>
        </div>
      </div>
      <div>
        <h2>${texts.signaling}</h2>
        <p>${texts.signalingState[signaling]}</p>
      </div>
      ${copies === null ? nothing : html`<ts-recording></ts-recording>`}`;
  }
}

customElements.define('ts-state-panel', TsStatePanel);
