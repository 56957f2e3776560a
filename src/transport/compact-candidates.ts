/**
 * Candidates in a tenth of their bytes, for codes that people hand over: address and port travel, foundation and priority are made up anew
 * by the reader in the order given (RFC 8445, section 5.1.2), and related addresses, which only diagnosis uses, do not travel.
 */
import { concatBytes, fromHex, toHex, utf8, type Bytes } from '../kernel/bytes.ts';
import { list, oneOf, record, sizedBytes, whole, type Codec } from '../kernel/codec.ts';
import { isCandidateAddress, type Candidate } from './description.ts';

/** Most candidates of a code: what a browser finds on two networks with one STUN and one TURN server (guess). */
export const MAX_CODE_CANDIDATES = 8;

const TYPES = ['host', 'srflx', 'prflx', 'relay'] as const satisfies readonly Candidate['type'][];
/** RFC 8445, section 5.1.2.2. */
const TYPE_PREFERENCES: Readonly<Record<Candidate['type'], number>> = {
  host: 126,
  prflx: 110,
  srflx: 100,
  relay: 0,
};
const TYPE_WEIGHT = 2 ** 24;
const LOCAL_WEIGHT = 2 ** 8;
const COMPONENT = 255;
const TOP_LOCAL_PREFERENCE = 65_535;

/** `mdns`: a name of multicast DNS, a UUID before `.local`. `text`: anything else that a candidate may have for an address. */
const FORMS = ['ip4', 'ip6', 'mdns', 'text'] as const;

interface Address {
  readonly form: (typeof FORMS)[number];
  readonly bytes: Bytes;
}

interface CompactCandidate {
  readonly type: Candidate['type'];
  readonly address: Address;
  readonly port: number;
}

/** The codec of a code's candidates. */
export const compactCandidatesCodec: Codec<readonly CompactCandidate[]> = list(
  record<CompactCandidate>({
    type: oneOf(TYPES),
    address: record<Address>({ form: oneOf(FORMS), bytes: sizedBytes(70) }),
    port: whole(65_535),
  }),
  MAX_CODE_CANDIDATES,
);

/** At most {@link MAX_CODE_CANDIDATES} of `candidates`, of every type in turn, so that no kind of network is left out. */
export function compact(candidates: readonly Candidate[]): readonly CompactCandidate[] {
  const byType = TYPES.map((type) => candidates.filter((candidate) => candidate.type === type));
  const chosen: Candidate[] = [];
  for (let rank = 0; chosen.length < MAX_CODE_CANDIDATES && rank < candidates.length; rank++) {
    chosen.push(...byType.flatMap((of) => of.slice(rank, rank + 1)));
  }
  return chosen
    .slice(0, MAX_CODE_CANDIDATES)
    .map(({ type, address, port }) => ({ type, address: readAddress(address), port }));
}

/** The candidates for the browser; those without a usable address are left out. */
export function expand(compacted: readonly CompactCandidate[]): readonly Candidate[] {
  return compacted.flatMap(({ type, address, port }, index) => {
    const text = writeAddress(address);
    if (!isCandidateAddress(text)) return [];
    const local = TOP_LOCAL_PREFERENCE - index;
    const priority = TYPE_PREFERENCES[type] * TYPE_WEIGHT + local * LOCAL_WEIGHT + COMPONENT;
    return [{ foundation: String(index + 1), priority, address: text, port, type, related: undefined }];
  });
}

const IP4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const MDNS = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\.local$/;

function readAddress(text: string): Address {
  const [, ...numbers] = IP4.exec(text) ?? [];
  if (numbers.length === 4 && numbers.every((number) => Number(number) < 256))
    return { form: 'ip4', bytes: Uint8Array.from(numbers, Number) };
  const [, ...groups] = MDNS.exec(text) ?? [];
  if (groups.length > 0) return { form: 'mdns', bytes: fromHex(groups.join('')) };
  const bytes = readIp6(text);
  return bytes === undefined ? { form: 'text', bytes: utf8(text) } : { form: 'ip6', bytes };
}

/** The 16 bytes of an address in hexadecimal groups (RFC 4291, section 2.2, forms 1 and 2). */
function readIp6(text: string): Bytes | undefined {
  const sides = text.split('::').map((side) => (side === '' ? [] : side.split(':')));
  const [before = [], after = []] = sides;
  const missing = 8 - before.length - after.length;
  if (sides.length > 2 || (sides.length === 2 ? missing < 1 : missing !== 0)) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return concatBytes(...groups.map((group) => fromHex(group.toLowerCase().padStart(4, '0'))));
}

/** '' for bytes of the wrong length. */
function writeAddress({ form, bytes }: Address): string {
  const hex = toHex(bytes);
  if (form !== 'text' && bytes.length !== (form === 'ip4' ? 4 : 16)) return '';
  switch (form) {
    case 'ip4':
      return bytes.join('.');
    case 'ip6':
      return (hex.match(/.{4}/g) ?? []).map((group) => group.replace(/^0{1,3}/, '')).join(':');
    case 'mdns':
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}.local`;
    case 'text':
      return String.fromCharCode(...bytes); // judged by the caller
  }
}
