import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { DOMAIN } from '../../../src/identity/domains.ts';
import { domainSeparated } from '../../../src/identity/signing.ts';
import { hashFrom, idBytes, type BoardId } from '../../../src/kernel/ids.ts';
import {
  CLIENT_BRANCHES,
  clientIdOf,
  decodeEntry,
  entryCheck,
  ENTRY_KINDS,
  hashEntry,
  MAX_ENTRY_BYTES,
  sealEntry,
  type Entry,
} from '../../../src/replication/entry.ts';
import { EntryDecoder } from '../../../src/replication/entry-decoder.ts';
import { MAX_HEADS, MAX_PAYLOAD_BYTES } from '../../../src/replication/limits.ts';
import { Author, BOARD, KEYS, openAuthor } from './author.ts';

const OTHER_BOARD = 'b1'.repeat(32) as BoardId;

function sample(): Entry {
  const alice = openAuthor('alice');
  const bob = openAuthor('bob');
  return alice.write('update', utf8('any payload'), bob.newest);
}

describe('entries', () => {
  it('[REP-1] hash board, header and payload, each field of them', () => {
    const entry = sample();
    const { payload, hash } = entry;
    const bob = openAuthor('bob');
    expect(hashEntry(BOARD, entry, payload)).toBe(hash);
    expect(hashEntry(OTHER_BOARD, entry, payload)).not.toBe(hash);
    expect(hashEntry(BOARD, entry, utf8('any payloaD'))).not.toBe(hash);
    const changes: Partial<Entry>[] = [
      { author: bob.peer },
      { session: 2 },
      { seq: 3 },
      { previous: bob.head },
      { heads: [] },
      { heads: [entry.previous] },
      { epoch: 1 },
      { wallMs: 0 },
      { kind: 'part' },
    ];
    for (const change of changes) expect(hashEntry(BOARD, { ...entry, ...change }, payload)).not.toBe(hash);
  });

  it('[REP-1] are signed under a label of their own', () => {
    const entry = sample();
    expect(entryCheck(entry)).toEqual({
      signer: entry.author,
      body: domainSeparated(DOMAIN.entry, idBytes(entry.hash)),
      signature: entry.signature,
    });
    expect(KEYS.holds([entryCheck(entry)])).toBe(true);
  });

  it('[REP-1, REP-2] become unreadable or lose their signature by any change of any byte', () => {
    const { bytes } = sample();
    let unreadable = 0;
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 2, 0x40, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ flip;
        const decoded = decodeEntry(BOARD, changed);
        if (!decoded.ok) unreadable += 1;
        else expect(KEYS.holds([entryCheck(decoded.value)])).toBe(false);
      }
    }
    expect(unreadable).toBeGreaterThan(0);
    const elsewhere = decodeEntry(OTHER_BOARD, bytes);
    expect(elsewhere.ok && KEYS.holds([entryCheck(elsewhere.value)])).toBe(false);
  });

  it('[REP-2] are refused when cut short or followed by more', () => {
    const { bytes } = sample();
    for (let length = 0; length < bytes.length; length++)
      expect(decodeEntry(BOARD, bytes.slice(0, length))).toEqual({ ok: false, code: 'truncated' });
    expect(decodeEntry(BOARD, new Uint8Array([...bytes, 0]))).toEqual({ ok: false, code: 'trailing' });
  });

  it('[REP-1, REP-2] have one encoding, which decodes to the same entry with the same hash', () => {
    const author = new Author('any');
    const header = fc.record({
      session: fc.nat(65_535),
      seq: fc.maxSafeNat(),
      epoch: fc.maxSafeNat(),
      wallMs: fc.maxSafeNat(),
      kind: fc.constantFrom(...ENTRY_KINDS),
      heads: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 200, size: 'max' }),
      payload: fc.uint8Array({ maxLength: 300, size: 'max' }),
    });
    fc.assert(
      fc.property(header, ({ payload, kind, heads, ...header }) => {
        const lies = { ...header, heads: heads.map((head) => hashFrom(new Uint8Array(head))) };
        const entry = author.draft(kind, new Uint8Array(payload), lies);
        const decoded = decodeEntry(BOARD, entry.bytes);
        expect(decoded).toEqual({ ok: true, value: entry });
        if (decoded.ok) expect(sealEntry(decoded.value, decoded.value.signature).bytes).toEqual(entry.bytes);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('[REP-2] never throw on foreign bytes, whether read for the first time or again', () => {
    const decoder = new EntryDecoder(BOARD);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (foreign) => {
        const bytes = new Uint8Array(foreign);
        expect(decoder.decode(bytes).ok).toBe(decodeEntry(BOARD, bytes).ok);
      }),
      { seed: 2, numRuns: 2000 },
    );
    const { bytes } = sample();
    const first = decoder.decode(bytes);
    const again = decoder.decode(bytes);
    expect(first.ok && again.ok && again.value === first.value).toBe(true);
  });

  it('[REP-2] fit into MAX_ENTRY_BYTES at their largest', () => {
    const author = new Author('large');
    const largest = author.draft('update', new Uint8Array(MAX_PAYLOAD_BYTES), {
      heads: Array.from({ length: MAX_HEADS }, () => author.head),
      session: 65_535,
      seq: Number.MAX_SAFE_INTEGER,
      epoch: Number.MAX_SAFE_INTEGER,
      wallMs: Number.MAX_SAFE_INTEGER,
    });
    expect(largest.bytes.length).toBeLessThanOrEqual(MAX_ENTRY_BYTES);
    expect(decodeEntry(BOARD, largest.bytes)).toEqual({ ok: true, value: largest });
  });

  it('[REP-5] give each author and session of each board a client id of its own', () => {
    const { peer } = new Author('alice');
    const other = new Author('bob').peer;
    const ids = [
      clientIdOf(BOARD, peer, 1),
      clientIdOf(BOARD, peer, 2),
      clientIdOf(BOARD, other, 1),
      clientIdOf(OTHER_BOARD, peer, 1),
    ];
    expect(new Set(ids).size).toBe(4);
    for (const id of ids)
      expect(Number.isInteger(id) && id % CLIENT_BRANCHES === 0 && id < 2 ** 48).toBe(true);
    expect(clientIdOf(BOARD, peer, 1)).toBe(ids[0]);
  });
});
