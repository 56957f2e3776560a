import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { timeAgo } from '../format.ts';
import { governingTexts as words } from '../governing-texts.ts';
import type { People } from '../people.ts';
import type { MemberStatus, Status } from '../ports.ts';
import { mayManage } from '../standing.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';
import './avatar.ts';

/** Who is on the board, and who was: with role, presence, and for owners the way to change it. */
export class TsPeopleList extends LitElement {
  static override properties = { status: { attribute: false }, people: { attribute: false } };
  declare status: Status;
  declare people: People;

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.35rem 0.7rem;
        padding: 0.5rem 0;
        border-top: 1px solid var(--line);
      }
      li:first-child {
        border-top: 0;
      }
      .who {
        display: grid;
        flex: 1;
        min-width: 6rem;
        line-height: 1.3;
      }
      .who b {
        font-weight: 620;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .soft {
        color: var(--ink-soft);
      }
      .ill {
        color: var(--bad);
        font-size: var(--text-s);
        font-weight: 600;
      }
      .where {
        font-size: var(--text-s);
        color: var(--ink-soft);
      }
      .where.on {
        color: var(--act);
        font-weight: 600;
      }
      h3 {
        margin: 0.9rem 0 0;
        font-size: var(--text-s);
        font-weight: 600;
        color: var(--ink-soft);
      }
    `,
  ];

  #onManage(memberId: string): () => void {
    return () => {
      emit(this, 'ts-manage', { memberId });
    };
  }

  #standing(member: MemberStatus): string | null {
    if (member.standing === 'frozen') return words.frozen;
    if (member.standing !== 'evicted') return null;
    const { eviction } = member;
    if (eviction === null) return words.removed;
    return words.removedBy(this.people.nameOf(eviction.by), timeAgo(eviction.at, Date.now()));
  }

  #where(member: MemberStatus): TemplateResult | typeof nothing {
    if (member.standing === 'evicted') return nothing;
    const where = member.online ? (member.asleep ? texts.asleep : texts.onlineNow) : texts.offlineNow;
    const tabs = member.online && member.peers > 1 ? ` · ${texts.tabs(member.peers)}` : '';
    return html`<span class="where ${member.online && !member.asleep ? 'on' : ''}">${where}${tabs}</span>`;
  }

  #person(member: MemberStatus): TemplateResult {
    const standing = this.#standing(member);
    return html`<li>
      <ts-avatar
        .memberId=${member.memberId}
        .name=${member.name}
        .asleep=${member.asleep || !member.online}
        .size=${32}
        aria-hidden="true"
      ></ts-avatar>
      <span class="who">
        <b dir="auto">${member.self ? texts.withYou(member.name) : member.name}</b>
        ${
          this.status.scratch === undefined
            ? html`<span class="soft">${texts.roleName(member.role)}</span>`
            : nothing
        }
        ${standing === null ? nothing : html`<span class="ill" dir="auto">${standing}</span>`}
      </span>
      ${this.#where(member)}
      ${
        mayManage(this.status, member)
          ? html`<button
              class="button quiet"
              aria-haspopup="dialog"
              aria-label=${words.manageLabel(member.name)}
              @click=${this.#onManage(member.memberId)}
            >
              ${words.manage}
            </button>`
          : nothing
      }
    </li>`;
  }

  #list(members: readonly MemberStatus[]): TemplateResult {
    return html`<ul role="list">
      ${repeat(
        members,
        (member) => member.memberId,
        (member) => this.#person(member),
      )}
    </ul>`;
  }

  override render(): TemplateResult {
    const isFormer = ({ standing }: MemberStatus): boolean => standing === 'evicted';
    const former = this.people.all.filter(isFormer);
    return html`${this.#list(this.people.all.filter((member) => !isFormer(member)))}
    ${
      former.length === 0
        ? nothing
        : html`<h3>${words.formerTitle}</h3>
            ${this.#list(former)}`
    }`;
  }
}

customElements.define('ts-people-list', TsPeopleList);
