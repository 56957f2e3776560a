import { css } from 'lit';

/** What a banner looks like that says why nothing can be changed. */
export const bannerStyles = css`
  :host {
    display: block;
    background: var(--bad-wash);
    color: var(--ink);
    border-bottom: 1px solid var(--bad);
  }
  .story {
    display: grid;
    gap: 0.3rem;
    max-width: 62rem;
    padding: 0.75rem 1rem;
    font-size: var(--text-s);
    line-height: 1.45;
  }
  b {
    display: flex;
    align-items: start;
    gap: 0.5rem;
    font-size: var(--text-m);
    font-weight: 650;
  }
  b svg {
    flex: none;
    margin-top: 0.15em;
    color: var(--bad);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    margin-top: 0.35rem;
  }
`;
