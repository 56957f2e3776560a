import { css } from 'lit';

/** Panes beside the proposals. */
export const paneStyles = css`
  section {
    display: grid;
    gap: 0.7rem;
    padding: 1.1rem 1.25rem 1.25rem;
    border-radius: var(--r-l);
    background: var(--sheet);
    font-size: var(--text-s);
  }
  h2 {
    font-size: var(--text-l);
    font-weight: 680;
    letter-spacing: -0.012em;
  }
  .soft {
    color: var(--ink-soft);
  }
`;
