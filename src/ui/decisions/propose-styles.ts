import { css } from 'lit';

export const proposeStyles = css`
  form {
    display: grid;
    gap: 1rem;
    padding: 1.25rem;
  }
  .dialog-head {
    margin: 0;
  }
  legend {
    padding: 0 0 0.35rem;
    font-size: var(--text-s);
    font-weight: 600;
    color: var(--ink-soft);
  }
  .kinds {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 0.4rem;
  }
  .kinds label,
  .check {
    display: flex;
    align-items: center;
    gap: 0.6rem;
    min-height: max(38px, var(--target));
    padding: 0.3rem 0.7rem;
    border-radius: var(--r-m);
    cursor: pointer;
  }
  .kinds label {
    border: 1px solid var(--line);
    background: var(--card);
    font-weight: 600;
  }
  .kinds label:has(:checked) {
    border-color: var(--act);
    background: var(--act-wash);
    box-shadow: inset 0 0 0 1px var(--act);
  }
  .check {
    align-items: start;
    padding-inline: 0;
    font-size: var(--text-s);
  }
  .check span {
    display: grid;
    gap: 0.1rem;
  }
  .check b {
    font-size: var(--text-m);
    font-weight: 600;
  }
  .soft {
    color: var(--ink-soft);
    font-size: var(--text-s);
  }
  .pair {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 0.75rem;
  }
  .effect {
    display: grid;
    gap: 0.3rem;
    min-height: 5.2rem;
    align-content: start;
    padding: 0.75rem 0.9rem;
    border-radius: var(--r-m);
    background: var(--tray);
    font-size: var(--text-s);
    line-height: 1.45;
  }
  .effect b {
    font-weight: 640;
  }
  .dialog-actions {
    margin-top: 0;
  }
  @media (max-width: 420px) {
    .kinds {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
