/**
 * Bytes to messages and back, and which signatures a message still needs. An entry is decoded (and hashed) once, however often it
 * is looked at on its way in; a message to several neighbours is wrapped once, so that the driver encodes it once.
 */
import type { Bytes } from '../kernel/bytes.ts';
import { decodeWith, encodeWith, Reader } from '../kernel/codec.ts';
import type { BoardId } from '../kernel/ids.ts';
import type { Protocol, SignatureCheck } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import type { OverlayCommand } from '../overlay/commands.ts';
import type { OverlayMessage } from '../overlay/messages.ts';
import type { Overlay } from '../overlay/overlay.ts';
import { hashManifest, isSound } from '../replication/checkpoint.ts';
import type { Entry } from '../replication/entry.ts';
import { decodeForkProof, forkProofChecks, isContradiction, type ForkProof } from '../replication/forks.ts';
import { UNASKED } from '../replication/commands.ts';
import type { EntryDecoder } from '../replication/entry-decoder.ts';
import type { CheckpointMessage, ReplicationMessage } from '../replication/messages.ts';
import type { CheckpointVerifier } from '../replication/ports.ts';
import { presenceCodec } from '../replication/presence.ts';
import type { Replication } from '../replication/replication.ts';
import { helloChecks } from './handshake.ts';
import { PROTOCOL_VERSION } from './limits.ts';
import type { Judgement } from './council-judging.ts';
import {
  broadcastCodec,
  HELLO_TAG,
  nodeMessageCodec,
  type Broadcast,
  type NodeMessage,
  type Said,
} from './messages.ts';
import { entryChecks, type Roster } from './roster.ts';

/** Refusal code of a hello that we cannot read because its version is not ours. */
export const OTHER_VERSION = 'protocolMismatch';

/** What was broadcast. */
export type Carried =
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'fork'; readonly proof: ForkProof }
  | { readonly kind: 'said'; readonly said: Said };

/** Holds for no key: how `checks` refuses what is malformed only by what is known here. */
const NEVER: SignatureCheck = { signer: '', body: new Uint8Array(0), signature: new Uint8Array(0) };

export class NodeProtocol implements Protocol<NodeMessage> {
  readonly #board: BoardId;
  readonly #decoder: EntryDecoder;
  readonly #roster: Roster;
  readonly #overlay: Overlay;
  readonly #replication: Replication;
  #verifier: CheckpointVerifier | undefined;
  readonly #broadcasts = new WeakMap<Bytes, Carried>();
  readonly #wrapped = new WeakMap<OverlayMessage | ReplicationMessage, NodeMessage>();

  /** Of messages that we know too little of to judge. */
  readonly #unfit = new WeakSet<NodeMessage>();
  #judge: (said: Said) => Judgement = () => 'unfit';
  #isFit = true;

  constructor(
    board: BoardId,
    decoder: EntryDecoder,
    roster: Roster,
    overlay: Overlay,
    replication: Replication,
    verifier: CheckpointVerifier | undefined,
  ) {
    this.#board = board;
    this.#decoder = decoder;
    this.#roster = roster;
    this.#overlay = overlay;
    this.#replication = replication;
    this.#verifier = verifier;
  }

  encode(message: NodeMessage): Bytes {
    return encodeWith(nodeMessageCodec, message);
  }

  decode(bytes: Bytes): Result<NodeMessage, string> {
    const decoded = decodeWith(nodeMessageCodec, bytes);
    if (!decoded.ok) return isOtherVersion(bytes) ? refuse(OTHER_VERSION) : decoded;
    const message = decoded.value;
    if (message.kind === 'overlay' && (message.body.kind === 'gossip' || message.body.kind === 'routed')) {
      const broadcast = this.decodeBroadcast(message.body.payload);
      return broadcast.ok ? ok(message) : broadcast;
    }
    if (message.kind === 'replication' && message.body.kind === 'evidence') {
      const isSound = message.body.proofs.every((proof) => isAbout(proof, this.#board));
      return isSound ? ok(message) : refuse('proofEmpty');
    }
    if (message.kind === 'replication' && message.body.kind === 'checkpoint') {
      if (!isSound(message.body.manifest, this.#board)) return refuse('checkpointMalformed');
      return this.#checksOfCheckpoint(message.body) === undefined
        ? refuse('certificateInvalid')
        : ok(message);
    }
    if (message.kind === 'overlay' && message.body.kind === 'announcements') {
      // Checked at the edge, so that nobody hands on what the next one would refuse.
      for (const { note } of message.body.announcements) {
        const presence = note.length === 0 ? undefined : decodeWith(presenceCodec, note);
        if (presence?.ok === false) return refuse('presenceMalformed');
      }
    }
    if (message.kind === 'replication' && message.body.kind === 'batch') {
      for (const encoded of message.body.entries) {
        const entry = this.#decoder.decode(encoded);
        if (!entry.ok) return entry;
      }
    }
    return ok(message);
  }

  checks(message: NodeMessage): readonly SignatureCheck[] {
    switch (message.kind) {
      case 'hello':
        return helloChecks(message, this.#roster);
      case 'farewell':
        return [];
      case 'overlay':
        return this.#overlayChecks(message, message.body);
      case 'council':
        return message.body.kind === 'said' ? this.#checksOfSaid(message, message.body) : [];
      case 'replication':
        if (message.body.kind === 'evidence')
          return message.body.proofs.flatMap((proof) => this.#checksOfProof(proof));
        if (message.body.kind === 'checkpoint') return this.#judgeCheckpoint(message, message.body);
        if (message.body.kind !== 'batch') return [];
        return message.body.entries.flatMap((bytes) => {
          const entry = this.#decoder.decode(bytes);
          return entry.ok ? this.#checksOf(entry.value) : [];
        });
    }
  }

  /** `verifier`: whether checkpoints are certified, unless somebody else says. */
  judgeBy(judge: (said: Said) => Judgement, verifier: CheckpointVerifier): void {
    this.#judge = judge;
    this.#verifier ??= verifier;
  }

  /** Begins the step of a message; false when nothing at all is to be done with it. A broadcast is remembered in any case. */
  take(message: NodeMessage): boolean {
    this.#isFit = !this.#unfit.has(message);
    return this.#isFit || (message.kind === 'overlay' && message.body.kind === 'gossip');
  }

  /** Whether the message of the present step could be judged. */
  get isFit(): boolean {
    return this.#isFit;
  }

  /** What the broadcast of the present step carries; undefined when it cannot be judged, as without the genesis, with which comes a copy of everything. */
  open(payload: Bytes): Result<Carried, string> | undefined {
    return this.#roster.genesis && this.#isFit ? this.decodeBroadcast(payload) : undefined;
  }

  /** What a broadcast's payload carries. */
  decodeBroadcast(payload: Bytes): Result<Carried, string> {
    const known = this.#broadcasts.get(payload);
    if (known !== undefined) return ok(known);
    const broadcast = decodeWith(broadcastCodec, payload);
    if (!broadcast.ok) return broadcast;
    const carried = this.#carriedBy(broadcast.value);
    if (carried.ok) this.#broadcasts.set(payload, carried.value);
    return carried;
  }

  #carriedBy(broadcast: Broadcast): Result<Carried, string> {
    if (broadcast.kind === 'said') {
      const { again, committee, message } = broadcast;
      return ok({ kind: 'said', said: { again, committee, message } });
    }
    if (broadcast.kind === 'fork')
      return isAbout(broadcast.proof, this.#board)
        ? ok({ kind: 'fork', proof: broadcast.proof })
        : refuse('proofEmpty');
    const entry = this.#decoder.decode(broadcast.bytes);
    return entry.ok ? ok({ kind: 'entry', entry: entry.value }) : entry;
  }

  /** Whether what somebody shows us unasked is news of our own eviction. */
  heeds(body: ReplicationMessage): boolean {
    if (body.kind !== 'batch' || body.pull !== UNASKED) return false;
    return this.#roster.heed(
      body.entries.flatMap((bytes) => {
        const entry = this.#decoder.decode(bytes);
        return entry.ok ? [entry.value] : [];
      }),
    );
  }

  /** Tells everybody an entry of ours. Who is out must be known before what it writes meanwhile. */
  announceEntry({ bytes, kind }: Entry): OverlayCommand {
    const payload = encodeWith(broadcastCodec, { kind: 'entry', bytes });
    const isDecree = kind === 'evict' || kind === 'role' || kind === 'revoke';
    return { type: 'broadcast', payload, lane: isDecree ? 'control' : 'journal' };
  }

  /** Tells everybody that somebody forked, before anything else. */
  announceFork(proof: ForkProof): OverlayCommand {
    return {
      type: 'broadcast',
      payload: encodeWith(broadcastCodec, { kind: 'fork', proof }),
      lane: 'control',
    };
  }

  /** What our own journal store holds: entries, and proofs that authors forked. */
  readStored(stored: readonly Bytes[]): { readonly entries: Entry[]; readonly proofs: ForkProof[] } {
    const entries: Entry[] = [];
    const proofs: ForkProof[] = [];
    for (const bytes of stored) {
      const proof = decodeForkProof(this.#board, bytes);
      const entry = proof.ok ? undefined : this.#decoder.decode(bytes);
      if (proof.ok) proofs.push(proof.value);
      else if (entry?.ok === true) entries.push(entry.value);
    }
    return { entries, proofs };
  }

  wrap(kind: 'overlay', body: OverlayMessage): NodeMessage;
  wrap(kind: 'replication', body: ReplicationMessage): NodeMessage;
  wrap(kind: 'overlay' | 'replication', body: OverlayMessage | ReplicationMessage): NodeMessage {
    const known = this.#wrapped.get(body);
    if (known !== undefined) return known;
    const message = { kind, body } as NodeMessage;
    this.#wrapped.set(body, message);
    return message;
  }

  #overlayChecks(message: NodeMessage, body: OverlayMessage): readonly SignatureCheck[] {
    if (body.kind !== 'gossip' && body.kind !== 'routed') return this.#overlay.checks(body);
    if (body.kind === 'gossip' && this.#overlay.hasSeen(body.id)) return [];
    const decoded = this.decodeBroadcast(body.payload);
    if (!decoded.ok) return [];
    switch (decoded.value.kind) {
      case 'entry':
        return this.#checksOf(decoded.value.entry);
      case 'fork':
        return this.#checksOfProof(decoded.value.proof);
      case 'said':
        return this.#checksOfSaid(message, decoded.value.said);
    }
  }

  /**
   * Every hop judges what replicas say before it hands it on, so whoever hands on what does not hold is to blame. What a hop knows too little of
   * ends there, and nobody is.
   */
  #checksOfSaid(message: NodeMessage, said: Said): readonly SignatureCheck[] {
    const judged = this.#judge(said);
    if (judged === 'wrong') return [NEVER];
    if (judged !== 'unfit') return judged;
    this.#unfit.add(message);
    return [];
  }

  /** What says nothing new is not looked at any further. */
  #checksOfProof(proof: ForkProof): readonly SignatureCheck[] {
    return this.#replication.isNews(proof) ? forkProofChecks(proof) : [];
  }

  /** A checkpoint by a committee that we do not know (yet) ends here, and nobody is to blame. */
  #judgeCheckpoint(message: NodeMessage, body: CheckpointMessage): readonly SignatureCheck[] {
    const checks = this.#checksOfCheckpoint(body) ?? [NEVER];
    if (checks !== 'unknown') return checks;
    this.#unfit.add(message);
    return [];
  }

  #checksOfCheckpoint({
    manifest,
    certificate,
  }: CheckpointMessage): ReturnType<CheckpointVerifier['checksOf']> {
    const { board, epoch, number } = manifest;
    return this.#verifier?.checksOf({ board, epoch, number, hash: hashManifest(manifest) }, certificate);
  }

  #checksOf(entry: Entry): readonly SignatureCheck[] {
    return this.#replication.knows(entry.hash) ? [] : entryChecks(entry);
  }
}

/** Whether the proof is about this board, and says that somebody contradicted itself. */
function isAbout(proof: ForkProof, board: BoardId): boolean {
  return proof.board === board && isContradiction(proof);
}

/** Whether the bytes are the hello of another version: its tag and the version behind it never change their places. */
function isOtherVersion(bytes: Bytes): boolean {
  const reader = new Reader(bytes);
  return (
    reader.varint() === HELLO_TAG && reader.varint() !== PROTOCOL_VERSION && reader.failure === undefined
  );
}
