/**
 * Who is to sit in the committee: the wish that consensus turns into its next epoch. A durable seat stays until its tab gives it up or somebody takes
 * it away by decision; a transient one has a lease, and goes when it was not renewed and somebody says so. Where every tab has a seat, a member's
 * first seat is durable and further ones are transient; where members have one each, it is durable and moves from tab to tab (DESIGN section 5).
 */
import { flag, list, optional, peerIdCodec, record, whole, type Codec } from '../kernel/codec.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Electorate } from '../identity/genesis.ts';
import type { SeatRecord } from '../consensus/committee.ts';
import { MAX_SEATS } from '../consensus/limits.ts';
import { MAX_GOVERNED_MEMBERS, SEAT_LEASE_MS } from './limits.ts';
import type { GovernanceRefusal } from './outcomes.ts';

export const seatRecordsCodec: Codec<readonly SeatRecord[]> = list(
  record<SeatRecord>({ key: peerIdCodec, leaseMs: whole() }),
  MAX_SEATS,
);

export interface SeatRow {
  readonly seat: PeerId;
  /** Place in the list of members; undefined when a reset seated a tab that nobody had introduced. */
  readonly member: number | undefined;
  readonly isDurable: boolean;
  /** Agreed time up to which a transient seat lasts without being renewed. */
  readonly leaseUntil: number;
}

export const seatRowsCodec: Codec<readonly SeatRow[]> = list(
  record<SeatRow>({
    seat: peerIdCodec,
    member: optional(whole(MAX_GOVERNED_MEMBERS - 1)),
    isDurable: flag,
    leaseUntil: whole(),
  }),
  MAX_SEATS,
);

export class Seats {
  #rows: SeatRow[] = [];

  /** False when a tab sits twice. */
  restore(rows: readonly SeatRow[]): boolean {
    this.#rows = [...rows];
    return new Set(rows.map(({ seat }) => seat)).size === rows.length;
  }

  /** In the order of the seats. */
  rows(): readonly SeatRow[] {
    return this.#rows;
  }

  has(seat: PeerId): boolean {
    return this.#rows.some((row) => row.seat === seat);
  }

  get(seat: PeerId): SeatRow | undefined {
    return this.#rows.find((row) => row.seat === seat);
  }

  /** What the next committee is to be. */
  records(): SeatRecord[] {
    return this.#rows.map(({ seat, isDurable }) => ({ key: seat, leaseMs: isDurable ? 0 : SEAT_LEASE_MS }));
  }

  /** A committee begins. Whom it seats sits, whatever was wished: after a reset that is news. */
  seated(records: readonly SeatRecord[], memberOf: (seat: PeerId) => number | undefined, time: number): void {
    this.#rows = records.map(
      ({ key, leaseMs }) =>
        this.get(key) ?? {
          seat: key,
          member: memberOf(key),
          isDurable: leaseMs === 0,
          leaseUntil: time + leaseMs,
        },
    );
  }

  whyNotTake(
    seat: PeerId,
    member: number,
    replaces: PeerId | undefined,
    electorate: Electorate,
  ): GovernanceRefusal | undefined {
    if (this.has(seat)) return 'hasSeat';
    if (replaces !== undefined) {
      const row = this.get(replaces);
      if (row === undefined) return 'noSeat';
      return row.member === member ? undefined : 'notYours';
    }
    const own = this.#rows.filter((row) => row.member === member);
    if (electorate === 'member' && own.length > 0) return 'hasSeat';
    if (this.#rows.length < MAX_SEATS) return undefined;
    const isDurable = !own.some((row) => row.isDurable);
    return isDurable && this.#newestTransient() !== undefined ? undefined : 'noFreeSeat';
  }

  /** The seats that were left for it. */
  take(seat: PeerId, member: number, replaces: PeerId | undefined, time: number): PeerId[] {
    const leaseUntil = time + SEAT_LEASE_MS;
    if (replaces !== undefined) {
      this.#rows = this.#rows.map((row) => (row.seat === replaces ? { ...row, seat, leaseUntil } : row));
      return [replaces];
    }
    const isDurable = !this.#rows.some((row) => row.member === member && row.isDurable);
    const displaced = this.#rows.length < MAX_SEATS ? undefined : this.#newestTransient();
    this.#rows = this.#rows.filter((row) => row !== displaced);
    this.#rows.push({ seat, member, isDurable, leaseUntil });
    return displaced === undefined ? [] : [displaced.seat];
  }

  whyNotLeave(seat: PeerId): GovernanceRefusal | undefined {
    if (!this.has(seat)) return 'noSeat';
    return this.#rows.length === 1 ? 'lastSeat' : undefined;
  }

  /** Takes a seat away. If it was a member's durable one, the first of its others takes its place. */
  leave(seat: PeerId): void {
    const left = this.get(seat);
    this.#rows = this.#rows.filter((row) => row !== left);
    if (left?.isDurable !== true || left.member === undefined) return;
    const heir = this.#rows.find(({ member }) => member === left.member);
    if (heir === undefined || this.#rows.some((row) => row.member === left.member && row.isDurable)) return;
    this.#rows = this.#rows.map((row) => (row === heir ? { ...row, isDurable: true } : row));
  }

  renew(seat: PeerId, time: number): void {
    const leaseUntil = time + SEAT_LEASE_MS;
    this.#rows = this.#rows.map((row) => (row.seat === seat ? { ...row, leaseUntil } : row));
  }

  /** Those of `seats` whose lease is over; never all that there are. */
  overdue(seats: readonly PeerId[], time: number): PeerId[] {
    const over = this.#rows.filter(
      ({ seat, isDurable, leaseUntil }) => !isDurable && leaseUntil <= time && seats.includes(seat),
    );
    const isAll = over.length === this.#rows.length;
    return over.slice(isAll ? 1 : 0).map(({ seat }) => seat);
  }

  /** The seats of a member. */
  of(member: number): PeerId[] {
    return this.#rows.filter((row) => row.member === member).map(({ seat }) => seat);
  }

  #newestTransient(): SeatRow | undefined {
    return this.#rows.findLast(({ isDurable }) => !isDurable);
  }
}
