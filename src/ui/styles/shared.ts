import { css } from 'lit';

/** Box model, focus ring, hidden-text and motion rules that every element starts from. */
export const baseStyles = css`
  :host,
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
    min-inline-size: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  svg {
    display: block;
    flex: none;
  }
  :focus-visible {
    outline: 2px solid var(--act);
    outline-offset: 2px;
  }
  .hidden-text {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
`;

/** Buttons: plain text button, `.primary`, `.quiet`, `.danger`, and square `.icon`. */
export const buttonStyles = css`
  button,
  .button {
    font: inherit;
    color: inherit;
    cursor: pointer;
    border: 0;
    background: none;
    padding: 0;
    -webkit-tap-highlight-color: transparent;
    touch-action: manipulation;
  }
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.45em;
    min-height: var(--target);
    padding: 0 0.85em;
    border-radius: var(--r-s);
    border: 1px solid var(--edge);
    background: var(--card);
    color: var(--ink);
    font-weight: 550;
    font-size: var(--text-s);
    line-height: 1.2;
    text-decoration: none;
    white-space: nowrap;
    transition:
      background-color var(--quick),
      border-color var(--quick);
  }
  .button:hover {
    background: linear-gradient(var(--hover), var(--hover)) var(--card);
  }
  .button:active {
    background: linear-gradient(var(--press), var(--press)) var(--card);
  }
  .button.primary {
    background: var(--act);
    border-color: var(--act);
    color: var(--on-act);
  }
  .button.primary:hover {
    background: var(--act-strong);
    border-color: var(--act-strong);
  }
  .button.quiet {
    background: none;
    border-color: transparent;
  }
  .button.quiet:hover {
    background: var(--hover);
  }
  .button.danger {
    color: var(--bad);
    border-color: currentColor;
  }
  .button:disabled,
  .button[aria-disabled='true'] {
    opacity: 0.45;
    cursor: default;
  }
  .icon {
    display: inline-grid;
    place-items: center;
    flex: none;
    width: var(--target);
    height: var(--target);
    border-radius: var(--r-s);
    color: var(--ink-soft);
    text-decoration: none;
  }
  .icon:hover:not(:disabled) {
    background: var(--hover);
    color: var(--ink);
  }
  .icon:active:not(:disabled) {
    background: var(--press);
  }
  .icon:disabled {
    opacity: 0.35;
    cursor: default;
  }
  @media (forced-colors: active) {
    .button,
    .icon {
      border: 1px solid ButtonBorder;
    }
  }
`;

/** Text fields, selects and their labels. */
export const fieldStyles = css`
  .field {
    display: grid;
    gap: 0.3rem;
  }
  .field > label,
  .field > .label {
    font-size: var(--text-s);
    font-weight: 600;
    color: var(--ink-soft);
  }
  input:not([type='radio'], [type='checkbox']),
  textarea,
  select {
    font: inherit;
    color: var(--ink);
    background: var(--card);
    border: 1px solid var(--edge);
    border-radius: var(--r-s);
    min-height: var(--target);
    padding: 0.35rem 0.6rem;
    width: 100%;
    min-width: 0;
  }
  textarea {
    resize: none;
    field-sizing: content;
    line-height: 1.4;
  }
  input:focus-visible,
  textarea:focus-visible,
  select:focus-visible {
    outline: 2px solid var(--act);
    outline-offset: -1px;
  }
  ::placeholder {
    color: var(--ink-soft);
    opacity: 1;
  }
  input[type='radio'],
  input[type='checkbox'] {
    accent-color: var(--act);
    width: 1.15rem;
    height: 1.15rem;
    margin: 0;
  }
  .problem {
    color: var(--bad);
    font-size: var(--text-s);
  }
`;

/** Native dialogs: `.panel` slides in at the side (whole screen on a phone), `.box` is centred. */
export const dialogStyles = css`
  dialog {
    border: 0;
    padding: 0;
    color: var(--ink);
    background: var(--sheet);
    box-shadow: var(--shadow-2);
    overscroll-behavior: contain;
  }
  dialog::backdrop {
    background: var(--shade);
  }
  dialog.box {
    width: min(30rem, calc(100vw - 2rem));
    max-height: calc(100dvh - 2rem);
    border-radius: var(--r-l);
    padding: 1.25rem;
    overflow: auto;
  }
  dialog.panel {
    margin: 0 0 0 auto;
    width: min(34rem, 100vw);
    max-width: none;
    height: 100dvh;
    max-height: none;
    overflow: auto;
  }
  dialog[open].panel {
    animation: slide-in var(--quick) var(--ease);
  }
  .dialog-head {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    margin-bottom: 0.75rem;
  }
  .dialog-head h2 {
    flex: 1;
    font-size: var(--text-l);
    letter-spacing: -0.01em;
  }
  .dialog-actions {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 0.5rem;
    margin-top: 1.1rem;
  }
  @keyframes slide-in {
    from {
      translate: 1.5rem 0;
      opacity: 0;
    }
  }
  @media (max-width: 640px) {
    dialog.panel {
      width: 100vw;
    }
  }
  @media (forced-colors: active) {
    dialog {
      border: 1px solid CanvasText;
    }
  }
`;
