import { css } from 'lit';

/** One row on a desk, three short ones on a phone. */
export const boardHeaderStyles = css`
  :host {
    display: block;
    background: var(--bar);
  }
  header {
    display: flex;
    align-items: center;
    gap: 0.5rem 0.75rem;
    padding: 0.5rem 1rem;
    /* The bar is dark in both appearances, like the frame of a browser; tokens inside follow. */
    color-scheme: dark;
    color: var(--ink);
    border-bottom: 1px solid light-dark(#0000, #2e3a35);
  }
  .home {
    width: max(40px, var(--target));
    height: max(40px, var(--target));
    margin-inline-start: -0.4rem;
  }
  h1 {
    flex: 0 1 auto;
    min-width: 4rem;
    max-width: 40vw;
    font-size: var(--text-l);
    font-weight: 720;
    letter-spacing: -0.015em;
    line-height: 1.25;
  }
  .title {
    display: block;
    max-width: 100%;
    min-height: 32px;
    padding: 0.2rem 0.35rem;
    border-radius: var(--r-s);
    font-weight: inherit;
    letter-spacing: inherit;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    text-align: start;
  }
  ts-inline-edit.title {
    overflow: visible;
    white-space: normal;
    min-width: 14rem;
  }
  button.title:hover {
    background: var(--hover);
  }
  .state {
    display: flex;
    align-items: center;
    gap: 0.6rem;
    flex: 1 8 auto;
    min-width: 0;
  }
  ts-state-pill {
    --act-wash: #ffffff1c;
    --honey-wash: #f2b9452b;
    --press: #ffffff1c;
  }
  .faces {
    display: flex;
    align-items: center;
  }
  .faces li + li {
    margin-inline-start: -2px;
  }
  .faces .extra {
    margin-inline-start: 0.3rem;
    font-size: var(--text-xs);
    font-weight: 600;
    color: var(--ink-soft);
  }
  .filter {
    position: relative;
    display: flex;
    align-items: center;
    flex: 0 1 15rem;
    min-width: 7rem;
  }
  .filter > svg {
    position: absolute;
    inset-inline-start: 0.55rem;
    color: var(--ink-soft);
    pointer-events: none;
  }
  .filter input {
    background: #00000038;
    border-color: #7d9c91;
    padding-inline-start: 1.9rem;
    font-size: var(--text-s);
  }
  .filter.open input {
    padding-inline-end: 6.5rem;
  }
  .chip {
    position: absolute;
    inset-inline-end: 4px;
    display: inline-flex;
    align-items: center;
    gap: 0.3rem;
    min-height: 24px;
    padding: 0 0.5rem;
    border-radius: 4px;
    background: var(--act-wash);
    color: var(--act-strong);
    font-size: var(--text-xs);
    font-weight: 650;
    font-variant-numeric: tabular-nums;
  }
  .tools {
    display: flex;
  }
  .decisions {
    position: relative;
  }
  .badge {
    position: absolute;
    inset: 1px 0 auto auto;
    display: grid;
    place-items: center;
    min-width: 17px;
    height: 17px;
    padding: 0 4px;
    border-radius: 999px;
    background: var(--honey);
    color: #231700;
    font-size: 0.6875rem;
    font-weight: 750;
    line-height: 1;
    font-variant-numeric: tabular-nums;
  }
  .filter-opener,
  .narrow {
    display: none;
  }
  .also {
    flex: none;
    min-height: 24px;
    padding: 0 0.55rem;
    border-radius: 999px;
    background: var(--honey-wash);
    color: var(--honey-ink);
    font-size: var(--text-xs);
    font-weight: 650;
    white-space: nowrap;
  }
  @media (max-width: 1000px) {
    .filter:not(.open, :focus-within) {
      display: none;
    }
    .filter-opener {
      display: inline-grid;
    }
  }
  @media (max-width: 640px) {
    header {
      flex-wrap: wrap;
      padding: 0.25rem 0.75rem 0.3rem;
      gap: 0 0.5rem;
    }
    .wide {
      display: none;
    }
    .narrow {
      display: inline-grid;
    }
    .state {
      display: contents;
    }
    .also {
      order: 1;
    }
    h1 {
      order: 1;
      flex: 1 1 0;
      max-width: none;
    }
    .faces {
      order: 2;
    }
    .faces li:nth-child(n + 4) {
      display: none;
    }
    .share {
      order: 3;
      width: var(--target);
      padding: 0;
    }
    .share-word {
      display: none;
    }
    /* An empty full-width item breaks the row here. */
    header::before {
      content: '';
      order: 4;
      flex: 1 0 100%;
    }
    ts-state-pill {
      order: 5;
      flex: 1 1 0;
    }
    .tools {
      order: 6;
    }
    .filter,
    .filter.open {
      order: 7;
      flex: 1 1 100%;
      margin: 0.15rem 0 0.25rem;
    }
  }
`;
