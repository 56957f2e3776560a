/** Goal: members see what each is at, and nobody else has a say in it. Method: nodes of one board in a small world. */
import { describe, expect, it } from 'vitest';
import { encodeWith } from '../../../src/kernel/codec.ts';
import type { NodeMessage } from '../../../src/node/messages.ts';
import { MAX_NOTE_BYTES } from '../../../src/overlay/limits.ts';
import { announcementToSign, type Announcement } from '../../../src/overlay/messages.ts';
import { MAX_CARD_ID_BYTES, PRESENCE_GAP_MS, PRESENCE_TTL_MS } from '../../../src/replication/limits.ts';
import { presenceCodec, type Presence } from '../../../src/replication/presence.ts';
import { admissionOf, BOARD, capabilityOf, KEYS, NOW, peerOf } from '../identity/records.ts';
import { nodeWorld, Tab, type NodeWorld } from './nodes.ts';

/** Ada's board: bo is linked with ada, and cy with bo only. */
function chain(): { world: NodeWorld; ada: Tab; bo: Tab; cy: Tab } {
  const world = nodeWorld('presence');
  const ada = new Tab(world, 'ada');
  const [bo, cy] = ['bo', 'cy'].map(
    (name) => new Tab(world, name, { ticket: admissionOf(name, capabilityOf('ada')) }),
  );
  if (bo === undefined || cy === undefined) throw new Error('three tabs');
  world.run(100);
  world.connect(ada.tenant, bo.tenant);
  world.run(5000);
  world.connect(bo.tenant, cy.tenant);
  world.run(5000);
  return { world, ada, bo, cy };
}

const say = (tab: Tab, presence: Presence | undefined): void => tab.command({ type: 'presence', presence });
const seenBy = (tab: Tab): string[] =>
  tab.node.presence().map(({ peerId, cardId, doing, asleep }) => {
    const name = ['ada', 'bo', 'cy', 'mallory'].find((each) => peerOf(each) === peerId) ?? '?';
    return `${name} ${cardId} ${doing}${asleep ? ' asleep' : ''}`;
  });

function announcementOf(name: string, counter: number, note: Uint8Array<ArrayBuffer>): NodeMessage {
  const said: Announcement = {
    ...{ peer: peerOf(name), counter, neighbours: [peerOf('bo')], asleep: false, version: 3, load: 0 },
    ...{ capabilities: [], note },
  };
  const signature = KEYS.sign(peerOf(name), announcementToSign(BOARD, said));
  return {
    kind: 'overlay',
    body: { kind: 'announcements', hops: 1, announcements: [{ ...said, signature }] },
  };
}

const noteOf = (cardId: string): Uint8Array<ArrayBuffer> =>
  encodeWith(presenceCodec, { cardId, doing: 'open' });

describe('presence of members', () => {
  it('[PRE-7] reaches everybody, over others too, within a second, with the last of many changes', () => {
    const { world, ada, bo, cy } = chain();
    say(ada, { cardId: 'one', doing: 'open' });
    world.run(1000);
    expect(seenBy(bo)).toEqual(['ada one open']);
    expect(seenBy(cy)).toEqual(['ada one open']);
    for (const doing of ['title', 'notes', 'move'] as const) say(ada, { cardId: 'two', doing });
    world.run(PRESENCE_GAP_MS + 500);
    expect(seenBy(cy)).toEqual(['ada two move']);
    expect(cy.events('presence').length).toBeGreaterThanOrEqual(2);
    say(ada, undefined);
    world.run(1000);
    expect(seenBy(cy)).toEqual([]);
    expect(seenBy(ada)).toEqual([]);
  });

  it('[PRE-7] fits into an announcement whatever the card is called', () => {
    const longest = encodeWith(presenceCodec, { cardId: 'x'.repeat(MAX_CARD_ID_BYTES), doing: 'comment' });
    expect(longest.length).toBeLessThanOrEqual(MAX_NOTE_BYTES);
  });

  it('[PRE-8] is gone at once with a goodbye, and after the bound with a death that nobody announced', () => {
    const { world, ada, bo, cy } = chain();
    say(cy, { cardId: 'one', doing: 'open' });
    say(ada, { cardId: 'two', doing: 'open' });
    world.run(1000);
    expect(seenBy(bo)).toHaveLength(2);
    cy.command({ type: 'leaving' });
    world.run(1000);
    expect(seenBy(bo)).toEqual(['ada two open']);
    expect(seenBy(ada)).toEqual([]);
    ada.tenant.dead = true;
    world.run(10_000);
    expect(seenBy(bo)).toEqual([]);
  });

  it('[PRE-8] of a tab that sleeps says so, and expires', () => {
    const { world, ada, bo } = chain();
    say(bo, { cardId: 'one', doing: 'title' });
    world.run(1000);
    bo.command({ type: 'sleeping' });
    world.run(1000);
    bo.tenant.dead = true;
    expect(seenBy(ada)).toEqual(['bo one title asleep']);
    world.run(20_000);
    expect(seenBy(ada)).toEqual(['bo one title asleep']);
    world.run(PRESENCE_TTL_MS);
    expect(seenBy(ada)).toEqual([]);
  });

  it('[PRE-8] is there again after a reload only when it is said again', () => {
    const { world, ada, bo } = chain();
    say(ada, { cardId: 'one', doing: 'open' });
    world.run(1000);
    world.disconnect(ada.tenant, bo.tenant);
    ada.tenant.dead = true;
    const again = new Tab(world, 'ada', { disk: ada.tenant.disk, wallMs: NOW + 60_000 });
    world.connect(again.tenant, bo.tenant);
    world.run(3000);
    expect(seenBy(bo)).toEqual([]);
    say(again, { cardId: 'two', doing: 'open' });
    world.run(1000);
    expect(seenBy(bo)).toEqual(['ada two open']);
  });
});

describe('presence of others', () => {
  it('[PRE-9] a replayed statement changes nothing', () => {
    const { world, ada, bo, cy } = chain();
    let recorded: Uint8Array<ArrayBuffer> | undefined;
    world.tamper = (from, to, bytes) => {
      const decoded = bo.node.decode(bytes);
      const body = decoded.ok && decoded.value.kind === 'overlay' ? decoded.value.body : undefined;
      if (from === ada.peer && to === bo.peer && body?.kind === 'announcements' && recorded === undefined)
        recorded = bytes;
      return bytes;
    };
    say(ada, { cardId: 'one', doing: 'open' });
    world.run(1000);
    say(ada, { cardId: 'two', doing: 'open' });
    world.run(1000);
    if (recorded === undefined) throw new Error('ada announced nothing');
    world.inject(cy.peer, bo.tenant, recorded);
    world.run(100);
    expect(seenBy(bo)).toEqual(['ada two open']);
  });

  it('[PRE-9] what is no presence is refused with a code, and nobody hands it on', () => {
    const { world, bo, ada } = chain();
    const bytes = bo.node.encode(announcementOf('cy', NOW + 10_000_000, new Uint8Array([9, 9, 9])));
    expect(bo.node.decode(bytes)).toEqual({ ok: false, code: 'presenceMalformed' });
    for (let n = 0; n < 3; n++) world.inject(peerOf('cy'), bo.tenant, bytes);
    world.run(1000);
    expect(bo.tenant.hungUp).toEqual([[peerOf('cy'), 'protocolError']]);
    expect(seenBy(ada)).toEqual([]);
  });

  it('[PRE-9] somebody who is no member is not shown, until his claim makes him one', () => {
    const { world, bo, ada } = chain();
    const said = announcementOf('mallory', NOW - 1, noteOf('one'));
    world.inject(peerOf('cy'), bo.tenant, bo.node.encode(said));
    world.run(1000);
    expect(seenBy(bo)).toEqual([]);
    const mallory = new Tab(world, 'mallory', { ticket: admissionOf('mallory', capabilityOf('ada')) });
    world.run(100);
    world.connect(ada.tenant, mallory.tenant);
    world.run(5000);
    // The claim came; but mallory itself has announced since that it is nowhere.
    expect(seenBy(bo)).toEqual([]);
    say(mallory, { cardId: 'two', doing: 'labels' });
    world.run(1000);
    expect(seenBy(bo)).toEqual(['mallory two labels']);
  });

  it('[PRE-9] a newcomer\u2019s statement that came before its claim is shown with it', () => {
    const { world, bo, ada } = chain();
    const early = new Tab(world, 'mallory', { ticket: admissionOf('mallory', capabilityOf('ada')) });
    say(early, { cardId: 'one', doing: 'open' });
    world.run(100);
    world.connect(ada.tenant, early.tenant);
    world.run(5000);
    expect(seenBy(bo)).toEqual(['mallory one open']);
  });
});
