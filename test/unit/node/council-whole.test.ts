/** The committee of whole nodes, from what happens to one tab to what all of them decided: leases, requests on their way, forks. Rules of docs/spec/node.md. */
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import { decodeWith } from '../../../src/kernel/codec.ts';
import { SEAT_LEASE_MS } from '../../../src/governance/limits.ts';
import type { Operation } from '../../../src/governance/operations.ts';
import { broadcastCodec, nodeMessageCodec, type NodeMessage, type Said } from '../../../src/node/messages.ts';
import { admissionOf, capabilityOf, certificateOf, memberOf, peerOf } from '../identity/records.ts';
import { forkOf } from '../governance/forks.ts';
import { Scene } from './council-scene.ts';
import type { Tab } from './nodes.ts';

const MINUTE_MS = 60_000;
/** A new tab asks for its seat within this, a lease that is over is found out, and a committee hands over. */
const SETTLING_MS = 30_000;

function question(title: string): Operation {
  return {
    kind: 'propose',
    title,
    body: '',
    action: { kind: 'none' },
    closesInMs: 60 * MINUTE_MS,
    thresholdPercent: undefined,
    areBallotsFinal: false,
  };
}

const titlesOf = ({ node }: Tab): readonly string[] =>
  node.council.state?.proposals.rows().map(({ title }) => title) ?? [];
const seatsOf = ({ node }: Tab): readonly string[] => node.council.state?.committeeKeys ?? [];

type Way = 'broadcast' | 'routed' | 'direct';

/** What a message says of the committee, and on which way. */
function saidIn(bytes: Bytes): { readonly said: Said; readonly way: Way } | undefined {
  const decoded = decodeWith(nodeMessageCodec, bytes);
  if (!decoded.ok) return undefined;
  const message: NodeMessage = decoded.value;
  if (message.kind === 'council') {
    const { body } = message;
    return body.kind === 'said' ? { said: body, way: 'direct' } : undefined;
  }
  if (message.kind !== 'overlay') return undefined;
  const { body } = message;
  if (body.kind !== 'gossip' && body.kind !== 'routed') return undefined;
  const carried = decodeWith(broadcastCodec, body.payload);
  if (!carried.ok || carried.value.kind !== 'said') return undefined;
  return { said: carried.value, way: body.kind === 'gossip' ? 'broadcast' : 'routed' };
}

describe('seats and their leases', () => {
  it('[NOD-58] the seat of a second tab that is gone goes when its lease is over; a member keeps that of the first, and whoever is here renews', () => {
    const scene = new Scene(['bo', 'cy'], 'leases');
    const second = scene.open('bo 2', {
      member: 'bo',
      ticket: admissionOf('bo', capabilityOf('ada')),
      certificate: certificateOf('bo', 'bo 2', 'bo', 1),
    });
    const third = scene.open('ada 2', {
      member: 'ada',
      ticket: admissionOf('ada', capabilityOf('ada')),
      certificate: certificateOf('ada', 'ada 2', 'ada', 1),
    });
    scene.world.run(SETTLING_MS);
    const [ada, , cy] = scene.tabs;
    if (ada === undefined || cy === undefined) throw new Error('no tabs');
    const all = ['ada', 'bo', 'cy', 'bo 2', 'ada 2'].map(peerOf);
    expect(new Set(seatsOf(ada))).toEqual(new Set(all));

    // Of five seats four are a quorum.
    scene.close(second);
    scene.world.run(SEAT_LEASE_MS / 2 - SETTLING_MS);
    expect(seatsOf(ada)).toContain(second.peer);
    scene.world.run(SEAT_LEASE_MS);
    const left = all.filter((peer) => peer !== second.peer);
    for (const tab of [ada, cy, third]) expect(new Set(seatsOf(tab))).toEqual(new Set(left));

    // A seat without a lease stays, whoever is away: of the four, three decide.
    scene.close(cy);
    scene.world.run(SEAT_LEASE_MS + SETTLING_MS);
    expect(new Set(seatsOf(ada))).toEqual(new Set(left));
    scene.ask(third, question('still a quorum?'));
    scene.world.run(MINUTE_MS);
    expect(titlesOf(ada)).toEqual(['still a quorum?']);
  }, 120_000);
});

describe('a request', () => {
  it('[NOD-53] reaches the tab that leads along the mesh when nobody hears the broadcasts', () => {
    const scene = new Scene(['bo', 'cy', 'di'], 'routed');
    const { world, tabs } = scene;
    const [first] = tabs;
    const leader = first?.node.council.status()?.primary;
    const asker = tabs.find(({ peer }) => peer !== leader);
    const led = tabs.find(({ peer }) => peer === leader);
    const between = tabs.find((tab) => tab !== asker && tab !== led);
    if (asker === undefined || led === undefined || between === undefined) throw new Error('no tabs');
    for (const other of tabs)
      if (other !== asker && other !== between) world.disconnect(asker.tenant, other.tenant);
    world.run(SETTLING_MS);

    const ways = new Set<Way>();
    const reached = new Set<string>();
    world.tamper = (_from, to, bytes) => {
      const found = saidIn(bytes);
      const { message } = found?.said ?? {};
      if (found === undefined || message?.kind !== 'request' || message.request.client !== asker.peer)
        return bytes;
      if (found.way !== 'routed') return undefined;
      ways.add(found.way);
      reached.add(to);
      return bytes;
    };
    scene.ask(asker, question('by the back door?'));
    world.run(MINUTE_MS);
    expect([...ways]).toEqual(['routed']);
    expect([...reached].sort()).toEqual([between.peer, led.peer].sort());
    for (const tab of tabs) expect(titlesOf(tab)).toEqual(['by the back door?']);
    expect(led.node.council.status()?.primary).toBe(led.peer);
  });
});

describe('a forked journal', () => {
  it('[NOD-56] is cut by the group as soon as one tab has the proof, by one decision, the same everywhere', () => {
    const scene = new Scene(['bo', 'cy', 'di'], 'forked');
    const { world, tabs } = scene;
    const [ada, , cy] = tabs;
    if (ada === undefined || cy === undefined) throw new Error('no tabs');
    const proof = forkOf('bo', 7);
    const message: NodeMessage = { kind: 'replication', body: { kind: 'evidence', proofs: [proof] } };
    world.inject(ada.peer, cy.tenant, cy.node.encode(message));
    world.run(SETTLING_MS);
    for (const { node } of tabs) {
      expect(node.council.state?.members.tab(peerOf('bo'))).toMatchObject({ forkedAt: 7 });
      const cuts = node.council.archive.decisions(0).filter(({ operation }) => operation?.kind === 'cut');
      expect(cuts.map(({ refusal }) => refusal)).toEqual([undefined]);
      const standing = node.status().members.find(({ memberId }) => memberId === memberOf('bo'))?.standing;
      expect(standing).toBe('frozen');
    }
  });
});
