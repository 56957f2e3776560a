/**
 * Loads what a tab does not draw first: dialogs and other screens at once behind the first look, Decisions a little later. Elements that are drawn before their
 * code is here stay empty until then.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** How long after a board was opened what the Decisions screen needs is loaded, ms: behind what people look at first, and before the server may be away. Origin: guess. */
const PRELOAD_MS = 3_000;

/** Resolves when the dialogs and screens beside Decisions are here; rejects when they cannot be loaded. */
export async function loadLateParts(): Promise<void> {
  await import('./late-parts.ts');
}

export class LateScreens implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #preload: ReturnType<typeof setTimeout> | undefined;
  /** Why a screen cannot be shown; null while nothing is known to be missing. */
  problem: string | null = null;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    void this.load('parts');
  }

  hostDisconnected(): void {
    clearTimeout(this.#preload);
  }

  /** Whether the element `tag` can be drawn. */
  isHere(tag: string): boolean {
    return customElements.get(tag) !== undefined;
  }

  async load(what: 'parts' | 'decisions'): Promise<void> {
    try {
      if (what === 'parts') await loadLateParts();
      else await import('./screens/decisions.ts');
      this.problem = null;
    } catch {
      this.problem = 'screenUnavailable';
    }
    this.#host.requestUpdate();
  }

  preloadDecisions(): void {
    clearTimeout(this.#preload);
    this.#preload = setTimeout(() => {
      void this.load('decisions');
    }, PRELOAD_MS);
  }
}

/** Calls `use` with an element of late-parts.ts, as soon as its code is here. */
export function whenHere<Part extends HTMLElement>(part: Part | null, use: (part: Part) => void): void {
  if (part === null) return;
  if (customElements.get(part.localName) !== undefined) use(part);
  else
    void customElements.whenDefined(part.localName).then(() => {
      use(part);
    });
}

/** Shows the dialog `tag` under `root`, as soon as its code is here. */
export function showPart(root: ParentNode, tag: 'ts-archive-panel' | 'ts-help-dialog'): void {
  whenHere(root.querySelector<HTMLElement & { show(): unknown }>(tag), (part) => {
    part.show();
  });
}
