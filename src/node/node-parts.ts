/** The machines of one participant, put together; node.ts routes between them. */
import type { BoardId } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import type { Admission } from '../identity/admission.ts';
import type { Genesis } from '../identity/genesis.ts';
import type { PeerCertificate } from '../identity/peer-certificate.ts';
import { createOverlay, type Overlay } from '../overlay/overlay.ts';
import { EntryDecoder } from '../replication/entry-decoder.ts';
import type { CheckpointVerifier } from '../replication/ports.ts';
import { Replication } from '../replication/replication.ts';
import { PROTOCOL_VERSION } from './limits.ts';
import { LostEdits } from './lost-edits.ts';
import { Opening } from './opening.ts';
import { NodeProtocol } from './protocol.ts';
import { Roster } from './roster.ts';
import { BOARD_ROOTS, Workbench } from './workbench.ts';

export interface NodeOptions {
  readonly board: BoardId;
  /** Absent from a newcomer, who learns it from the first member it meets. */
  readonly genesis: Genesis | undefined;
  /** Our member's word for our peer key. */
  readonly certificate: PeerCertificate;
  /** The admission a newcomer comes with. */
  readonly ticket: Admission | undefined;
  /** Whether a checkpoint's certificate holds; as the committee says unless given. */
  readonly verifier?: CheckpointVerifier;
  /** Must differ between peers: ids and order keys are drawn from it. */
  readonly random: Random;
}

export interface NodeParts {
  readonly roster: Roster;
  readonly bench: Workbench;
  readonly decoder: EntryDecoder;
  readonly overlay: Overlay;
  readonly replication: Replication;
  readonly opening: Opening;
  readonly lost: LostEdits;
  readonly protocol: NodeProtocol;
}

/** New machines that have heard of nothing yet. */
export function assembleNode(options: NodeOptions): NodeParts {
  const { board, certificate, genesis, random, verifier } = options;
  const self = certificate.peer;
  const roster = new Roster(board, certificate.member, genesis);
  const bench: Workbench = new Workbench(board, certificate.member, random.fork('board'), (client, clock) => {
    const entry = replication.writerOf(client, clock);
    return entry === undefined
      ? undefined
      : { author: roster.memberOf(entry.author) ?? '', at: entry.wallMs };
  });
  const decoder = new EntryDecoder(board);
  const overlay = createOverlay({
    board,
    self,
    version: PROTOCOL_VERSION,
    random: random.fork('overlay'),
    groupOf: (peer) => roster.inviterOf(peer),
    handsOn: () => protocol.isFit,
  });
  const lost = new LostEdits(roster, bench, () => replication);
  const replication: Replication = new Replication({
    board,
    self,
    decoder,
    document: bench.document,
    authority: roster,
    roots: BOARD_ROOTS,
    random: random.fork('replication'),
    swarmSize: () => overlay.summary().reachablePeers + 1,
    beforeRemoval: (entries) => {
      lost.reading(entries);
    },
  });
  const opening = new Opening(roster, replication, certificate);
  const protocol: NodeProtocol = new NodeProtocol(board, decoder, roster, overlay, replication, verifier);
  return { roster, bench, decoder, overlay, replication, opening, lost, protocol };
}
