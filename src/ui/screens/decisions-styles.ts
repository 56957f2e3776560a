import { css } from 'lit';

/** The Decisions screen's own layout. */
export const decisionsStyles = css`
  main > .lead {
    margin: 0 0 0.15rem;
    font-weight: 600;
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 0.75rem;
  }
  .top h1 {
    flex: 1 1 14rem;
  }
  .top .button {
    min-height: 42px;
    padding-inline: 1.1rem;
    font-size: var(--text-m);
  }
  .columns.decisions {
    grid-template-columns: minmax(0, 1fr) 20rem;
    gap: 1.5rem;
  }
  .side {
    display: grid;
    gap: 1rem;
  }
  .notice {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0.15rem 0.7rem;
    margin-top: 1.25rem;
    padding: 0.85rem 1.1rem;
    border-radius: var(--r-l);
    background: var(--honey-wash);
    color: var(--honey-ink);
    font-size: var(--text-s);
  }
  .notice svg {
    grid-row: span 2;
    margin-top: 0.1rem;
  }
  .notice .anew {
    grid-column: 2;
    justify-self: start;
    margin-top: 0.45rem;
  }
  .notice b {
    font-size: var(--text-m);
    font-weight: 680;
  }
  .group + .group {
    margin-top: 1.75rem;
  }
  .group > h2 {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    margin-bottom: 0.7rem;
  }
  .count {
    display: inline-grid;
    place-items: center;
    min-width: 24px;
    height: 24px;
    padding: 0 0.4rem;
    border-radius: 999px;
    background: var(--tray);
    font-size: var(--text-xs);
    font-weight: 700;
    font-variant-numeric: tabular-nums;
    letter-spacing: 0;
  }
  .needs .count {
    background: var(--honey);
    color: #231700;
  }
  .group > ul {
    display: grid;
    gap: 0.85rem;
  }
  .queued {
    display: grid;
    gap: 0.3rem;
    padding: 0.95rem 1.25rem;
    border: 1.5px dashed var(--edge);
    border-radius: var(--r-l);
  }
  .queued h3 {
    font-size: var(--text-m);
    font-weight: 640;
    overflow-wrap: anywhere;
  }
  .empty {
    display: grid;
    gap: 0.35rem;
    justify-items: center;
    padding: 2.75rem 1.5rem;
    border: 1.5px dashed var(--line);
    border-radius: var(--r-l);
    text-align: center;
    color: var(--ink-soft);
  }
  .empty b {
    color: var(--ink);
    font-size: var(--text-l);
  }
  .empty p {
    max-width: 30rem;
  }
  .record {
    margin-top: 1.75rem;
    font-size: var(--text-s);
  }
  .record summary {
    width: fit-content;
    min-height: var(--target);
    align-content: center;
    font-weight: 640;
    cursor: pointer;
  }
  .record ol {
    display: grid;
    margin-top: 0.5rem;
    border-radius: var(--r-l);
    background: var(--sheet);
    overflow: clip;
  }
  .record li {
    display: grid;
    grid-template-columns: 3.4rem minmax(0, 1fr) auto;
    align-items: center;
    gap: 0.15rem 0.7rem;
    padding: 0.4rem 0.6rem 0.4rem 1rem;
  }
  .record li + li {
    border-top: 1px solid var(--line);
  }
  .record .place {
    font: var(--text-xs) / 1.4 var(--mono);
    color: var(--ink-soft);
  }
  .record .undone {
    color: var(--ink-soft);
    text-decoration: line-through;
  }
  .record .what {
    overflow-wrap: anywhere;
  }
  @media (max-width: 900px) {
    .columns.decisions {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @media (max-width: 640px) {
    .top .button {
      width: 100%;
    }
    .record li {
      grid-template-columns: 2.4rem minmax(0, 1fr) auto;
    }
  }
  @media (forced-colors: active) {
    .notice {
      border: 1px solid CanvasText;
    }
  }
`;
