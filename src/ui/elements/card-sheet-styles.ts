import { css } from 'lit';

/** The card sheet's layout. */
export const cardSheetStyles = css`
  .head {
    position: sticky;
    top: 0;
    z-index: 1;
    display: flex;
    align-items: center;
    gap: 0.4rem;
    padding: 0.6rem 0.75rem 0.6rem 1.25rem;
    background: var(--sheet);
    border-bottom: 1px solid var(--line);
  }
  .where {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: var(--text-s);
    color: var(--ink-soft);
  }
  .content {
    display: grid;
    gap: 1.1rem;
    padding: 1rem 1.25rem 2rem;
  }
  .title {
    font-size: var(--text-xl);
    font-weight: 700;
    line-height: 1.22;
    letter-spacing: -0.018em;
    overflow-wrap: anywhere;
  }
  textarea.title {
    border-color: transparent;
    background: none;
    padding: 0.2rem 0.5rem;
    margin: 0 -0.55rem;
    width: calc(100% + 1.1rem);
  }
  textarea.title:hover {
    background: var(--hover);
  }
  .shared {
    position: relative;
  }
  /* Beside the label, or under the title: nothing moves when somebody begins to type. */
  .others {
    position: absolute;
    inset-inline-end: 0;
    top: 0;
    max-width: 75%;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: var(--text-xs);
    font-weight: 600;
    line-height: 1.4;
    color: var(--honey-ink);
    pointer-events: none;
  }
  textarea.title + .others,
  ts-label-editor + .others {
    top: 100%;
    inset-inline: 0 auto;
    max-width: 100%;
  }
  #notes {
    min-height: 6rem;
  }
  .notes {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .pair {
    display: grid;
    grid-template-columns: 11rem minmax(0, 1fr);
    gap: 1rem;
    align-items: start;
  }
  .with-button {
    display: flex;
    gap: 0.2rem;
  }
  .members {
    display: flex;
    flex-wrap: wrap;
    gap: 0.35rem;
  }
  .member {
    display: inline-flex;
    align-items: center;
    gap: 0.4rem;
    max-width: 100%;
    min-height: var(--target);
    padding: 0 0.65rem 0 0.25rem;
    border: 1px solid var(--line);
    border-radius: 999px;
    background: var(--card);
    font-size: var(--text-s);
  }
  .member span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .member[aria-pressed='true'] {
    background: var(--act-wash);
    border-color: var(--act);
    color: var(--act-strong);
    font-weight: 650;
  }
  .member:disabled {
    cursor: default;
  }
  .notice {
    display: flex;
    gap: 0.5rem;
    align-items: center;
    padding: 0.5rem 0.75rem;
    border-radius: var(--r-s);
    background: var(--honey-wash);
    color: var(--honey-ink);
    font-size: var(--text-s);
  }
  .delivery {
    display: flex;
    gap: 0.5rem;
    align-items: center;
    font-size: var(--text-s);
    color: var(--ink-soft);
  }
  .delivery.waiting {
    color: var(--honey-ink);
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem;
    padding-top: 1rem;
    border-top: 1px solid var(--line);
    font-size: var(--text-s);
    color: var(--ink-soft);
  }
  .foot span {
    flex: 1 1 10rem;
  }
  @media (max-width: 640px) {
    .pair {
      grid-template-columns: minmax(0, 1fr);
    }
    .content {
      padding-inline: 1rem;
    }
    /* Both buttons in one row, below the words. */
    .foot span {
      flex-basis: 100%;
    }
  }
  @media (forced-colors: active) {
    .member[aria-pressed='true'] {
      border: 3px solid Highlight;
    }
  }
`;
