/** What was decided, in a sentence for people and scripts. */
import type { Action, Choice, Operation } from '../governance/operations.ts';
import type { MemberId, PeerId } from '../kernel/ids.ts';

/** Digits of an id where no name is known: enough to tell a few apart. */
const SHORT_ID = 8;

/** Who and what ids stand for, as far as this tab knows. */
export interface Names {
  member(id: MemberId): string | undefined;
  /** Whose tab it is. */
  memberOf(tab: PeerId): MemberId | undefined;
  column(id: string): string | undefined;
  proposal(id: string): string | undefined;
}

const CHOICE_WORDS: Readonly<Record<Choice, string>> = {
  approve: 'agrees with',
  reject: 'disagrees with',
  abstain: 'abstains on',
};

/** What `by` asked for. The word of the operation; whether it was done is another matter. */
export function summaryOf(by: PeerId, operation: Operation | undefined, names: Names): string {
  const asker = tabWords(by, names);
  switch (operation?.kind) {
    case undefined:
      return `${asker} asks for something that this version does not know`;
    case 'introduce':
      return `A tab of ${memberWords(operation.certificate.member, names)} is introduced`;
    case 'registerInvite':
      return `${memberWords(operation.capability.issuer, names)} makes an invite`;
    case 'revokeInvite':
      return `${asker} revokes an invite`;
    case 'admit':
      return `${memberWords(operation.admission.member, names)} joins as ${operation.admission.capability.role}`;
    case 'changeRole':
      return `${asker} makes ${memberWords(operation.member, names)} ${operation.role}`;
    case 'evict':
      return `${asker} removes ${memberWords(operation.member, names)}`;
    case 'cut':
      return `A tab of ${tabWords(operation.proof.author, names)} signed two histories and is cut off`;
    case 'convict':
      return `A tab of ${tabWords(operation.proof.key, names)} voted twice, and has no say any more`;
    case 'takeSeat':
      return `A tab of ${asker} takes a seat`;
    case 'leaveSeat':
      return `A tab of ${asker} leaves its seat`;
    case 'renewSeat':
      return `A tab of ${asker} keeps its seat`;
    case 'expireSeats':
      return `Seats whose time is over end: ${String(operation.seats.length)}`;
    case 'dropSeat':
      return `${asker} takes its seat from a tab of ${tabWords(operation.seat, names)}`;
    case 'propose':
      return `${asker} proposes ${quoted(operation.title)}: ${actionWords(operation.action, names)}`;
    case 'castBallot':
      return `${asker} ${CHOICE_WORDS[operation.choice]} ${proposalWords(operation.proposal, names)}`;
    case 'withdraw':
      return `${asker} withdraws ${proposalWords(operation.proposal, names)}`;
    case 'close':
      return `The votes on ${proposalWords(operation.proposal, names)} are counted`;
    case 'setPolicy':
      return `${asker} changes how this group decides`;
    case 'attest':
      return `A tab of ${asker} confirms checkpoint ${String(operation.number)}`;
  }
}

function actionWords(action: Action, names: Names): string {
  switch (action.kind) {
    case 'none':
      return 'a question';
    case 'evict':
      return `remove ${memberWords(action.member, names)}`;
    case 'role':
      return `make ${memberWords(action.member, names)} ${action.role}`;
    case 'dropSeat':
      return `take its seat from a tab of ${tabWords(action.seat, names)}`;
    case 'removeColumn':
      return `remove the column ${quoted(names.column(action.columnId) ?? action.columnId)}`;
    case 'removeBoard':
      return 'remove the board';
    case 'policy':
      return 'change how this group decides';
  }
}

function memberWords(id: MemberId, names: Names): string {
  return names.member(id) ?? `member ${id.slice(0, SHORT_ID)}`;
}

function tabWords(tab: PeerId, names: Names): string {
  const member = names.memberOf(tab);
  return member === undefined ? `tab ${tab.slice(0, SHORT_ID)}` : memberWords(member, names);
}

function proposalWords(id: string, names: Names): string {
  const title = names.proposal(id);
  return title === undefined ? `proposal ${id.slice(0, SHORT_ID)}` : quoted(title);
}

const quoted = (text: string): string => `“${text}”`;
