/** Joins the committee's part of a node to the others. */
import type { PeerId } from '../kernel/ids.ts';
import type { OverlayCommand } from '../overlay/commands.ts';
import type { ReplicationCommand } from '../replication/commands.ts';
import { AttestingDesk, historyVerifier } from './attesting.ts';
import { CarryingDesk } from './carrying-desk.ts';
import type { Deed } from './carrying-out.ts';
import { Council } from './council.ts';
import type { NodeCommand, NodeEffect, NodeEvent } from './events.ts';
import type { NodeOptions, NodeParts } from './node-parts.ts';

/** Token of what the group decided; nobody waits for it. */
const CARRIED = 'carried';

/** The node's side of it. */
export interface WiredHost {
  readonly put: (effect: NodeEffect) => void;
  readonly overlay: (command: OverlayCommand) => void;
  /** Neighbours that belong to the board. */
  readonly neighbours: () => readonly PeerId[];
  readonly reachable: () => readonly PeerId[];
  readonly wallMs: () => number;
  readonly emit: (event: NodeEvent) => void;
  readonly replicate: (command: ReplicationCommand) => void;
  readonly decree: (command: NodeCommand & { readonly type: 'decree' }) => void;
  readonly act: (command: NodeCommand & { readonly type: 'act' }) => void;
}

export function wireCouncil(
  { board, certificate, random }: NodeOptions,
  { bench, protocol, replication, roster }: NodeParts,
  host: WiredHost,
): Council {
  const self = certificate.peer;
  const { emit, neighbours, put, reachable, wallMs } = host;
  const carrying = new CarryingDesk(self, roster, replication.journals, {
    snapshot: () => bench.snapshot(),
    reachable,
    do: (deed) => carryOut(deed, host),
  });
  const attesting = new AttestingDesk(self, roster, replication, {
    certify: (manifest, bytes) => host.replicate({ type: 'certify', manifest, certificate: bytes }),
    judgeAnew: () => host.replicate({ type: 'judgeAnew' }),
    reachable,
    wallMs,
  });
  const council = new Council(
    {
      ...{ board, self, roster, carrying, attesting, random: random.fork('consensus') },
      proofs: () => replication.proofs,
    },
    {
      put,
      emit,
      neighbours,
      reachable,
      wallMs,
      broadcast: (payload) => host.overlay({ type: 'broadcast', payload, lane: 'control' }),
      unicast: (to, payload) => host.overlay({ type: 'unicast', to, payload, lane: 'control', token: '' }),
    },
  );
  protocol.judgeBy(
    (said) => council.judge(said),
    historyVerifier(() => council.parts),
  );
  return council;
}

/** The group decided it; as an owner's tab we write it down. */
function carryOut(deed: Deed, host: WiredHost): void {
  const [token, wallMs] = [CARRIED, host.wallMs()];
  if (deed.kind === 'decree') host.decree({ type: 'decree', token, decree: deed.decree, wallMs });
  else {
    const command = { type: 'removeColumn', columnId: deed.columnId } as const;
    host.act({ type: 'act', token, action: { kind: 'run', command }, wallMs });
  }
}
