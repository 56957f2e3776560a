/** One simulated participant over its lives: the disk and the clock stay, machine and driver are new after every restart. */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Machine, Protocol } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';
import type { SimDriver } from './driver.ts';
import type { LocalClock } from './local-clock.ts';
import type { NatClass } from './paths.ts';
import type { SimDisk } from './sim-disk.ts';
import type { SimKeys } from './sim-keys.ts';

/** Carries signals of attempts through the mesh, as `IntroductionCarrier` of src/kernel/ports.ts. */
export interface Carrier {
  reaches(peer: PeerId): boolean;
  carry(to: PeerId, sealed: Bytes): void;
}

/** What one life of a participant consists of. */
export interface Life<Node extends Machine<Message, Command, Event>, Message, Command, Event> {
  readonly node: Node;
  /** What the driver steps, when it is not the node itself: a wrapper that lies, forgets or misbehaves. */
  readonly machine?: Machine<Message, Command, Event>;
  readonly protocol: Protocol<Message>;
  /** First of all: what an application would tell the node before anything else happens to it. */
  readonly onStart?: () => void;
  /** What an application would do with an event. May give commands. */
  readonly onEvent?: (event: Event) => void;
  /** What an application would do after its tab did not run for `sleptMs`. */
  readonly onGap?: (sleptMs: number) => void;
  /** What an application would do when its page is told that it will be frozen. */
  readonly onFreeze?: () => void;
  /** What an application would do when its page is told that it runs again, after `sleptMs`; only after `onFreeze`. */
  readonly onResume?: (sleptMs: number) => void;
  /** Without one, a signal gets through the mesh whenever there is a path of links. */
  readonly carrier?: Carrier;
}

/** What a participant is born with, at its first start and at every restart. */
export interface Birth<Command> {
  readonly peer: PeerId;
  /** 0 at the first start, one more at every restart. */
  readonly life: number;
  /** Different in every life, like a platform's randomness. */
  readonly random: Random;
  /** What earlier lives made durable. */
  readonly disk: SimDisk;
  readonly keys: SimKeys;
  /** This device's wall clock: offset and drifting. */
  readonly wallMs: () => number;
  readonly command: (command: Command) => boolean;
  /** Tells the signaling room again that this participant is there, as `LinkPort.announce`. */
  readonly announce: () => void;
  /** What others are told of our component when they discover us, as `LinkPort.belong`. */
  readonly belong: (component: Bytes) => void;
  /** A signal that came through the mesh, as `LinkPort.introduced`. */
  readonly introduced: (sealed: Bytes) => void;
}

/** Makes one life; called by the world at the start and at every restart. */
export type LifeFactory<Node extends Machine<Message, Command, Event>, Message, Command, Event> = (
  birth: Birth<Command>,
) => Life<Node, Message, Command, Event>;

export interface ParticipantOptions {
  /** Name in traces; also what its key is drawn from. */
  readonly name: string;
  /** Tabs with one value here are tabs of one browser profile. */
  readonly browser?: string;
  /** Whether tabs of that profile share their disk as well, as in a browser. Default false: each has one of its own. */
  readonly sharesDisk?: boolean;
  /** How far the wall clock is off, ms. Default 0. */
  readonly wallOffsetMs?: number;
  /** How much too fast the wall clock runs, parts per million. Default 0. */
  readonly wallDriftPpm?: number;
  /** How much too fast the monotonic clock and with it all timers run, parts per million; negative: too slow. Default 0. */
  readonly clockDriftPpm?: number;
  /** What the monotonic clock shows when the world begins, ms. Default 0. */
  readonly clockStartMs?: number;
  /** Timers fire once a second only, as in a hidden tab. Default false. */
  readonly isThrottled?: boolean;
  /** Default `open`. */
  readonly nat?: NatClass;
}

export interface Running<Node extends Machine<Message, Command, Event>, Message, Command, Event> {
  readonly node: Node;
  readonly driver: SimDriver<Message, Command, Event>;
  readonly life: Life<Node, Message, Command, Event>;
}

/** The world's record of one participant. */
export interface Participant<Node extends Machine<Message, Command, Event>, Message, Command, Event> {
  readonly peer: PeerId;
  readonly name: string;
  readonly disk: SimDisk;
  readonly factory: LifeFactory<Node, Message, Command, Event>;
  readonly wallMs: () => number;
  readonly clock: LocalClock;
  /** Lives so far; what was scheduled for an earlier one is void. */
  life: number;
  running: Running<Node, Message, Command, Event> | undefined;
  /** What it says of its component. */
  component: Bytes | undefined;
  isAsleep: boolean;
  /** What happened while it slept, in order. */
  putOff: (() => void)[];
}
