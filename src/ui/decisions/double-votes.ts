import { html, LitElement, type TemplateResult } from 'lit';
import type { DoubleVote } from '../decision-ports.ts';
import { timeAgo } from '../format.ts';
import type { People } from '../people.ts';
import { proofStyles } from '../styles/proofs.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { emit } from '../ui-event.ts';
import { decisionTexts as words } from './decision-texts.ts';

/** Tabs that voted twice: whose, which two statements, and what the group made of it. */
export class TsDoubleVotes extends LitElement {
  static override properties = {
    doubleVotes: { attribute: false },
    people: { attribute: false },
    time: { attribute: false },
  };
  declare doubleVotes: readonly DoubleVote[];
  declare people: People;
  /** Agreed time, ms since 1970. */
  declare time: number;

  static override styles = [baseStyles, buttonStyles, proofStyles];

  #whose({ memberId }: DoubleVote): string {
    return memberId === null ? words.unknownTab : words.tabOf(this.people.nameOf(memberId), 1);
  }

  #onEvidence({ place, sequence }: NonNullable<DoubleVote['decided']>, what: string): () => void {
    return () => {
      emit(this, 'ts-evidence', { sequence, place, what });
    };
  }

  #row(vote: DoubleVote): TemplateResult {
    const { decided, epoch, peerId, seat, statements } = vote;
    const what = words.votedTwiceBy(this.#whose(vote));
    return html`<li>
      <p class="what" dir="auto">${what}</p>
      ${
        statements.length === 0
          ? html`<p class="soft">${words.evidenceGone}</p>`
          : html`<p class="soft">${words.seatOfEpoch(seat, epoch)}</p>`
      }
      ${statements.map(
        (statement) =>
          html`<p>${words.statement(statement)} <span class="key">${statement.content}</span></p>`,
      )}
      <p class="key">${peerId}</p>
      <p class="soft">
        ${decided === null ? words.notConvictedYet : words.convicted(timeAgo(decided.at, this.time))}
      </p>
      ${
        decided === null
          ? ''
          : html`<button class="button" @click=${this.#onEvidence(decided, what)}>${words.evidence}</button>`
      }
    </li>`;
  }

  override render(): TemplateResult {
    return html`<section aria-labelledby="double-votes">
      <h2 id="double-votes">${words.doubleVotes}</h2>
      <p class="soft">${words.doubleVotesLead}</p>
      <ul role="list">
        ${this.doubleVotes.map((vote) => this.#row(vote))}
      </ul>
    </section>`;
  }
}

customElements.define('ts-double-votes', TsDoubleVotes);
