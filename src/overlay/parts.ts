/** The machines that the overlay is made of, put together. What each does is in its own file; who calls whom when is in overlay.ts. */
import type { BoardId, PeerId } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import { ActiveView, type GroupOf } from './active-view.ts';
import { Announcements } from './announcements.ts';
import { Announcer } from './announcer.ts';
import { Broadcast } from './broadcast.ts';
import { Component } from './component.ts';
import { Dialling } from './dialling.ts';
import { Directory } from './directory.ts';
import { FailureDetector } from './failure-detector.ts';
import { Heartbeats } from './heartbeats.ts';
import { SLOW_RTT_MS } from './limits.ts';
import { PassiveView } from './passive-view.ts';
import { Reputation } from './reputation.ts';
import { Routing } from './routing.ts';
import { Shuffles } from './shuffle.ts';
import { Topology } from './topology.ts';
import { Trees } from './trees.ts';
import { Witnesses } from './witnesses.ts';

export interface OverlayOptions {
  readonly self: PeerId;
  /** Bound into every signature. */
  readonly board: BoardId;
  /** Version of the protocol, told in announcements. */
  readonly version: number;
  readonly random: Random;
  /** Which peers belong together, for limits on how many places they take: an inviter's subtree. Nothing is known by default. */
  readonly groupOf?: GroupOf;
  /** Whether the broadcast of the present step is handed on to others; all are by default. */
  readonly handsOn?: () => boolean;
}

export interface Parts {
  readonly directory: Directory;
  readonly reputation: Reputation;
  readonly view: ActiveView;
  readonly passive: PassiveView;
  readonly dialling: Dialling;
  readonly shuffles: Shuffles;
  readonly heartbeats: Heartbeats;
  readonly detector: FailureDetector;
  readonly witnesses: Witnesses;
  readonly announcements: Announcements;
  readonly announcer: Announcer;
  readonly component: Component;
  readonly broadcast: Broadcast;
  readonly routing: Routing;
}

/** `now`: the time of the current step, which judgements of neighbours are dated with. */
export function assembleParts(options: OverlayOptions, now: () => number): Parts {
  const { self, board, version, random } = options;
  const groupOf = options.groupOf ?? (() => undefined);
  const directory = new Directory(self);
  const reputation = new Reputation();
  const view = new ActiveView(directory, reputation, groupOf, random.fork('view'));
  const { links } = view;
  const passive = new PassiveView(self, directory, links, random.fork('passive'));
  const heartbeats = new Heartbeats();
  const announcements: Announcements = new Announcements({
    self,
    board,
    version,
    random: random.fork('announcements'),
    directory,
    links,
    heard: ({ peer, counter }) => witnesses.announced(peer, counter),
  });
  const witnesses = new Witnesses({ self, board, directory, links, announced: () => announcements.latest });
  const detector = new FailureDetector(heartbeats, links);
  const topology = new Topology(self, directory, links);
  const trees = new Trees(directory, topology, (peer) => (heartbeats.rttMs(peer) ?? 0) > SLOW_RTT_MS);
  return {
    directory,
    reputation,
    view,
    passive,
    heartbeats,
    witnesses,
    dialling: new Dialling({
      view,
      passive,
      directory,
      reputation,
      random: random.fork('dialling'),
      lagMs: () => detector.lagMs,
    }),
    shuffles: new Shuffles({ self, links, passive, random: random.fork('shuffles') }),
    detector,
    announcements,
    announcer: new Announcer(random.fork('announcer')),
    component: new Component({ self, board, directory, links, random: random.fork('component') }),
    broadcast: new Broadcast({
      self,
      links,
      trees,
      random: random.fork('broadcast'),
      handsOn: options.handsOn,
      patienceMs: () => 2 * heartbeats.slowestRttMs(),
      judged: (peer, verdict) => reputation.note(peer, verdict, now()),
    }),
    routing: new Routing(self, directory, links, random.fork('routing')),
  };
}
