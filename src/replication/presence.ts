/**
 * Who has which card open, and what they are doing with it. Never stored, never in the document, and nothing waits for it: small
 * statements that others believe for a while. How they travel is the node's matter; what it hands on here is already known to be
 * signed by `peer`, and carries a counter that grows with everything that this peer says, reloads included. Rules PRE-1 to PRE-6 of
 * docs/spec/presence.md.
 */
import type { Bytes } from '../kernel/bytes.ts';
import { decodeWith, encodeWith, oneOf, record, text, type Codec } from '../kernel/codec.ts';
import type { PeerId } from '../kernel/ids.ts';
import { unreachable } from '../kernel/invariant.ts';
import type { Effect, Input, Instant, Machine } from '../kernel/machine.ts';
import {
  MAX_CARD_ID_BYTES,
  MAX_PRESENCES,
  PRESENCE_ACTIVE_MS,
  PRESENCE_GAP_MS,
  PRESENCE_TTL_MS,
} from './limits.ts';

/** What somebody does with a card: it is open, it is being moved, or one of its fields is being edited. Append only. */
export const DOINGS = ['open', 'move', 'title', 'notes', 'labels', 'due', 'assignees', 'comment'] as const;
export type Doing = (typeof DOINGS)[number];

export interface Presence {
  readonly cardId: string;
  readonly doing: Doing;
}

/** Why a statement has no effect. */
export type PresenceRefusal =
  | 'presenceMalformed' // no statement at all
  | 'presenceOld' // a newer one of the same peer came before it
  | 'presenceStranger'; // of a peer of which no member is known

export type PresenceCommand =
  /** What this tab's person is at; undefined: at no card. Said again while it goes on: what nobody says again for a while ends. */
  | { readonly type: 'say'; readonly presence: Presence | undefined }
  /** A statement of `peer`, in the form of the event `note`. */
  | { readonly type: 'heard'; readonly peer: PeerId; readonly counter: number; readonly note: Bytes };

export type PresenceEvent =
  /** What others should be told of us from now on, until the next one; empty: nothing. */
  | { readonly type: 'note'; readonly note: Bytes }
  /** `others()` has changed. */
  | { readonly type: 'changed' };

/** Says what we do, or that we stopped. */
export const PRESENCE_SAY_TIMER = 'presence/say';
/** Somebody's statement may have expired. */
export const PRESENCE_EXPIRY_TIMER = 'presence/expiry';

/** Ids are made of these (board/schema.ts); anything else is no card. */
const CARD_ID = /^[A-Za-z0-9_-]+$/;

const cardIdCodec: Codec<string> = cardId(text(MAX_CARD_ID_BYTES));

export const presenceCodec: Codec<Presence> = record<Presence>({
  cardId: cardIdCodec,
  doing: oneOf(DOINGS),
});

type Effects = Effect<never, PresenceEvent>[];

interface Heard {
  readonly counter: number;
  /** undefined: it is at no card; kept so that nothing older replaces it. */
  readonly presence: Presence | undefined;
  readonly at: Instant;
}

export class Presences implements Machine<never, PresenceCommand, PresenceEvent> {
  readonly #isMember: (peer: PeerId) => boolean;
  /** The one heard longest ago first. */
  readonly #heard = new Map<PeerId, Heard>();
  readonly #refused = new Map<PresenceRefusal, number>();
  #wanted: Presence | undefined;
  #wantedAt = 0;
  #told: Presence | undefined;
  #gapEndsAt = 0;
  #expiryArmed = false;

  /** `isMember`: whether a member of the board is known to whom the peer belongs. */
  constructor(isMember: (peer: PeerId) => boolean) {
    this.#isMember = isMember;
  }

  /** What others are at, as far as believed; at most MAX_PRESENCES. */
  others(now: Instant): readonly (readonly [PeerId, Presence])[] {
    return [...this.#heard].flatMap(([peer, { presence, at }]) =>
      presence !== undefined && now - at < PRESENCE_TTL_MS ? [[peer, presence] as const] : [],
    );
  }

  /** How many statements were refused, by reason. */
  refusals(code: PresenceRefusal): number {
    return this.#refused.get(code) ?? 0;
  }

  step(input: Input<never, PresenceCommand>, now: Instant): Effects {
    if (input.kind === 'command') return this.#command(input.command, now);
    if (input.kind !== 'elapsed') return [];
    if (input.timer === PRESENCE_SAY_TIMER) return this.#say(now);
    return input.timer === PRESENCE_EXPIRY_TIMER ? this.#expire(now) : [];
  }

  #command(command: PresenceCommand, now: Instant): Effects {
    switch (command.type) {
      case 'say':
        this.#wanted = command.presence;
        this.#wantedAt = now;
        return this.#say(now);
      case 'heard':
        return this.#hear(command.peer, command.counter, command.note, now);
      default:
        return unreachable(command);
    }
  }

  /** Says what has changed, now or when the gap is over, so the last change is always said. */
  #say(now: Instant): Effects {
    const due = this.#due(now);
    const isNews = !same(due, this.#told);
    const effects: Effects = [];
    if (isNews && now >= this.#gapEndsAt) {
      this.#told = due;
      this.#gapEndsAt = now + PRESENCE_GAP_MS;
      effects.push({ kind: 'emit', event: { type: 'note', note: noteOf(due) } });
    }
    const isWaiting = isNews && due !== this.#told;
    const again = isWaiting ? this.#gapEndsAt : this.#activeUntil(due);
    effects.push(
      again === undefined
        ? { kind: 'disarm', timer: PRESENCE_SAY_TIMER }
        : { kind: 'arm', timer: PRESENCE_SAY_TIMER, afterMs: Math.max(1, again - now) },
    );
    return effects;
  }

  /** What was wanted, unless nobody has said it again for too long: then the card is open and nothing happens to it. */
  #due(now: Instant): Presence | undefined {
    const wanted = this.#wanted;
    const isOver = now - this.#wantedAt >= PRESENCE_ACTIVE_MS;
    return wanted !== undefined && isOver && wanted.doing !== 'open' ? { ...wanted, doing: 'open' } : wanted;
  }

  #activeUntil(due: Presence | undefined): number | undefined {
    return due === undefined || due.doing === 'open' ? undefined : this.#wantedAt + PRESENCE_ACTIVE_MS;
  }

  #hear(peer: PeerId, counter: number, note: Bytes, now: Instant): Effects {
    const before = this.#heard.get(peer);
    if (before !== undefined && counter <= before.counter) return this.#refuse('presenceOld');
    const decoded = note.length === 0 ? undefined : decodeWith(presenceCodec, note);
    if (decoded?.ok === false) return this.#refuse('presenceMalformed');
    if (decoded !== undefined && !this.#isMember(peer)) return this.#refuse('presenceStranger');
    const presence = decoded?.value;
    // Of a peer that was never anywhere, there is nothing to remember.
    if (presence === undefined && before === undefined) return [];
    this.#heard.delete(peer);
    this.#heard.set(peer, { counter, presence, at: now });
    const dropped = this.#dropOldest();
    const shown = before !== undefined && now - before.at < PRESENCE_TTL_MS ? before.presence : undefined;
    const effects: Effects = [];
    if (dropped || !same(shown, presence)) effects.push({ kind: 'emit', event: { type: 'changed' } });
    if (!this.#expiryArmed) effects.push(...this.#armExpiry(now));
    return effects;
  }

  #dropOldest(): boolean {
    const oldest = this.#heard.size > MAX_PRESENCES ? this.#heard.keys().next().value : undefined;
    if (oldest === undefined) return false;
    const wasShown = this.#heard.get(oldest)?.presence !== undefined;
    this.#heard.delete(oldest);
    return wasShown;
  }

  /** Forgets what is too old; heard in order, the first one that is not ends the search. */
  #expire(now: Instant): Effects {
    const effects: Effects = [];
    for (const [peer, { at, presence }] of this.#heard) {
      if (now - at < PRESENCE_TTL_MS) break;
      this.#heard.delete(peer);
      if (presence !== undefined && effects.length === 0)
        effects.push({ kind: 'emit', event: { type: 'changed' } });
    }
    return [...effects, ...this.#armExpiry(now)];
  }

  #armExpiry(now: Instant): Effects {
    const [oldest] = this.#heard.values();
    this.#expiryArmed = oldest !== undefined;
    if (oldest === undefined) return [];
    const afterMs = Math.max(1, Math.ceil(oldest.at + PRESENCE_TTL_MS - now));
    return [{ kind: 'arm', timer: PRESENCE_EXPIRY_TIMER, afterMs }];
  }

  #refuse(code: PresenceRefusal): Effects {
    this.#refused.set(code, this.refusals(code) + 1);
    return [];
  }
}

function cardId(inner: Codec<string>): Codec<string> {
  return {
    schema: `cardId(${inner.schema})`,
    write: (writer, value) => {
      inner.write(writer, value);
    },
    read: (reader) => {
      const value = inner.read(reader);
      if (!CARD_ID.test(value)) reader.fail('badValue');
      return value;
    },
  };
}

function noteOf(presence: Presence | undefined): Bytes {
  return presence === undefined ? new Uint8Array(0) : encodeWith(presenceCodec, presence);
}

function same(a: Presence | undefined, b: Presence | undefined): boolean {
  return a?.cardId === b?.cardId && a?.doing === b?.doing;
}
