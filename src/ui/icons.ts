import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

/** Own line icons on a 20 px grid, 1.6 px strokes, drawn in the text colour. */
const PATHS = {
  plus: svg`<path d="M10 4v12M4 10h12" />`,
  close: svg`<path d="m5 5 10 10M15 5 5 15" />`,
  more: svg`<path d="M4.5 10h.01M10 10h.01M15.5 10h.01" stroke-width="2.6" />`,
  undo: svg`<path d="M7.5 4 4 7.5 7.5 11M4.5 7.5h6.75a4.25 4.25 0 0 1 0 8.5H8" />`,
  redo: svg`<path d="M12.5 4 16 7.5 12.5 11M15.5 7.5H8.75a4.25 4.25 0 0 0 0 8.5H12" />`,
  share: svg`<path d="M10 12.5V3M6.5 6 10 2.8 13.5 6M4 10.5v5a1.5 1.5 0 0 0 1.5 1.5h9a1.5 1.5 0 0 0 1.5-1.5v-5" />`,
  search: svg`<circle cx="9" cy="9" r="5.25" /><path d="m13 13 3.8 3.8" />`,
  sun: svg`<circle cx="10" cy="10" r="3.4" /><path d="M10 2.2v1.6M10 16.2v1.6M2.2 10h1.6M16.2 10h1.6M4.5 4.5l1.1 1.1M14.4 14.4l1.1 1.1M15.5 4.5l-1.1 1.1M5.6 14.4l-1.1 1.1" />`,
  moon: svg`<path d="M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7Z" />`,
  help: svg`<circle cx="10" cy="10" r="7.25" /><path d="M7.8 7.8a2.25 2.25 0 1 1 3.3 2c-.7.4-1.1.8-1.1 1.7M10 14.2h.01" />`,
  archive: svg`<path d="M3 4.5h14v3.2H3zM4.2 7.7v8h11.6v-8M8 10.8h4" />`,
  back: svg`<path d="m11.5 4.5-5.5 5.5 5.5 5.5" />`,
  calendar: svg`<path d="M3.5 5h13v11.5h-13zM3.5 8.5h13M7 3v3.5M13 3v3.5" />`,
  comment: svg`<path d="M3.5 4.5h13v9H9l-3.5 3v-3h-2z" />`,
  notes: svg`<path d="M4 5.5h12M4 10h12M4 14.5h7" />`,
  move: svg`<path d="M3.5 4v12M16.5 4v12M6.8 10h6.4M10.8 7.5l2.5 2.5-2.5 2.5" />`,
  pencil: svg`<path d="m4 16 .8-3.5L13.2 4a1.7 1.7 0 0 1 2.5 0l.3.3a1.7 1.7 0 0 1 0 2.5L7.5 15.2 4 16Z" />`,
  trash: svg`<path d="M3.8 5.5h12.4M8 5.5V3.5h4v2M5.5 5.5l.7 11h7.6l.7-11" />`,
  copy: svg`<path d="M7 7h9.5v9.5H7zM13 7V3.5H3.5V13H7" />`,
  check: svg`<path d="m4 10.5 4 4 8-9" />`,
  link: svg`<path d="M8.5 11.5a3.2 3.2 0 0 0 4.6 0l2.6-2.6a3.25 3.25 0 0 0-4.6-4.6l-1 1M11.5 8.5a3.2 3.2 0 0 0-4.6 0l-2.6 2.6a3.25 3.25 0 0 0 4.6 4.6l1-1" />`,
  people: svg`<circle cx="7.5" cy="7" r="2.9" /><path d="M2.5 16.2c.3-3 2.3-4.7 5-4.7s4.7 1.7 5 4.7M12.5 4.4a2.8 2.8 0 0 1 0 5.2M14.3 12c1.8.6 3 2 3.2 4.2" />`,
  eye: svg`<path d="M2 10s2.8-5.25 8-5.25S18 10 18 10s-2.8 5.25-8 5.25S2 10 2 10Z" /><circle cx="10" cy="10" r="2.3" />`,
  left: svg`<path d="M16 10H4.5M9 5l-5 5 5 5" />`,
  right: svg`<path d="M4 10h11.5M11 5l5 5-5 5" />`,
  top: svg`<path d="M4 3.5h12M10 16.5v-10M6.5 9.5 10 6l3.5 3.5" />`,
  bottom: svg`<path d="M4 16.5h12M10 3.5v10M6.5 10.5 10 14l3.5-3.5" />`,
  waiting: svg`<path d="M10 15.5V8M6.8 10.8 10 7.6l3.2 3.2" /><circle cx="10" cy="10" r="7.6" stroke-dasharray="2.6 2.4" />`,
  stop: svg`<circle cx="10" cy="10" r="7.25" /><path d="M10 6v5M10 14h.01" />`,
  ballot: svg`<path d="M3.5 10.2h13v6.3h-13zM6.8 10.2V3.5h6.4v6.7M8.6 6.6l1.1 1.1 1.9-2.1" />`,
  disk: svg`<path d="M3.5 3.5h10l3 3v10h-13zM6.5 3.5V8h6V3.5M6.5 16.5v-5h7v5" />`,
} as const satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof PATHS;

/** An icon, hidden from assistive technology: whatever it stands in carries the name. `size` in CSS pixels. */
export function icon(name: IconName, size = 18): TemplateResult {
  return html`<svg
    viewBox="0 0 20 20"
    width=${size}
    height=${size}
    fill="none"
    stroke="currentColor"
    stroke-width="1.6"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${PATHS[name]}
  </svg>`;
}

/** The mark: three tabs gathered round one board. */
export function logoMark(size = 28): TemplateResult {
  const tab = 'M10 13.1V6.2a4 4 0 0 1 4-4h4a4 4 0 0 1 4 4v6.9z';
  return html`<svg viewBox="0 0 32 32" width=${size} height=${size} aria-hidden="true">
    <g fill="var(--act)">
      <path d=${tab} />
      <path d=${tab} transform="rotate(120 16 17.4)" />
      <path d=${tab} transform="rotate(240 16 17.4)" />
    </g>
    <circle cx="16" cy="17.4" r="2.5" fill="var(--honey)" />
  </svg>`;
}
