/** The bar over a screen that belongs to the open board: the way back, the way home, how things stand, the theme. */
import { html, type TemplateResult } from 'lit';
import { icon, logoMark } from '../icons.ts';
import type { Status } from '../ports.ts';
import { texts } from '../texts.ts';

/** `writeFailed`: whether the device refused what was written last. */
export function screenBar(status: Status, writeFailed: boolean): TemplateResult {
  return html`<header class="bar">
    <a
      class="icon"
      href="#/b/${status.boardId ?? ''}"
      aria-label=${texts.backToBoard}
      title=${texts.backToBoard}
      >${icon('back')}</a
    >
    <a class="brand" href="#/" aria-label=${texts.allBoards}>${logoMark(26)}</a>
    <span class="grow"></span>
    <ts-state-pill .status=${status} .writeFailed=${writeFailed}></ts-state-pill>
    <ts-theme-button></ts-theme-button>
  </header>`;
}
