import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { DecisionEvidence, SeatName } from '../decision-ports.ts';
import { codeOf, errorLine } from '../error-texts.ts';
import { icon } from '../icons.ts';
import { closeDialog, showDialog } from '../own-dialog.ts';
import type { People } from '../people.ts';
import type { AppPort } from '../ports.ts';
import { saveFile } from '../save-file.ts';
import { baseStyles, buttonStyles, dialogStyles } from '../styles/shared.ts';
import { texts } from '../texts.ts';
import { emit } from '../ui-event.ts';
import { decisionTexts as words } from './decision-texts.ts';

/** On what a decision stands, and the file that proves it to anybody. */
export class TsEvidenceDialog extends LitElement {
  static override properties = {
    app: { attribute: false },
    people: { attribute: false },
    what: { state: true },
    sequence: { state: true },
    place: { state: true },
    evidence: { state: true },
    busy: { state: true },
    saved: { state: true },
    problem: { state: true },
  };
  declare app: AppPort;
  declare people: People;
  declare what: string;
  /** null while it is closed. */
  declare sequence: number | null;
  /** Place in the batch, if it is known. */
  declare place: number | null;
  declare evidence: DecisionEvidence | null;
  declare busy: boolean;
  declare saved: boolean;
  declare problem: string | null;

  constructor() {
    super();
    this.what = '';
    this.sequence = null;
    this.place = null;
    this.evidence = null;
    this.busy = false;
    this.saved = false;
    this.problem = null;
  }

  static override styles = [
    baseStyles,
    buttonStyles,
    dialogStyles,
    css`
      .what {
        margin-bottom: 0.9rem;
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      dl {
        display: grid;
        gap: 0.55rem;
        font-size: var(--text-s);
      }
      dt {
        font-size: var(--text-xs);
        font-weight: 620;
        color: var(--ink-soft);
      }
      dd {
        overflow-wrap: anywhere;
      }
      .key {
        font: var(--text-xs) / 1.4 var(--mono);
        color: var(--ink-soft);
      }
      .soft {
        color: var(--ink-soft);
        font-size: var(--text-s);
      }
      .end {
        display: grid;
        gap: 0.6rem;
        justify-items: start;
        margin-top: 1.1rem;
        padding-top: 1rem;
        border-top: 1px solid var(--line);
      }
      .problem {
        color: var(--bad);
        font-size: var(--text-s);
      }
      .saved {
        color: var(--act);
        font-size: var(--text-s);
        font-weight: 600;
      }
    `,
  ];

  async show(sequence: number, place: number | null, what: string): Promise<void> {
    this.sequence = sequence;
    this.place = place;
    this.what = what;
    this.evidence = this.app.decide.evidence(sequence, place ?? 1);
    this.saved = false;
    this.problem = null;
    await showDialog(this);
  }

  #onClose = (): void => {
    closeDialog(this);
  };

  #onClosed = (): void => {
    this.sequence = null;
  };

  #onSave = (): void => {
    void this.#save();
  };

  async #save(): Promise<void> {
    const { place, sequence } = this;
    if (sequence === null || this.busy) return;
    this.busy = true;
    this.problem = null;
    try {
      const text = await this.app.decide.certificate(sequence, place ?? 1);
      saveFile(`decision-${String(sequence)}-${String(place ?? 1)}.json`, text, 'application/json');
      this.saved = true;
      emit(this, 'ts-announce', { text: words.certificateSaved });
    } catch (reason) {
      this.problem = codeOf(reason);
    } finally {
      this.busy = false;
    }
  }

  #seats(seats: readonly SeatName[]): TemplateResult | string {
    if (seats.length === 0) return words.onlyCertificate;
    return html`${seats.map(
      ({ memberId, peerId }) =>
        html`<div>
          ${memberId === null ? words.unknownTab : this.people.nameOf(memberId)}
          <span class="key">${peerId.slice(0, 16)}…</span>
        </div>`,
    )}`;
  }

  /** Who signed which two statements, if that is what was decided. */
  #doubleVote({ doubleVote }: DecisionEvidence): readonly (readonly [string, TemplateResult | string])[] {
    if (doubleVote === null) return [];
    return [
      [words.votedTwice, this.#seats([doubleVote])],
      ...doubleVote.statements.map(
        (statement, at) =>
          [
            at === 0 ? words.firstStatement : words.secondStatement,
            html`${words.statement(statement)} <span class="key">${statement.content}</span>`,
          ] as const,
      ),
    ];
  }

  #facts(evidence: DecisionEvidence): TemplateResult {
    const { committed, epoch, f, n, prepared, primary, quorum, sequence, view } = evidence;
    const leader = [...committed, ...prepared].find(({ peerId }) => peerId === primary)?.memberId ?? null;
    const led = leader === null ? `${primary.slice(0, 16)}…` : this.people.nameOf(leader);
    const rows: readonly (readonly [string, TemplateResult | string])[] = [
      [words.sequence, words.sequenceOf(sequence, this.place, null)],
      [words.committeeSize, words.committeeNumbers(n, f, quorum)],
      [words.epoch, String(epoch)],
      [words.view, words.ledBy(view, led)],
      [words.prepared, this.#seats(prepared)],
      [words.committed, this.#seats(committed)],
      ...this.#doubleVote(evidence),
    ];
    return html`<dl>
      ${rows.map(
        ([term, value]) =>
          html`<div>
            <dt>${term}</dt>
            <dd dir="auto">${value}</dd>
          </div>`,
      )}
    </dl>`;
  }

  override render(): TemplateResult {
    const { evidence, problem, sequence } = this;
    return html`<dialog class="box" aria-labelledby="heading" closedby="any" @close=${this.#onClosed}>
      ${
        sequence === null
          ? nothing
          : html`<div class="dialog-head">
                <h2 id="heading">${words.evidenceOf(sequence)}</h2>
                <button class="icon" aria-label=${texts.close} @click=${this.#onClose}>
                  ${icon('close')}
                </button>
              </div>
              <p class="what" dir="auto">${this.what}</p>
              ${evidence === null ? html`<p class="soft">${words.evidenceGone}</p>` : this.#facts(evidence)}
              <div class="end">
                <button class="button primary" ?disabled=${this.busy} @click=${this.#onSave}>
                  ${icon('disk', 16)} ${words.saveCertificate}
                </button>
                ${this.saved ? html`<p class="saved">${words.certificateSaved}</p>` : html`<p class="soft">${words.certificateHint}</p>`}
                ${problem === null ? nothing : html`<p class="problem" role="alert">${errorLine(problem)}</p>`}
              </div>`
      }
    </dialog>`;
  }
}

customElements.define('ts-evidence-dialog', TsEvidenceDialog);
