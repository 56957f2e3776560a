import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { CardSnapshot, CommentSnapshot } from '../../board/snapshot.ts';
import { timeAgo } from '../format.ts';
import { icon } from '../icons.ts';
import type { People } from '../people.ts';
import { baseStyles, buttonStyles, fieldStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import './avatar.ts';

/** What this element asks for. */
export type CommentRequest =
  | { readonly type: 'addComment'; readonly cardId: string; readonly text: string }
  | { readonly type: 'removeComment'; readonly cardId: string; readonly commentId: string };

/** A card's comments, oldest first, and a field for the next one. Requests go out as `ts-comment` (composed). */
export class TsCardComments extends LitElement {
  static override properties = {
    card: { attribute: false },
    people: { attribute: false },
    readOnly: { type: Boolean },
  };
  declare card: CardSnapshot;
  declare people: People;
  declare readOnly: boolean;

  static override styles = [
    baseStyles,
    buttonStyles,
    fieldStyles,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
      }
      h3 {
        font-size: var(--text-s);
        font-weight: 600;
        color: var(--ink-soft);
      }
      ul {
        display: grid;
        gap: 0.75rem;
      }
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        gap: 0.1rem 0.6rem;
        align-items: start;
      }
      .who {
        font-size: var(--text-s);
        line-height: 26px;
      }
      .who b {
        font-weight: 650;
      }
      .soft {
        color: var(--ink-soft);
      }
      .words {
        grid-column: 2 / -1;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .remove {
        width: 26px;
        height: 26px;
      }
      .write {
        display: grid;
        gap: 0.4rem;
        justify-items: end;
      }
      @media (pointer: coarse) {
        .remove {
          width: 44px;
          height: 44px;
        }
      }
    `,
  ];

  /** What is being typed. */
  get draft(): string {
    return this.renderRoot.querySelector('textarea')?.value.trim() ?? '';
  }

  #request(detail: CommentRequest): void {
    this.dispatchEvent(new CustomEvent('ts-comment', { detail, bubbles: true, composed: true }));
  }

  #send = (): void => {
    const field = this.renderRoot.querySelector('textarea');
    const text = field?.value.trim() ?? '';
    if (field === null || text === '') return;
    field.value = '';
    field.focus();
    this.#request({ type: 'addComment', cardId: this.card.id, text });
  };

  #onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    this.#send();
  };

  #comment(comment: CommentSnapshot): TemplateResult {
    const name = this.people.nameOf(comment.author);
    const mine = this.people.all.some((member) => member.self && member.memberId === comment.author);
    const remove = (): void => {
      this.#request({ type: 'removeComment', cardId: this.card.id, commentId: comment.id });
    };
    return html`<li>
      <ts-avatar .memberId=${comment.author} .name=${name} aria-hidden="true"></ts-avatar>
      <p class="who">
        <b dir="auto">${name}</b> <span class="soft">${timeAgo(comment.at, Date.now())}</span>
      </p>
      ${
        mine && !this.readOnly
          ? html`<button class="icon remove" aria-label=${texts.removeComment} @click=${remove}>
              ${icon('trash', 14)}
            </button>`
          : nothing
      }
      <p class="words" dir="auto">${comment.text}</p>
    </li>`;
  }

  override render(): TemplateResult {
    const { comments } = this.card;
    return html`<h3>${texts.commentsTitle}</h3>
      ${comments.length === 0 ? html`<p class="soft">${texts.noComments}</p>` : nothing}
      <ul role="list">
        ${repeat(
          comments,
          (comment) => comment.id,
          (comment) => this.#comment(comment),
        )}
      </ul>
      ${
        this.readOnly
          ? nothing
          : html`<div class="write">
              <textarea
                rows="2"
                dir="auto"
                aria-label=${texts.commentPlaceholder}
                placeholder=${texts.commentPlaceholder}
                @keydown=${this.#onKeyDown}
              ></textarea>
              <button class="button" @click=${this.#send}>${texts.comment}</button>
            </div>`
      }`;
  }
}

customElements.define('ts-card-comments', TsCardComments);
