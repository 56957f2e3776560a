/**
 * The board's maker begins the committee anew when its quorum is lost for good: calls the roll, has the member key sign a committee of the seats that
 * answered, follows it, and tells everybody. Rules NOD-65 to NOD-67 of docs/spec/node.md; what others make of it is CON-31 of docs/spec/consensus.md.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import { ownerToSign, type Link } from '../consensus/chain.ts';
import type { SeatRecord, Seating } from '../consensus/committee.ts';
import type { ConsensusCommand, ConsensusEvent } from '../consensus/events.ts';
import type { ConsensusMessage } from '../consensus/messages.ts';
import type { Parts } from '../consensus/parts.ts';
import type { AskRefusal, NodeEvent } from './events.ts';
import type { Roster } from './roster.ts';

export interface ResetHost {
  parts(): Parts | undefined;
  emit(event: NodeEvent): void;
  command(command: ConsensusCommand): void;
  tellAll(message: ConsensusMessage): void;
}

type Heard = Extract<
  ConsensusEvent,
  { readonly type: 'rolled' | 'resetDrafted' | 'resetRefused' | 'forked' | 'notSigned' }
>;

/** The one that is under way: first the roll is called, then a signature is awaited, then it is followed. */
interface UnderWay {
  readonly token: string;
  stage: 'rolling' | 'signing' | 'following';
  draft: Omit<Link, 'proof'> | undefined;
}

export class ResetDesk {
  readonly #self: PeerId;
  readonly #roster: Roster;
  readonly #host: ResetHost;
  #underWay: UnderWay | undefined;

  constructor(self: PeerId, roster: Roster, host: ResetHost) {
    this.#self = self;
    this.#roster = roster;
    this.#host = host;
  }

  begin(token: string): void {
    const { genesis } = this.#roster;
    if (genesis === undefined || this.#roster.memberOf(this.#self) !== genesis.creator)
      return this.#refuse(token, 'notAllowed');
    if (this.#host.parts()?.isHalted === true) return this.#refuse(token, 'halted');
    // Two at once would sign two committees for one epoch.
    if (this.#underWay !== undefined) return this.#refuse(token, 'tooManyOutstanding');
    this.#underWay = { token, stage: 'rolling', draft: undefined };
    this.#host.command({ type: 'callRoll' });
  }

  /** The member key signed what was drafted. A tab that fails to sign gives an empty signature. */
  signed(token: string, signature: Bytes): void {
    const { genesis } = this.#roster;
    const underWay = this.#underWay;
    if (underWay?.stage !== 'signing' || underWay.token !== token || genesis === undefined) return;
    const { draft } = underWay;
    if (draft === undefined || signature.length === 0) return this.#end();
    underWay.stage = 'following';
    const link: Link = { ...draft, proof: { kind: 'reset', owner: genesis.creator, signature } };
    this.#host.command({ type: 'adopt', links: [link] });
    if (this.#underWay === undefined) return;
    this.#end();
    if (this.#host.parts()?.chain.at(link.committee.epoch)?.link !== link)
      return this.#refuse(token, 'committeeLives');
    this.#host.tellAll({ kind: 'links', links: [link] });
    this.#host.emit({ type: 'begunAnew', token });
  }

  /** Whether what was heard is about the new beginning that is under way here. */
  heard(event: Heard): boolean {
    const underWay = this.#underWay;
    if (underWay === undefined) return false;
    if (event.type === 'rolled' && underWay.stage === 'rolling') this.#rolled(underWay, event);
    else if (event.type === 'resetDrafted' && underWay.stage === 'rolling') this.#drafted(underWay, event);
    else if (event.type === 'resetRefused' && underWay.stage === 'following') {
      this.#end();
      this.#refuse(underWay.token, event.code === 'committeeLives' ? 'committeeLives' : 'notReady');
    } else return false;
    return true;
  }

  #rolled({ token }: UnderWay, { isAlive, present }: Heard & { readonly type: 'rolled' }): void {
    const parts = this.#host.parts();
    if (parts === undefined || isAlive) {
      this.#end();
      return this.#refuse(token, 'committeeLives');
    }
    const seating = seatingOf(parts, present);
    if (seating !== undefined) return this.#host.command({ type: 'draftReset', seating, token });
    this.#end();
    this.#refuse(token, 'keyLost');
  }

  #drafted(underWay: UnderWay, { draft }: Heard & { readonly type: 'resetDrafted' }): void {
    const { token } = underWay;
    if (draft === undefined) {
      this.#end();
      return this.#refuse(token, 'notReady');
    }
    underWay.stage = 'signing';
    underWay.draft = draft;
    const toSign = ownerToSign('reset', draft.committee, draft.state);
    this.#host.emit({ type: 'resetDrafted', token, toSign });
  }

  #end(): void {
    this.#underWay = undefined;
  }

  #refuse(token: string, code: AskRefusal): void {
    this.#host.emit({ type: 'refused', token, code });
  }
}

/** The seats that are there, as they were; our tab if there is none. Undefined when that cannot sign either. */
function seatingOf({ committee, maySign, self }: Parts, present: readonly PeerId[]): Seating | undefined {
  const { checkpointEvery, seats, window } = committee;
  const staying = seats.filter(({ key }) => present.includes(key) || (key === self && maySign));
  const alone: readonly SeatRecord[] = maySign ? [{ key: self, leaseMs: 0 }] : [];
  const next = staying.length > 0 ? staying : alone;
  return next.length === 0 ? undefined : { seats: next, checkpointEvery, window };
}
