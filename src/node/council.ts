/**
 * The committee's part of a node: the replica and the state machine that it executes, joined to the mesh and the disk. Until the founding of
 * the board's first committee is known there is neither, and everything else of the node does without. Rules NOD-50 to NOD-64 of docs/spec/node.md.
 */
import type { BoardId, PeerId } from '../kernel/ids.ts';
import type { Input, Instant, Write } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';
import type { Link } from '../consensus/chain.ts';
import type { ConsensusCommand, ConsensusEvent } from '../consensus/events.ts';
import type { ConsensusMessage } from '../consensus/messages.ts';
import type { ConsensusEffect } from '../consensus/outbox.ts';
import type { Parts } from '../consensus/parts.ts';
import { CONSENSUS_STORE } from '../consensus/records.ts';
import { Replica } from '../consensus/replica.ts';
import { requestKey } from '../consensus/requests.ts';
import { restoreParts } from '../consensus/restore.ts';
import { decodeOperation, encodeOperation, type Operation } from '../governance/operations.ts';
import type { GovernanceState } from '../governance/state.ts';
import type { ForkProof } from '../replication/forks.ts';
import type { AttestingDesk } from './attesting.ts';
import type { CarryingDesk } from './carrying-desk.ts';
import { isClosed } from './carrying-out.ts';
import { DecisionArchive, type CouncilDecision } from './council-archive.ts';
import { CouncilLag } from './council-lag.ts';
import { judgeFounding, judgeSaid, type Judgement } from './council-judging.ts';
import { CouncilLedger } from './council-ledger.ts';
import { CouncilMail, type MailHost } from './council-mail.ts';
import { councilMark, foundingKey, ownPrefix, type CouncilDisk } from './council-disk.ts';
import {
  certificateOf,
  evidenceOf,
  leaderOf,
  preparedBy,
  statusOf,
  type CommitteeStatus,
  type DecisionEvidence,
  type Muted,
} from './council-view.ts';
import { Errands, errandsOf, isPersonal, nextDue, rankOf } from './errands.ts';
import { beginningOf, decodeFounding, encodeFounding, openFounding } from './founding.ts';
import { IDLE_STATUS_MS, MAX_OPEN_ERRANDS } from './limits.ts';
import type { CouncilMessage, Said } from './messages.ts';
import type { CouncilCommand, NodeEvent } from './events.ts';
import { ResetDesk } from './resetting.ts';
import type { Roster } from './roster.ts';

const LOOK_TIMER = 'council/look';
const ERRAND = 'council/errand';

export interface CouncilOptions {
  readonly board: BoardId;
  readonly self: PeerId;
  readonly roster: Roster;
  readonly random: Random;
  readonly proofs: () => readonly ForkProof[];
  readonly carrying: CarryingDesk;
  readonly attesting: AttestingDesk;
}

export interface CouncilHost extends MailHost {
  emit(event: NodeEvent): void;
  /** Peers that the mesh reaches, without us. */
  reachable(): readonly PeerId[];
  wallMs(): number;
}

export class Council {
  readonly #options: CouncilOptions;
  readonly #host: CouncilHost;
  readonly #mail: CouncilMail;
  readonly #archive: DecisionArchive;
  readonly #errands = new Errands();
  readonly #resetting: ResetDesk;
  readonly #lag = new CouncilLag();
  #disk: CouncilDisk = { founding: undefined, records: [], archive: [], wasUsed: false };
  #replica: Replica | undefined;
  #ledger: CouncilLedger | undefined;
  /** Our key lost what it signed: we follow, and sign nothing that counts. */
  #isMuted = false;
  #isStarted = false;
  #hadQuorum = false;
  /** What the first write that becomes durable has to bring besides: the mark that our key is used, and the founding. */
  #firstWrites: Write[] = [];
  #now = 0 as Instant;
  /** Something may have become due in the step under way. */
  #wantsLook = false;
  #lookAt: Instant | undefined;

  constructor(options: CouncilOptions, host: CouncilHost) {
    this.#options = options;
    this.#host = host;
    this.#mail = new CouncilMail(options.self, host);
    this.#archive = new DecisionArchive(options.board);
    this.#resetting = new ResetDesk(options.self, options.roster, {
      parts: () => this.parts,
      emit: (event) => host.emit(event),
      command: (command) => this.#command(command),
      tellAll: (message) => this.#mail.broadcast(this.#said(message)),
    });
  }

  /** What has been executed here; undefined until the committee is known. To look at only. */
  get state(): GovernanceState | undefined {
    return this.#ledger?.state;
  }

  /** The group decided that the board is over: nobody edits it any more. */
  get isClosed(): boolean {
    return isClosed(this.state);
  }

  get parts(): Parts | undefined {
    return this.#replica?.parts;
  }

  get archive(): DecisionArchive {
    return this.#archive;
  }

  status(): CommitteeStatus | undefined {
    return this.parts === undefined ? undefined : statusOf(this.parts, this.muted);
  }

  /** Why this tab's key has no say, if so: a new one would. */
  get muted(): Muted | undefined {
    if (this.#isMuted) return 'keyLost';
    return this.state?.convictions.has(this.#options.self) === true ? 'convicted' : undefined;
  }

  /** The file that proves the request at this place, from 1, of a decision; undefined when its certificate is not kept here. */
  certificate(seq: number, place: number): string | undefined {
    const { genesis } = this.#options.roster;
    const archived = this.#archive.at(seq);
    if (this.parts === undefined || archived === undefined || genesis === undefined) return undefined;
    return certificateOf(genesis, this.parts.chain, archived, place);
  }

  isReachable(peer: PeerId): boolean {
    return this.#host.reachable().includes(peer);
  }

  evidence(seq: number): DecisionEvidence | undefined {
    const archived = this.#archive.at(seq);
    return archived && this.parts && evidenceOf(this.parts.chain, archived);
  }

  /** Our own operations that are not decided yet, oldest first, without those that the tab asked for by itself. */
  waiting(): readonly { readonly number: number; readonly operation: Operation }[] {
    return (this.parts?.own.all() ?? []).flatMap(({ number, operation: bytes }) => {
      const operation = decodeOperation(this.#options.board, bytes);
      return operation.ok && isPersonal(operation.value) ? [{ number, operation: operation.value }] : [];
    });
  }

  /** Agreed time as far as it can be told, ms since 1970. */
  get time(): number {
    return Math.max(this.state?.time ?? 0, this.#host.wallMs());
  }

  /** What the disk holds; before {@link start}. */
  #restore(disk: CouncilDisk): void {
    this.#disk = disk;
    this.#archive.restore(disk.archive);
  }

  start(now: Instant): void {
    this.#now = now;
    this.#isStarted = true;
    this.resume(now);
  }

  /** Begins if the founding is known by now, or was, and the genesis has come since. */
  resume(now: Instant): void {
    this.#now = now;
    const { board, roster } = this.#options;
    const { founding } = this.#disk;
    if (
      !this.#isStarted ||
      this.#replica !== undefined ||
      founding === undefined ||
      roster.genesis === undefined
    )
      return;
    const link = decodeFounding(board, founding);
    if (link.ok) this.#begin(link.value);
  }

  /** Begins with a founding that was judged and whose signature holds. */
  #begin(founding: Link): void {
    const { board, roster, self, random } = this.#options;
    const { genesis } = roster;
    if (genesis === undefined || !openFounding(genesis, founding).ok) return;
    const beginning = beginningOf(genesis, founding.committee);
    const common = { owners: [genesis.creator], founding, self, random, idleStatusMs: IDLE_STATUS_MS };
    const { records, wasUsed } = this.#disk;
    let ledger = new CouncilLedger(beginning);
    let parts = restoreParts({ ...common, application: ledger }, records, !wasUsed);
    if (!parts.ok) {
      this.#isMuted = true;
      this.#host.emit({ type: 'councilTrouble', code: 'keyLost', detail: parts.code });
      ledger = new CouncilLedger(beginning);
      parts = restoreParts({ ...common, application: ledger, maySign: false }, [], true);
      if (!parts.ok) return;
    }
    if (records.length === 0)
      this.#firstWrites = [
        { op: 'put', store: CONSENSUS_STORE, key: foundingKey(board), value: encodeFounding(founding) },
        { op: 'put', store: 'meta', key: councilMark(board, self), value: new Uint8Array([1]) },
      ];
    this.#disk = { founding: undefined, records: [], archive: [], wasUsed: true };
    this.#ledger = ledger;
    this.#replica = new Replica(parts.value);
    this.#command({ type: 'clock', time: this.#host.wallMs() });
    this.#command({ type: 'reachable', peers: this.#host.reachable() });
    this.#command({ type: 'start' });
    this.#hadQuorum = parts.value.reach.hasQuorum;
    for (const peer of this.#host.neighbours()) this.#greet(peer);
    for (const peer of this.#mail.askers()) this.#tellFounding(peer);
    this.#host.emit({ type: 'council' });
    this.#look();
  }

  /** What the application asks for; `token` comes back with what came of it. */
  obey(command: CouncilCommand, now: Instant): void {
    this.#now = now;
    if (command.type === 'restoreCouncil') {
      this.#restore(command.disk);
      return;
    }
    const { token } = command;
    const code = this.#whyNotAsk();
    if (code !== undefined && !(code === 'keyLost' && command.type !== 'ask'))
      this.#host.emit({ type: 'refused', token, code });
    else if (command.type === 'ask')
      this.#command({ type: 'submit', operation: encodeOperation(command.operation), token });
    else if (command.type === 'beginAnew') this.#resetting.begin(token);
    else this.#resetting.signed(token, command.signature);
  }

  #whyNotAsk(): 'notReady' | 'evicted' | Muted | undefined {
    const { roster, self } = this.#options;
    if (this.#replica === undefined) return 'notReady';
    if (roster.isOursEvicted) return 'evicted';
    const member = this.state?.members.memberOf(self);
    if (member !== undefined && this.state?.members.roleOf(member) === undefined) return 'evicted';
    return this.muted;
  }

  /** A neighbour's message, judged {@link judge fit} and its signatures checked. */
  received(from: PeerId, message: CouncilMessage, now: Instant): void {
    this.#now = now;
    if (message.kind === 'said') this.heard(message, from, now);
    else if (this.#replica === undefined) this.#mail.askedFounding(from);
    else this.#tellFounding(from);
  }

  /** What somebody said, judged fit and its signatures checked; who brings it plays no part. */
  heard({ message }: Said, from: PeerId, now: Instant): void {
    this.#now = now;
    if (this.#replica !== undefined) {
      this.#step({ kind: 'received', from, message });
      return;
    }
    const founding = message.kind === 'links' ? message.links[0] : undefined;
    if (founding !== undefined) this.#begin(founding);
  }

  /** What has to hold before a message is stepped or handed on. `unfit`: we know too little, or too much, to say; `wrong`: no honest peer hands this on. */
  judge(said: Said): Judgement {
    const { parts } = this;
    if (parts === undefined) return judgeFounding(this.#options.roster.genesis, said.message);
    if ('epoch' in said.message) this.#lag.noticed(said.message.epoch, parts.chain.tip.committee.epoch);
    return judgeSaid(parts, said);
  }

  /** `from` brought something that names an epoch of which we have not heard, if {@link judge} noticed that. */
  catchUp(from: PeerId, now: Instant): void {
    if (!this.#lag.isDue(now)) return;
    this.#now = now;
    this.#command({ type: 'greet', peer: from });
  }

  /** An answer to what the replica asked of disk or key. */
  answered(input: Input<never, never>, now: Instant): void {
    this.#now = now;
    // There is one write at a time, and the same again when the disk refused it.
    if (input.kind === 'durable') this.#firstWrites = [];
    this.#step(input);
  }

  elapsed(timer: string, now: Instant): void {
    this.#now = now;
    if (timer === LOOK_TIMER) {
      this.#lookAt = undefined;
      this.#look();
    } else this.#step({ kind: 'elapsed', timer });
  }

  neighbourUp(peer: PeerId, now: Instant): void {
    this.#now = now;
    if (this.#replica === undefined) this.#mail.askFounding(peer);
    else this.#greet(peer);
  }

  neighbourDown(peer: PeerId): void {
    this.#mail.forget(peer);
  }

  /** Which peers the mesh reaches has changed. */
  peersChanged(now: Instant): void {
    this.#now = now;
    if (this.#replica === undefined) return;
    this.#command({ type: 'reachable', peers: this.#host.reachable() });
    const hasQuorum = this.parts?.reach.hasQuorum === true;
    if (hasQuorum && !this.#hadQuorum) {
      this.#mail.begin();
      this.#errands.begin();
    }
    if (hasQuorum !== this.#hadQuorum) this.#host.emit({ type: 'council' });
    this.#hadQuorum = hasQuorum;
    this.#look();
  }

  /** Members came, went, or may do other things than before. */
  rosterChanged(now: Instant): void {
    this.#now = now;
    this.resume(now);
    this.#look();
  }

  /** The machine slept, or its clock was set. */
  woke(now: Instant): void {
    this.#now = now;
    if (this.#replica === undefined) return;
    this.#command({ type: 'clock', time: this.#host.wallMs() });
    for (const peer of this.#host.neighbours()) this.#greet(peer);
  }

  #greet(peer: PeerId): void {
    this.#command({ type: 'greet', peer });
    const { parts } = this;
    if (parts !== undefined)
      this.#mail.tellPending(peer, parts.pending, this.#now, (message) => this.#said(message));
  }

  #tellFounding(peer: PeerId): void {
    const links = this.parts?.chain.links(0, 1);
    if (links !== undefined) this.#mail.tellFounding(peer, this.#said({ kind: 'links', links }));
  }

  #command(command: ConsensusCommand): void {
    this.#step({ kind: 'command', command });
  }

  #step(input: Input<ConsensusMessage, ConsensusCommand>): void {
    if (this.#replica === undefined) return;
    for (const effect of this.#replica.step(input, this.#now)) this.#obey(effect);
    if (!this.#wantsLook) return;
    this.#wantsLook = false;
    this.#look();
  }

  #obey(effect: ConsensusEffect): void {
    switch (effect.kind) {
      case 'send':
        this.#mail.send(effect.to, this.#said(effect.message));
        return;
      case 'emit':
        this.#heardReplica(effect.event);
        return;
      case 'persist':
        this.#persist(effect.tag, effect.writes);
        return;
      default:
        this.#host.put(effect);
    }
  }

  /** Records of all tabs of a profile lie in one collection: ours under our key. A key that is mute has nothing to keep. */
  #persist(tag: string, writes: readonly Write[]): void {
    if (this.#isMuted) {
      this.#host.put({ kind: 'persist', tag, writes: [] });
      return;
    }
    const prefix = ownPrefix(this.#options.board, this.#options.self);
    const own = writes.map((write): Write => ({ ...write, key: prefix + write.key }));
    this.#host.put({ kind: 'persist', tag, writes: [...this.#firstWrites, ...own] });
  }

  #heardReplica(event: ConsensusEvent): void {
    switch (event.type) {
      case 'broadcast':
        this.#broadcast(event.message);
        return;
      case 'submitted':
        if (event.token !== ERRAND)
          this.#host.emit({ type: 'asked', token: event.token, number: event.number });
        return;
      case 'refused':
        if (event.token !== ERRAND)
          this.#host.emit({ type: 'refused', token: event.token, code: event.code });
        return;
      case 'decided':
        this.#decided(event);
        return;
      case 'epoch':
      case 'relieved':
      case 'caughtUp':
      case 'view':
        this.#host.emit({ type: 'council' });
        this.#wantsLook = true;
        return;
      case 'halted':
        this.#host.emit({ type: 'councilTrouble', code: 'councilHalted', detail: event.reason });
        return;
      case 'evidence':
        this.#host.emit({ type: 'councilTrouble', code: 'seatLied', detail: event.proof.key });
        this.#wantsLook = true;
        return;
      case 'forked':
      case 'notSigned':
      case 'resetRefused':
      case 'rolled':
      case 'resetDrafted':
        if (this.#resetting.heard(event) || event.type === 'rolled' || event.type === 'resetDrafted') return;
        this.#host.emit({ type: 'councilTrouble', code: 'councilForked', detail: event.type });
        return;
    }
  }

  #broadcast(message: ConsensusMessage): void {
    const { parts } = this;
    if (parts === undefined) return;
    if (message.kind === 'question' && message.question.kind !== 'call') this.#mail.ask(this.#said(message));
    else if (message.kind === 'request')
      this.#mail.request(requestKey(message.request), this.#said(message), leaderOf(parts));
    else this.#mail.broadcast(this.#said(message));
  }

  #said(message: ConsensusMessage): Said {
    const committee = 'epoch' in message ? this.parts?.chain.at(message.epoch)?.committee.digest : undefined;
    return { committee, again: 0, message };
  }

  #decided({ batch, certificate, epoch }: ConsensusEvent & { readonly type: 'decided' }): void {
    const { ledger, parts } = { ledger: this.#ledger, parts: this.parts };
    if (ledger === undefined || parts === undefined) return;
    const executed = ledger.take(certificate.seq);
    const decisions = executed.map(({ decision, request }): CouncilDecision => {
      const place = batch.requests.indexOf(request) + 1;
      return { ...decision, number: request.number, place };
    });
    for (const { request } of executed) this.#mail.done(requestKey(request));
    for (const { operation, refusal } of decisions)
      if (operation !== undefined && refusal !== undefined) this.#errands.refused(operation, refusal);
    // After a restart it is told again what was kept by then.
    if (!this.#archive.has(certificate.seq)) {
      const prepared = epoch === parts.committee.epoch ? preparedBy(parts, certificate) : [];
      const writes = this.#archive.add({ epoch, certificate, batch, prepared, decisions });
      this.#host.put({ kind: 'persist', tag: 'council/archive', writes });
      for (const decision of decisions) this.#host.emit({ type: 'decision', decision });
    }
    this.#host.emit({ type: 'council' });
    this.#wantsLook = true;
  }

  /** Asks for what should be asked for, while a quorum is there to decide it. */
  #look(): void {
    const { ledger, parts } = { ledger: this.#ledger, parts: this.parts };
    if (ledger === undefined || parts === undefined) return;
    const { attesting, carrying, proofs, roster, self } = this.#options;
    carrying.look(ledger.state, this.#now);
    const mayAsk = !this.#isMuted && parts.reach.hasQuorum;
    const session = { parts, state: ledger.state, archive: this.#archive, mayAsk, now: this.#now };
    const attested = attesting.look(session);
    if (!mayAsk) return;
    const reachable = new Set(this.#host.reachable());
    const { state } = ledger;
    const decrees = carrying.toTell(state);
    const held = { proofs: proofs(), lies: parts.lies.all(), decrees };
    const errands = errandsOf({ state, self, roster, ...held, reachable, time: this.time });
    const rank = rankOf(self, parts.committee.keys, reachable);
    const room = MAX_OPEN_ERRANDS - (parts.own.all().length - this.waiting().length);
    const { lookAt, operations } = this.#errands.due(errands, rank, room, this.#now);
    this.#lookNext(lookAt, attested.lookAt);
    for (const operation of [...operations, ...attested.operations])
      this.#command({ type: 'submit', operation: encodeOperation(operation), token: ERRAND });
  }

  #lookNext(errandAt: Instant | undefined, attestAt: Instant | undefined): void {
    const { self } = this.#options;
    const dueInMs = this.state === undefined ? Infinity : nextDue(this.state, self, this.time);
    const at = Math.min(errandAt ?? Infinity, attestAt ?? Infinity, this.#now + dueInMs);
    if (at === this.#lookAt || (at === Infinity && this.#lookAt === undefined)) return;
    this.#lookAt = at === Infinity ? undefined : (at as Instant);
    if (this.#lookAt === undefined) this.#host.put({ kind: 'disarm', timer: LOOK_TIMER });
    else this.#host.put({ kind: 'arm', timer: LOOK_TIMER, afterMs: Math.max(0, this.#lookAt - this.#now) });
  }
}
