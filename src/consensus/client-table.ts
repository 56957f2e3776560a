/**
 * Which requests were executed, so that each is executed at most once (section 4.1: the last timestamp of each client). A client may have
 * several outstanding, so in place of one number there is the highest one and a bit for each of the {@link CLIENT_WINDOW} up to it; what
 * lies further back can no longer be executed. Part of the state that checkpoints certify.
 */
import { list, peerIdCodec, record, whole, type Codec } from '../kernel/codec.ts';
import type { PeerId } from '../kernel/ids.ts';
import { CLIENT_WINDOW, MAX_CLIENTS } from './limits.ts';
import type { Request } from './requests.ts';

/** One bit for each of the CLIENT_WINDOW numbers. */
const ALL_NUMBERS = 0xffff_ffff;

export interface ClientRow {
  readonly client: PeerId;
  /** Highest number executed. */
  readonly high: number;
  /** Bit i: number `high` - i was executed. */
  readonly mask: number;
}

export const clientRowsCodec: Codec<readonly ClientRow[]> = list(
  record<ClientRow>({ client: peerIdCodec, high: whole(), mask: whole(ALL_NUMBERS) }),
  MAX_CLIENTS,
);

export class ClientTable {
  readonly #rows = new Map<PeerId, ClientRow>();

  /** Whether the request was executed, or can no longer be. */
  has({ client, number }: Pick<Request, 'client' | 'number'>): boolean {
    const row = this.#rows.get(client);
    if (row === undefined || number > row.high) return false;
    const back = row.high - number;
    return back >= CLIENT_WINDOW || ((row.mask >>> back) & 1) === 1;
  }

  /** Highest number executed of `client`. */
  highest(client: PeerId): number {
    return this.#rows.get(client)?.high ?? 0;
  }

  /** Whether a request of `client` can be recorded; when the table is full, rows of clients that may not ask any more make room. */
  hasRoom(client: PeerId, mayAsk: (client: PeerId) => boolean): boolean {
    if (this.#rows.has(client) || this.#rows.size < MAX_CLIENTS) return true;
    for (const each of [...this.#rows.keys()]) if (!mayAsk(each)) this.#rows.delete(each);
    return this.#rows.size < MAX_CLIENTS;
  }

  add({ client, number }: Pick<Request, 'client' | 'number'>): void {
    const row = this.#rows.get(client) ?? { client, high: 0, mask: 0 };
    if (number <= row.high) {
      this.#rows.set(client, { ...row, mask: (row.mask | (1 << (row.high - number))) >>> 0 });
      return;
    }
    const ahead = number - row.high;
    const moved = ahead >= CLIENT_WINDOW ? 0 : row.mask << ahead;
    this.#rows.set(client, { client, high: number, mask: (moved | 1) >>> 0 });
  }

  /** In one order everywhere. */
  rows(): ClientRow[] {
    return [...this.#rows.values()].sort((a, b) => (a.client < b.client ? -1 : 1));
  }

  restore(rows: readonly ClientRow[]): void {
    this.#rows.clear();
    for (const row of rows) this.#rows.set(row.client, row);
  }
}
