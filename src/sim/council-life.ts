/** What the members of a simulated council ask for: few invites for many people, proposals that are due soon, ballots that change, and noise. */
import { toHex, utf8, type Bytes } from '../kernel/bytes.ts';
import {
  boardIdFrom,
  memberIdFrom,
  peerIdFrom,
  type BoardId,
  type Hash,
  type MemberId,
  type PeerId,
} from '../kernel/ids.ts';
import { digest, digestBytes } from '../kernel/hash.ts';
import { pick, type Random } from '../kernel/random.ts';
import {
  admissionToSign,
  capabilityToSign,
  type Admission,
  type Capability,
  type UnsignedCapability,
} from '../identity/admission.ts';
import { encodeOperation, type Action, type Operation } from '../governance/operations.ts';
import type { Founding } from '../governance/state.ts';
import { timeAfter } from './council-application.ts';
import type { SimKeys } from './sim-keys.ts';

const INVITES = 3;
const CANDIDATES = 12;
/** Times that proposals are open, ms of the group's time: a few decisions to many. */
const OPEN_MS = [8_000, 15_000, 20_000, 30_000];

const POPULAR = ['approve', 'approve', 'approve', 'approve', 'abstain'] as const;
const DIVISIVE = ['approve', 'approve', 'approve', 'reject', 'reject'] as const;

export const COUNCIL_BOARD: BoardId = boardIdFrom(digestBytes('council scenario'));

/** The member of seat `seat`. */
const memberAt = (keys: SimKeys, seat: number): MemberId => memberIdFrom(keys.publicKey(`member ${seat}`));

/** Each seat is another member's only tab; seat 0's made the board, and the others edit. */
export function foundingOf(keys: SimKeys, seats: number): Founding {
  const all = Array.from({ length: seats }, (_, seat) => seat);
  return {
    board: COUNCIL_BOARD,
    creator: memberAt(keys, 0),
    electorate: 'tab',
    members: all.slice(1).map((seat) => ({ member: memberAt(keys, seat), role: 'editor' })),
    tabs: all.map((seat) => ({ peer: tabAt(keys, seat), member: memberAt(keys, seat) })),
  };
}

export function tabAt(keys: SimKeys, seat: number): PeerId {
  return peerIdFrom(keys.publicKey(`seat ${seat}`));
}

export class CouncilLife {
  readonly #keys: SimKeys;
  readonly #random: Random;
  readonly #invites: readonly Capability[];
  readonly #seats: number;

  constructor(keys: SimKeys, random: Random, seats: number) {
    this.#keys = keys;
    this.#random = random;
    this.#seats = seats;
    this.#invites = Array.from({ length: INVITES }, (_, at) => this.#invite(at));
  }

  #invite(at: number): Capability {
    const unsigned: UnsignedCapability = {
      board: COUNCIL_BOARD,
      issuer: memberAt(this.#keys, 0),
      inviteKey: this.#keys.publicKey(`invite ${at}`),
      role: 'viewer',
      uses: 1 + at,
      expiresAt: at === 1 ? timeAfter(3_000 + this.#random.below(9_000)) : undefined,
      boardTitle: 'Council',
      issuerName: 'Ada',
    };
    return { ...unsigned, signature: this.#keys.sign(unsigned.issuer, capabilityToSign(unsigned)) };
  }

  /** What a seat asks for next, knowing these proposals. */
  next(known: readonly Hash[]): Bytes {
    const random = this.#random;
    const proposal = pick(random, known);
    const drawn = random.below(20);
    if (drawn === 0) return utf8(`noise ${random.below(1000)}`);
    if (drawn === 1 && random.below(4) === 0)
      return encodeOperation({
        kind: 'revokeInvite',
        inviteKey: this.#keys.publicKey(`invite ${random.below(INVITES)}`),
      });
    if (drawn < 6) return encodeOperation(this.#admit());
    if (drawn === 6 || proposal === undefined) return encodeOperation(this.#propose());
    if (drawn < 9) return encodeOperation({ kind: 'close', proposal });
    if (drawn === 9)
      return encodeOperation({
        kind: 'attest',
        epoch: known.length % 3,
        number: 1 + random.below(5),
        head: digest('council', utf8('head')),
        hash: digest('council', utf8('x')),
      });
    const asked = random.below(4) === 0 ? proposal : (known.at(-1) ?? proposal);
    // Some questions please nearly everybody, others divide.
    const isPopular = asked < '8';
    const choices = isPopular ? POPULAR : DIVISIVE;
    const choice = pick(random, choices) ?? 'abstain';
    return encodeOperation({ kind: 'castBallot', proposal: asked, choice, reason: '' });
  }

  #admit(): Operation {
    const member = memberIdFrom(this.#keys.publicKey(`candidate ${this.#random.below(CANDIDATES)}`));
    const capability = pick(this.#random, this.#invites) ?? this.#invite(0);
    const proof = this.#keys.sign(toHex(capability.inviteKey), admissionToSign(COUNCIL_BOARD, member));
    const admission: Admission = { capability, member, proof };
    return { kind: 'admit', admission, certificate: undefined };
  }

  #propose(): Operation {
    const random = this.#random;
    const member = memberAt(this.#keys, 1 + random.below(this.#seats - 1));
    const about: Action = { kind: 'role', member, role: 'editor' };
    const action =
      pick<Action>(random, [{ kind: 'none' }, { kind: 'removeColumn', columnId: 'c' }, about]) ?? about;
    const closesInMs = pick(random, OPEN_MS) ?? 1_000;
    const title = `Question ${random.below(1_000_000)}`;
    return {
      kind: 'propose',
      title,
      body: '',
      action,
      closesInMs,
      thresholdPercent: undefined,
      areBallotsFinal: false,
    };
  }
}
