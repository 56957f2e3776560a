/** What the contract suite of links needs of a network, and the recorder that plays the owner of each link port. */
import type { Bytes } from '../../src/kernel/bytes.ts';
import type { PeerId } from '../../src/kernel/ids.ts';
import type { Discovery, Lane, LinkFailure } from '../../src/kernel/machine.ts';
import type { LinkFacts, LinkListener } from '../../src/kernel/ports.ts';
import type { Links } from '../../src/transport/links.ts';

export type LinkEvent =
  | { readonly kind: 'up'; readonly peer: PeerId; readonly facts: LinkFacts }
  | { readonly kind: 'down'; readonly peer: PeerId; readonly reason: LinkFailure }
  | {
      readonly kind: 'dialFailed';
      readonly peer: PeerId;
      readonly reason: LinkFailure;
      readonly contacts?: readonly PeerId[];
    }
  | { readonly kind: 'asked'; readonly peer: PeerId }
  | {
      readonly kind: 'discovered';
      readonly peer: PeerId;
      readonly via: Discovery;
      readonly component: Bytes | undefined;
    }
  | { readonly kind: 'received'; readonly peer: PeerId; readonly message: Bytes; readonly lane: Lane }
  | { readonly kind: 'signaling'; readonly state: 'connected' | 'connecting' | 'down' };

/** Owner of one port: writes down what it is told and answers whoever asks. */
export class LinkOwner implements LinkListener {
  readonly id: PeerId;
  readonly port: Links;
  readonly events: LinkEvent[] = [];
  /** Whether it accepts those who ask; `later` leaves the answer to the test. */
  accepts: boolean | 'later' = true;
  /** Whom it names to those that it turns away. */
  contacts: readonly PeerId[] = [];
  /** Events that came while a call of ours to the port was under way: always a violation. */
  readonly reentrant: LinkEvent[] = [];
  #calling = false;

  constructor(id: PeerId, port: Links) {
    this.id = id;
    this.port = port;
  }

  /** Calls the port and watches that it does not call back meanwhile. */
  call<Value>(action: (port: Links) => Value): Value {
    const before = this.#calling;
    this.#calling = true;
    try {
      return action(this.port);
    } finally {
      this.#calling = before;
    }
  }

  of<Kind extends LinkEvent['kind']>(kind: Kind): Extract<LinkEvent, { kind: Kind }>[] {
    return this.events.filter((event): event is Extract<LinkEvent, { kind: Kind }> => event.kind === kind);
  }

  isUpWith(peer: PeerId): boolean {
    const last = this.events.findLast(
      (event) => (event.kind === 'up' || event.kind === 'down') && event.peer === peer,
    );
    return last?.kind === 'up';
  }

  up(peer: PeerId, facts: LinkFacts): void {
    this.#note({ kind: 'up', peer, facts });
  }

  down(peer: PeerId, reason: LinkFailure): void {
    this.#note({ kind: 'down', peer, reason });
  }

  dialFailed(peer: PeerId, reason: LinkFailure, contacts?: readonly PeerId[]): void {
    this.#note({ kind: 'dialFailed', peer, reason, ...(contacts === undefined ? {} : { contacts }) });
  }

  asked(peer: PeerId): void {
    this.#note({ kind: 'asked', peer });
    const { accepts } = this;
    if (accepts !== 'later') this.call((port) => port.answer(peer, accepts, this.contacts));
  }

  discovered(peer: PeerId, via: Discovery, component?: Bytes): void {
    this.#note({ kind: 'discovered', peer, via, component });
  }

  received(peer: PeerId, message: Bytes, lane: Lane): void {
    this.#note({ kind: 'received', peer, message, lane });
  }

  signaling(state: 'connected' | 'connecting' | 'down'): void {
    this.#note({ kind: 'signaling', state });
  }

  #note(event: LinkEvent): void {
    this.events.push(event);
    if (this.#calling) this.reentrant.push(event);
  }
}

export interface PeerOptions {
  /** A name used before stands for the same key, as after a reload of the page. */
  readonly name?: string;
  /** Tabs of one profile hear each other without a server. */
  readonly profile?: string;
}

export interface LinkNetwork {
  /** A started port with its owner. */
  addPeer(options?: PeerOptions): Promise<LinkOwner>;
  /** Lets time pass until `condition` holds; rejects when it does not within what the network finds reasonable. */
  until(what: string, condition: () => boolean): Promise<void>;
  /** Lets time pass until `promise` is settled. */
  wait<Value>(promise: Promise<Value>): Promise<Value>;
  /** Switches the signaling server off or on. It is on at first. */
  useSignaling(on: boolean): Promise<void>;
  /** Whether peers can reach one another through a mesh that already exists. Off at first. */
  useMesh(on: boolean): void;
  /** The peer's page is gone: it says nothing more, not even goodbye, and hears nothing. */
  vanish(owner: LinkOwner): void;
  /** Stops every port and frees everything. */
  stop(): Promise<void>;
}
