import { css } from 'lit';

/** A column looks like what the board lives in: a browser tab with its page below. */
export const columnStyles = css`
  :host {
    display: flex;
    flex: none;
    width: 17.25rem;
    min-height: 0;
    max-height: 100%;
  }
  section {
    display: flex;
    flex-direction: column;
    width: 100%;
    min-height: 0;
  }
  .tab {
    position: relative;
    display: flex;
    align-items: center;
    align-self: flex-start;
    gap: 0.25rem;
    max-width: calc(100% - 1.5rem);
    min-height: 40px;
    padding: 0 0.3rem 0 0.9rem;
    border-radius: 13px 13px 0 0;
    background: var(--tray);
    touch-action: manipulation;
    user-select: none;
    -webkit-user-select: none;
  }
  /* The flared foot that makes it a tab. */
  .tab::after {
    content: '';
    position: absolute;
    bottom: 0;
    left: 100%;
    width: 12px;
    height: 12px;
    background: radial-gradient(circle at 100% 0, #0000 11.5px, var(--tray) 12px);
  }
  h2 {
    display: flex;
    align-items: baseline;
    gap: 0.5rem;
    min-width: 0;
    font-size: var(--text-s);
    font-weight: 680;
    letter-spacing: 0.005em;
  }
  .name {
    min-width: 1.5rem;
    min-height: 24px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    text-align: start;
    font-weight: inherit;
    cursor: inherit;
  }
  ts-inline-edit.name {
    overflow: visible;
    white-space: normal;
    min-width: 11rem;
    padding: 0.5rem 0;
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
  .count {
    color: var(--ink-soft);
    font-weight: 500;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .menu {
    width: 28px;
    height: 28px;
  }
  .tray {
    display: flex;
    flex-direction: column;
    min-height: 0;
    padding: 0.5rem;
    border-radius: 0 13px 13px 13px;
    background: var(--tray);
  }
  .list {
    flex: 1;
    min-height: 0;
    overflow: hidden auto;
    overscroll-behavior-y: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--edge) transparent;
    /* Room for focus rings and shadows, and no card stops under an edge. */
    margin: -0.25rem;
    padding: 0.25rem;
    scroll-padding: 0.5rem;
  }
  ul {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
    padding-bottom: 0.35rem;
  }
  ul.windowed {
    display: block;
    position: relative;
    padding: 0;
    margin-bottom: 0.35rem;
  }
  ul.windowed li {
    position: absolute;
    inset: 0 0 auto 0;
  }
  :host([lifted]) section {
    opacity: 0.4;
  }
  .empty {
    padding: 0.9rem 0.5rem;
    color: var(--ink-soft);
    font-size: var(--text-s);
  }
  @media (pointer: coarse) {
    .tab {
      min-height: 46px;
    }
    .name,
    .menu {
      min-height: 44px;
      height: 44px;
    }
    .menu {
      width: 44px;
    }
  }
  @media (max-width: 640px) {
    :host {
      width: calc(100vw - 2.5rem);
      scroll-snap-align: center;
    }
  }
  @media (forced-colors: active) {
    .tab,
    .tray {
      border: 1px solid CanvasText;
    }
    .tab::after {
      content: none;
    }
  }
`;
