/** Who sits, under both electorates, and checkpoints that seats attest. Rules of docs/spec/governance.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_SEATS } from '../../../src/consensus/limits.ts';
import { encodeOperation, type Operation } from '../../../src/governance/operations.ts';
import { SEAT_LEASE_MS } from '../../../src/governance/limits.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { digest } from '../../../src/kernel/hash.ts';
import { certificateOf, memberOf, NOW, peerOf } from '../identity/records.ts';
import { Assembly } from './assembly.ts';

const take = (replaces?: string): Operation => ({
  kind: 'takeSeat',
  replaces: replaces === undefined ? undefined : peerOf(replaces),
});
const leaseOf = (group: Assembly, tab: string): number | undefined =>
  group.governance.nextSeating()?.seats.find(({ key }) => key === peerOf(tab))?.leaseMs;
const hashOf = (name: string): ReturnType<typeof digest> => digest('test checkpoint', utf8(name));

describe('where every tab has a seat', () => {
  it('[GOV-12] the first of a member is durable, further ones are transient', () => {
    const group = new Assembly({ bo: 'editor' }).seat('ada');
    expect(group.ask('bo', take())).toBe('done');
    expect(group.ask('bo/2', take())).toBe('done');
    expect(group.ask('bo', take())).toBe('hasSeat');
    expect([leaseOf(group, 'bo'), leaseOf(group, 'bo/2')]).toEqual([0, SEAT_LEASE_MS]);
    expect(group.seats()).toEqual([peerOf('ada'), peerOf('bo'), peerOf('bo/2')]);
  });

  it('[GOV-12] the first of the others inherits when the durable one leaves', () => {
    const group = new Assembly({ bo: 'editor' }).seat('ada');
    for (const tab of ['bo', 'bo/2']) group.ask(tab, take());
    expect(group.ask('bo', { kind: 'leaveSeat' })).toBe('done');
    expect([group.seats(), leaseOf(group, 'bo/2')]).toEqual([[peerOf('ada'), peerOf('bo/2')], 0]);
  });

  it('[GOV-13] one tab of a member takes the place of another, and nobody that of a stranger', () => {
    const group = new Assembly({ bo: 'editor' }).seat('ada', 'bo');
    expect(group.ask('bo/2', take('ada'))).toBe('notYours');
    expect(group.ask('bo/2', take('ada/2'))).toBe('noSeat');
    expect(group.ask('bo/2', take('bo'))).toBe('done');
    expect(group.outcomes).toEqual(['seatLeft', 'seatTaken']);
    expect([group.seats(), leaseOf(group, 'bo/2')]).toEqual([[peerOf('ada'), peerOf('bo/2')], 0]);
  });

  it('[GOV-14] a transient seat goes when its lease is over by agreed time and somebody says so', () => {
    const group = new Assembly({ bo: 'editor' }).seat('ada');
    for (const tab of ['bo', 'bo/2']) group.ask(tab, take());
    const expire: Operation = { kind: 'expireSeats', seats: ['ada', 'bo', 'bo/2'].map(peerOf) };
    expect(group.ask('ada', expire)).toBe('notDue');
    group.now = NOW + SEAT_LEASE_MS - 1;
    expect(group.ask('bo/2', { kind: 'renewSeat' })).toBe('done');
    group.now = NOW + SEAT_LEASE_MS;
    expect(group.ask('ada', expire)).toBe('notDue');
    group.now = NOW + 2 * SEAT_LEASE_MS - 1;
    expect(group.ask('ada', { ...expire, seats: [peerOf('ada')] })).toBe('notDue');
    expect(group.ask('ada', expire)).toBe('done');
    expect(group.seats()).toEqual([peerOf('ada'), peerOf('bo')]);
    expect(group.ask('bo/2', { kind: 'renewSeat' })).toBe('noSeat');
  });

  it('[GOV-15] nobody takes the last one, by whatever way', () => {
    const group = new Assembly({ bo: 'editor' }).seat('bo');
    expect(group.ask('bo', { kind: 'leaveSeat' })).toBe('lastSeat');
    expect(group.ask('ada', { kind: 'dropSeat', seat: peerOf('bo') })).toBe('lastSeat');
    expect(group.ask('ada', { kind: 'evict', member: memberOf('bo'), cuts: [] })).toBe('lastSeat');
    expect(group.ask('ada', { kind: 'changeRole', member: memberOf('bo'), role: 'viewer' })).toBe('lastSeat');
    group.ask('ada', take());
    expect(group.ask('bo', { kind: 'dropSeat', seat: peerOf('ada') })).toBe('notAllowed');
    expect(group.ask('ada', { kind: 'dropSeat', seat: peerOf('bo') })).toBe('done');
    expect(group.seats()).toEqual([peerOf('ada')]);
  });

  it('[GOV-15] leases that are over all at once leave one', () => {
    const group = new Assembly();
    const seats = ['ada', 'ada/2'].map((tab) => ({ key: peerOf(tab), leaseMs: 5 }));
    group.governance.seated({ epoch: 3, resets: 1, seats, checkpointEvery: 4, window: 8 });
    expect(group.ask('ada', { kind: 'expireSeats', seats: seats.map(({ key }) => key) })).toBe('done');
    expect(group.seats()).toEqual([peerOf('ada')]);
    expect(group.ask('ada', { kind: 'expireSeats', seats: [peerOf('ada')] })).toBe('notDue');
  });

  it('[GOV-15] there are 31, and a member without one comes before second tabs', () => {
    const group = new Assembly({ bo: 'editor' }).seat('ada');
    const tabs = Array.from({ length: MAX_SEATS }, (_, at) => `ada tab ${at}`);
    for (const tab of tabs) {
      group.ask('ada', { kind: 'introduce', certificate: certificateOf('ada', tab) });
      group.ask(tab, take());
    }
    expect(group.last.refusal).toBe('noFreeSeat');
    expect(group.seats()).toHaveLength(MAX_SEATS);
    expect(group.ask('bo', take())).toBe('done');
    expect(group.last.outcomes).toContainEqual({ kind: 'seatLeft', seat: peerOf(tabs[MAX_SEATS - 2] ?? '') });
    expect([group.seats().length, leaseOf(group, 'bo')]).toEqual([MAX_SEATS, 0]);
    expect(group.ask('bo/2', take())).toBe('noFreeSeat');
  });
});

describe('where members have one seat each', () => {
  it('[GOV-13] it is durable and moves from tab to tab', () => {
    const group = new Assembly({ bo: 'editor' }, 'member').seat('ada');
    expect(group.ask('bo', take())).toBe('done');
    expect(group.ask('bo/2', take())).toBe('hasSeat');
    expect(group.ask('bo/2', take('bo'))).toBe('done');
    expect([group.seats(), leaseOf(group, 'bo/2')]).toEqual([[peerOf('ada'), peerOf('bo/2')], 0]);
  });
});

describe('the next committee', () => {
  const tabs = ['ada', 'ada/2', 'bo', 'bo/2', 'cy'];
  const operation = fc.oneof(
    fc.constantFrom<Operation>(
      take(),
      take('ada'),
      take('bo'),
      { kind: 'leaveSeat' },
      { kind: 'renewSeat' },
      { kind: 'expireSeats', seats: tabs.map(peerOf) },
      { kind: 'dropSeat', seat: peerOf('cy') },
      { kind: 'changeRole', member: memberOf('bo'), role: 'viewer' },
      { kind: 'changeRole', member: memberOf('bo'), role: 'editor' },
      { kind: 'evict', member: memberOf('cy'), cuts: [] },
      { kind: 'attest', epoch: 0, number: 1, head: hashOf('head'), hash: hashOf('x') },
    ),
    fc
      .constantFrom('ada', 'bo', 'cy')
      .map((name): Operation => ({ kind: 'introduce', certificate: certificateOf(name) })),
  );
  const steps = fc.array(
    fc.record({ tab: fc.constantFrom(...tabs), operation, later: fc.constantFrom(0, 1000, SEAT_LEASE_MS) }),
    { maxLength: 40 },
  );

  it.each(['tab', 'member'] as const)(
    '[GOV-15, GOV-16] changes by operations only that say so by their bytes, and always has 1 to 31 different seats (%s)',
    (electorate) => {
      fc.assert(
        fc.property(steps, (drawn) => {
          const group = new Assembly({ bo: 'editor', cy: 'owner' }, electorate).seat('ada');
          for (const { tab, operation: asked, later } of drawn) {
            group.now += later;
            const before = group.governance.nextSeating();
            group.ask(tab, asked);
            const after = group.governance.nextSeating();
            if (!group.governance.mayReseat(encodeOperation(asked))) expect(after).toEqual(before);
            const seats = group.seats();
            expect(new Set(seats).size).toBe(seats.length);
            expect(seats.length).toBeGreaterThan(0);
            expect(seats.length).toBeLessThanOrEqual(MAX_SEATS);
            const ofBo = seats.filter((seat) => [peerOf('bo'), peerOf('bo/2')].includes(seat));
            if (electorate === 'member') expect(ofBo.length).toBeLessThanOrEqual(1);
          }
        }),
        { numRuns: 200 },
      );
    },
  );

  it('[GOV-16] may change with the closing of a proposal', () => {
    const { governance } = new Assembly();
    expect(governance.mayReseat(encodeOperation({ kind: 'close', proposal: hashOf('any') }))).toBe(true);
    expect(governance.mayReseat(utf8('nonsense'))).toBe(false);
    expect(governance.nextSeating()).toBeUndefined();
  });

  it('[GOV-16] is what a reset says, whatever was wished', () => {
    const group = new Assembly({ bo: 'editor' }).seat('ada', 'bo');
    group.ask('bo/2', take());
    const seats = [
      { key: peerOf('bo/2'), leaseMs: 0 },
      { key: peerOf('a stranger'), leaseMs: 50 },
    ];
    group.governance.seated({ epoch: 7, resets: 1, seats, checkpointEvery: 8, window: 16 });
    expect(group.seats()).toEqual([peerOf('bo/2'), peerOf('a stranger')]);
    expect(group.governance.nextSeating()).toMatchObject({ checkpointEvery: 8, window: 16 });
  });
});

describe('checkpoints of the history', () => {
  const group = (): Assembly =>
    new Assembly({ bo: 'editor', cy: 'editor', di: 'editor' }).seat('ada', 'bo', 'cy', 'di');
  const epochOf = ({ governance }: Assembly): number => governance.state.committee?.epoch ?? -1;
  const attest = (epoch: number, number: number, name = 'right', head = 'head'): Operation => ({
    kind: 'attest',
    epoch,
    number,
    head: hashOf(head),
    hash: hashOf(name),
  });

  it('[GOV-31] are certified by a quorum of the committee that made the same', () => {
    const four = group();
    const epoch = epochOf(four);
    const ask = (tab: string, number: number, name?: string, head?: string): string =>
      four.ask(tab, attest(epoch, number, name, head));
    expect(ask('ada/2', 3)).toBe('notASeat');
    expect(four.ask('ada', attest(epoch + 1, 3))).toBe('otherEpoch');
    expect(ask('ada', 3)).toBe('done');
    expect(ask('ada', 3)).toBe('done');
    expect(ask('bo', 3, 'wrong')).toBe('done');
    expect(ask('bo', 3)).toBe('otherCheckpoint');
    expect(ask('cy', 3)).toBe('done');
    expect(four.outcomes).toEqual([]);
    expect(ask('di', 3)).toBe('done');
    expect(four.last.outcomes).toEqual([{ kind: 'checkpointCertified', number: 3, hash: hashOf('right') }]);
    expect(ask('bo', 3)).toBe('oldCheckpoint');
    expect(ask('bo', 4)).toBe('done');
    expect(ask('bo', 3)).toBe('oldCheckpoint');
    expect(ask('bo', 0)).toBe('oldCheckpoint');
  });

  it('[GOV-31] are not made by those who name another entry: what they signed is another word', () => {
    const four = group();
    const epoch = epochOf(four);
    for (const tab of ['ada', 'bo']) four.ask(tab, attest(epoch, 3));
    expect(four.ask('cy', attest(epoch, 3, 'right', 'another head'))).toBe('done');
    expect(four.ask('cy', attest(epoch, 3))).toBe('otherCheckpoint');
    expect(four.outcomes).toEqual([]);
  });

  it('[GOV-31] need a quorum of one committee: what seats said in another does not count', () => {
    const four = group();
    for (const tab of ['ada', 'bo']) four.ask(tab, attest(epochOf(four), 1));
    four.seat('bo', 'cy', 'di');
    const epoch = epochOf(four);
    four.ask('cy', attest(epoch, 1));
    expect(four.outcomes).toEqual([]);
    expect(four.ask('bo', attest(epoch - 1, 1))).toBe('otherEpoch');
    four.ask('bo', attest(epoch, 1, 'anew'));
    expect(four.outcomes).toEqual([]);
    four.ask('di', attest(epoch, 1, 'anew'));
    expect(four.outcomes).toEqual(['checkpointCertified']);
  });
});
