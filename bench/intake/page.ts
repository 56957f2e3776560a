/**
 * A board's entries from memory into a node of ours, in one tab: its driver, its checks of signatures, its rules and its disk as they ship,
 * without screens, WebRTC and a second tab. Two drivers in the page are joined by links that hand bytes over; the second one copies.
 */
import { toHex } from '../../src/kernel/bytes.ts';
import type { PeerId } from '../../src/kernel/ids.ts';
import type { LinkListener, LinkPort, VerifierPort } from '../../src/kernel/ports.ts';
import { randomFrom } from '../../src/kernel/random.ts';
import { boardIdOf, type Genesis } from '../../src/identity/genesis.ts';
import type { NodeCommand, NodeEvent } from '../../src/node/events.ts';
import type { NodeMessage } from '../../src/node/messages.ts';
import { Node } from '../../src/node/node.ts';
import { createClock } from '../../src/runtime/clock.ts';
import {
  createVerifier,
  generateKeyPair,
  memberSignerFrom,
  randomBytes,
  signerFrom,
  type MemberSigner,
} from '../../src/runtime/crypto.ts';
import { Driver } from '../../src/runtime/driver.ts';
import { createYielding } from '../../src/runtime/driver-yield.ts';
import { createGenesis, issuePeerCertificate } from '../../src/runtime/identity-service.ts';
import { must } from '../../src/runtime/coded-error.ts';
import { VerifyDesk } from '../../src/runtime/verify-desk.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { IdbStore } from '../../src/storage/idb-store.ts';

const CARDS = 50;

export interface IntakeFigures {
  /** Entries in the second node when it was over. */
  readonly entries: number;
  /** From the first batch until the second node had all of them in its document. */
  readonly documentMs: number;
}

declare global {
  var intake: {
    /** Makes a board of so many edits, each an entry of its own. */
    prepare(edits: number): Promise<void>;
    /** A new node takes all of it. `withWorker`: many signatures at once are checked beside the page's thread, as they ship. */
    take(withWorker: boolean): Promise<IntakeFigures>;
  };
}

/** One end of the only link. */
class Wire implements LinkPort {
  readonly self: PeerId;
  far: Wire | undefined;
  listener: LinkListener | undefined;
  /** When the first batch of entries came here, by the page's clock. */
  firstBatchAt: number | undefined;

  constructor(self: PeerId) {
    this.self = self;
  }

  start(listener: LinkListener): void {
    this.listener = listener;
  }

  /** The message arrives in a task of its own, as on a channel. */
  send(
    _peer: PeerId,
    message: Parameters<LinkPort['send']>[1],
    lane: Parameters<LinkPort['send']>[2],
  ): boolean {
    const copy = message.slice();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      if (lane === 'bulk' && this.far !== undefined) this.far.firstBatchAt ??= performance.now();
      this.far?.listener?.received(this.self, copy, lane);
    };
    port2.postMessage(undefined);
    return true;
  }

  dial(peer: PeerId): void {
    this.listener?.dialFailed(peer, 'iceFailed');
  }

  answer(): void {}
  hangUp(): void {}
  stats(): undefined {}
  introduced(): void {}
  announce(): void {}
  belong(): void {}
  stop(): void {}
}

interface Side {
  readonly node: Node;
  readonly wire: Wire;
  /** Resolves when the command is on disk. */
  run(command: object): Promise<void>;
  stop(): void;
}

const clock = createClock();

async function open(
  name: string,
  owner: MemberSigner,
  genesis: Genesis,
  verifier: VerifierPort,
): Promise<Side> {
  const signer = await signerFrom(await generateKeyPair());
  const certificate = must(
    await issuePeerCertificate(owner, { peer: signer.peerId, slot: undefined, name: 'Bench' }),
  );
  const node = new Node({
    board: boardIdOf(genesis),
    genesis,
    certificate,
    ticket: undefined,
    random: randomFrom(toHex(randomBytes(32))),
  });
  const wire = new Wire(signer.peerId);
  const open = new Map<string, () => void>();
  const yielding = createYielding();
  const driver = new Driver<NodeMessage, NodeCommand, NodeEvent>({
    machine: node,
    protocol: node,
    links: wire,
    store: new IdbStore(await openDatabase({ name, clock })),
    signer,
    verifier,
    clock,
    yieldThen: (callback) => {
      yielding.yieldThen(callback);
    },
    onEvent: (event) => {
      if (event.type === 'done') open.get(event.token)?.();
    },
    onStopped: (error) => {
      reportError(error);
    },
  });
  driver.start();
  driver.command({ type: 'start', wallMs: Date.now() });
  let tokens = 0;
  const run = (command: object): Promise<void> =>
    new Promise((resolve) => {
      const token = `${++tokens}`;
      open.set(token, resolve);
      driver.command({
        type: 'act',
        token,
        action: { kind: 'run', command: command as never },
        wallMs: Date.now(),
      });
    });
  const stop = (): void => {
    driver.stop();
    yielding.stop();
  };
  return { node, wire, run, stop };
}

async function until(holds: () => boolean): Promise<number> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
  return performance.now();
}

let source: { readonly owner: MemberSigner; readonly genesis: Genesis; readonly giver: Side } | undefined;
let takers = 0;

globalThis.intake = {
  prepare: async (edits) => {
    const owner = await memberSignerFrom(await generateKeyPair());
    const genesis = must(await createGenesis(owner, { electorate: 'tab', wallMs: Date.now() }));
    const giver = await open('giver', owner, genesis, new VerifyDesk(createVerifier(), clock));
    await giver.run({ type: 'addColumn', title: 'Cards' });
    const columnId = giver.node.snapshot().columns[0]?.id;
    await giver.run({
      type: 'addCards',
      columnId,
      titles: Array.from({ length: CARDS }, (_, i) => `card ${i}`),
    });
    const cards = giver.node.snapshot().columns[0]?.cards ?? [];
    for (let i = 0; i < edits; i++)
      await giver.run({
        type: 'updateCard',
        cardId: cards[i % cards.length]?.id,
        changes: { title: `edit ${i}` },
      });
    source = { owner, genesis, giver };
  },
  take: async (withWorker) => {
    if (source === undefined) throw new Error('nothing to take');
    const { owner, genesis, giver } = source;
    const page = createVerifier();
    takers += 1;
    const taker = await open(
      `taker ${takers}`,
      owner,
      genesis,
      withWorker ? new VerifyDesk(page, clock) : page,
    );
    [giver.wire.far, taker.wire.far] = [taker.wire, giver.wire];
    for (const { wire } of [giver, taker])
      wire.listener?.up(wire === giver.wire ? taker.wire.self : giver.wire.self, { browserLocal: false });
    const wanted = giver.node.entryCount;
    const inDocument = await until(() => taker.node.entryCount >= wanted);
    const began = taker.wire.firstBatchAt;
    if (began === undefined || taker.node.boardDigest() !== giver.node.boardDigest())
      throw new Error('the copy differs');
    for (const { wire } of [giver, taker])
      wire.listener?.down(wire === giver.wire ? taker.wire.self : giver.wire.self, 'goodbye');
    taker.stop();
    return { entries: wanted, documentMs: inDocument - began };
  },
};
