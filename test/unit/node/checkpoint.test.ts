/** Checkpoints among nodes: certificates, who may do what afterwards, and undo. Rules REP-55 to REP-59. */
import { describe, expect, it } from 'vitest';
import { utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import type { Checkpoint } from '../../../src/replication/checkpoint.ts';
import type { OwnerDecree } from '../../../src/node/events.ts';
import type { NodeMessage } from '../../../src/node/messages.ts';
import { SimQuorum } from '../../../src/sim/sim-quorum.ts';
import { admissionOf, capabilityOf, inviteKeyOf, KEYS, memberOf, NOW } from '../identity/records.ts';
import { nodeWorld, Tab, type NodeWorld } from './nodes.ts';

const QUORUM = new SimQuorum(KEYS);

interface Scene {
  readonly world: NodeWorld;
  readonly ada: Tab;
  readonly bo: Tab;
}

/** Ada's board with an editor, a viewer who was one, one who was evicted, and an invite that is void. */
function scene(): Scene {
  const world = nodeWorld('checkpoints');
  const ada = new Tab(world, 'ada', { verifier: QUORUM });
  const bo = new Tab(world, 'bo', { ticket: admissionOf('bo', capabilityOf('ada')), verifier: QUORUM });
  const others = ['cy', 'dan'].map(
    (name) => new Tab(world, name, { ticket: admissionOf(name, capabilityOf('ada')), verifier: QUORUM }),
  );
  world.run(100);
  for (const tab of [bo, ...others]) world.connect(ada.tenant, tab.tenant);
  world.run(5000);
  for (const tab of [ada, bo, ...others]) tab.run({ type: 'addColumn', title: `by ${tab.peer.slice(0, 4)}` });
  world.run(3000);
  decree(ada, { kind: 'role', member: memberOf('cy'), role: 'viewer' });
  decree(ada, { kind: 'evict', member: memberOf('dan') });
  decree(ada, { kind: 'revoke', inviteKey: inviteKeyOf('first') });
  world.run(6000);
  return { world, ada, bo };
}

let tokens = 0;

function decree(tab: Tab, what: OwnerDecree): void {
  tokens += 1;
  tab.command({ type: 'decree', token: `decree ${tokens}`, decree: what, wallMs: NOW });
}

function compose(tab: Tab, number = 1): Checkpoint {
  const upTo = tab.node.bottleneck(tab.node.entryCount);
  const made = upTo && tab.node.composeCheckpoint({ epoch: 0, number, heads: [upTo] });
  if (made === undefined) throw new Error('nothing was composed');
  return made;
}

function certify(tab: Tab, { manifest, hash }: Checkpoint): void {
  tab.command({ type: 'certify', manifest, certificate: QUORUM.certify(hash) });
}

function membersOf(tab: Tab): unknown {
  return tab.node
    .status()
    .members.map(({ memberId, role, name }) => [memberId, role, name])
    .sort();
}

describe('a checkpoint among nodes', () => {
  it('[REP-55, REP-56] says who may do what, and who was let in how, to whoever gets nothing else', () => {
    const { world, ada, bo } = scene();
    const [board, members] = [ada.node.boardDigest(), membersOf(ada)];
    const made = compose(ada);
    expect(compose(bo).hash).toBe(made.hash);
    certify(ada, made);
    world.run(8000);
    expect(bo.node.checkpoint?.hash).toBe(made.hash);
    const eve = new Tab(world, 'eve', {
      ticket: admissionOf('eve', capabilityOf('ada', { role: 'agent', inviteKey: inviteKeyOf('another') })),
      verifier: QUORUM,
    });
    world.connect(bo.tenant, eve.tenant);
    world.run(8000);
    expect(eve.events('joined')).toHaveLength(1);
    expect(eve.node.boardDigest()).toBe(board);
    for (const tab of [ada, bo, eve]) {
      expect(membersOf(tab)).toEqual(expect.arrayContaining(members as unknown[]));
      expect(tab.node.status().frontierDigest).toBe(ada.node.status().frontierDigest);
    }
    const late = new Tab(world, 'fay', { ticket: admissionOf('fay', capabilityOf('ada')), verifier: QUORUM });
    world.connect(eve.tenant, late.tenant);
    world.run(4000);
    expect(late.events('turnedAway').map(({ code }) => code)).toContain('inviteRevoked');
    const token = eve.run({ type: 'addColumn', title: 'by eve' });
    world.run(6000);
    expect(eve.answer(token)).toBe('done');
    expect(ada.columns).toContain('by eve');
  });

  it('[REP-58] is read from the disk before the entries that follow it', () => {
    const { world, ada } = scene();
    certify(ada, compose(ada));
    world.run(1000);
    ada.run({ type: 'addColumn', title: 'after' });
    world.run(1000);
    const again = new Tab(nodeWorld('again'), 'ada', { disk: ada.tenant.disk, verifier: QUORUM });
    expect(again.columns).toEqual(ada.columns);
    expect(membersOf(again)).toEqual(membersOf(ada));
    expect(again.node.status().frontierDigest).toBe(ada.node.status().frontierDigest);
    expect(again.node.entryCount).toBe(1);
  });

  it('[REP-59] counts with a certificate that holds, and without a committee there is none', () => {
    const { ada } = scene();
    const { manifest, hash } = compose(ada);
    const message = (certificate: Bytes): NodeMessage => ({
      kind: 'replication',
      body: { kind: 'checkpoint', manifest, certificate },
    });
    const verdict = (tab: Tab, certificate: Bytes): string => {
      const decoded = tab.node.decode(tab.node.encode(message(certificate)));
      return decoded.ok ? `${KEYS.holds(tab.node.checks(decoded.value))}` : decoded.code;
    };
    expect(verdict(ada, QUORUM.certify(hash))).toBe('true');
    expect(verdict(ada, QUORUM.certify(hash, 2))).toBe('certificateInvalid');
    expect(verdict(ada, utf8('nothing'))).toBe('certificateInvalid');
    expect(verdict(ada, QUORUM.certify(manifest.frontier[0]?.head ?? hash))).toBe('false');
    const plain = new Tab(nodeWorld('plain'), 'ada');
    expect(verdict(plain, QUORUM.certify(hash))).toBe('certificateInvalid');
    const odd = { ...manifest, number: 0 };
    const bytes = ada.node.encode({
      kind: 'replication',
      body: { kind: 'checkpoint', manifest: odd, certificate: QUORUM.certify(hash) },
    });
    expect(ada.node.decode(bytes)).toEqual({ ok: false, code: 'checkpointMalformed' });
  });

  it('[REP-56] forgets what can be undone no more, and undoes the rest', () => {
    const { world, ada } = scene();
    const columnId = ada.node.snapshot().columns[0]?.id ?? '';
    ada.run({ type: 'renameColumn', columnId, title: 'old' });
    ada.run({ type: 'renameColumn', columnId, title: 'settled' });
    world.run(3000);
    certify(ada, compose(ada));
    ada.run({ type: 'renameColumn', columnId, title: 'after' });
    world.run(3000);
    expect(ada.node.entryCount).toBe(1);
    const title = (): string | undefined =>
      ada.node.snapshot().columns.find(({ id }) => id === columnId)?.title;
    ada.act({ kind: 'undo' });
    world.run(100);
    expect(title()).toBe('settled');
    for (let i = 0; i < 5; i++) ada.act({ kind: 'undo' });
    world.run(1000);
    // Its own text went with the checkpoint.
    expect(title()).not.toBe('old');
    expect(ada.events('refused').map(({ code }) => code)).toContain('nothingToUndo');
    expect(ada.node.status().frontierDigest).toBeDefined();
  });
});
