/**
 * A toy: participants that spread signed words. Small enough to be obviously right, and it uses everything that a driver
 * offers, so a world in which it fails is wrong. `sendsTooEarly` plants the bug that the durability rule exists for.
 */
import type { Bytes } from '../../src/kernel/bytes.ts';
import { utf8 } from '../../src/kernel/bytes.ts';
import {
  decodeWith,
  encodeWith,
  list,
  peerIdCodec,
  record,
  signatureCodec,
  text,
  type Codec,
} from '../../src/kernel/codec.ts';
import type { PeerId } from '../../src/kernel/ids.ts';
import type { Effect, Input, Machine, Protocol, SignatureCheck } from '../../src/kernel/machine.ts';
import type { Birth, Life } from '../../src/sim/participant.ts';

interface Word {
  readonly author: PeerId;
  readonly text: string;
  readonly signature: Bytes;
}

export interface Words {
  readonly kind: 'words';
  readonly words: readonly Word[];
}

export type Say = { readonly kind: 'say'; readonly text: string };

const STORE = 'words';
const WANTED_LINKS = 3;
const MAX_LINKS = 5;
const TALK_EVERY_MS = 2_000;

const wordCodec: Codec<Word> = record({ author: peerIdCodec, text: text(100), signature: signatureCodec });
const wordsCodec = record<{ words: readonly Word[] }>({ words: list(wordCodec, 10_000) });

type GossipEffect = Effect<Words, never>;

export class Gossip implements Machine<Words, Say, never>, Protocol<Words> {
  readonly #birth: Birth<Say>;
  readonly #sendsTooEarly: boolean;
  /** Durable here. */
  readonly #words = new Map<string, Word>();
  /** Being written: by tag, the words and whom we had them from. */
  readonly #beingWritten = new Map<string, readonly Word[]>();
  readonly #links = new Set<PeerId>();
  readonly #dialled = new Set<PeerId>();
  #writes = 0;

  constructor(birth: Birth<Say>, sendsTooEarly: boolean) {
    this.#birth = birth;
    this.#sendsTooEarly = sendsTooEarly;
    for (const [, bytes] of birth.disk.scan(STORE)) {
      const word = decodeWith(wordCodec, bytes);
      if (word.ok) this.#words.set(word.value.text, word.value);
    }
  }

  get texts(): string[] {
    return [...this.#words.keys()].sort();
  }

  get words(): readonly Word[] {
    return [...this.#words.values()];
  }

  encode(message: Words): Bytes {
    return encodeWith(wordsCodec, { words: message.words });
  }

  decode(bytes: Bytes): ReturnType<Protocol<Words>['decode']> {
    const decoded = decodeWith(wordsCodec, bytes);
    return decoded.ok ? { ok: true, value: { kind: 'words', words: decoded.value.words } } : decoded;
  }

  checks(message: Words): readonly SignatureCheck[] {
    const news = message.words.filter((word) => !this.#words.has(word.text));
    return news.map(({ author, text: said, signature }) => ({ signer: author, body: utf8(said), signature }));
  }

  step(input: Input<Words, Say>): readonly GossipEffect[] {
    switch (input.kind) {
      case 'command':
        return [{ kind: 'sign', tag: input.command.text, body: utf8(input.command.text) }];
      case 'signed':
        return this.#learn([{ author: this.#birth.peer, text: input.tag, signature: input.signature }]);
      case 'received':
        return this.#learn(input.message.words);
      case 'durable':
        return this.#written(input.tag);
      case 'notDurable':
        this.#beingWritten.delete(input.tag);
        return [];
      case 'elapsed':
        return [...this.#talk(), { kind: 'arm', timer: 'talk', afterMs: TALK_EVERY_MS }];
      case 'discovered':
        return this.#meet(input.peer);
      case 'asked':
        return [{ kind: 'answer', peer: input.peer, accept: this.#links.size < MAX_LINKS }];
      case 'linkUp':
        this.#dialled.delete(input.peer);
        this.#links.add(input.peer);
        return [
          ...this.#talkTo(input.peer, [...this.#words.values()]),
          { kind: 'arm', timer: 'talk', afterMs: TALK_EVERY_MS },
        ];
      case 'linkDown':
      case 'dialFailed':
        this.#links.delete(input.peer);
        this.#dialled.delete(input.peer);
        this.#birth.announce();
        return [];
      case 'refused':
        return [];
    }
  }

  #meet(peer: PeerId): GossipEffect[] {
    const isWanted = this.#links.size + this.#dialled.size < WANTED_LINKS;
    if (!isWanted || this.#links.has(peer) || this.#dialled.has(peer)) return [];
    this.#dialled.add(peer);
    return [{ kind: 'dial', peer }];
  }

  #learn(words: readonly Word[]): GossipEffect[] {
    const news = words.filter((word) => !this.#words.has(word.text));
    if (news.length === 0) return [];
    const tag = `write ${++this.#writes}`;
    this.#beingWritten.set(tag, news);
    const writes = news.map(
      (word) => ({ op: 'put', store: STORE, key: word.text, value: encodeWith(wordCodec, word) }) as const,
    );
    return [{ kind: 'persist', tag, writes }, ...(this.#sendsTooEarly ? this.#tellAll(news) : [])];
  }

  #written(tag: string): GossipEffect[] {
    const words = this.#beingWritten.get(tag) ?? [];
    this.#beingWritten.delete(tag);
    for (const word of words) this.#words.set(word.text, word);
    return this.#tellAll(words);
  }

  #talk(): GossipEffect[] {
    return this.#tellAll([...this.#words.values()]);
  }

  #tellAll(words: readonly Word[]): GossipEffect[] {
    const message: Words = { kind: 'words', words };
    return [...this.#links].map((to) => ({ kind: 'send', to, message, lane: 'journal' }) as const);
  }

  #talkTo(to: PeerId, words: readonly Word[]): GossipEffect[] {
    return [{ kind: 'send', to, message: { kind: 'words', words }, lane: 'journal' }];
  }
}

/** Whether a word is on a participant's disk. */
export function isOnDisk(disk: Birth<Say>['disk'], word: string): boolean {
  return disk.read(STORE, word) !== undefined;
}

export function gossipLife(sendsTooEarly = false) {
  return (birth: Birth<Say>): Life<Gossip, Words, Say, never> => {
    const node = new Gossip(birth, sendsTooEarly);
    return { node, protocol: node };
  };
}
