import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { Policy, QuorumStatus } from '../decision-ports.ts';
import { initialsOf } from '../hue.ts';
import type { People } from '../people.ts';
import { baseStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { decisionTexts as words } from './decision-texts.ts';
import { paneStyles } from './pane-styles.ts';

/** Who is in the committee and reached, what it bears, and by what rules the group decides. */
export class TsCommitteePane extends LitElement {
  static override properties = {
    quorum: { attribute: false },
    policy: { attribute: false },
    people: { attribute: false },
  };
  declare quorum: QuorumStatus | null;
  declare policy: Policy;
  declare people: People;

  static override styles = [
    baseStyles,
    paneStyles,
    css`
      :host {
        display: grid;
        gap: 1rem;
      }
      .can {
        font-size: var(--text-m);
        font-weight: 620;
      }
      .seats {
        display: flex;
        flex-wrap: wrap;
        gap: 0.35rem;
      }
      .seat {
        display: grid;
        place-items: center;
        width: 30px;
        height: 30px;
        border-radius: 8px;
        background: var(--act);
        color: var(--on-act);
        font-size: 0.6875rem;
        font-weight: 700;
        line-height: 1;
      }
      .seat.gone {
        background: none;
        box-shadow: inset 0 0 0 1.5px var(--edge);
        color: var(--ink-soft);
      }
      .frail {
        padding: 0.6rem 0.8rem;
        border-radius: var(--r-m);
        background: var(--honey-wash);
        color: var(--honey-ink);
      }
      .rules {
        display: grid;
        gap: 0.35rem;
      }
      .rules li {
        padding-inline-start: 0.9rem;
        position: relative;
      }
      .rules li::before {
        content: '';
        position: absolute;
        inset-inline-start: 0;
        top: 0.55em;
        width: 5px;
        height: 5px;
        border-radius: 1px;
        background: var(--act);
      }
      @media (forced-colors: active) {
        section,
        .seat {
          border: 1px solid CanvasText;
        }
      }
    `,
  ];

  #committee(quorum: QuorumStatus): TemplateResult {
    const { canDecide, faults, faultTolerant, needed, reachable, seats } = quorum;
    return html`<section aria-labelledby="committee">
      <h2 id="committee">${words.committee}</h2>
      <p class="can">
        ${canDecide ? words.canDecide(reachable, seats, needed) : words.cannotDecide(reachable, needed)}
      </p>
      <ul class="seats" role="list" aria-label=${words.committee}>
        ${seatNames(quorum, this.people).map(({ name, initials, reached }) => {
          const label = words.seat(name, reached);
          return html`<li class="seat ${reached ? '' : 'gone'}" title=${label}>
            <span aria-hidden="true">${initials}</span><span class="hidden-text">${label}</span>
          </li>`;
        })}
      </ul>
      <p class=${faultTolerant ? '' : 'frail'}>${faultTolerant ? words.bears(faults) : words.notTolerant}</p>
      <p class="soft">${words.committeeLead}</p>
    </section>`;
  }

  override render(): TemplateResult {
    const { agentsVote, membersBy, policyBy, quorumPercent, thresholdPercent } = this.policy;
    return html`${this.quorum === null ? nothing : this.#committee(this.quorum)}
      <section aria-labelledby="rules">
        <h2 id="rules">${words.rules}</h2>
        <ul class="rules" role="list">
          <li>${words.ruleThreshold(thresholdPercent)}</li>
          <li>${words.ruleQuorum(quorumPercent)}</li>
          <li>${words.ruleAgents(agentsVote)}</li>
          <li>${words.ruleMembers(membersBy)}</li>
          <li>${words.rulePolicy(policyBy)}</li>
        </ul>
      </section>`;
  }
}

customElements.define('ts-committee-pane', TsCommitteePane);

interface NamedSeat {
  readonly name: string;
  readonly initials: string;
  readonly reached: boolean;
}

/** Every seat with a name of its own: whose tab it is, and which one if a member has several. */
export function seatNames({ all }: QuorumStatus, people: People): readonly NamedSeat[] {
  const before = new Map<string, number>();
  return all.map(({ memberId, reached }) => {
    if (memberId === null) return { name: words.unknownTab, initials: '?', reached };
    const nth = (before.get(memberId) ?? 0) + 1;
    before.set(memberId, nth);
    const member = people.all.find((one) => one.memberId === memberId);
    const name = people.nameOf(memberId);
    return {
      name: words.tabOf(member?.self === true ? texts.withYou(name) : name, nth),
      initials: initialsOf(name),
      reached,
    };
  });
}
