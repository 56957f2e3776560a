/**
 * One participant of one board: overlay, replication, roster and board domain wired together. A machine like its parts; the browser's
 * driver and the simulator drive this very object. It only routes: each rule lives in the part that it belongs to.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Input, Instant, LinkFailure, Machine, Protocol, SignatureCheck } from '../kernel/machine.ts';
import { refuse, type Result } from '../kernel/result.ts';
import type { Admission } from '../identity/admission.ts';
import { mayEdit } from '../identity/roles.ts';
import type { OverlayCommand, OverlayEffect } from '../overlay/commands.ts';
import type { OverlayMessage } from '../overlay/messages.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { Entry } from '../replication/entry.ts';
import type { ForkProof } from '../replication/forks.ts';
import type { ReplicationMessage } from '../replication/messages.ts';
import type { Draft } from '../replication/own-journal.ts';
import type { ReplicationCommand, ReplicationEffect } from '../replication/commands.ts';
import type { Replication } from '../replication/replication.ts';
import type { Council } from './council.ts';
import { wireCouncil, type WiredHost } from './council-wiring.ts';
import { Deliveries, type CardDelivery } from './deliveries.ts';
import type { ActionRefusal, NodeCommand, NodeEffect, NodeEvent } from './events.ts';
import { endOf, Gate, type GateHost } from './gate.ts';
import type { NodeMessage } from './messages.ts';
import { assembleNode, type NodeOptions } from './node-parts.ts';
import { NodeView } from './node-view.ts';
import type { Opening } from './opening.ts';
import { hearOverlay, type OverlayListener } from './overlay-events.ts';
import { OwnersDesk } from './owners-desk.ts';
import { PresenceDesk, type PresenceView } from './presence-desk.ts';
import { OTHER_VERSION, type NodeProtocol } from './protocol.ts';
import { isNeighbour, type Standing } from './reception.ts';
import { hearReplication, type ReplicationListener } from './replication-events.ts';
import type { Roster } from './roster.ts';
import { joinStateOf, type JoinState } from './status.ts';
import type { Workbench } from './workbench.ts';

export type { NodeEffect };

export class Node
  extends NodeView
  implements Machine<NodeMessage, NodeCommand, NodeEvent>, Protocol<NodeMessage>
{
  /** The group's decisions, to look at and, by commands, to ask for. */
  readonly council: Council;
  readonly #self: PeerId;
  readonly #ticket: Admission | undefined;
  readonly #roster: Roster;
  readonly #bench: Workbench;
  readonly #overlay: Overlay;
  readonly #replication: Replication;
  readonly #gate: Gate;
  readonly #opening: Opening;
  readonly #presence: PresenceDesk;
  readonly #owners: OwnersDesk;
  #out: NodeEffect[] = [];
  #now = 0 as Instant;
  #wallAtStart = 0;
  #startedAt = 0 as Instant;
  #started = false;
  #joinedTold: boolean;
  readonly #protocol: NodeProtocol;
  readonly #deliveries: Deliveries;
  readonly #unread: Bytes[] = []; // entries from our disk that cannot be judged yet

  constructor(options: NodeOptions) {
    const parts = assembleNode(options);
    super(parts);
    const { board, certificate, ticket } = options;
    this.#self = certificate.peer;
    this.#ticket = ticket;
    this.#joinedTold = ticket === undefined;
    const { roster, bench, overlay, replication, opening, protocol } = parts;
    this.#roster = roster;
    this.#bench = bench;
    this.#overlay = overlay;
    this.#replication = replication;
    this.#opening = opening;
    this.#protocol = protocol;
    this.#deliveries = new Deliveries(certificate.member, roster, bench, replication);
    this.#gate = new Gate(board, roster, ticket, this.#host());
    this.#owners = new OwnersDesk(this.#self, roster, replication.journals, {
      whyNot: () => this.#whyNot(),
      member: () => opening.certificate.member,
      refuse: (token, code) => this.#emit({ type: 'refused', token, code }),
      append: (draft, token) => {
        if (token !== '') bench.open(token, { ids: [] });
        this.#append(draft, token);
      },
      isDamaged: () => replication.isDamaged,
      wallMs: () => this.#wallMs(),
      cut: (peer, reason) => this.#cut(peer, reason),
    });
    this.council = wireCouncil(options, parts, this.#councilHost());
    this.#presence = new PresenceDesk(roster, overlay, {
      put: (effect) => this.#out.push(effect),
      announce: (note) => this.#overlayCommand({ type: 'note', note }),
      changed: () => this.#emit({ type: 'presence' }),
    });
  }

  /** The council's side of this node. */
  #councilHost(): WiredHost {
    return {
      put: (effect) => this.#out.push(effect),
      overlay: (command) => this.#overlayCommand(command),
      neighbours: () => this.neighbours().filter((peer) => this.#gate.standing(peer) === 'member'),
      reachable: () => this.reachable(),
      wallMs: () => this.#wallMs(),
      emit: (event) => this.#emit(event),
      replicate: this.#replicate,
      decree: (decree) => this.#owners.decree(decree),
      act: (action) => this.#act(action),
    };
  }

  /** What other tabs are at; the same object until something changed. */
  presence(): readonly PresenceView[] {
    return this.#presence.others();
  }

  /** How far what was changed on this device has come, card by card. */
  deliveries(): readonly CardDelivery[] {
    return this.#deliveries.all();
  }

  joinState(): JoinState {
    return joinStateOf(this.#isComplete(), this.#replication.copying);
  }

  encode(message: NodeMessage): Bytes {
    return this.#protocol.encode(message);
  }

  decode(bytes: Bytes): Result<NodeMessage, string> {
    return this.#protocol.decode(bytes);
  }

  checks(message: NodeMessage): readonly SignatureCheck[] {
    return this.#protocol.checks(message);
  }

  step(input: Input<NodeMessage, NodeCommand>, now: Instant): readonly NodeEffect[] {
    this.#now = now;
    this.#out = [];
    this.#route(input);
    this.#tellIfJoined();
    return this.#out;
  }

  #route(input: Input<NodeMessage, NodeCommand>): void {
    switch (input.kind) {
      case 'command':
        this.#command(input.command);
        return;
      case 'received':
        this.#received(input.from, input.message);
        return;
      case 'linkUp':
        this.#gate.arrived(input.peer, this.#opening.certificate);
        return;
      case 'linkDown':
        this.#depart(input.peer, input.reason);
        return;
      case 'refused':
        if (input.code === OTHER_VERSION) this.#gate.differs(input.from);
        else this.#refused(input);
        return;
      case 'elapsed':
        this.#elapsed(input.timer);
        return;
      case 'signed':
      case 'durable':
      case 'notDurable':
        // Tags start with their layer's name.
        if (input.tag.startsWith('overlay/')) this.#toOverlay(input);
        else if (input.tag.startsWith('consensus/')) this.council.answered(input, this.#now);
        else this.#toReplication(input);
        return;
      case 'asked':
      case 'discovered':
      case 'dialFailed':
        if (input.kind !== 'discovered' || !this.#gate.isExpelled(input.peer)) this.#toOverlay(input);
        return;
    }
  }

  #command(command: NodeCommand): void {
    switch (command.type) {
      case 'start':
        this.#start(command.wallMs);
        return;
      case 'restore':
        // Without the genesis nobody is known, and everything would be refused for good.
        if (this.#roster.genesis === undefined) this.#unread.push(...command.entries);
        else this.#replicate({ type: 'restore', ...this.#protocol.readStored(command.entries) });
        return;
      case 'restoreCouncil':
      case 'ask':
      case 'beginAnew':
      case 'signReset':
        this.council.obey(command, this.#now);
        return;
      case 'restoreAcks':
      case 'restoreCheckpoint':
      case 'certify':
      case 'decideCut':
        this.#replicate(command);
        return;
      case 'act':
        this.#act(command);
        return;
      case 'decree':
        this.#owners.decree(command);
        return;
      case 'rename':
        this.#opening.rename(command.certificate);
        this.#claimIfNeeded();
        return;
      case 'presence':
        this.#presence.say(command.presence, this.#now);
        return;
      case 'introduce':
      case 'profile':
      case 'remember':
      case 'sleeping':
      case 'leaving':
        this.#overlayCommand(command);
        return;
      case 'woke':
        this.#overlayCommand(command);
        this.council.woke(this.#now);
        return;
    }
  }

  #start(wallMs: number): void {
    this.#started = true;
    this.#wallAtStart = wallMs;
    this.#startedAt = this.#now;
    this.#overlayCommand({ type: 'start', wallMs });
    this.#replicate({ type: 'start' });
    this.#claimIfNeeded();
    this.council.start(this.#now);
    this.#emit({ type: 'started' });
  }

  /** Reads what was stored before the genesis was, now that somebody has told it. */
  #readOn(): void {
    this.council.resume(this.#now);
    if (this.#unread.length === 0 || this.#roster.genesis === undefined) return;
    this.#replicate({ type: 'restore', ...this.#protocol.readStored(this.#unread.splice(0)) });
    this.#replicate({ type: 'start' });
  }

  #wallMs(): number {
    return Math.max(0, Math.round(this.#wallAtStart + (this.#now - this.#startedAt)));
  }

  #act(command: NodeCommand & { type: 'act' }): void {
    const { token, action } = command;
    const code = this.#whyNot();
    const acted =
      code === undefined ? this.#bench.act(action, this.#replication.clientId, command.wallMs) : refuse(code);
    if (!acted.ok) {
      this.#emit({ type: 'refused', token, code: acted.code });
      return;
    }
    const { outcome, update } = acted.value;
    if (update === undefined) {
      this.#emit({ type: 'done', token, outcome });
      return;
    }
    this.#bench.open(token, outcome);
    this.#append({ kind: 'update', payload: update, wallMs: command.wallMs }, token);
    this.#emit({ type: 'board' });
  }

  #whyNot(): ActionRefusal | undefined {
    const { role, barred } = this;
    if (barred !== undefined) return barred === 'evicted' ? 'evicted' : 'journalFrozen';
    if (!this.#started || role === undefined || !this.#replication.claimed) return 'notReady';
    if (this.council.isClosed) return 'boardClosed';
    if (!mayEdit(role)) return 'notAllowed';
    return this.#replication.isFull ? 'notSaved' : undefined;
  }

  #claimIfNeeded(): void {
    const claim = this.#started ? this.#opening.next(this.#wallMs()) : undefined;
    if (claim) this.#append(claim, '');
  }

  #append = (draft: Draft, token: string): void => this.#replicate({ type: 'append', draft, token });

  #received(from: PeerId, message: NodeMessage): void {
    this.#overlay.heard(from, this.#now);
    this.council.catchUp(from, this.#now);
    if (!this.#protocol.take(message)) return;
    switch (message.kind) {
      case 'hello':
        this.#gate.greeted(from, message);
        this.#readOn();
        return;
      case 'farewell':
        this.#emit({ type: 'turnedAway', by: from, code: message.code });
        this.#cut(from, endOf(message.code));
        return;
      case 'overlay':
        if (this.#gate.isNeighbour(from) || message.body.kind === 'heartbeat')
          this.#toOverlay({ kind: 'received', from, message: message.body });
        return;
      case 'replication':
        this.#toReplication({ kind: 'received', from, message: message.body });
        if (this.#protocol.heeds(message.body)) this.#followRoster();
        return;
      case 'council':
        if (this.#gate.standing(from) === 'member') this.council.received(from, message.body, this.#now);
        return;
    }
  }

  /** The gate's side of this node. */
  #host(): GateHost {
    return {
      put: (effect) => this.#out.push(effect),
      wallMs: () => this.#wallMs(),
      admit: (admission, peer) => this.#owners.admit(admission, peer),
      isComplete: () => this.#isComplete(),
      meet: (peer) => this.#meet(peer),
      welcome: (peer, served) => {
        this.#meet(peer);
        // The overlay may have had no place for it after all.
        if (this.#gate.standing(peer) !== 'member') return;
        this.#replicate({ type: 'neighbourUp', peer, served });
        this.council.neighbourUp(peer, this.#now);
      },
      showEviction: (peer, member) => {
        const hash = member && this.#roster.evictionOf(member);
        if (hash !== undefined) this.#replicate({ type: 'show', peer, hash });
      },
      dismiss: (peer) => {
        this.#replicate({ type: 'neighbourDown', peer });
        this.#toOverlay({ kind: 'linkDown', peer, reason: 'notMember' });
      },
      hostGuest: (peer) => this.#replicate({ type: 'neighbourUp', peer, served: false }),
    };
  }

  #meet(peer: PeerId): void {
    if (!this.#overlay.neighbours().includes(peer)) this.#toOverlay({ kind: 'linkUp', peer });
    this.#emit({ type: 'status' });
  }

  #refused(input: Input<never, never> & { readonly kind: 'refused' }): void {
    this.#toOverlay(input);
    if (this.#gate.refused(input.from)) this.#cut(input.from, 'protocolError');
  }

  /** Ends a link from our side. */
  #cut(peer: PeerId, reason: LinkFailure): void {
    this.#out.push({ kind: 'hangUp', peer, reason });
    this.#depart(peer, reason);
  }

  #depart(peer: PeerId, reason: LinkFailure): void {
    const standing = this.#forget(peer);
    if (standing === undefined) return;
    // To the overlay, a link that never became a neighbour is a dial that failed.
    this.#toOverlay({ kind: isNeighbour(standing) ? 'linkDown' : 'dialFailed', peer, reason });
    this.#emit({ type: 'status' });
  }

  #forget(peer: PeerId): Standing | undefined {
    const standing = this.#gate.departed(peer);
    this.council.neighbourDown(peer);
    if (standing === 'member' || standing === 'guest') this.#replicate({ type: 'neighbourDown', peer });
    return standing;
  }

  #elapsed(timer: string): void {
    const overdue = this.#gate.overdue(timer);
    if (overdue !== undefined) this.#cut(overdue.peer, overdue.reason);
    else if (timer.startsWith('overlay/')) this.#toOverlay({ kind: 'elapsed', timer });
    else if (timer.startsWith('presence/')) this.#presence.elapsed(timer, this.#now);
    else if (timer.startsWith('consensus/') || timer.startsWith('council/'))
      this.council.elapsed(timer, this.#now);
    else this.#toReplication({ kind: 'elapsed', timer });
  }

  #overlayCommand(command: OverlayCommand): void {
    this.#toOverlay({ kind: 'command', command });
  }

  #toOverlay(input: Input<OverlayMessage, OverlayCommand>): void {
    for (const effect of this.#overlay.step(input, this.#now)) this.#fromOverlay(effect);
  }

  #fromOverlay(effect: OverlayEffect): void {
    if (effect.kind === 'send')
      this.#out.push({ ...effect, message: this.#protocol.wrap('overlay', effect.message) });
    else if (effect.kind === 'emit') hearOverlay(effect.event, this.#listener);
    else this.#out.push(effect);
    if (effect.kind === 'hangUp') this.#forget(effect.peer);
  }

  readonly #listener: OverlayListener = {
    open: (payload) => this.#protocol.open(payload),
    entry: (entry, from) => this.#replicate({ type: 'delivered', entry, from }),
    proof: (proof) => this.#replicate({ type: 'proved', proof }),
    said: (said, from) => this.council.heard(said, from, this.#now),
    misbehaved: (peer) => this.#cut(peer, 'protocolError'),
    noted: (peer, counter, note) => this.#presence.noted(peer, counter, note, this.#now),
    peersChanged: () => {
      this.#presence.look(this.#now);
      this.council.peersChanged(this.#now);
      this.#emit({ type: 'status' });
    },
    emit: (event) => this.#emit(event),
  };

  #replicate = (command: ReplicationCommand): void => this.#toReplication({ kind: 'command', command });

  #toReplication(input: Input<ReplicationMessage, ReplicationCommand>): void {
    for (const effect of this.#replication.step(input)) this.#fromReplication(effect);
  }

  #fromReplication(effect: ReplicationEffect): void {
    if (effect.kind === 'send')
      this.#out.push({ ...effect, message: this.#protocol.wrap('replication', effect.message) });
    else if (effect.kind === 'emit') hearReplication(effect.event, this.#journalling);
    else this.#out.push(effect);
  }

  readonly #journalling: ReplicationListener = {
    broadcast: (entry) => this.#overlayCommand(this.#protocol.announceEntry(entry)),
    appended: (token) => {
      const outcome = this.#bench.close(token);
      if (outcome !== undefined) this.#emit({ type: 'done', token, outcome });
    },
    applied: (entries) => this.#applied(entries),
    fork: (proof, isToldOn) => this.#heardOfFork(proof, isToldOn),
    rebuilt: () => {
      this.#bench.rebuilt();
      this.#emit({ type: 'board' });
      this.#followRoster();
    },
    accuse: (peer, evidence) => this.#overlayCommand({ type: 'evidence', peer, evidence }),
    cut: (peer, reason) => this.#cut(peer, reason),
    emit: (event) => this.#emit(event),
  };

  #applied(entries: readonly Entry[]): void {
    this.#deliveries.applied(entries);
    if (entries.some(({ kind, author }) => kind === 'update' && author !== this.#self))
      this.#emit({ type: 'board' });
    if (entries.every(({ kind }) => kind === 'update' || kind === 'part')) return;
    this.#owners.applied(entries);
    this.#followRoster();
    for (const { kind, author } of entries)
      if (kind === 'claim') this.#presence.introduced(author, this.#now);
  }

  /** Members came, went, or may do other things than before. */
  #followRoster(): void {
    this.#claimIfNeeded();
    this.#gate.reconsider();
    this.council.rosterChanged(this.#now);
    this.#overlayCommand({ type: 'rest', resting: this.#roster.isOursEvicted });
    this.#emit({ type: 'status' });
  }

  #heardOfFork(proof: ForkProof, isToldOn: boolean): void {
    this.#overlayCommand({ type: 'evidence', peer: proof.author, evidence: 'equivocation' });
    if (isToldOn) this.#overlayCommand(this.#protocol.announceFork(proof));
    this.council.rosterChanged(this.#now);
    this.#emit({ type: 'fork', proof });
  }

  #isComplete(): boolean {
    return (
      this.role !== undefined &&
      this.#replication.claimed &&
      (this.#ticket === undefined || this.#replication.caughtUp)
    );
  }

  #tellIfJoined(): void {
    if (this.#joinedTold || !this.#isComplete()) return;
    this.#joinedTold = true;
    this.#gate.completed(this.#opening.certificate);
    this.#emit({ type: 'joined' });
  }

  #emit(event: NodeEvent): void {
    this.#out.push({ kind: 'emit', event });
  }
}
