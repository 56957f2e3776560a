import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { timeAgo } from '../format.ts';
import { governingTexts as words } from '../governing-texts.ts';
import { icon } from '../icons.ts';
import type { People } from '../people.ts';
import type { Status } from '../ports.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { emit } from '../ui-event.ts';
import { bannerStyles } from './banner-styles.ts';

interface Story {
  readonly what: string;
  readonly stays: string;
  readonly todo: string;
}

type Why = NonNullable<Status['barred'] | NonNullable<Status['committee']>['muted']>;

/** Tells a person whose tab nobody accepts changes from, or which has no say in the group, what happened, what is left of its work, and what can be done. */
export class TsStandingBanner extends LitElement {
  static override properties = { status: { attribute: false }, people: { attribute: false } };
  declare status: Status;
  declare people: People;

  static override styles = [baseStyles, buttonStyles, bannerStyles];

  #onRenew = (): void => {
    emit(this, 'ts-renew-key', null);
  };

  #onCopy = (): void => {
    emit(this, 'ts-copy-board', null);
  };

  /** Why the tab can do less than its person may; null while it can do all of it. */
  get #why(): Why | null {
    return this.status.barred ?? this.status.committee?.muted ?? null;
  }

  #story(barred: Why): Story {
    if (barred === 'keyLost')
      return { what: words.keyLost, stays: words.keyLostStays, todo: words.keyLostTodo };
    if (barred === 'convicted')
      return { what: words.convicted, stays: words.convictedStays, todo: words.convictedTodo };
    if (barred === 'forked')
      return {
        what: words.barredForked,
        stays: words.barredForkedStays,
        todo: words.barredForkedTodo,
      };
    if (barred === 'cut')
      return { what: words.barredCut, stays: words.barredCutStays, todo: words.barredCutTodo };
    const eviction = this.status.members.find(({ self }) => self)?.eviction ?? null;
    const by = eviction === null ? null : this.people.nameOf(eviction.by);
    const ago = eviction === null ? null : timeAgo(eviction.at, Date.now());
    return {
      what: words.barredEvicted(by, ago),
      stays: words.barredEvictedStays,
      todo: words.barredEvictedTodo,
    };
  }

  override render(): TemplateResult | typeof nothing {
    const barred = this.#why;
    if (barred === null) return nothing;
    const { what, stays, todo } = this.#story(barred);
    return html`<aside aria-label=${what}>
      <div class="story" role="alert">
        <b>${icon('stop')} <span dir="auto">${what}</span></b>
        <p>${stays}</p>
        <p>${todo}</p>
        <div class="actions">
          ${
            barred === 'evicted'
              ? nothing
              : html`<button class="button primary" @click=${this.#onRenew}>${words.renewKey}</button>`
          }
          <button class="button" @click=${this.#onCopy}>${icon('copy', 16)} ${words.copyBoard}</button>
        </div>
      </div>
    </aside>`;
  }
}

customElements.define('ts-standing-banner', TsStandingBanner);
