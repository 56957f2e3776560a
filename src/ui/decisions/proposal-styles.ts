import { css } from 'lit';

/** One proposal, as a card of its own. */
export const proposalStyles = css`
  :host {
    display: block;
  }
  article {
    display: grid;
    gap: 0.85rem;
    padding: 1.1rem 1.25rem 1.2rem;
    border-radius: var(--r-l);
    background: var(--card);
    box-shadow: var(--shadow-1);
  }
  article.asking {
    box-shadow:
      inset 4px 0 0 var(--honey),
      var(--shadow-1);
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.35rem 0.7rem;
    font-size: var(--text-s);
    color: var(--ink-soft);
  }
  .badge {
    display: inline-flex;
    align-items: center;
    gap: 0.3rem;
    min-height: 24px;
    padding: 0 0.6rem;
    border-radius: 999px;
    background: var(--act-wash);
    color: var(--act-strong);
    font-size: var(--text-xs);
    font-weight: 680;
  }
  .badge.closingSoon,
  .badge.due,
  .badge.waiting {
    background: var(--honey-wash);
    color: var(--honey-ink);
  }
  .badge.passed {
    background: var(--act);
    color: var(--on-act);
  }
  .badge.rejected {
    background: var(--bad-wash);
    color: var(--bad);
  }
  .badge.noQuorum,
  .badge.withdrawn {
    background: var(--tray);
    color: var(--ink);
  }
  .left {
    font-weight: 640;
    color: var(--ink);
    font-variant-numeric: tabular-nums;
  }
  .grow {
    flex: 1;
  }
  h3 {
    font-size: var(--text-l);
    font-weight: 680;
    letter-spacing: -0.012em;
    line-height: 1.25;
    overflow-wrap: anywhere;
  }
  .by {
    display: flex;
    align-items: center;
    gap: 0.45rem;
    margin-top: 0.3rem;
    font-size: var(--text-s);
    color: var(--ink-soft);
  }
  .body {
    max-width: 65ch;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .body.long {
    max-height: 8.7em;
    overflow: hidden;
    mask-image: linear-gradient(#000 70%, #0000);
  }
  .more {
    justify-self: start;
    min-height: 24px;
    font-size: var(--text-s);
    font-weight: 600;
    color: var(--act);
    text-decoration: underline;
    text-underline-offset: 2px;
  }
  .effect {
    display: grid;
    gap: 0.25rem;
    padding: 0.65rem 0.85rem;
    border-radius: var(--r-m);
    background: var(--sheet);
    font-size: var(--text-s);
    line-height: 1.45;
  }
  .effect b {
    font-weight: 640;
  }
  .effect.grave {
    background: var(--bad-wash);
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 0.2rem 1rem;
    font-size: var(--text-s);
    font-variant-numeric: tabular-nums;
  }
  .legend span {
    display: inline-flex;
    align-items: center;
    gap: 0.4rem;
  }
  .legend span::before {
    content: '';
    width: 9px;
    height: 9px;
    border-radius: 2px;
    background: var(--line);
  }
  .legend .yes::before {
    background: var(--act);
  }
  .legend .no::before {
    background: var(--bad);
  }
  .legend .abstain::before {
    background: var(--edge);
  }
  .soft {
    color: var(--ink-soft);
    font-size: var(--text-s);
  }
  .news {
    font-size: var(--text-s);
    font-weight: 600;
    color: var(--honey-ink);
  }
  form {
    display: grid;
    gap: 0.65rem;
    padding-top: 0.9rem;
    border-top: 1px solid var(--line);
  }
  legend {
    padding: 0 0 0.4rem;
    font-size: var(--text-s);
    font-weight: 600;
    color: var(--ink-soft);
  }
  .choices {
    display: grid;
    grid-template-columns: repeat(3, minmax(0, 1fr));
    gap: 0.5rem;
    max-width: 30rem;
  }
  .choices label {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 0.5rem;
    min-height: max(40px, var(--target));
    padding: 0 0.6rem;
    border: 1px solid var(--edge);
    border-radius: var(--r-m);
    font-size: var(--text-m);
    font-weight: 600;
    cursor: pointer;
  }
  .choices label:hover {
    background: var(--hover);
  }
  .choices label:has(:checked) {
    border-color: var(--act);
    background: var(--act-wash);
    box-shadow: inset 0 0 0 1px var(--act);
  }
  .choices label.reject:has(:checked) {
    border-color: var(--bad);
    background: var(--bad-wash);
    box-shadow: inset 0 0 0 1px var(--bad);
  }
  .choices label.abstain:has(:checked) {
    border-color: var(--edge);
    background: var(--tray);
    box-shadow: inset 0 0 0 1px var(--edge);
  }
  .cast {
    display: flex;
    align-items: end;
    gap: 0.6rem;
    max-width: 30rem;
  }
  .cast .field {
    flex: 1;
  }
  .own {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.4rem 0.7rem;
    padding-top: 0.9rem;
    border-top: 1px solid var(--line);
    font-size: var(--text-s);
  }
  .own b {
    font-size: var(--text-m);
    font-weight: 640;
  }
  .own q {
    color: var(--ink-soft);
    overflow-wrap: anywhere;
  }
  details {
    font-size: var(--text-s);
  }
  summary {
    min-height: 24px;
    width: fit-content;
    font-weight: 600;
    color: var(--ink-soft);
    cursor: pointer;
  }
  .ballots {
    display: grid;
    gap: 0.45rem;
    margin-top: 0.5rem;
  }
  .ballots li {
    display: flex;
    align-items: baseline;
    gap: 0.5rem;
  }
  .ballots ts-avatar {
    align-self: center;
  }
  .ballots q {
    color: var(--ink-soft);
    overflow-wrap: anywhere;
  }
  .ballots .approve {
    color: var(--act);
    font-weight: 640;
  }
  .ballots .reject {
    color: var(--bad);
    font-weight: 640;
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.35rem 0.5rem;
    min-height: var(--target);
  }
  .foot details {
    flex: 1 1 12rem;
  }
  @media (max-width: 640px) {
    article {
      padding: 0.95rem 1rem 1.05rem;
    }
    .choices label {
      gap: 0.35rem;
      padding: 0 0.3rem;
      font-size: var(--text-s);
    }
    .choices input {
      flex: none;
    }
    .cast {
      align-items: stretch;
      flex-direction: column;
    }
  }
  @media (forced-colors: active) {
    article,
    .badge {
      border: 1px solid CanvasText;
    }
  }
`;
