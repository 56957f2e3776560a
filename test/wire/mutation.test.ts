/** Frozen bytes, damaged at random: reading is total and canonical. Rules of docs/spec/wire.md. */
import { describe, expect, it } from 'vitest';
import {
  concatBytes,
  fromBase64Url,
  fromUtf8,
  toBase64Url,
  toHex,
  utf8,
  type Bytes,
} from '../../src/kernel/bytes.ts';
import { decodeWith } from '../../src/kernel/codec.ts';
import { digestBytes } from '../../src/kernel/hash.ts';
import { pick, randomFrom, type Random } from '../../src/kernel/random.ts';
import { admissionChecks, admissionCodec } from '../../src/identity/admission.ts';
import { DOMAIN } from '../../src/identity/domains.ts';
import { decodeGenesis, encodeGenesis, genesisCheck } from '../../src/identity/genesis.ts';
import { INVITE_PREFIX, inviteFragment, parseInviteLink } from '../../src/identity/invite-link.ts';
import { PROTOCOL_VERSION } from '../../src/node/limits.ts';
import { entryChecks } from '../../src/node/roster.ts';
import { decodeEntry, sealEntry } from '../../src/replication/entry.ts';
import { FORMATS, FROZEN_BOARD } from './formats.ts';
import { formatOf, readFrozen } from './frozen-files.ts';

const MUTATIONS = 20_000;
const CHECK_BYTES = 4;

/** A reader of foreign bytes: their value encoded anew, or undefined when they are refused. */
type Reading = (bytes: Bytes) => Bytes | undefined;

interface Target {
  readonly name: string;
  readonly bytes: Bytes;
  readonly again: Reading;
}

type Mutation = (bytes: Bytes, random: Random, other: Bytes) => Bytes;

/** Two places in `bytes`, in order. */
function cuts(bytes: Bytes, random: Random): readonly [number, number] {
  const [a, b] = [random.below(bytes.length + 1), random.below(bytes.length + 1)];
  return a <= b ? [a, b] : [b, a];
}

function withByte(bytes: Bytes, random: Random, change: (byte: number) => number): Bytes {
  const at = random.below(bytes.length);
  return bytes.map((byte, i) => (i === at ? change(byte) & 255 : byte));
}

const MUTATIONS_BY_NAME: Readonly<Record<string, Mutation>> = {
  bitFlip: (bytes, random) => withByte(bytes, random, (byte) => byte ^ (1 << random.below(8))),
  bitFlips: (bytes, random) =>
    [0, 1, 2].reduce<Bytes>((each) => withByte(each, random, (byte) => byte ^ (1 << random.below(8))), bytes),
  truncation: (bytes, random) => bytes.slice(0, random.below(bytes.length)),
  removal: (bytes, random) => {
    const [from, to] = cuts(bytes, random);
    return concatBytes(bytes.slice(0, from), bytes.slice(to));
  },
  duplication: (bytes, random) => {
    const [from, to] = cuts(bytes, random);
    return concatBytes(bytes.slice(0, to), bytes.slice(from));
  },
  splice: (bytes, random, other) => {
    const [from, to] = cuts(other, random);
    const at = random.below(bytes.length + 1);
    return concatBytes(bytes.slice(0, at), other.slice(from, to), bytes.slice(at));
  },
  crossover: (bytes, random, other) =>
    concatBytes(bytes.slice(0, random.below(bytes.length + 1)), other.slice(random.below(other.length + 1))),
  /** A length, count, tag or number one off, or at an edge of what its bytes can say. */
  lengthEdit: (bytes, random) =>
    withByte(bytes, random, (byte) => pick(random, [byte + 1, byte - 1, 0, 1, 127, 128, 255]) ?? byte),
  /** A number in a longer spelling. */
  longSpelling: (bytes, random) => {
    const at = random.below(bytes.length);
    const long = new Uint8Array([(bytes[at] ?? 0) | 128, 0]);
    return concatBytes(bytes.slice(0, at), long, bytes.slice(at + 1));
  },
};

/** Like the codec of a genesis, and what is read can be checked. */
const againGenesis: Reading = (bytes) => {
  const genesis = decodeGenesis(bytes, FROZEN_BOARD);
  if (!genesis.ok) return undefined;
  genesisCheck(genesis.value);
  return encodeGenesis(genesis.value);
};

/** As an entry is read on its way in, with the signatures in its payload. */
const againEntry: Reading = (bytes) => {
  const entry = decodeEntry(FROZEN_BOARD, bytes);
  if (!entry.ok) return undefined;
  entryChecks(entry.value);
  return sealEntry(entry.value, entry.value.signature).bytes;
};

/** What is inside a link, its check put right: the mutation reaches the codec. */
const againInvite: Reading = (body) => {
  const check = digestBytes(DOMAIN.inviteLink, body).slice(0, CHECK_BYTES);
  const invite = parseInviteLink(INVITE_PREFIX + toBase64Url(concatBytes(body, check)));
  if (!invite.ok) return undefined;
  return fromBase64Url(inviteFragment(invite.value).slice(INVITE_PREFIX.length))?.slice(0, -CHECK_BYTES);
};

/** A pasted text: what is read is the link in it. */
const againPasted: Reading = (bytes) => {
  const text = fromUtf8(bytes);
  const invite = parseInviteLink(text);
  if (!invite.ok) return undefined;
  const link = inviteFragment(invite.value);
  return text.includes(link) ? bytes : utf8(link);
};

const againAdmission =
  (again: Reading): Reading =>
  (bytes) => {
    const admission = decodeWith(admissionCodec, bytes);
    if (admission.ok) admissionChecks(admission.value);
    return again(bytes);
  };

function targets(): readonly Target[] {
  const all = [...readFrozen(PROTOCOL_VERSION)].flatMap(([name, bytes]): Target[] => {
    const format = FORMATS.find((each) => each.name === formatOf(name));
    if (format === undefined) return [];
    const plain: Target = { name, bytes, again: format.again };
    if (format.name === 'genesis') return [plain, { ...plain, again: againGenesis }];
    if (format.name === 'entry') return [plain, { ...plain, again: againEntry }];
    if (format.name === 'admission') return [{ ...plain, again: againAdmission(format.again) }];
    if (format.name !== 'invite') return [plain];
    const inside = fromBase64Url(fromUtf8(bytes).slice(INVITE_PREFIX.length)) ?? new Uint8Array(0);
    return [
      { ...plain, name: 'invite text', again: againPasted },
      { name: 'invite', bytes: inside.slice(0, -CHECK_BYTES), again: againInvite },
    ];
  });
  expect(all.every(({ bytes, again }) => toHex(again(bytes) ?? bytes.slice(1)) === toHex(bytes))).toBe(true);
  return all;
}

describe('mutated bytes', () => {
  it(`[NOD-21, WIR-6] ${MUTATIONS} of them never throw, and what is read has been written so`, () => {
    const random = randomFrom('wire mutations');
    const all = targets();
    const mutations = Object.entries(MUTATIONS_BY_NAME);
    const accepted = new Map<string, number>();
    const refused = new Map<string, number>();
    for (let count = 0; count < MUTATIONS; count++) {
      const target = all[count % all.length];
      const [how, mutate] = pick(random, mutations) ?? [];
      const other = pick(random, all);
      if (target === undefined || mutate === undefined || other === undefined)
        expect.fail('nothing to mutate');
      const mutated = mutate(target.bytes, random, other.bytes);
      const again = target.again(mutated);
      const tally = again === undefined ? refused : accepted;
      for (const key of [target.name, how ?? '']) tally.set(key, (tally.get(key) ?? 0) + 1);
      if (again !== undefined && toHex(again) !== toHex(mutated))
        expect.fail(`${how} of ${target.name} has a second spelling: ${toHex(mutated)}`);
    }
    // Neither outcome may be missing, or the test would say nothing. Of a pasted text hardly any change is forgiven.
    const names = all.map(({ name }) => name).filter((name) => name !== 'invite text');
    expect([...names, ...mutations.map(([how]) => how)].filter((key) => !refused.has(key))).toEqual([]);
    expect([...names, 'bitFlip', 'lengthEdit'].filter((key) => !accepted.has(key))).toEqual([]);
    // No encoding is the beginning of another.
    expect(accepted.get('truncation')).toBeUndefined();
  });
});
