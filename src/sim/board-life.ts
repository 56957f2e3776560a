/** One life of a board's participant: what src/runtime/session.ts does with a node, in the simulated world. */
import type { Bytes } from '../kernel/bytes.ts';
import { decodeWith, whole } from '../kernel/codec.ts';
import { isIdText, type PeerId } from '../kernel/ids.ts';
import type { Machine } from '../kernel/machine.ts';
import type { Admission } from '../identity/admission.ts';
import type { Genesis } from '../identity/genesis.ts';
import { CONSENSUS_STORE } from '../consensus/records.ts';
import { councilMark, readCouncilDisk, type CouncilDisk } from '../node/council-disk.ts';
import type { NodeCommand, NodeEvent } from '../node/events.ts';
import type { CheckpointVerifier } from '../replication/ports.ts';
import type { NodeMessage } from '../node/messages.ts';
import { Node } from '../node/node.ts';
import { watchingBlame } from './blame-watch.ts';
import { Recorder } from '../node/recorder.ts';
import type { BoardIdentities } from './board-identities.ts';
import type { Birth, Life, LifeFactory } from './participant.ts';
import type { World } from './world.ts';

export type BoardWorld = World<Node, NodeMessage, NodeCommand, NodeEvent>;
type BoardMachine = Machine<NodeMessage, NodeCommand, NodeEvent>;

/** Collections of src/storage/schema.ts that a node writes. */
export const JOURNAL_STORE = 'journal';
const OUTGOING_STORE = 'outgoing';
const CHECKPOINT_STORE = 'checkpoints';
/** Entries in one `restore`, as the store's scan hands them out. */
const RESTORE_BATCH = 256;

/** What the application keeps about a board besides the journals (src/runtime/board-record.ts). */
interface Kept {
  genesis: Genesis | undefined;
  ticket: Admission | undefined;
}

export interface BoardLifeOptions {
  /** Of the participant, which is a member of its own unless `tab` says whose tab it is. */
  readonly name: string;
  readonly tab?: { readonly member: string; readonly slot: number };
  readonly identities: BoardIdentities;
  readonly hasBoard: boolean;
  readonly onEvent: (peer: PeerId, event: NodeEvent) => void;
  readonly verifier?: CheckpointVerifier | undefined;
  /** Wraps the node's machine, to plant a bug, to lie, or to look on. */
  readonly wrap?: ((node: Node, birth: Birth<NodeCommand>) => BoardMachine) | undefined;
  /** The participant refuses what a neighbour sent, or ends the link for what that did. */
  readonly onBlame?: ((peer: PeerId, other: PeerId, why: string) => void) | undefined;
  /** First of all in every life: what the disk holds by then. */
  readonly onBirth?: ((birth: Birth<NodeCommand>) => void) | undefined;
  /** What the disk gives back of the committee, for planted bugs. */
  readonly reads?: ((disk: CouncilDisk, birth: Birth<NodeCommand>) => CouncilDisk) | undefined;
  /** Every life is recorded, whatever wraps it; called at its beginning. */
  readonly record?: RecordLife | undefined;
}

/** `name` is that of the participant. */
export type RecordLife = (recorder: Recorder, birth: Birth<NodeCommand>, name: string) => void;

/** Makes the lives of one participant. */
export function boardLife(options: BoardLifeOptions): LifeFactory<Node, NodeMessage, NodeCommand, NodeEvent> {
  const { identities, name, hasBoard } = options;
  const member = options.tab?.member ?? name;
  const kept: Kept = hasBoard
    ? { genesis: identities.genesis, ticket: undefined }
    : { genesis: undefined, ticket: identities.ticket(member) };
  return (birth): Life<Node, NodeMessage, NodeCommand, NodeEvent> => {
    options.onBirth?.(birth);
    const { node, protocol, machine } = bear(options, kept, birth);
    return {
      node,
      protocol,
      machine: watchingBlame(machine, (other, why) => options.onBlame?.(birth.peer, other, why)),
      onStart: () => start(birth, identities, options.reads),
      onGap: (sleptMs) => void birth.command({ type: 'woke', sleptMs }),
      onFreeze: () => void birth.command({ type: 'sleeping' }),
      onResume: (sleptMs) => void birth.command({ type: 'woke', sleptMs }),
      carrier: {
        reaches: (peer) => node.nextHop(peer) !== undefined,
        carry: (to, sealed) => void birth.command({ type: 'introduce', to, sealed }),
      },
      onEvent: (event) => {
        if (event.type === 'announce') birth.announce();
        if (event.type === 'component') birth.belong(event.component);
        if (event.type === 'introduced') birth.introduced(event.sealed);
        if (event.type === 'joined') Object.assign(kept, { genesis: node.genesis, ticket: undefined });
        options.onEvent(birth.peer, event);
      },
    };
  };
}

type Born = Required<Pick<Life<Node, NodeMessage, NodeCommand, NodeEvent>, 'node' | 'protocol' | 'machine'>>;

/** A node of one life, and what the driver steps. */
function bear(options: BoardLifeOptions, kept: Kept, birth: Birth<NodeCommand>): Born {
  const { identities, name, record, verifier, wrap } = options;
  const { member = name, slot = 0 } = options.tab ?? {};
  const origin = {
    board: identities.board,
    ...kept,
    certificate: identities.certificate(member, birth.peer, slot),
  };
  const { random } = birth;
  const node = new Node({ ...origin, random, ...(verifier === undefined ? {} : { verifier }) });
  const machine = wrap?.(node, birth) ?? node;
  if (record === undefined) return { node, protocol: node, machine };
  const recorder = new Recorder(
    {
      step: (input, now) => machine.step(input, now),
      encode: (message) => node.encode(message),
      decode: (bytes) => node.decode(bytes),
      checks: (message) => node.checks(message),
    },
    { ...origin, app: 'simulated', seed: random.seed },
  );
  record(recorder, birth, name);
  return { node, protocol: recorder, machine: recorder };
}

function start(
  birth: Birth<NodeCommand>,
  { board }: BoardIdentities,
  reads: BoardLifeOptions['reads'] = (disk) => disk,
): void {
  const prefix = `${board}/`;
  const records = birth.disk.scan(CHECKPOINT_STORE, prefix).map(([, bytes]): Bytes => bytes);
  birth.command({ type: 'restoreCheckpoint', records });
  const entries = birth.disk.scan(JOURNAL_STORE, prefix).map(([, bytes]): Bytes => bytes);
  for (let at = 0; at < entries.length; at += RESTORE_BATCH) {
    birth.command({ type: 'restore', entries: entries.slice(at, at + RESTORE_BATCH) });
  }
  const acked = birth.disk.scan(OUTGOING_STORE, prefix).flatMap(([key, value]) => {
    const author = key.slice(prefix.length);
    const seq = decodeWith(whole(), value);
    return isIdText(author) && seq.ok ? [{ author: author as PeerId, seq: seq.value }] : [];
  });
  birth.command({ type: 'restoreAcks', acked });
  const pairs = birth.disk.scan(CONSENSUS_STORE, prefix);
  const isUsed = birth.disk.scan('meta', councilMark(board, birth.peer)).length > 0;
  const disk = reads(readCouncilDisk(board, birth.peer, pairs, isUsed), birth);
  birth.command({ type: 'restoreCouncil', disk });
  birth.command({ type: 'start', wallMs: birth.wallMs() });
}
