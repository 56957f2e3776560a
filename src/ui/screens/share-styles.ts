import { css } from 'lit';

/** The share screen's own layout. */
export const shareStyles = css`
  main > .lead {
    margin: 0 0 0.15rem;
    font-weight: 600;
  }
  .columns.share {
    grid-template-columns: minmax(0, 1.45fr) minmax(17rem, 1fr);
    gap: 1.25rem;
  }
  legend {
    padding: 0 0 0.35rem;
    font-size: var(--text-s);
    font-weight: 600;
    color: var(--ink-soft);
  }
  .roles {
    display: grid;
    border-radius: var(--r-m);
    border: 1px solid var(--line);
    overflow: clip;
    background: var(--card);
  }
  .role {
    display: flex;
    align-items: center;
    gap: 0.7rem;
    min-height: max(40px, var(--target));
    padding: 0.35rem 0.85rem;
    cursor: pointer;
  }
  .role + .role {
    border-top: 1px solid var(--line);
  }
  .role:has(:checked) {
    background: var(--act-wash);
  }
  .role span {
    color: var(--ink-soft);
    font-size: var(--text-s);
  }
  .role b {
    color: var(--ink);
    font-size: var(--text-m);
    font-weight: 620;
    margin-inline-end: 0.4rem;
  }
  .role:has(:checked) span {
    color: var(--ink);
  }
  .pair {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 0.75rem;
  }
  .make {
    justify-self: start;
    min-height: 42px;
    padding-inline: 1.1rem;
    font-size: var(--text-m);
  }
  .result {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 1.1rem;
    padding: 1rem;
    border-radius: var(--r-m);
    background: var(--tray);
  }
  .beside {
    display: grid;
    gap: 0.7rem;
    align-content: start;
  }
  .beside input {
    font: var(--text-xs) / 1.4 var(--mono);
    text-overflow: ellipsis;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
  .news {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    min-height: 1.4em;
    font-weight: 600;
    color: var(--act);
  }
  .dot {
    width: 9px;
    height: 9px;
    border-radius: 50%;
    background: currentColor;
    animation: pulse 1.4s ease-in-out infinite;
  }
  @keyframes pulse {
    50% {
      opacity: 0.35;
    }
  }
  @media (max-width: 800px) {
    .columns.share {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @media (max-width: 560px) {
    .result {
      grid-template-columns: minmax(0, 1fr);
      justify-items: center;
    }
    .beside {
      width: 100%;
    }
  }
`;
