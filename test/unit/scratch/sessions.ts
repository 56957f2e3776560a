/** Scratch sessions without a network: what others send is given to the document as y-webrtc would give it. */
import * as Y from 'yjs';
import { randomFrom } from '../../../src/kernel/random.ts';
import type { MeetingOptions, MeetingPort } from '../../../src/scratch/meeting.ts';
import { ScratchSession, type ScratchSessionOptions } from '../../../src/scratch/scratch-session.ts';
import { MemoryStore } from '../../../src/storage/memory-store.ts';
import { ManualClock } from '../../contract/manual-clock.ts';

export const KEYS = { room: new Uint8Array(16).fill(1), secret: new Uint8Array(16).fill(2) };
export const SELF = { memberId: 'aa'.repeat(32), name: 'Ada' };

/** A room where nobody is; counts who has left it. */
export class EmptyRoom implements MeetingPort {
  readonly options: MeetingOptions;
  hasLeft = false;
  readonly signaling = 'connected';

  constructor(options: MeetingOptions) {
    this.options = options;
  }

  peers(): [] {
    return [];
  }

  people(): { memberId: string; name: string; isSelf: boolean }[] {
    return [{ ...SELF, isSelf: true }];
  }

  rename(): void {
    // Nobody is there to hear it.
  }

  leave(): Promise<void> {
    this.hasLeft = true;
    return Promise.resolve();
  }
}

export interface OpenSession {
  readonly session: ScratchSession;
  /** undefined when the session did not go to its room. */
  readonly room: () => EmptyRoom | undefined;
}

let runs = 0;

export async function openSession(
  store = new MemoryStore(),
  options: Partial<ScratchSessionOptions> = {},
): Promise<OpenSession> {
  let room: EmptyRoom | undefined;
  const opened = await ScratchSession.open({
    keys: KEYS,
    store,
    clock: new ManualClock(),
    random: randomFrom(`session ${runs}`),
    run: new Uint8Array(8).fill(++runs),
    self: SELF,
    signalingUrl: 'ws://nowhere',
    iceServers: [],
    meet: (given) => (room = new EmptyRoom(given)),
    onBoard: () => undefined,
    onStatus: () => undefined,
    ...options,
  });
  if (!opened.ok) throw new Error(opened.code);
  return { session: opened.value, room: () => room };
}

/** What y-protocols does with an update that arrives: it applies it, and swallows what that throws. */
export function receive(doc: Y.Doc, update: Uint8Array): void {
  try {
    Y.applyUpdate(doc, update, 'somebody');
  } catch {
    // y-protocols 1.0.7, sync.js, readSyncStep2: written to the console.
  }
}
