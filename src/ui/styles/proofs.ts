import { css } from 'lit';

/** What a list of proofs against somebody looks like: each in words, with keys and digests to compare. */
export const proofStyles = css`
  :host {
    display: block;
  }
  section {
    display: grid;
    gap: 0.75rem;
    padding: 1.1rem;
    border: 1px solid var(--bad);
    border-radius: var(--r-l);
    background: var(--sheet);
  }
  h2 {
    font-size: var(--text-l);
  }
  li {
    display: grid;
    gap: 0.4rem;
    font-size: var(--text-s);
    line-height: 1.45;
  }
  li + li {
    margin-top: 0.9rem;
    padding-top: 0.9rem;
    border-top: 1px solid var(--line);
  }
  .what {
    font-size: var(--text-m);
  }
  .soft {
    color: var(--ink-soft);
  }
  .key {
    overflow-wrap: anywhere;
    font: var(--text-xs) / 1.4 var(--mono);
    color: var(--ink-soft);
  }
  .button {
    justify-self: start;
  }
`;
