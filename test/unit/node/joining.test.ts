import { describe, expect, it } from 'vitest';
import { boardIdOf } from '../../../src/identity/genesis.ts';
import { peerCertificateToSign } from '../../../src/identity/peer-certificate.ts';
import { decodeWith, encodeWith } from '../../../src/kernel/codec.ts';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import { MAX_PLACES } from '../../../src/overlay/limits.ts';
import { gossipId, originOf } from '../../../src/overlay/messages.ts';
import {
  EARLY_DEADLINE_MS,
  FAREWELL_MS,
  GUEST_DEADLINE_MS,
  HELLO_DEADLINE_MS,
  PROTOCOL_VERSION,
} from '../../../src/node/limits.ts';
import { broadcastCodec, FAREWELLS, nodeMessageCodec, type NodeMessage } from '../../../src/node/messages.ts';
import {
  admissionOf,
  capabilityOf,
  certificateOf,
  GENESIS,
  genesisBy,
  inviteKeyOf,
  KEYS,
  memberOf,
  NOW,
  peerOf,
} from '../identity/records.ts';
import { lying, nodeWorld, Tab, type NodeWorld } from './nodes.ts';

const ticketFor = (member: string): ReturnType<typeof admissionOf> =>
  admissionOf(member, capabilityOf('ada'));

function adasBoard(): { world: NodeWorld; ada: Tab } {
  const world = nodeWorld();
  const ada = new Tab(world, 'ada');
  world.run(100);
  ada.run({ type: 'addColumn', title: 'From Ada' });
  world.run(100);
  return { world, ada };
}

/** Changes every hello of one peer on its way, and signs again what can be signed. */
function rewriteHello(
  world: NodeWorld,
  from: Tab,
  change: (hello: Extract<NodeMessage, { kind: 'hello' }>) => NodeMessage,
): void {
  world.tamper = (sender, _to, bytes) => {
    const decoded = from.node.decode(bytes);
    if (sender !== from.peer || !decoded.ok || decoded.value.kind !== 'hello') return bytes;
    return encodeWith(nodeMessageCodec, change(decoded.value));
  };
}

function turnedAway(tab: Tab): string[] {
  return tab.events('turnedAway').map(({ code }) => code);
}

describe('joining a board', () => {
  it('[NOD-6, NOD-16] admits a newcomer, who gets the board and its genesis, and is told once', () => {
    const { world, ada } = adasBoard();
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    expect(bo.node.joinState()).toEqual({ phase: 'finding' });
    expect(bo.node.role).toBeUndefined();
    world.connect(ada.tenant, bo.tenant);
    world.run(2000);
    expect(bo.node.role).toBe('editor');
    expect(bo.node.genesis).toEqual(GENESIS);
    expect(bo.node.joinState()).toEqual({ phase: 'joined' });
    expect(bo.columns).toEqual(['From Ada']);
    world.run(60_000);
    expect(bo.events('joined').length).toBe(1);
    expect(ada.events('joined').length).toBe(0);
    const names = (tab: Tab): string[] =>
      tab.node
        .status()
        .members.map(({ name }) => name)
        .sort();
    expect(names(ada)).toEqual(['ada', 'bo']);
    expect(names(bo)).toEqual(['ada', 'bo']);
    expect(bo.node.status().frontierDigest).toBe(ada.node.status().frontierDigest);
  });

  it('[NOD-6] lets any member admit, and three tabs edit one board', () => {
    const { world, ada } = adasBoard();
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    const cy = new Tab(world, 'cy', {
      ticket: admissionOf('cy', capabilityOf('ada', { inviteKey: inviteKeyOf('second') })),
    });
    world.connect(ada.tenant, bo.tenant);
    world.run(2000);
    world.connect(bo.tenant, cy.tenant);
    world.run(5000);
    expect(cy.node.role).toBe('editor');
    for (const tab of [ada, bo, cy]) tab.run({ type: 'addColumn', title: `By ${tab.peer.slice(0, 4)}` });
    world.run(10_000);
    const digests = new Set([ada, bo, cy].map((tab) => tab.node.boardDigest()));
    expect(digests.size).toBe(1);
    expect(ada.columns.length).toBe(4);
    expect(ada.node.unacknowledged()).toBe(0);
  });

  it('[NOD-6] remembers who belongs: after a restart there is no ticket and no second admission', () => {
    const { world, ada } = adasBoard();
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    world.connect(ada.tenant, bo.tenant);
    world.run(2000);
    const again = nodeWorld('again');
    const ada2 = new Tab(again, 'ada', { disk: ada.tenant.disk });
    const bo2 = new Tab(again, 'bo', { disk: bo.tenant.disk, genesis: GENESIS });
    expect(bo2.node.role).toBe('editor');
    const before = ada2.tenant.disk.size;
    again.connect(ada2.tenant, bo2.tenant);
    again.run(5000);
    expect(bo2.node.neighbours()).toEqual([ada2.peer]);
    expect(ada2.tenant.disk.size).toBe(before);
  });

  it.each([
    ['inviteExpired', capabilityOf('ada', { expiresAt: NOW + 50 })],
    ['inviteUnknownIssuer', capabilityOf('eve')],
    ['inviteUsedUp', capabilityOf('ada', { uses: 0 })],
    ['inviteWrongBoard', capabilityOf('ada', { board: boardIdOf(genesisBy('eve')) })],
  ])(
    '[NOD-7, NOD-10] turns a newcomer away with %s, and tells why before it hangs up',
    (code, capability) => {
      const { world, ada } = adasBoard();
      const bo = new Tab(world, 'bo', { ticket: admissionOf('bo', capability) });
      world.connect(ada.tenant, bo.tenant);
      world.run(FAREWELL_MS + 100);
      expect(turnedAway(bo)).toEqual([code]);
      expect(bo.columns).toEqual([]);
      expect(bo.tenant.links.size).toBe(0);
      expect(ada.tenant.links.size).toBe(0);
      expect(ada.node.status().members.length).toBe(1);
      expect(ada.sent('replication')).toEqual([]);
    },
  );

  it('[NOD-7, NOD-13] turns away whom a used up link no longer admits, even while the first is still being written down', () => {
    const { world, ada } = adasBoard();
    const once = capabilityOf('ada', { uses: 1 });
    const [bo, cy] = ['bo', 'cy'].map((name) => new Tab(world, name, { ticket: admissionOf(name, once) }));
    if (bo === undefined || cy === undefined) return;
    world.connect(ada.tenant, bo.tenant);
    world.connect(ada.tenant, cy.tenant);
    world.run(3000);
    expect([bo.node.role, cy.node.role].filter((role) => role === 'editor').length).toBe(1);
    expect([...turnedAway(bo), ...turnedAway(cy)]).toEqual(['inviteUsedUp']);
  });

  it('[NOD-9] lets two newcomers of different issuers wait together, and parts them as busy when neither gets the board', () => {
    const { world } = adasBoard();
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    const cy = new Tab(world, 'cy', { ticket: admissionOf('cy', capabilityOf('di')) });
    world.connect(bo.tenant, cy.tenant);
    world.run(EARLY_DEADLINE_MS - 100);
    expect([...bo.tenant.hungUp, ...cy.tenant.hungUp]).toEqual([]);
    expect([...bo.node.neighbours(), ...cy.node.neighbours()]).toEqual([]);
    world.run(200);
    const reasons = [...bo.tenant.hungUp, ...cy.tenant.hungUp].map(([, reason]) => reason);
    expect(reasons.length).toBeGreaterThan(0);
    expect(new Set(reasons)).toEqual(new Set(['busy']));
  });

  it('[NOD-9] makes two newcomers whom one member invited neighbours that exchange no journals', () => {
    const { world } = adasBoard();
    const [bo, cy] = ['bo', 'cy'].map((name) => new Tab(world, name, { ticket: ticketFor(name) }));
    if (bo === undefined || cy === undefined) return;
    world.connect(bo.tenant, cy.tenant);
    world.run(EARLY_DEADLINE_MS + 1_000);
    expect([...bo.tenant.hungUp, ...cy.tenant.hungUp]).toEqual([]);
    expect([...bo.node.neighbours(), ...cy.node.neighbours()]).toEqual([cy.peer, bo.peer]);
    expect([...bo.sent('replication'), ...cy.sent('replication')]).toEqual([]);
  });

  it('[NOD-9] does not judge what it has stored before the genesis is known, and goes on with it then', () => {
    const { world, ada } = adasBoard();
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    world.connect(ada.tenant, bo.tenant);
    world.run(5000);
    bo.run({ type: 'addColumn', title: 'From Bo' });
    world.run(5000);
    // The genesis was not on disk yet when the tab was loaded anew.
    const again = nodeWorld('again');
    const ada2 = new Tab(again, 'ada', { disk: ada.tenant.disk });
    const bo2 = new Tab(again, 'bo', { disk: bo.tenant.disk, ticket: ticketFor('bo') });
    again.run(1000);
    expect(bo2.events('entryRefused')).toEqual([]);
    expect(bo2.node.role).toBeUndefined();
    again.connect(ada2.tenant, bo2.tenant);
    again.run(5000);
    expect(bo2.columns).toEqual(['From Ada', 'From Bo']);
    bo2.run({ type: 'addColumn', title: 'Later' });
    again.run(5000);
    expect(bo2.events('entryRefused')).toEqual([]);
    expect(bo2.columns).toEqual(['From Ada', 'From Bo', 'Later']);
    expect(ada2.columns).toEqual(bo2.columns);
    expect(ada2.events('fork')).toEqual([]);
  });

  it('[NOD-9] does not judge what is broadcast before the genesis is known', () => {
    const { world, ada } = adasBoard();
    const [bo, cy] = ['bo', 'cy'].map((name) => new Tab(world, name, { ticket: ticketFor(name) }));
    if (bo === undefined || cy === undefined) return;
    world.connect(bo.tenant, cy.tenant);
    world.run(1000);
    const [claim] = [...ada.tenant.disk].filter(([key]) => key.startsWith('journal/')).sort();
    const payload = encodeWith(broadcastCodec, { kind: 'entry', bytes: claim?.[1] ?? new Uint8Array() });
    const body = {
      id: gossipId(payload),
      origin: originOf(ada.peer),
      hops: 1,
      age: 0,
      lane: 'journal',
      payload,
    } as const;
    const gossip = { kind: 'overlay', body: { kind: 'gossip', ...body } } as const;
    world.inject(bo.peer, cy.tenant, encodeWith(nodeMessageCodec, gossip));
    world.connect(ada.tenant, bo.tenant);
    world.run(5000);
    expect(cy.events('entryRefused')).toEqual([]);
    expect([cy.node.role, ...cy.columns]).toEqual(['editor', 'From Ada']);
  });

  it('[NOD-1, NOD-9] lets the one who got the board admit the other over the link they have', () => {
    const { world, ada } = adasBoard();
    const [bo, cy] = ['bo', 'cy'].map((name) => new Tab(world, name, { ticket: ticketFor(name) }));
    if (bo === undefined || cy === undefined) return;
    world.connect(bo.tenant, cy.tenant);
    world.run(1000);
    world.connect(ada.tenant, bo.tenant);
    world.run(3000);
    expect([bo.node.role, cy.node.role]).toEqual(['editor', 'editor']);
    expect(cy.columns).toEqual(['From Ada']);
    expect([...bo.tenant.hungUp, ...cy.tenant.hungUp]).toEqual([]);
    expect(cy.node.neighbours()).toEqual([bo.peer]);
  });

  it('[NOD-4] does not take another board for its own', () => {
    const { world } = adasBoard();
    const genesis = genesisBy('eve');
    const eve = new Tab(world, 'eve', { genesis, board: boardIdOf(genesis) });
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    world.run(100);
    world.connect(eve.tenant, bo.tenant);
    world.run(FAREWELL_MS + 100);
    expect(bo.node.genesis).toBeUndefined();
    expect(turnedAway(eve)).toEqual(['inviteWrongBoard']);
  });

  it('[NOD-3] refuses a hello with a signature that does not hold', () => {
    const { world, ada } = adasBoard();
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    rewriteHello(world, bo, (hello) => ({
      ...hello,
      certificate: { ...hello.certificate, name: 'Somebody else' },
    }));
    world.connect(ada.tenant, bo.tenant);
    world.run(HELLO_DEADLINE_MS + 100);
    expect(ada.tenant.hungUp).toEqual([[bo.peer, 'timeout']]);
    expect(ada.node.status().members.length).toBe(1);
  });

  it("[NOD-3] refuses a peer that shows another one's certificate", () => {
    const { world, ada } = adasBoard();
    const eve = new Tab(world, 'eve', { ticket: ticketFor('bo'), certificate: certificateOf('bo') });
    rewriteHello(world, eve, (hello) => hello);
    world.connect(ada.tenant, eve.tenant);
    world.run(FAREWELL_MS + 100);
    expect(turnedAway(eve)).toEqual(['notMember']);
  });

  it('[NOD-2] tells a peer of another version, whatever else its hello looks like', () => {
    const later = (hello: Extract<NodeMessage, { kind: 'hello' }>): Bytes =>
      encodeWith(nodeMessageCodec, { ...hello, version: PROTOCOL_VERSION + 1 });
    for (const extra of [[], [1, 2, 3]]) {
      const { world, ada } = adasBoard();
      const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
      world.tamper = (from, _to, bytes) => {
        const decoded = bo.node.decode(bytes);
        if (from !== bo.peer || !decoded.ok || decoded.value.kind !== 'hello') return bytes;
        return new Uint8Array([...later(decoded.value), ...extra]);
      };
      world.connect(ada.tenant, bo.tenant);
      world.run(FAREWELL_MS + 100);
      expect(turnedAway(bo)).toEqual(['protocolMismatch']);
      expect(ada.tenant.links.size).toBe(0);
    }
  });

  it('[NOD-2] keeps the place of tag and version, and the farewells, for ever', () => {
    const farewell = (code: (typeof FAREWELLS)[number]): Bytes =>
      encodeWith(nodeMessageCodec, { kind: 'farewell', code });
    expect(FAREWELLS.map((code) => [...farewell(code)])).toEqual(FAREWELLS.map((_, i) => [2, i]));
    expect(FAREWELLS.indexOf('protocolMismatch')).toBe(2);
  });

  it('[NOD-10] hangs up on who never says hello', () => {
    const { world, ada } = adasBoard();
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    world.tamper = (from, _to, bytes) => {
      const message = decodeWith(nodeMessageCodec, bytes);
      return from === bo.peer && message.ok && message.value.kind === 'hello' ? undefined : bytes;
    };
    world.connect(ada.tenant, bo.tenant);
    world.run(HELLO_DEADLINE_MS - 100);
    expect(ada.tenant.hungUp).toEqual([]);
    world.run(200);
    expect(ada.tenant.hungUp).toEqual([[bo.peer, 'timeout']]);
  });
});

describe('guests', () => {
  /** Bo admits Cy with a link that expires soon; later, when Ada comes back and does not know Cy, it has. */
  function admittedMeanwhile(): { world: NodeWorld; ada: Tab; bo: Tab; cy: Tab } {
    const { world, ada } = adasBoard();
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    world.connect(ada.tenant, bo.tenant);
    world.run(2000);
    world.disconnect(ada.tenant, bo.tenant);
    const link = capabilityOf('ada', { inviteKey: inviteKeyOf('short'), expiresAt: NOW + 10_000 });
    const cy = new Tab(world, 'cy', { ticket: admissionOf('cy', link) });
    world.connect(bo.tenant, cy.tenant);
    world.run(3000);
    expect(cy.node.role).toBe('editor');
    world.disconnect(bo.tenant, cy.tenant);
    cy.run({ type: 'addColumn', title: 'From Cy' });
    world.run(20_000);
    return { world, ada, bo, cy };
  }

  it('[NOD-8] become members when their own journals prove them', () => {
    const { world, ada, cy } = admittedMeanwhile();
    ada.run({ type: 'addColumn', title: 'For members only' });
    world.connect(ada.tenant, cy.tenant);
    world.run(GUEST_DEADLINE_MS + 1000);
    expect(ada.tenant.hungUp).toEqual([]);
    expect(ada.node.neighbours()).toEqual([cy.peer]);
    expect(ada.columns).toContain('From Cy');
    expect(cy.columns).toContain('For members only');
    expect(cy.node.boardDigest()).toBe(ada.node.boardDigest());
  });

  it('[NOD-8] get nothing and are hung up when nothing proves them', () => {
    const { world, ada } = adasBoard();
    // Eve knows the board's secret and genesis, and says that she belongs.
    const eve = new Tab(world, 'eve', { genesis: GENESIS });
    rewriteHello(world, eve, (hello) => ({ ...hello, established: true }));
    world.connect(ada.tenant, eve.tenant);
    world.run(GUEST_DEADLINE_MS - 1000);
    const kinds = new Set(
      ada.tenant.sent.map(({ message }) =>
        message.kind === 'replication' || message.kind === 'overlay' ? message.body.kind : message.kind,
      ),
    );
    expect([...kinds].sort()).toEqual(['digest', 'heartbeat', 'hello']);
    expect(ada.node.neighbours()).toEqual([]);
    world.run(2000);
    expect(ada.tenant.hungUp).toEqual([[eve.peer, 'notMember']]);
  });
});

describe('a newcomer and somebody who lies to it', () => {
  it('[NOD-9, NOD-18] serves nobody before its copy is complete, and lets go of whoever turns out not to belong', () => {
    const { world, ada } = adasBoard();
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    // Eve knows the board's secret and genesis, and says that she belongs.
    const eve = new Tab(world, 'eve', {
      genesis: GENESIS,
      wrap: (node) => lying(node, (effects) => effects.filter(({ kind }) => kind !== 'hangUp')),
    });
    rewriteHello(world, eve, (hello) => ({ ...hello, established: true }));
    world.connect(bo.tenant, eve.tenant);
    world.run(1000);
    expect(bo.node.neighbours()).toEqual([eve.peer]);
    world.connect(ada.tenant, bo.tenant);
    world.run(3000);
    expect(bo.node.role).toBe('editor');
    expect(bo.node.neighbours()).toEqual([ada.peer]);
    const joinedAt = world.now;
    world.inject(
      eve.peer,
      bo.tenant,
      encodeWith(nodeMessageCodec, { kind: 'replication', body: { kind: 'pull', pull: 1, have: [] } }),
    );
    ada.run({ type: 'addColumn', title: 'Secret' });
    world.run(GUEST_DEADLINE_MS);
    const toEve = bo.tenant.sent.filter(({ to }) => to === eve.peer);
    const batches = toEve.filter(
      ({ message }) => message.kind === 'replication' && message.body.kind === 'batch',
    );
    expect(batches.length).toBe(0);
    const gossip = toEve.filter(
      ({ message }) => message.kind === 'overlay' && message.body.kind === 'gossip',
    );
    expect(gossip.filter(({ at }) => at > joinedAt).length).toBe(0);
    expect(bo.tenant.hungUp).toEqual([[eve.peer, 'notMember']]);
    expect(bo.node.neighbours()).toEqual([ada.peer]);
    expect(bo.columns).toContain('Secret');
  });
});

describe('links', () => {
  it('[NOD-1] ignores overlay messages and gives no journals before a hello', () => {
    const { world, ada } = adasBoard();
    const eve = new Tab(world, 'eve', { genesis: GENESIS });
    world.tamper = (from, _to, bytes) => (from === eve.peer && bytes[0] === 1 ? undefined : bytes);
    world.connect(ada.tenant, eve.tenant);
    const ask = encodeWith(nodeMessageCodec, {
      kind: 'replication',
      body: { kind: 'pull', pull: 1, have: [] },
    });
    const carry = encodeWith(nodeMessageCodec, {
      kind: 'overlay',
      body: { kind: 'introduction', to: ada.peer, ttl: 3, sealed: new Uint8Array(5) },
    });
    for (const bytes of [ask, carry]) world.inject(eve.peer, ada.tenant, bytes);
    world.run(5000);
    expect(ada.sent('replication')).toEqual([]);
    expect(ada.events('introduced')).toEqual([]);
  });

  it('[NOD-1] lets only the first hello count', () => {
    const { world, ada } = adasBoard();
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    world.connect(ada.tenant, bo.tenant);
    world.run(3000);
    const hello = bo.sent('hello')[0];
    if (hello === undefined) throw new Error('no hello');
    const members = ada.node.status().members.length;
    world.inject(bo.peer, ada.tenant, encodeWith(nodeMessageCodec, { ...hello, version: 7 }));
    world.run(3000);
    expect(ada.node.neighbours()).toEqual([bo.peer]);
    expect(ada.node.status().members.length).toBe(members);
  });

  it('[NOD-11] ends a link with the third refused message', () => {
    const { world, ada } = adasBoard();
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    world.connect(ada.tenant, bo.tenant);
    world.run(3000);
    for (const bytes of [[], [9, 9]]) world.inject(bo.peer, ada.tenant, new Uint8Array(bytes));
    expect(ada.tenant.hungUp).toEqual([]);
    world.inject(bo.peer, ada.tenant, new Uint8Array([4, 4, 1, 3, 1, 2, 3, 0, 0]));
    expect(ada.tenant.hungUp).toEqual([[bo.peer, 'protocolError']]);
    expect(ada.node.neighbours()).toEqual([]);
  });

  it('[NOD-18] tells the overlay of members only, and forgets whatever ends', () => {
    const { world, ada } = adasBoard();
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    world.connect(ada.tenant, bo.tenant);
    expect(ada.node.neighbours()).toEqual([]);
    world.run(8000);
    expect(ada.node.neighbours()).toEqual([bo.peer]);
    expect(ada.node.status().copies).toBe(2);
    world.disconnect(ada.tenant, bo.tenant);
    expect(ada.node.neighbours()).toEqual([]);
    expect(ada.node.status().copies).toBe(2); // who left still has it
    const before = ada.tenant.sent.length;
    world.run(20_000);
    expect(ada.tenant.sent.length).toBe(before);
  });

  it('[NOD-18] keeps nothing of a peer that the overlay has no place for', () => {
    const { world, ada } = adasBoard();
    const others = Array.from(
      { length: MAX_PLACES + 1 },
      (_, i) => new Tab(world, `m${i}`, { ticket: ticketFor(`m${i}`) }),
    );
    for (const other of others) world.connect(ada.tenant, other.tenant);
    world.run(3000);
    expect(ada.node.neighbours().length).toBe(MAX_PLACES);
    expect(ada.tenant.hungUp.map(([, reason]) => reason)).toEqual(['busy']);
    const gone = ada.tenant.hungUp[0]?.[0];
    const at = world.now;
    world.run(60_000);
    expect(ada.tenant.sent.filter((sent) => sent.to === gone && sent.at > at)).toEqual([]);
    // Nobody is told of a digest for a link that is not there.
    const digests = ada.tenant.effects.filter(
      ({ at: when, effect }) => when > at && effect.kind === 'send' && effect.to === gone,
    );
    expect(digests).toEqual([]);
  });

  it('[NOD-19] tells members, presence and copies by member', () => {
    const { world, ada } = adasBoard();
    const second = new Tab(world, 'ada second tab', { member: 'ada' });
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    world.connect(ada.tenant, second.tenant);
    world.run(5000);
    expect(ada.node.status()).toMatchObject({
      copies: 1,
      unsaved: 0,
      storeFailure: undefined,
      role: 'owner',
    });
    expect(ada.node.status().unacknowledged).toBeGreaterThan(0);
    world.connect(second.tenant, bo.tenant);
    world.run(15_000);
    expect(second.node.status().copies).toBe(2);
    const members = ada.node
      .status()
      .members.map(({ name, role, online, peers, self }) => ({ name, role, online, peers, self }));
    expect(members).toEqual([
      { name: 'ada', role: 'owner', online: true, peers: 2, self: true },
      { name: 'bo', role: 'editor', online: true, peers: 1, self: false },
    ]);
    bo.command({ type: 'sleeping' });
    world.run(5000);
    expect(ada.node.status().members.find(({ memberId }) => memberId === memberOf('bo'))?.asleep).toBe(true);
  });

  it('[NOD-12, NOD-14] shows a new name everywhere', () => {
    const { world, ada } = adasBoard();
    const bo = new Tab(world, 'bo', { ticket: ticketFor('bo') });
    world.connect(ada.tenant, bo.tenant);
    world.run(3000);
    const unsigned = { member: memberOf('bo'), peer: peerOf('bo'), slot: 0, name: 'Bo the Second' };
    const certificate = {
      ...unsigned,
      signature: KEYS.sign(unsigned.member, peerCertificateToSign(unsigned)),
    };
    const written = bo.tenant.disk.size;
    bo.command({ type: 'rename', certificate, wallMs: NOW });
    bo.command({ type: 'rename', certificate, wallMs: NOW });
    world.run(3000);
    expect(ada.node.status().members.find(({ memberId }) => memberId === memberOf('bo'))?.name).toBe(
      'Bo the Second',
    );
    const entries = [...bo.tenant.disk.keys()].filter((key) => key.startsWith('journal/')).length;
    expect(bo.tenant.disk.size - written).toBeLessThanOrEqual(2);
    const again = new Tab(nodeWorld('again'), 'bo', { disk: bo.tenant.disk, genesis: GENESIS, certificate });
    expect([...again.tenant.disk.keys()].filter((key) => key.startsWith('journal/')).length).toBe(entries);
  });
});
