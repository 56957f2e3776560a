/**
 * The checkpoint of this node: made here or fetched from a neighbour in pieces, written to disk, and only then put in place of the entries that it
 * replaces, which are deleted after that. A crash between these steps leaves more on disk than is needed, never less.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { BoardId, Hash, PeerId } from '../kernel/ids.ts';
import type { Write } from '../kernel/machine.ts';
import type { Copying } from './anti-entropy.ts';
import { baseOf } from './base.ts';
import {
  hashChunk,
  hashManifest,
  openCheckpoint,
  type Certified,
  type Checkpoint,
  type Manifest,
} from './checkpoint.ts';
import { deleteCheckpoint, putCheckpoint, readCheckpoints } from './checkpoint-store.ts';
import type { ReplicationEffect } from './commands.ts';
import { composeCheckpoint, recompose, type CheckpointOrder, type ComposeSource } from './compose.ts';
import type { Intake } from './intake.ts';
import type { Journals } from './journals.ts';
import { CHUNK_WINDOW, MAX_HOPELESS_CHECKPOINTS, PULL_DEADLINE_MS } from './limits.ts';
import {
  NO_CHECKPOINT,
  type DigestMessage,
  type ReplicationMessage,
  type ShownCheckpoint,
} from './messages.ts';
import type { Neighbour, Neighbours } from './neighbours.ts';
import type { IntakeOutcome } from './outcome.ts';
import type { Authority } from './ports.ts';

/** Digests that are passed over before a checkpoint that nobody gave is asked for again (guess: a minute or two). */
const PASSED_OVER = 24;
export const CHECKPOINT_TIMER = 'replication/checkpoint';

/** The machine's side of the desk. */
export interface DeskHost {
  /** Writes it, and calls {@link CheckpointDesk.stored} when it is on disk. */
  store(certified: Certified, writes: readonly Write[]): readonly ReplicationEffect[];
  erase(writes: readonly Write[]): readonly ReplicationEffect[];
  follow(outcome: IntakeOutcome): readonly ReplicationEffect[];
  /** Looks at what a neighbour said before the checkpoint was in place. */
  hear(neighbour: Neighbour, digest: DigestMessage): readonly ReplicationEffect[];
}

export interface DeskOptions {
  readonly board: BoardId;
  readonly journals: Journals;
  readonly intake: Intake;
  readonly authority: Authority;
  readonly neighbours: Neighbours;
  readonly host: DeskHost;
}

/** A copy under way. */
interface Copy {
  readonly shown: ShownCheckpoint;
  /** Whom we asked; undefined while nobody is there who has it. */
  source: PeerId | undefined;
  manifest: Manifest | undefined;
  certificate: Bytes;
  readonly chunks: Map<number, Bytes>;
  readonly asked: Set<number>;
}

export class CheckpointDesk {
  readonly #options: DeskOptions;
  #current: Certified | undefined;
  /** On its way to disk. */
  #storing: Certified | undefined;
  #copy: Copy | undefined;
  /** What was composed here last: as a rule it is what will be certified. */
  #made: Checkpoint | undefined;
  /** Of these nobody gave us a certificate that holds, or a content that can be read: how many more digests that show them are passed over. */
  readonly #hopeless = new Map<Hash, number>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** How far a copy has come, while there is one. */
  get copying(): Copying | undefined {
    const { manifest, chunks } = this.#copy ?? {};
    if (manifest === undefined || chunks === undefined) return undefined;
    let receivedBytes = 0;
    for (const chunk of chunks.values()) receivedBytes += chunk.length;
    return { receivedBytes, totalBytes: manifest.size };
  }

  /** What a neighbour that may be served is shown. */
  get shown(): ShownCheckpoint {
    const checkpoint = this.#current?.checkpoint;
    return checkpoint === undefined
      ? NO_CHECKPOINT
      : { number: checkpoint.manifest.number, hash: checkpoint.hash };
  }

  /** A checkpoint of what is held here, for others to sign. */
  compose(order: CheckpointOrder): Checkpoint | undefined {
    this.#made = composeCheckpoint(this.#source, order);
    return this.#made;
  }

  /** Our own disk's newest checkpoint, before any entry of it is read. */
  restore(records: readonly Bytes[]): readonly ReplicationEffect[] {
    const { board, host, intake } = this.#options;
    const [newest, ...older] = readCheckpoints(board, records);
    if (newest === undefined) return [];
    this.#current = newest;
    return [
      ...host.follow(intake.install(baseOf(newest.checkpoint))),
      ...older.flatMap(({ checkpoint }) => host.erase(deleteCheckpoint(board, checkpoint))),
    ];
  }

  /**
   * A certificate came that holds. Whoever holds the entries makes the checkpoint itself; others copy it from a neighbour that shows it.
   */
  certified(manifest: Manifest, certificate: Bytes): readonly ReplicationEffect[] {
    const hash = hashManifest(manifest);
    const known = this.#newest;
    if (manifest.number === known?.manifest.number && hash !== known.hash)
      return [{ kind: 'emit', event: { type: 'checkpointConflict', number: manifest.number } }];
    if (manifest.number <= (known?.manifest.number ?? 0)) return [];
    const made = this.#made?.hash === hash ? this.#made : undefined;
    const checkpoint = made ?? recompose(this.#source, manifest);
    if (checkpoint !== undefined) return this.#store({ checkpoint, certificate });
    const shown = { number: manifest.number, hash };
    if (this.#copy?.shown.hash !== hash) this.#copy = newCopy(shown);
    this.#copy.manifest = manifest;
    this.#copy.certificate = certificate;
    return this.#goOn(this.#copy);
  }

  /**
   * Who certifies is known better now, so what was given up may be worth something: it is asked for again at once if it is the one that we were after, and else
   * with the next digest that shows it.
   */
  judgeAnew(): readonly ReplicationEffect[] {
    this.#hopeless.clear();
    return this.#copy?.manifest === undefined && this.#copy !== undefined ? this.#goOn(this.#copy) : [];
  }

  /**
   * A neighbour shows its checkpoint with a digest. Undefined when that is no news; otherwise its digest is looked at when the checkpoint is in
   * place: entries that build on it cannot be taken in before.
   */
  heardDigest(neighbour: Neighbour, digest: DigestMessage): readonly ReplicationEffect[] | undefined {
    const { checkpoint: shown } = digest;
    neighbour.checkpoint = shown;
    neighbour.deferred = undefined;
    if (shown.number <= (this.#newest?.manifest.number ?? 0)) {
      const isComing = this.#storing !== undefined && shown.hash === this.#storing.checkpoint.hash;
      if (isComing) neighbour.deferred = digest;
      return isComing ? [] : undefined;
    }
    if (this.#isHopeless(shown.hash)) return undefined;
    neighbour.deferred = digest;
    if (shown.number < (this.#copy?.shown.number ?? 0)) return [];
    if (this.#copy?.shown.hash !== shown.hash) this.#copy = newCopy(shown);
    return this.#copy.source === undefined ? this.#goOn(this.#copy) : [];
  }

  /** A neighbour asks for our checkpoint, or for a piece of it. */
  heardAsk(
    { peer, served }: Neighbour,
    { hash, chunk }: Extract<ReplicationMessage, { kind: 'ask' }>,
  ): readonly ReplicationEffect[] {
    if (!served || this.#current?.checkpoint.hash !== hash) return [];
    const { checkpoint, certificate } = this.#current;
    if (chunk === 0)
      return [sendTo(peer, { kind: 'checkpoint', manifest: checkpoint.manifest, certificate })];
    const bytes = checkpoint.chunks[chunk - 1];
    return bytes === undefined ? [] : [sendTo(peer, { kind: 'chunk', hash, chunk, bytes })];
  }

  /** A neighbour sent its checkpoint's manifest; the certificate holds. */
  heardCheckpoint(
    neighbour: Neighbour,
    manifest: Manifest,
    certificate: Bytes,
  ): readonly ReplicationEffect[] {
    const copy = this.#copy;
    if (copy?.source !== neighbour.peer || copy.manifest !== undefined) return [];
    if (hashManifest(manifest) !== copy.shown.hash || manifest.board !== this.#options.board) return [];
    return this.certified(manifest, certificate);
  }

  heardChunk(
    neighbour: Neighbour,
    { hash, chunk, bytes }: Extract<ReplicationMessage, { kind: 'chunk' }>,
  ): readonly ReplicationEffect[] {
    const copy = this.#copy;
    if (copy?.manifest === undefined || copy.shown.hash !== hash || copy.source !== neighbour.peer) return [];
    if (!copy.asked.delete(chunk)) return [];
    // Nobody can take what it changed for what was certified; it is asked for nothing more.
    if (hashChunk(bytes) !== copy.manifest.chunks[chunk - 1]) return this.#leave(copy);
    copy.chunks.set(chunk, bytes);
    return copy.chunks.size < copy.manifest.chunks.length
      ? this.#goOn(copy)
      : this.#finish(copy, copy.manifest);
  }

  /** Nothing came from whom we asked for too long. */
  elapsed(): readonly ReplicationEffect[] {
    return this.#copy === undefined ? [] : this.#leave(this.#copy);
  }

  lost(peer: PeerId): readonly ReplicationEffect[] {
    return this.#copy?.source === peer ? this.#leave(this.#copy, true) : [];
  }

  /** It is on disk. */
  stored(certified: Certified): readonly ReplicationEffect[] {
    const { board, host, intake, neighbours } = this.#options;
    const before = this.#current;
    this.#current = certified;
    if (this.#storing === certified) this.#storing = undefined;
    const effects = [
      ...host.follow(intake.install(baseOf(certified.checkpoint))),
      ...(before === undefined ? [] : host.erase(deleteCheckpoint(board, before.checkpoint))),
    ];
    for (const neighbour of neighbours.all()) {
      const digest = neighbour.deferred;
      neighbour.deferred = undefined;
      if (digest !== undefined) effects.push(...host.hear(neighbour, digest));
    }
    return effects;
  }

  get #newest(): Checkpoint | undefined {
    return (this.#storing ?? this.#current)?.checkpoint;
  }

  get #source(): ComposeSource {
    const { board, authority, journals, intake } = this.#options;
    return { board, authority, journals, books: intake.books };
  }

  #store(certified: Certified): readonly ReplicationEffect[] {
    this.#storing = certified;
    this.#copy = undefined;
    this.#made = undefined;
    const { host, board } = this.#options;
    return [
      { kind: 'disarm', timer: CHECKPOINT_TIMER },
      ...host.store(certified, putCheckpoint(board, certified)),
    ];
  }

  #finish(copy: Copy, manifest: Manifest): readonly ReplicationEffect[] {
    const chunks = manifest.chunks.flatMap((_, at) => copy.chunks.get(at + 1) ?? []);
    const checkpoint = openCheckpoint(manifest, chunks);
    if (checkpoint !== undefined) return this.#store({ checkpoint, certificate: copy.certificate });
    return this.#giveUp(copy);
  }

  /** Asks for what is lacking, of whoever shows it. */
  #goOn(copy: Copy): readonly ReplicationEffect[] {
    copy.source ??= this.#sources(copy)[0]?.peer;
    const { source, manifest } = copy;
    if (source === undefined) return [];
    const arm = { kind: 'arm', timer: CHECKPOINT_TIMER, afterMs: PULL_DEADLINE_MS } as const;
    if (manifest === undefined)
      return [sendTo(source, { kind: 'ask', hash: copy.shown.hash, chunk: 0 }), arm];
    const effects: ReplicationEffect[] = [arm];
    for (let chunk = 1; chunk <= manifest.chunks.length && copy.asked.size < CHUNK_WINDOW; chunk++) {
      if (copy.chunks.has(chunk) || copy.asked.has(chunk)) continue;
      copy.asked.add(chunk);
      effects.push(sendTo(source, { kind: 'ask', hash: copy.shown.hash, chunk }));
    }
    return effects;
  }

  /** Neighbours that show the checkpoint. */
  #sources({ shown }: Copy): readonly Neighbour[] {
    return this.#options.neighbours.all().filter(({ checkpoint }) => checkpoint.hash === shown.hash);
  }

  /** Goes to another neighbour; the pieces that are here stay. */
  #leave(copy: Copy, isLost = false): readonly ReplicationEffect[] {
    const left = copy.source === undefined ? undefined : this.#options.neighbours.get(copy.source);
    if (left !== undefined) left.checkpoint = NO_CHECKPOINT;
    copy.source = undefined;
    copy.asked.clear();
    if (this.#sources(copy).length > 0) return this.#goOn(copy);
    if (copy.manifest !== undefined) return [];
    if (!isLost) return this.#giveUp(copy);
    this.#copy = undefined;
    return [];
  }

  #isHopeless(hash: Hash): boolean {
    const left = this.#hopeless.get(hash) ?? 0;
    if (left > 1) this.#hopeless.set(hash, left - 1);
    else this.#hopeless.delete(hash);
    return left > 0;
  }

  /** What neighbours hold is looked at without it, for a while. */
  #giveUp(copy: Copy): readonly ReplicationEffect[] {
    const { neighbours, host } = this.#options;
    this.#copy = undefined;
    this.#hopeless.set(copy.shown.hash, PASSED_OVER);
    const [oldest] = this.#hopeless.keys();
    if (this.#hopeless.size > MAX_HOPELESS_CHECKPOINTS && oldest !== undefined) this.#hopeless.delete(oldest);
    return neighbours.all().flatMap((neighbour) => {
      const digest = neighbour.deferred;
      neighbour.deferred = undefined;
      return digest === undefined ? [] : host.hear(neighbour, digest);
    });
  }
}

function newCopy(shown: ShownCheckpoint): Copy {
  const nothing = { source: undefined, manifest: undefined, certificate: new Uint8Array(0) };
  return { shown, ...nothing, chunks: new Map(), asked: new Set() };
}

function sendTo(to: PeerId, message: ReplicationMessage): ReplicationEffect {
  const isLarge = message.kind === 'chunk' || message.kind === 'checkpoint';
  return { kind: 'send', to, message, lane: isLarge ? 'bulk' : 'control' };
}
