import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { TsCard } from '../elements/card.ts';
import { CARD_GAP_PX, TsColumn } from '../elements/column.ts';
import { columnAt, columnSlot, dropSlot, edgeSpeed, type DrawnColumn } from './drop-slot.ts';
import type { Ghost, TsDragLayer } from './drag-layer.ts';

/** A finger must rest this long before it lifts something, milliseconds: shorter fights scrolling, longer feels dead (brief: 250). */
const LONG_PRESS_MS = 250;
/** A resting finger may wander this far, pixels; beyond it the gesture is a scroll. */
const PRESS_SLOP_PX = 8;
/** A mouse lifts after this many pixels, so that clicks stay clicks. */
const MOUSE_SLOP_PX = 5;
/** Edge zone that scrolls, and its top speed a frame, pixels. Guesses tuned by hand. */
const EDGE_ZONE_PX = 56;
const EDGE_MAX_PX = 18;

/** What a drag may do to the board. */
export interface DragPort {
  readonly surface: () => HTMLElement | null;
  readonly layer: () => TsDragLayer | null;
  readonly columns: () => readonly TsColumn[];
  readonly ghostOf: (what: Lifted) => Ghost | null;
  readonly mayDrag: () => boolean;
  /** Before which card (null: last), as drawn. */
  readonly dropCard: (cardId: string, columnId: string, beforeId: string | null) => void;
  readonly dropColumn: (columnId: string, index: number) => void;
  readonly lifted: (what: Lifted | null) => void;
}

/** What is being dragged. */
export type Lifted = { readonly kind: 'card' | 'column'; readonly id: string };

interface Press {
  readonly pointerId: number;
  readonly touch: boolean;
  readonly what: Lifted;
  readonly element: HTMLElement;
  readonly startX: number;
  readonly startY: number;
  timer: number;
}

interface Drag {
  readonly what: Lifted;
  readonly pointerId: number;
  x: number;
  y: number;
  frame: number;
  target: (() => void) | null;
}

/**
 * Own pointer drag (ADR on drag and drop): it works across shadow roots, leaves the DOM to Lit, and finds the drop place
 * from the geometry of what is drawn. A mouse lifts after a few pixels, a finger after a long press; scrolling always wins.
 */
export class DragController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #port: DragPort;
  #press: Press | null = null;
  #drag: Drag | null = null;

  constructor(host: ReactiveControllerHost & HTMLElement, port: DragPort) {
    this.#host = host;
    this.#port = port;
    host.addController(this);
  }

  hostConnected(): void {
    this.#host.addEventListener('pointerdown', this.#onDown);
    this.#host.addEventListener('contextmenu', this.#onContextMenu);
    this.#host.addEventListener('dragstart', this.#onNativeDrag);
    // Only a listener that is not passive can keep a lifted card from scrolling the list under it.
    this.#host.addEventListener('touchmove', this.#onTouchMove, { passive: false });
  }

  hostDisconnected(): void {
    this.cancel();
    this.#host.removeEventListener('pointerdown', this.#onDown);
    this.#host.removeEventListener('contextmenu', this.#onContextMenu);
    this.#host.removeEventListener('dragstart', this.#onNativeDrag);
    this.#host.removeEventListener('touchmove', this.#onTouchMove);
  }

  /** Ends a drag without dropping. Answers whether there was one. */
  cancel(): boolean {
    const was = this.#drag !== null;
    this.#end(false);
    return was;
  }

  #onDown = (event: PointerEvent): void => {
    if (this.#drag !== null || this.#press !== null || !event.isPrimary || event.button !== 0) return;
    if (!this.#port.mayDrag()) return;
    const found = liftable(event);
    if (found === null) return;
    const press: Press = {
      ...found,
      pointerId: event.pointerId,
      touch: event.pointerType !== 'mouse',
      startX: event.clientX,
      startY: event.clientY,
      timer: 0,
    };
    this.#press = press;
    if (press.touch) press.timer = window.setTimeout(this.#onLongPress, LONG_PRESS_MS);
    addEventListener('pointermove', this.#onMove);
    addEventListener('pointerup', this.#onUp);
    addEventListener('pointercancel', this.#onCancel);
    addEventListener('keydown', this.#onKey, { capture: true });
    addEventListener('blur', this.#onCancel);
  };

  #onLongPress = (): void => {
    const press = this.#press;
    if (press !== null) this.#lift(press, press.startX, press.startY);
  };

  #onMove = (event: PointerEvent): void => {
    if (this.#drag !== null && event.pointerId === this.#drag.pointerId) {
      this.#drag.x = event.clientX;
      this.#drag.y = event.clientY;
      return;
    }
    const press = this.#press;
    if (press?.pointerId !== event.pointerId) return;
    const far = Math.hypot(event.clientX - press.startX, event.clientY - press.startY);
    if (press.touch && far > PRESS_SLOP_PX) this.#end(false);
    else if (!press.touch && far > MOUSE_SLOP_PX) this.#lift(press, event.clientX, event.clientY);
  };

  #onUp = (event: PointerEvent): void => {
    if (this.#drag !== null && event.pointerId !== this.#drag.pointerId) return;
    if (this.#drag !== null) {
      this.#drag.x = event.clientX;
      this.#drag.y = event.clientY;
      this.#aim(this.#drag);
    }
    this.#end(true);
  };

  #onCancel = (): void => {
    this.#end(false);
  };

  #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || this.#drag === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.#end(false);
  };

  #onTouchMove = (event: TouchEvent): void => {
    if (this.#drag !== null && event.cancelable) event.preventDefault();
  };

  #onContextMenu = (event: Event): void => {
    if (this.#drag !== null || this.#press?.touch === true) event.preventDefault();
  };

  #onNativeDrag = (event: Event): void => {
    event.preventDefault();
  };

  #lift(press: Press, x: number, y: number): void {
    const ghost = this.#port.ghostOf(press.what);
    if (ghost === null) {
      this.#end(false);
      return;
    }
    clearTimeout(press.timer);
    // The surface stays in the document while windowed lists come and go, so the pointer stays ours.
    this.#port.surface()?.setPointerCapture(press.pointerId);
    this.#port.layer()?.lift(ghost, press.element.getBoundingClientRect(), press.startX, press.startY);
    this.#drag = { what: press.what, pointerId: press.pointerId, x, y, frame: 0, target: null };
    this.#port.lifted(press.what);
    if (press.touch && 'vibrate' in navigator) navigator.vibrate(10);
    this.#drag.frame = requestAnimationFrame(this.#onFrame);
  }

  #onFrame = (): void => {
    const drag = this.#drag;
    if (drag === null) return;
    this.#port.layer()?.point(drag.x, drag.y);
    this.#autoscroll(drag);
    this.#aim(drag);
    drag.frame = requestAnimationFrame(this.#onFrame);
  };

  #drawnColumns(): DrawnColumn[] {
    return this.#port.columns().map((element) => {
      const { left, right } = element.getBoundingClientRect();
      return { id: element.column.id, left, right };
    });
  }

  #columnUnder(x: number): TsColumn | null {
    const found = columnAt(this.#drawnColumns(), x);
    return this.#port.columns().find((element) => element.column.id === found?.id) ?? null;
  }

  #autoscroll(drag: Drag): void {
    const surface = this.#port.surface();
    if (surface !== null) {
      const box = surface.getBoundingClientRect();
      surface.scrollLeft += edgeSpeed(drag.x, box.left, box.right, EDGE_ZONE_PX, EDGE_MAX_PX);
    }
    if (drag.what.kind !== 'card') return;
    const list = this.#columnUnder(drag.x)?.listElement;
    if (list == null) return;
    const box = list.getBoundingClientRect();
    list.scrollTop += edgeSpeed(drag.y, box.top, box.bottom, EDGE_ZONE_PX, EDGE_MAX_PX);
  }

  #aim(drag: Drag): void {
    if (drag.what.kind === 'card') this.#aimCard(drag);
    else this.#aimColumn(drag);
  }

  #aimCard(drag: Drag): void {
    const column = this.#columnUnder(drag.x);
    const list = column?.listElement;
    if (column == null || list == null) return;
    const box = list.getBoundingClientRect();
    const { drawn, afterLastId } = column.drawnCards(drag.what.id);
    const slot = dropSlot(drawn, drag.y, afterLastId, box.top + CARD_GAP_PX / 2, CARD_GAP_PX);
    const y = Math.min(Math.max(slot.y, box.top + 2), box.bottom - 2);
    this.#port.layer()?.mark({ x: box.left + 8, y, length: box.width - 16, upright: false });
    drag.target = () => {
      this.#port.dropCard(drag.what.id, column.column.id, slot.beforeId);
    };
  }

  #aimColumn(drag: Drag): void {
    const drawn = this.#drawnColumns();
    const first = this.#port.columns()[0]?.getBoundingClientRect();
    const slot = columnSlot(drawn, drag.x, drag.what.id, 16);
    if (first !== undefined) {
      this.#port
        .layer()
        ?.mark({ x: slot.x, y: first.top, length: Math.min(first.height, 320), upright: true });
    }
    drag.target = () => {
      this.#port.dropColumn(drag.what.id, slot.index);
    };
  }

  #end(drop: boolean): void {
    const drag = this.#drag;
    if (this.#press !== null) clearTimeout(this.#press.timer);
    this.#press = null;
    this.#drag = null;
    removeEventListener('pointermove', this.#onMove);
    removeEventListener('pointerup', this.#onUp);
    removeEventListener('pointercancel', this.#onCancel);
    removeEventListener('keydown', this.#onKey, { capture: true });
    removeEventListener('blur', this.#onCancel);
    if (drag === null) return;
    cancelAnimationFrame(drag.frame);
    const surface = this.#port.surface();
    if (surface?.hasPointerCapture(drag.pointerId) === true) surface.releasePointerCapture(drag.pointerId);
    this.#port.layer()?.clear();
    swallowNextClick();
    this.#port.lifted(null);
    if (drop) drag.target?.();
  }
}

/** The card or column header under a press, unless the press is on something with a use of its own. */
function liftable(event: PointerEvent): { readonly what: Lifted; readonly element: HTMLElement } | null {
  let isHandle = false;
  for (const step of event.composedPath()) {
    if (!(step instanceof HTMLElement)) continue;
    if (step.dataset['noDrag'] !== undefined) return null;
    if (step instanceof TsCard) return { what: { kind: 'card', id: step.card.id }, element: step };
    if (step.dataset['columnHandle'] !== undefined) isHandle = true;
    if (step instanceof TsColumn) {
      return isHandle ? { what: { kind: 'column', id: step.column.id }, element: step } : null;
    }
  }
  return null;
}

/** The click that follows a drop must not open the card it ended on. */
function swallowNextClick(): void {
  const swallow = (event: Event): void => {
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener('click', swallow, { capture: true, once: true });
  setTimeout(() => {
    removeEventListener('click', swallow, { capture: true });
  });
}
