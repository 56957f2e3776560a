import { describe, expect, it } from 'vitest';
import { admissionCodec, type Admission } from '../../../src/identity/admission.ts';
import { boardIdOf } from '../../../src/identity/genesis.ts';
import { encodeWith } from '../../../src/kernel/codec.ts';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { composeHello, helloChecks, judgeHello } from '../../../src/node/handshake.ts';
import {
  EARLY_DEADLINE_MS,
  FAREWELL_MS,
  GUEST_DEADLINE_MS,
  HELLO_DEADLINE_MS,
  MAX_REFUSALS_PER_LINK,
  PROTOCOL_VERSION,
} from '../../../src/node/limits.ts';
import type { Hello } from '../../../src/node/messages.ts';
import { Reception } from '../../../src/node/reception.ts';
import { Roster } from '../../../src/node/roster.ts';
import { NO_HASH } from '../../../src/replication/entry.ts';
import {
  admissionOf,
  BOARD,
  capabilityOf,
  certificateOf,
  GENESIS,
  genesisBy,
  KEYS,
  memberOf,
  NOW,
  peerOf,
} from '../identity/records.ts';

function admit(roster: Roster, admission: Admission): void {
  roster.applied(
    {
      author: peerOf('ada'),
      session: 1,
      seq: 2,
      previous: NO_HASH,
      heads: [],
      epoch: 0,
      wallMs: 0,
      kind: 'admit',
      payload: encodeWith(admissionCodec, admission),
      hash: NO_HASH,
      signature: new Uint8Array(64),
      bytes: new Uint8Array(),
    },
    { has: () => true, reach: () => 0 },
  );
}

/** Ada's roster: herself, and Bo as an editor. */
function adas(): Roster {
  const roster = new Roster(BOARD, memberOf('ada'), GENESIS);
  admit(roster, admissionOf('bo', capabilityOf('ada')));
  return roster;
}

function helloOf(name: string, changes: Partial<Hello> = {}): Hello {
  return {
    version: PROTOCOL_VERSION,
    certificate: certificateOf(name),
    genesis: undefined,
    credential: [],
    established: false,
    ...changes,
  };
}

function verdict(
  hello: Hello,
  from: PeerId = hello.certificate.peer,
  roster = adas(),
  weBelong = true,
  ticket?: Admission,
): string {
  const judged = judgeHello(hello, from, { board: BOARD, roster, wallMs: NOW, ticket, weBelong });
  if (judged.kind === 'refused') return judged.code;
  return judged.kind === 'member' ? `member, admits ${judged.admit.length}` : judged.kind;
}

const CY = admissionOf('cy', capabilityOf('ada'));
const EXPIRED = admissionOf('cy', capabilityOf('ada', { expiresAt: NOW - 1 }));
const UNKNOWN = admissionOf('cy', capabilityOf('di'));

describe('judging a hello as one who belongs', () => {
  it.each([
    ['a known member', helloOf('bo'), 'member, admits 0'],
    [
      'a known member with an expired credential',
      helloOf('bo', { credential: [EXPIRED] }),
      'member, admits 0',
    ],
    ['a newcomer with a ticket', helloOf('cy', { credential: [CY] }), 'member, admits 1'],
    [
      'a stranger who was admitted elsewhere',
      helloOf('cy', { credential: [CY], established: true }),
      'member, admits 1',
    ],
    [
      'a chain of admissions',
      helloOf('di', { credential: [CY, admissionOf('di', capabilityOf('cy'))], established: true }),
      'member, admits 2',
    ],
    ['a stranger without a credential', helloOf('cy'), 'notMember'],
    ["a stranger with somebody else's ticket", helloOf('eve', { credential: [CY] }), 'notMember'],
    ['an expired ticket', helloOf('cy', { credential: [EXPIRED] }), 'inviteExpired'],
    ['a ticket of an unknown issuer', helloOf('cy', { credential: [UNKNOWN] }), 'inviteUnknownIssuer'],
    [
      'a ticket that gives more than its issuer has',
      helloOf('di', {
        credential: [
          admissionOf('cy', capabilityOf('ada', { role: 'viewer' })),
          admissionOf('di', capabilityOf('cy', { role: 'editor' })),
        ],
      }),
      'inviteRoleNotAllowed',
    ],
    [
      'a ticket for another board',
      helloOf('cy', {
        credential: [admissionOf('cy', capabilityOf('ada', { board: 'ee'.repeat(32) as typeof BOARD }))],
      }),
      'inviteWrongBoard',
    ],
    [
      'a ticket that Bo used up',
      helloOf('cy', { credential: [admissionOf('cy', capabilityOf('ada', { uses: 1 }))] }),
      'inviteUsedUp',
    ],
    [
      'one who is established by an expired ticket',
      helloOf('cy', { credential: [EXPIRED], established: true }),
      'guest',
    ],
    [
      'one who is established by an unknown issuer',
      helloOf('cy', { credential: [UNKNOWN], established: true }),
      'guest',
    ],
    ['one who is established by nothing', helloOf('cy', { established: true }), 'guest'],
    ['another version', helloOf('bo', { version: PROTOCOL_VERSION + 1 }), 'protocolMismatch'],
  ])('[NOD-2, NOD-5, NOD-6, NOD-7, NOD-8] %s', (_who, hello, expected) => {
    expect(verdict(hello)).toBe(expected);
  });

  it('[NOD-3] refuses a certificate for another peer than the one at the far end', () => {
    expect(verdict(helloOf('bo'), peerOf('eve'))).toBe('notMember');
  });
});

describe('judging a hello as a newcomer', () => {
  const newcomers = (): Roster => new Roster(BOARD, memberOf('cy'), undefined);

  it("[NOD-4] adopts the board's genesis and no other", () => {
    const roster = newcomers();
    expect(
      verdict(helloOf('ada', { genesis: genesisBy('eve'), established: true }), peerOf('ada'), roster, false),
    ).toBe('inviteWrongBoard');
    expect(roster.genesis).toBeUndefined();
    expect(
      verdict(helloOf('ada', { genesis: GENESIS, established: true }), peerOf('ada'), roster, false),
    ).toBe('member, admits 0');
    expect(roster.genesis).toEqual(GENESIS);
    expect(roster.roleOf(memberOf('ada'))).toBe('owner');
  });

  it('[NOD-9] accepts who is established, and waits together with another newcomer', () => {
    expect(
      verdict(helloOf('bo', { genesis: GENESIS, established: true }), peerOf('bo'), newcomers(), false),
    ).toBe('member, admits 0');
    expect(verdict(helloOf('di', { credential: [CY] }), peerOf('di'), newcomers(), false)).toBe('early');
    expect(verdict(helloOf('bo', { established: true }), peerOf('bo'), newcomers(), false)).toBe('notReady');
  });

  it('[NOD-9] a newcomer is a neighbour of another one whom the same member invited', () => {
    const ours = admissionOf('di', capabilityOf('ada'));
    const meet = (credential: readonly Admission[], ticket: Admission | undefined = ours): string =>
      verdict(helloOf('cy', { credential }), peerOf('cy'), newcomers(), false, ticket);
    expect(meet([CY])).toBe('fellow');
    expect(meet([CY], admissionOf('di', capabilityOf('bo')))).toBe('early');
    expect(meet([EXPIRED])).toBe('early');
    expect(meet([UNKNOWN])).toBe('early');
    expect(meet([])).toBe('early');
    expect(meet([admissionOf('bo', capabilityOf('ada'))])).toBe('early');
    const elsewhere = capabilityOf('ada', { board: boardIdOf(genesisBy('eve')) });
    expect(meet([admissionOf('cy', elsewhere)])).toBe('early');
  });
});

describe('saying hello', () => {
  it("[NOD-1] shows who belongs by what, and a newcomer's ticket", () => {
    const roster = adas();
    expect(composeHello(roster, certificateOf('ada'), undefined, true)).toEqual(
      helloOf('ada', { genesis: GENESIS, established: true }),
    );
    const bo = composeHello(roster, certificateOf('bo'), undefined, true);
    expect(bo.credential).toEqual([admissionOf('bo', capabilityOf('ada'))]);
    expect(bo.established).toBe(true);
    const empty = new Roster(BOARD, memberOf('cy'), undefined);
    expect(composeHello(empty, certificateOf('cy'), CY, false)).toEqual(helloOf('cy', { credential: [CY] }));
    expect(composeHello(empty, certificateOf('cy'), undefined, false)).toEqual(helloOf('cy'));
  });

  it('[NOD-3] asks for the signatures that are news to us', () => {
    const hello = helloOf('cy', { genesis: GENESIS, credential: [CY], established: true });
    const empty = new Roster(BOARD, memberOf('di'), undefined);
    expect(helloChecks(hello, empty).length).toBe(4);
    expect(KEYS.holds(helloChecks(hello, empty))).toBe(true);
    const roster = adas();
    expect(helloChecks(hello, roster).length).toBe(3);
    admit(roster, CY);
    expect(helloChecks(hello, roster).length).toBe(1);
    const forged = { ...hello, certificate: { ...hello.certificate, name: 'Ada' } };
    expect(KEYS.holds(helloChecks(forged, roster))).toBe(false);
  });
});

describe('the reception', () => {
  const peer = peerOf('visitor');
  const timer = `node/visitor/${peer}`;

  it('[NOD-8, NOD-10] gives each standing its time', () => {
    const reception = new Reception();
    expect(reception.arrive(peer)).toEqual({ kind: 'arm', timer, afterMs: HELLO_DEADLINE_MS });
    expect(reception.move(peer, 'guest', helloOf('cy'))).toEqual({
      kind: 'arm',
      timer,
      afterMs: GUEST_DEADLINE_MS,
    });
    expect(reception.in('guest')).toEqual([peer]);
    expect(reception.hello(peer)).toEqual(helloOf('cy'));
    expect(reception.move(peer, 'member')).toEqual({ kind: 'disarm', timer });
    expect(reception.in('member')).toEqual([peer]);
    expect(reception.in('guest')).toEqual([]);
    expect(reception.hello(peer)).toEqual(helloOf('cy'));
    expect(reception.move(peer, 'fellow')).toEqual({ kind: 'disarm', timer });
    expect(reception.in('member', 'fellow')).toEqual([peer]);
    expect(reception.move(peer, 'early')).toEqual({ kind: 'arm', timer, afterMs: EARLY_DEADLINE_MS });
    expect(reception.move(peer, 'leaving')).toEqual({ kind: 'arm', timer, afterMs: FAREWELL_MS });
    expect(reception.overdue(timer)).toBe(peer);
    expect(reception.depart(peer)).toEqual({ standing: 'leaving', effect: { kind: 'disarm', timer } });
    expect(reception.overdue(timer)).toBeUndefined();
    expect(reception.overdue('overlay/tick')).toBeUndefined();
    expect(reception.depart(peer).standing).toBeUndefined();
  });

  it('[NOD-11] loses patience with the third refused message, of each link for itself', () => {
    const reception = new Reception();
    reception.arrive(peer);
    const verdicts = Array.from({ length: MAX_REFUSALS_PER_LINK }, () => reception.refused(peer));
    expect(verdicts).toEqual([false, false, true]);
    expect(reception.refused(peerOf('nobody'))).toBe(false);
    reception.arrive(peer);
    expect(reception.refused(peer)).toBe(false);
  });
});
