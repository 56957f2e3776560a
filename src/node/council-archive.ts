/**
 * Decisions after consensus has let go of them: what was asked, what came of it, and its certificate, the latest ones only. Kept by all tabs of a profile
 * together, since a decision is the same in each. Nothing here is believed by anybody else: certificates carry their own proof.
 */
import { utf8, type Bytes } from '../kernel/bytes.ts';
import {
  decodeWith,
  encodeWith,
  list,
  optional,
  peerIdCodec,
  record,
  text,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import type { BoardId, PeerId } from '../kernel/ids.ts';
import type { Write } from '../kernel/machine.ts';
import { CONSENSUS_STORE } from '../consensus/records.ts';
import { batchCodec, type Batch } from '../consensus/requests.ts';
import { decidedCertificateCodec, type DecidedCertificate } from '../consensus/statements.ts';
import { decodeOperation } from '../governance/operations.ts';
import type { Decision } from '../governance/outcomes.ts';
import { archivePrefix } from './council-disk.ts';
import { MAX_ARCHIVE_BYTES, MAX_DECISIONS_KEPT } from './limits.ts';

/** A decision with its place in the batch, from 1, and the number that its author gave it. */
export interface CouncilDecision extends Decision {
  readonly number: number;
  readonly place: number;
}

/** One sequence number, complete enough for a certificate of each of its requests. */
export interface Archived {
  readonly epoch: number;
  readonly certificate: DecidedCertificate;
  readonly batch: Batch;
  /** Seats whose prepares were held here. */
  readonly prepared: readonly PeerId[];
  readonly decisions: readonly CouncilDecision[];
}

/** Everything of a decision that its batch does not say, as JSON: part of no protocol, and read by nobody else. */
interface Result extends Pick<
  CouncilDecision,
  'number' | 'place' | 'time' | 'member' | 'refusal' | 'outcomes' | 'author'
> {
  readonly seq: number;
}

interface Stored {
  readonly epoch: number;
  readonly certificate: DecidedCertificate;
  readonly batch: Batch;
  readonly prepared: readonly PeerId[];
  readonly results: string | undefined;
}

/** Bytes of one record's results (guess: 64 requests with an eviction of 128 journals each take more, and are then kept without). */
const MAX_RESULT_BYTES = 256 * 1024;
const DIGITS = 12;

const storedCodec: Codec<Stored> = record<Stored>({
  epoch: whole(),
  certificate: decidedCertificateCodec,
  batch: batchCodec,
  prepared: list(peerIdCodec, 31),
  results: optional(text(MAX_RESULT_BYTES)),
});

export class DecisionArchive {
  readonly #board: BoardId;
  readonly #kept = new Map<number, { readonly archived: Archived; readonly bytes: number }>();
  #bytes = 0;

  constructor(board: BoardId) {
    this.#board = board;
  }

  has(seq: number): boolean {
    return this.#kept.has(seq);
  }

  at(seq: number): Archived | undefined {
    return this.#kept.get(seq)?.archived;
  }

  /** Those from `since` on, in their order. */
  decisions(since: number): readonly CouncilDecision[] {
    return [...this.#kept]
      .filter(([seq]) => seq >= since)
      .sort(([a], [b]) => a - b)
      .flatMap(([, { archived }]) => archived.decisions);
  }

  /** Keeps a decision, and lets the oldest go. What has to be written. */
  add(archived: Archived): Write[] {
    const { epoch, certificate, batch, prepared, decisions } = archived;
    // eslint-disable-next-line no-restricted-properties -- read by ourselves alone, and neither hashed nor signed
    const json = JSON.stringify(decisions.map(resultOf));
    const results = utf8(json).length <= MAX_RESULT_BYTES ? json : undefined;
    const value = encodeWith(storedCodec, { epoch, certificate, batch, prepared, results });
    const { seq } = certificate;
    return [
      { op: 'put', store: CONSENSUS_STORE, key: keyOf(this.#board, seq), value },
      ...this.#keep(archived, value.length).map((old): Write => ({
        op: 'delete',
        store: CONSENSUS_STORE,
        key: keyOf(this.#board, old),
      })),
    ];
  }

  /** Reads what was stored. What cannot be read is left out: it is a memory, not the record of what we signed. */
  restore(values: readonly Bytes[]): void {
    for (const value of values) {
      const stored = decodeWith(storedCodec, value);
      if (!stored.ok) continue;
      const { results, ...rest } = stored.value;
      const decisions = results === undefined ? [] : this.#decisionsOf(rest.batch, results);
      if (decisions !== undefined) this.#keep({ ...rest, decisions }, value.length);
    }
  }

  #keep(archived: Archived, bytes: number): number[] {
    const { seq } = archived.certificate;
    this.#drop(seq);
    this.#kept.set(seq, { archived, bytes });
    this.#bytes += bytes;
    const dropped: number[] = [];
    const oldest = [...this.#kept.keys()].sort((a, b) => a - b);
    for (const old of oldest) {
      if (this.#kept.size <= MAX_DECISIONS_KEPT && this.#bytes <= MAX_ARCHIVE_BYTES) break;
      if (old === seq) continue;
      this.#drop(old);
      dropped.push(old);
    }
    return dropped;
  }

  #drop(seq: number): void {
    this.#bytes -= this.#kept.get(seq)?.bytes ?? 0;
    this.#kept.delete(seq);
  }

  #decisionsOf({ requests }: Batch, json: string): CouncilDecision[] | undefined {
    const results = parse(json);
    return results?.flatMap((result) => {
      const request = requests[result.place - 1];
      if (request === undefined) return [];
      const operation = decodeOperation(this.#board, request.operation);
      return [{ ...result, operation: operation.ok ? operation.value : undefined }];
    });
  }
}

function keyOf(board: BoardId, seq: number): string {
  return `${archivePrefix(board)}${String(seq).padStart(DIGITS, '0')}`;
}

function resultOf({ seq, number, place, time, author, member, refusal, outcomes }: CouncilDecision): Result {
  return { seq, number, place, time, author, member, refusal, outcomes };
}

/** Our own words, unless the disk garbled them. */
function parse(json: string): readonly Result[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) && value.every(isResult) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isResult(value: unknown): value is Result {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, number, place, time, outcomes } = value as Record<string, unknown>;
  return [seq, number, place, time].every((each) => Number.isSafeInteger(each)) && Array.isArray(outcomes);
}
