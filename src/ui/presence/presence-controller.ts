import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ColumnSnapshot } from '../../board/snapshot.ts';
import type { AppPort, Doing, PresenceSaid, Status } from '../ports.ts';
import { detailOf } from '../ui-event.ts';
import { marksAmong, marksFrom, NO_MARKS, NOBODY, type Mark, type Marks } from './marks.ts';

/** Least time between two looks at what others are at, milliseconds. Origin: guess; nobody follows faster. */
const LOOK_PAUSE_MS = 150;
/** While somebody goes on typing, it is said again this often, milliseconds. Origin: several times within the minute after which it counts as over. */
const SAY_AGAIN_MS = 10_000;

/** What of the board screen says where its person is. */
export interface PresenceHost extends ReactiveControllerHost, HTMLElement {
  readonly app: AppPort;
  readonly status: Status;
  readonly openCardId: string | null;
  readonly editingCardId: string | null;
  readonly pickedCardId: string | null;
  readonly dragging: { readonly kind: string; readonly id: string } | null;
}

/** Tells others where this person is on the board, and the board where others are. Never draws more often than LOOK_PAUSE_MS. */
export class PresenceController implements ReactiveController {
  readonly #host: PresenceHost;
  readonly #ofColumns = new Map<string, { column: ColumnSnapshot; marks: Marks; kept: Marks }>();
  #marks = NO_MARKS;
  #doing: Doing | null = null;
  #said: PresenceSaid | null = null;
  #saidAt = 0;
  #unsubscribe: (() => void) | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #missed = false;

  constructor(host: PresenceHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.#unsubscribe = this.#host.app.on('presence', this.#onPresence);
    this.#host.addEventListener('ts-doing', this.#onDoing);
    this.#look();
  }

  hostDisconnected(): void {
    this.#unsubscribe?.();
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#host.removeEventListener('ts-doing', this.#onDoing);
    this.#say(null);
  }

  hostUpdated(): void {
    if (this.#host.openCardId === null) this.#doing = null;
    this.#say(this.#wanted());
  }

  /** Who is at a card. */
  marksOn(cardId: string | null): readonly Mark[] {
    return (cardId === null ? undefined : this.#marks.get(cardId)) ?? NOBODY;
  }

  /** Who is at the cards of a column; the same object until something in it changed. */
  marksOf(column: ColumnSnapshot): Marks {
    const known = this.#ofColumns.get(column.id);
    if (known?.column === column && known.marks === this.#marks) return known.kept;
    const old = known?.kept ?? NO_MARKS;
    const among = this.#marks.size === 0 ? new Set<string>() : new Set(column.cards.map(({ id }) => id));
    const kept = marksAmong(old, this.#marks, among);
    this.#ofColumns.set(column.id, { column, marks: this.#marks, kept });
    return kept;
  }

  /** At once after a quiet time; while much happens, now and then. */
  #onPresence = (): void => {
    if (this.#pause !== undefined) {
      this.#missed = true;
      return;
    }
    this.#missed = false;
    this.#look();
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      if (this.#missed) this.#onPresence();
    }, LOOK_PAUSE_MS);
  };

  #look(): void {
    const { app, status } = this.#host;
    const marks = marksFrom(this.#marks, app.presence.others(), status.memberId);
    if (marks === this.#marks) return;
    this.#marks = marks;
    this.#host.requestUpdate();
  }

  #onDoing = (event: Event): void => {
    this.#doing = detailOf('ts-doing', event).doing;
    this.#say(this.#wanted());
  };

  #wanted(): PresenceSaid | null {
    const { dragging, pickedCardId, editingCardId, openCardId } = this.#host;
    const moved = dragging?.kind === 'card' ? dragging.id : pickedCardId;
    if (moved !== null) return { cardId: moved, doing: 'move' };
    if (editingCardId !== null) return { cardId: editingCardId, doing: 'title' };
    return openCardId === null ? null : { cardId: openCardId, doing: this.#doing ?? 'open' };
  }

  #say(wanted: PresenceSaid | null): void {
    const same = wanted?.cardId === this.#said?.cardId && wanted?.doing === this.#said?.doing;
    const now = performance.now();
    if (same && (wanted === null || now - this.#saidAt < SAY_AGAIN_MS)) return;
    this.#said = wanted;
    this.#saidAt = now;
    this.#host.app.presence.say(wanted);
  }
}
