import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { BoardSnapshot } from '../../board/snapshot.ts';
import type { AppPort, CardDelivery, Status } from '../ports.ts';

interface Host extends ReactiveControllerHost {
  readonly app: AppPort;
  readonly status: Status;
  readonly snapshot: BoardSnapshot;
}

const NONE: ReadonlySet<string> = new Set();

/** How far own changes have come, looked up once per status and snapshot, for the marks on cards and the words in their sheet. */
export class DeliveryController implements ReactiveController {
  readonly #host: Host;
  #seen: readonly [Status, BoardSnapshot] | undefined;
  #byCard: ReadonlyMap<string, CardDelivery> = new Map();
  #waiting = NONE;

  constructor(host: Host) {
    this.#host = host;
    host.addController(this);
  }

  hostUpdate(): void {
    const { app, status, snapshot } = this.#host;
    if (this.#seen?.[0] === status && this.#seen[1] === snapshot) return;
    this.#seen = [status, snapshot];
    const deliveries = app.board.deliveries();
    this.#byCard = new Map(deliveries.map((delivery) => [delivery.cardId, delivery]));
    const waiting = deliveries.filter((delivery) => delivery.waiting > 0).map(({ cardId }) => cardId);
    const isSame = waiting.length === this.#waiting.size && waiting.every((id) => this.#waiting.has(id));
    if (!isSame) this.#waiting = new Set(waiting);
  }

  /** Cards with own changes that nobody else has; the same set until that changes. */
  get waiting(): ReadonlySet<string> {
    return this.#waiting;
  }

  of(cardId: string | null): CardDelivery | null {
    return (cardId === null ? undefined : this.#byCard.get(cardId)) ?? null;
  }
}
