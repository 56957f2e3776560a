import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { timeAgo } from '../format.ts';
import { governingTexts as words } from '../governing-texts.ts';
import { icon } from '../icons.ts';
import type { People } from '../people.ts';
import type { AppPort, Evidence } from '../ports.ts';
import { proofStyles } from '../styles/proofs.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';

/** Every proof that a tab signed two histories, in words, and to be copied. Nothing at all while there is none. */
export class TsEvidenceList extends LitElement {
  static override properties = {
    app: { attribute: false },
    people: { attribute: false },
    evidence: { state: true },
  };
  declare app: AppPort;
  declare people: People;
  declare evidence: readonly Evidence[];
  #unsubscribe: (() => void) | undefined;

  static override styles = [
    baseStyles,
    buttonStyles,
    proofStyles,
    css`
      section {
        margin-top: 1.25rem;
      }
    `,
  ];

  constructor() {
    super();
    this.evidence = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.evidence = this.app.govern.evidence();
    this.#unsubscribe = this.app.on('evidence', () => {
      this.evidence = this.app.govern.evidence();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe?.();
  }

  #onCopy(proof: Evidence): () => void {
    return () => {
      const text = JSON.stringify(proof, null, 2);
      navigator.clipboard.writeText(text).then(
        () => {
          emit(this, 'ts-toast', { text: texts.copied });
        },
        () => {
          emit(this, 'ts-toast', { text, stays: true });
        },
      );
    };
  }

  #whose({ memberId, name }: Evidence): string {
    if (memberId === null) return words.someTab;
    const member = this.people.all.find((one) => one.memberId === memberId);
    return member?.self === true ? words.oneOfYourTabs : words.oneOfTheirTabs(member?.name ?? name);
  }

  #proof(proof: Evidence): TemplateResult {
    const { place, author, foundAt } = proof;
    return html`<li>
      <p class="what" dir="auto">${words.evidenceWhat(this.#whose(proof), place)}</p>
      <p>${words.evidenceDone(place)}</p>
      <p class="soft">
        ${words.evidenceWhy} ${foundAt === null ? nothing : words.evidenceFound(timeAgo(foundAt, Date.now()))}
      </p>
      <p class="key">${words.proofKey(author)}</p>
      <button class="button" @click=${this.#onCopy(proof)}>${icon('copy', 16)} ${words.copyProof}</button>
      <p class="soft">${words.proofHint}</p>
    </li>`;
  }

  override render(): TemplateResult | typeof nothing {
    if (this.evidence.length === 0) return nothing;
    return html`<section aria-labelledby="evidence">
      <h2 id="evidence">${words.evidenceTitle}</h2>
      <ul role="list">
        ${repeat(
          this.evidence,
          (proof) => proof.author,
          (proof) => this.#proof(proof),
        )}
      </ul>
    </section>`;
  }
}

customElements.define('ts-evidence-list', TsEvidenceList);
