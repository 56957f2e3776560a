import { css } from 'lit';

/** Home, Share and Join: a bar with the mark, then one page of content. */
export const pageStyles = css`
  :host {
    display: block;
    min-height: 100dvh;
  }
  .bar {
    display: flex;
    align-items: center;
    gap: 0.6rem;
    min-height: 57px;
    padding: 0.35rem max(1.5rem, calc((100vw - 68rem) / 2 + 1.5rem));
    background: var(--bar);
  }
  /* The frame is dark in both appearances, like a browser's; tokens inside follow. */
  .bar > * {
    color-scheme: dark;
    color: var(--ink);
  }
  .bar ts-state-pill {
    --act-wash: #ffffff1c;
    --honey-wash: #f2b9452b;
    --press: #ffffff1c;
  }
  .brand {
    display: inline-flex;
    align-items: center;
    gap: 0.55rem;
    min-height: var(--target);
    color: var(--ink);
    font-size: var(--text-l);
    font-weight: 740;
    letter-spacing: -0.02em;
    text-decoration: none;
  }
  .grow {
    flex: 1;
  }
  main {
    max-width: 68rem;
    margin: 0 auto;
    padding: 2.25rem 1.5rem 4rem;
  }
  h1 {
    font-size: var(--text-xxl);
    font-weight: 740;
    letter-spacing: -0.03em;
    line-height: 1.1;
    text-wrap: balance;
    overflow-wrap: anywhere;
  }
  h2 {
    font-size: var(--text-l);
    font-weight: 680;
    letter-spacing: -0.012em;
  }
  .lead {
    margin-top: 0.4rem;
    color: var(--ink-soft);
  }
  .columns {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 21rem;
    gap: 2.5rem;
    align-items: start;
    margin-top: 1.75rem;
  }
  .pane {
    display: grid;
    gap: 0.9rem;
    padding: 1.1rem 1.25rem 1.25rem;
    border-radius: var(--r-l);
    background: var(--sheet);
  }
  .pane + .pane {
    margin-top: 1rem;
  }
  .soft {
    color: var(--ink-soft);
    font-size: var(--text-s);
  }
  @media (max-width: 800px) {
    .columns {
      grid-template-columns: minmax(0, 1fr);
      gap: 1.5rem;
    }
  }
  @media (max-width: 640px) {
    .bar {
      padding: 0.25rem 1rem;
    }
    main {
      padding: 1.25rem 1rem 3rem;
    }
  }
  @media (forced-colors: active) {
    .pane {
      border: 1px solid CanvasText;
    }
  }
`;
