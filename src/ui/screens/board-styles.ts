import { css } from 'lit';

/** The board fills the window; columns scroll sideways, each column's cards downwards. */
export const boardStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100dvh;
    min-height: 0;
  }
  .notice {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    padding: 0.4rem 1rem;
    background: var(--honey-wash);
    color: var(--honey-ink);
    font-size: var(--text-s);
    font-weight: 550;
  }
  main {
    display: flex;
    flex-direction: column;
    flex: 1;
    min-height: 0;
  }
  .surface {
    flex: 1;
    min-height: 0;
    display: flex;
    align-items: stretch;
    gap: 1rem;
    padding: 0.9rem 1rem 0.75rem;
    overflow: auto hidden;
    overscroll-behavior-x: contain;
    scroll-padding: 1rem;
    scrollbar-width: thin;
    scrollbar-color: var(--edge) transparent;
  }
  .surface.dragging {
    scroll-snap-type: none !important;
    cursor: grabbing;
  }
  .nothing {
    margin: 12vh auto 0;
    padding: 0 1.5rem;
    max-width: 26rem;
    text-align: center;
    color: var(--ink-soft);
  }
  .nothing b {
    display: block;
    color: var(--ink);
    font-size: var(--text-l);
    margin-bottom: 0.25rem;
  }
  .lives {
    padding: 0 1rem 0.5rem;
    font-size: var(--text-xs);
    color: var(--ink-soft);
  }
  @media (max-width: 640px) {
    .surface {
      gap: 0.75rem;
      padding: 0.6rem 1.25rem;
      scroll-snap-type: x mandatory;
      scroll-padding: 1.25rem;
    }
    .lives {
      display: none;
    }
  }
`;
