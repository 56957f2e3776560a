import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { CertificateClaim, CertificateVerdict } from '../decision-ports.ts';
import { icon } from '../icons.ts';
import type { AppPort } from '../ports.ts';
import { baseStyles, buttonStyles } from '../styles/shared.ts';
import { decisionTexts as words } from './decision-texts.ts';
import { paneStyles } from './pane-styles.ts';

/** Files that are not even read, bytes: no certificate has as many characters (docs/spec/certificate-file.md). */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** Checks a certificate file that somebody has, here and without a network, and says what it proves. */
export class TsCertificateCheck extends LitElement {
  static override properties = {
    app: { attribute: false },
    boardId: {},
    verdict: { state: true },
    fileName: { state: true },
  };
  declare app: AppPort;
  declare boardId: string;
  declare verdict: CertificateVerdict | null;
  declare fileName: string;

  constructor() {
    super();
    this.boardId = '';
    this.verdict = null;
    this.fileName = '';
  }

  static override styles = [
    baseStyles,
    paneStyles,
    buttonStyles,
    css`
      .choose {
        position: relative;
        justify-self: start;
      }
      .choose input {
        position: absolute;
        inset: 0;
        width: 100%;
        opacity: 0;
        cursor: pointer;
      }
      .choose:focus-within {
        outline: 2px solid var(--act);
        outline-offset: 2px;
      }
      .verdict {
        display: grid;
        gap: 0.6rem;
        padding: 0.8rem 0.9rem;
        border-radius: var(--r-m);
        background: var(--act-wash);
      }
      .verdict.bad {
        background: var(--bad-wash);
      }
      .verdict b {
        display: flex;
        align-items: center;
        gap: 0.4rem;
        font-size: var(--text-m);
        font-weight: 680;
        color: var(--act-strong);
      }
      .verdict.bad b {
        color: var(--bad);
      }
      .file {
        overflow-wrap: anywhere;
      }
      dl {
        display: grid;
        gap: 0.4rem;
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
      }
      @media (forced-colors: active) {
        section,
        .verdict {
          border: 1px solid CanvasText;
        }
      }
    `,
  ];

  #onFile = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    const [file] = input.files ?? [];
    if (file === undefined) return;
    // The same file may be chosen again after it was mended.
    const done = (): void => {
      input.value = '';
    };
    void this.#check(file).finally(done);
  };

  async #check(file: File): Promise<void> {
    // What is no certificate need not be read.
    const text = file.size > MAX_FILE_BYTES ? '' : await file.text().catch(() => '');
    const verdict = await this.app.decide.verifyCertificate(text);
    this.fileName = file.name;
    this.verdict = verdict;
  }

  #claim(claim: CertificateClaim): TemplateResult {
    const {
      batch,
      boardId,
      committee,
      epoch,
      f,
      n,
      place,
      primary,
      quorum,
      resets,
      sequence,
      signers,
      summary,
      view,
    } = claim;
    const rows: readonly (readonly [string, string, string?])[] = [
      [words.claimAsked, summary],
      [words.claimBoard, boardId === this.boardId ? words.thisBoard : words.otherBoard(boardId)],
      [words.sequence, words.sequenceOf(sequence, place, batch)],
      [words.committeeSize, words.committeeNumbers(n, f, quorum)],
      [words.epoch, String(epoch)],
      [words.view, words.ledBy(view, words.seatNumber(primary))],
      [words.signedBy, words.seats(signers.length, n)],
      [words.fingerprint, committee, 'key'],
    ];
    return html`<dl>
        ${rows.map(
          ([term, value, look]) =>
            html`<div>
              <dt>${term}</dt>
              <dd class=${look ?? ''} dir="auto">${value}</dd>
            </div>`,
        )}
      </dl>
      <p class="soft">${words.claimHint(resets)}</p>`;
  }

  #verdict(verdict: CertificateVerdict): TemplateResult {
    const { claim, reason, valid } = verdict;
    return html`<div class="verdict ${valid ? '' : 'bad'}">
      <b>${icon(valid ? 'check' : 'stop', 18)}${valid ? words.holds : words.provesNothing}</b>
      <p class="file" dir="auto">${this.fileName}</p>
      ${reason === null ? nothing : html`<p>${words.reasonOf(reason)}</p>`}
      ${claim === null ? nothing : this.#claim(claim)}
    </div>`;
  }

  override render(): TemplateResult {
    return html`<section aria-labelledby="check">
      <h2 id="check">${words.checkTitle}</h2>
      <p class="soft">${words.checkLead}</p>
      <span class="button choose"
        ><span aria-hidden="true">${words.chooseFile}</span
        ><input
          type="file"
          accept=".json,application/json"
          aria-label=${words.checkTitle}
          @change=${this.#onFile}
      /></span>
      <div role="status">${this.verdict === null ? nothing : this.#verdict(this.verdict)}</div>
    </section>`;
  }
}

customElements.define('ts-certificate-check', TsCertificateCheck);
