import { LitElement } from 'lit';

/** Longest wait for a frame, ms: hidden tabs get none, and still must not fall behind for ever. Origin: guess. */
const FRAME_PATIENCE_MS = 100;

/** Resolves when the browser is about to draw, or soon when it does not draw this page. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    const patience = setTimeout(finish, FRAME_PATIENCE_MS);
    const frame = requestAnimationFrame(finish);
    function finish(): void {
      clearTimeout(patience);
      cancelAnimationFrame(frame);
      resolve();
    }
  });
}

/** Resolves after so many ms, in which the browser has nothing of ours to draw. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Resolves when `element` shows what the application knows now: the element around it hands that down once a frame. */
export async function drawn(element: LitElement): Promise<void> {
  const root = element.getRootNode();
  if (root instanceof ShadowRoot && root.host instanceof LitElement) await root.host.updateComplete;
  await element.updateComplete;
}
