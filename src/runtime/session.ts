/**
 * One open board on this tab: its node, the driver that runs it, its links. Reads the stored journals, starts everything in the right order,
 * and turns the node's events into promises and notices.
 */
import type { Bytes } from '../kernel/bytes.ts';
import { decodeWith, whole } from '../kernel/codec.ts';
import { isIdText, type BoardId, type PeerId } from '../kernel/ids.ts';
import type {
  ClockPort,
  IntroductionCarrier,
  LinkPort,
  SignerPort,
  StorePort,
  VerifierPort,
} from '../kernel/ports.ts';
import { randomFrom } from '../kernel/random.ts';
import { toHex } from '../kernel/bytes.ts';
import type { PeerCertificate } from '../identity/peer-certificate.ts';
import type {
  AskRefusal,
  BoardAction,
  CommandOutcome,
  NodeCommand,
  NodeEvent,
  OwnerDecree,
  Presence,
} from '../node/events.ts';
import { councilMark, readCouncilDisk } from '../node/council-disk.ts';
import type { CouncilDecision } from '../node/council-view.ts';
import type { ForkEvidence } from '../node/evidence.ts';
import type { NodeMessage } from '../node/messages.ts';
import { Node } from '../node/node.ts';
import { Recorder } from '../node/recorder.ts';
import type { BoardRecord } from './board-record.ts';
import { CodedError } from './coded-error.ts';
import { CouncilDesk } from './council-desk.ts';
import { deriveBoardKeys, randomBytes, type BoardKeys } from './crypto.ts';
import { Driver, type SignalingState } from './driver.ts';
import { createYielding } from './driver-yield.ts';
import { EvidenceTimes } from './evidence-times.ts';
import { LoadMeter } from './load-meter.ts';
import { PendingActions } from './pending-actions.ts';
import { RestorePieces } from './restore-pieces.ts';
import { ReturnedEdits } from './returned-edits.ts';
import { storageCode } from './storage-code.ts';
import type { Trace } from './trace.ts';

const JOURNAL_STORE = 'journal';
const CHECKPOINT_STORE = 'checkpoints';
const CONSENSUS_STORE = 'consensus';
const OUTGOING_STORE = 'outgoing';
const PEERS_STORE = 'peers';
/** Peers remembered per board for later sessions. Origin: the overlay's own bound on known peers. */
const MAX_REMEMBERED = 256;

/** What a session needs from the edges; `app/` supplies it. */
export interface SessionEdges {
  /** Of the application; recordings name it. */
  readonly version: string;
  readonly store: StorePort;
  readonly signer: SignerPort;
  readonly verifier: VerifierPort;
  readonly clock: ClockPort;
  readonly trace: Trace;
  createLinks(
    keys: BoardKeys,
    carrier: IntroductionCarrier,
    ports: { readonly verifier: VerifierPort; readonly clock: ClockPort },
  ): LinkPort;
}

export type SessionNotice =
  | { readonly type: 'board' | 'status' | 'joined' | 'presence' | 'evidence' | 'council' }
  | { readonly type: 'decision'; readonly decision: CouncilDecision }
  /** Edits came back, or were dismissed; `isOurs`: here, not in another tab of the profile. */
  | { readonly type: 'returned'; readonly isOurs: boolean }
  | { readonly type: 'turnedAway'; readonly code: string }
  | { readonly type: 'trouble'; readonly code: string; readonly detail: string };

export interface SessionOptions {
  readonly boardId: BoardId;
  readonly record: BoardRecord;
  readonly certificate: PeerCertificate;
  readonly edges: SessionEdges;
  readonly onNotice: (notice: SessionNotice) => void;
}

export class Session {
  readonly boardId: BoardId;
  readonly node: Node;
  /** Everything that this node did since the board was opened, for whoever looks for a fault. */
  readonly recorder: Recorder;
  readonly links: LinkPort;
  readonly openedAt: number;
  /** Edits of this device that were not taken over. */
  readonly returned: ReturnedEdits;
  /** The group's decisions. */
  readonly council: CouncilDesk;
  readonly #driver: Driver<NodeMessage, NodeCommand, NodeEvent>;
  readonly #options: SessionOptions;
  readonly #actions = new PendingActions();
  readonly #load: LoadMeter;
  readonly #found: EvidenceTimes;
  readonly #yielding = createYielding();
  readonly #remembered = new Set<PeerId>();
  #signaling: SignalingState = 'connecting';
  #stopped: string | undefined;
  #isStarted = false;
  #hasStarted: () => void = () => undefined;
  readonly #started = new Promise<void>((resolve) => {
    this.#hasStarted = resolve;
  });

  /** Reads the board's journals and starts its node; resolves when all of them have taken effect. Rejects with a CodedError when the store cannot be read. */
  static async open(options: SessionOptions): Promise<Session> {
    const keys = await deriveBoardKeys(options.record.secret);
    const session = new Session(options, keys);
    await session.#restore();
    session.#driver.start();
    session.#command({ type: 'start', wallMs: options.edges.clock.wallMs() });
    session.#load.start();
    await session.#started;
    return session;
  }

  private constructor(options: SessionOptions, keys: BoardKeys) {
    const { boardId, record, certificate, edges } = options;
    this.boardId = boardId;
    this.#options = options;
    this.openedAt = edges.clock.now();
    this.#found = new EvidenceTimes(edges.store, boardId);
    this.returned = new ReturnedEdits(edges.store, boardId, {
      changed: (isOurs) => {
        options.onNotice({ type: 'returned', isOurs });
      },
      failed: (code) => {
        options.onNotice({ type: 'trouble', code: storageCode(code), detail: 'returned edits' });
      },
    });
    this.#load = new LoadMeter(edges.clock, (load) =>
      this.#command({ type: 'profile', load, capabilities: [] }),
    );
    const { genesis, ticket } = record;
    const random = randomFrom(toHex(randomBytes(32)));
    const origin = { board: boardId, genesis, certificate, ticket };
    this.node = new Node({ ...origin, random });
    this.recorder = new Recorder(this.node, { ...origin, app: edges.version, seed: random.seed });
    this.council = new CouncilDesk(this.node, certificate.peer, (command) => this.#driver.command(command));
    this.links = edges.createLinks(
      keys,
      {
        reaches: (peer) => this.node.nextHop(peer) !== undefined,
        carry: (to, sealed) => this.#command({ type: 'introduce', to, sealed }),
      },
      edges,
    );
    this.#driver = new Driver<NodeMessage, NodeCommand, NodeEvent>({
      machine: this.recorder,
      protocol: this.recorder,
      links: this.links,
      store: edges.store,
      signer: edges.signer,
      verifier: edges.verifier,
      clock: edges.clock,
      yieldThen: (callback) => this.#yielding.yieldThen(callback),
      trace: edges.trace,
      onEvent: (event) => this.#heard(event),
      onStopped: (error) => this.#broke(error),
      onGap: (sleptMs) => this.#command({ type: 'woke', sleptMs }),
      onSignaling: (state) => {
        this.#signaling = state;
        options.onNotice({ type: 'status' });
      },
    });
  }

  get signaling(): SignalingState {
    return this.#signaling;
  }

  /** Why the node ended by itself, if it did. */
  get stopped(): string | undefined {
    return this.#stopped;
  }

  /** Carries out a board action; resolves when it is durable on this device, rejects with a CodedError. */
  act(action: BoardAction): Promise<CommandOutcome> {
    if (this.#stopped !== undefined) return Promise.reject(new CodedError(this.#stopped));
    const { token, promise } = this.#actions.open();
    this.#command({ type: 'act', token, action, wallMs: this.wallMs() });
    return promise;
  }

  /** Writes what only owners may; resolves when it is durable on this device, rejects with a CodedError. */
  async decree(decree: OwnerDecree): Promise<void> {
    if (this.#stopped !== undefined) throw new CodedError(this.#stopped);
    const { token, promise } = this.#actions.open();
    this.#command({ type: 'decree', token, decree, wallMs: this.#options.edges.clock.wallMs() });
    await promise;
  }

  /** Proofs of misbehaviour, each with when this device learned of it, milliseconds since 1970 by its clock; null if that was not kept. */
  evidence(): readonly (ForkEvidence & { readonly foundAt: number | null })[] {
    return this.node.evidence().map((proof) => ({ ...proof, foundAt: this.#found.at(proof.author) ?? null }));
  }

  rename(certificate: PeerCertificate): void {
    this.#command({ type: 'rename', certificate, wallMs: this.wallMs() });
  }

  /** Tells others what this tab's person is at; undefined: at no card. */
  present(presence: Presence | undefined): void {
    this.#command({ type: 'presence', presence });
  }

  sleeping(): void {
    this.#command({ type: 'sleeping' });
  }

  woke(sleptMs: number): void {
    this.#command({ type: 'woke', sleptMs });
  }

  /** This device's clock, milliseconds since 1970. */
  wallMs(): number {
    return this.#options.edges.clock.wallMs();
  }

  browserLocal(peer: PeerId): boolean {
    return this.#driver.facts(peer)?.browserLocal === true;
  }

  trace(): readonly string[] {
    return this.#driver.trace();
  }

  /** Says goodbye and ends; what was handed to the disk is still written. `isPageGone`: the page goes away with it. */
  close(isPageGone = false): void {
    this.#command({ type: 'leaving' });
    this.#driver.stop(isPageGone);
    this.#load.stop();
    this.#yielding.stop();
    this.#actions.failAll('closed');
    this.council.close('closed');
  }

  #command(command: NodeCommand): void {
    if (!this.#driver.command(command) && (command.type === 'act' || command.type === 'decree'))
      this.#actions.fail(command.token, 'overloaded');
  }

  async #restore(): Promise<void> {
    const { store } = this.#options.edges;
    const prefix = `${this.boardId}/`;
    const records: Bytes[] = [];
    const checkpoints = await store.scan(CHECKPOINT_STORE, prefix, (batch) => {
      records.push(...batch.map(([, bytes]) => bytes));
    });
    if (!checkpoints.ok) throw new CodedError(storageCode(checkpoints.code));
    this.#command({ type: 'restoreCheckpoint', records });
    // Before the journals: nobody will ask which cards a delivered entry touched.
    const acked: { author: PeerId; seq: number }[] = [];
    await store.scan(OUTGOING_STORE, prefix, (batch) => {
      for (const [key, value] of batch) {
        const author = key.slice(prefix.length);
        const seq = decodeWith(whole(), value);
        if (isIdText(author) && seq.ok) acked.push({ author: author as PeerId, seq: seq.value });
      }
    });
    this.#command({ type: 'restoreAcks', acked });
    const pieces = new RestorePieces(prefix);
    const journals = await store.scan(JOURNAL_STORE, prefix, (batch) => {
      for (const entries of pieces.cut(batch)) {
        const isTaken = this.#driver.command({ type: 'restore', entries });
        if (!isTaken && this.#stopped === undefined) throw new CodedError('overloaded');
      }
    });
    if (!journals.ok) throw new CodedError(storageCode(journals.code));
    await this.#restoreCouncil(prefix);
    await store.scan(PEERS_STORE, prefix, (batch) => {
      for (const [key] of batch) {
        const peer = key.slice(prefix.length);
        if (isIdText(peer) && this.#remembered.size < MAX_REMEMBERED) this.#remembered.add(peer as PeerId);
      }
    });
    this.#command({ type: 'remember', peers: [...this.#remembered] });
    await this.#found.load();
    await this.returned.load();
  }

  async #restoreCouncil(prefix: string): Promise<void> {
    const { certificate, edges } = this.#options;
    const mark = await edges.store.read('meta', councilMark(this.boardId, certificate.peer));
    if (!mark.ok) throw new CodedError(storageCode(mark.code));
    const pairs: (readonly [string, Bytes])[] = [];
    const scanned = await edges.store.scan(CONSENSUS_STORE, prefix, (batch) => {
      pairs.push(...batch);
    });
    if (!scanned.ok) throw new CodedError(storageCode(scanned.code));
    const disk = readCouncilDisk(this.boardId, certificate.peer, pairs, mark.value !== undefined);
    this.#command({ type: 'restoreCouncil', disk });
  }

  #heard(event: NodeEvent): void {
    const { onNotice } = this.#options;
    switch (event.type) {
      case 'done':
        this.#actions.resolve(event.token, event.outcome);
        return;
      case 'refused':
        this.#actions.fail(event.token, event.code);
        this.council.refused(event.token, event.code as AskRefusal);
        return;
      case 'asked':
        this.council.asked(event.token, event.number);
        return;
      case 'resetDrafted':
      case 'begunAnew':
        this.council.heardOfReset(event);
        return;
      case 'decision':
        this.council.decided(event.decision);
        onNotice(event);
        return;
      case 'councilTrouble':
        onNotice({ type: 'trouble', code: event.code, detail: event.detail });
        return;
      case 'started':
        // What the disk's journals lack came back in the run that learned of it.
        this.node.takeLost();
        this.#isStarted = true;
        this.#hasStarted();
        return;
      case 'board':
        if (this.#isStarted) this.#takeBack();
        onNotice({ type: 'board' });
        return;
      case 'joined':
      case 'presence':
      case 'council':
        onNotice({ type: event.type });
        return;
      case 'status':
        this.#rememberNeighbours();
        onNotice({ type: 'status' });
        return;
      case 'turnedAway':
        if (event.code === 'evicted') this.#takeBack();
        onNotice({ type: 'turnedAway', code: event.code });
        return;
      case 'announce':
        this.links.announce();
        return;
      case 'component':
        this.links.belong(event.component);
        return;
      case 'introduced':
        this.links.introduced(event.sealed);
        return;
      case 'fork':
        this.#found.note(event.proof.author, this.#options.edges.clock.wallMs());
        onNotice({ type: 'evidence' });
        onNotice({ type: 'trouble', code: 'equivocation', detail: event.proof.author });
        return;
      case 'checkpointConflict':
        onNotice({ type: 'trouble', code: event.type, detail: String(event.number) });
        return;
      case 'entryRefused':
        onNotice({ type: 'trouble', code: event.refused.code, detail: event.refused.author });
        return;
      case 'keepsBack':
        // Its place goes to somebody else: nothing for people to do.
        return;
    }
  }

  /** At once: what follows in this turn (the decree that took an edit) must not reach the disk before the edit has. */
  #takeBack(): void {
    this.returned.add(this.node.takeLost());
    // Whoever was evicted keeps a copy in which all of it has effect, and nobody else ever will.
    if (!this.node.isEvicted) this.returned.settle((entry) => this.node.holds(entry));
  }

  #rememberNeighbours(): void {
    for (const peer of this.node.neighbours()) {
      if (this.#remembered.has(peer) || this.#remembered.size >= MAX_REMEMBERED) continue;
      this.#remembered.add(peer);
      const value: Bytes = new Uint8Array(0);
      // Best effort: a peer that is not remembered is found again through signaling.
      void this.#options.edges.store.write([
        { op: 'put', store: PEERS_STORE, key: `${this.boardId}/${peer}`, value },
      ]);
    }
  }

  #broke(error: unknown): void {
    this.#stopped = 'internalError';
    this.#hasStarted();
    this.#actions.failAll('internalError');
    this.council.close('internalError');
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.#options.onNotice({ type: 'trouble', code: 'internalError', detail });
  }
}
