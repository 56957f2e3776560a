/** What a certificate says, in lines for a terminal. */
import type { LieProof } from '../src/consensus/lies.ts';
import type { Claim } from '../src/consensus/statements.ts';
import type { CertificateClaim, CertificateFileRefusal } from '../src/governance/certificate-file.ts';
import type { Action, Operation } from '../src/governance/operations.ts';

/** Why a file proves nothing, in a sentence each. */
export const REASONS: Readonly<Record<CertificateFileRefusal, string>> = {
  notACertificate: 'this is not the text of a certificate, or its spelling was changed',
  otherBoard: 'it is about another board than the one that you named or that its parts name',
  badGenesis: 'the genesis record is not that of the board that the file names',
  empty: 'its chain of committees has no link',
  notAnOwner: 'a committee was founded, or begun anew, by somebody who did not make the board',
  badCommittee: 'no committee can be like one that it names',
  gap: 'a committee does not follow the one before it',
  badStart: 'a committee begins where it cannot',
  badResets: 'a committee does not say how often its board was begun anew',
  badProof: 'the first committee was not founded, or a later one was',
  unreadable: 'the chain or the certificate cannot be read',
  otherCommittee: 'it was made by another committee than the last of its chain',
  otherBatch: 'the hashes are not those of the batch that was decided',
  otherRequest: 'the request is not the one at its place in the batch',
  badSeats: 'a seat does not exist, or stands twice',
  tooFew: 'fewer seats signed than a quorum',
  badPlace: 'nothing can be decided at that place',
  badSignature: 'a signature does not hold: something was changed after it was signed',
};

function actionWords(action: Action): string {
  switch (action.kind) {
    case 'none':
      return 'a question';
    case 'evict':
      return `to evict member ${action.member}`;
    case 'role':
      return `to make member ${action.member} ${action.role}`;
    case 'dropSeat':
      return `to take its seat from tab ${action.seat}`;
    case 'removeColumn':
      return `to remove column ${printable(action.columnId)}`;
    case 'removeBoard':
      return 'to remove the board';
    case 'policy':
      return 'to change the policy';
  }
}

/** What was asked for, in one line. Texts of others are quoted, so that nothing in them reaches the terminal as a command. */
export function operationWords(operation: Operation | undefined): string {
  switch (operation?.kind) {
    case undefined:
      return 'bytes that are no operation of this version';
    case 'introduce':
      return `introduce tab ${operation.certificate.peer} of member ${operation.certificate.member}`;
    case 'registerInvite':
      return `register an invite of member ${operation.capability.issuer}`;
    case 'revokeInvite':
      return 'revoke an invite';
    case 'admit':
      return `admit member ${operation.admission.member} as ${operation.admission.capability.role}`;
    case 'changeRole':
      return `make member ${operation.member} ${operation.role}`;
    case 'evict':
      return `evict member ${operation.member}`;
    case 'cut':
      return `cut the journal of tab ${operation.proof.author} from place ${operation.proof.seq} on, which it forked`;
    case 'convict':
      return convictionWords(operation.proof);
    case 'takeSeat':
      return operation.replaces === undefined ? 'take a seat' : `take the seat of tab ${operation.replaces}`;
    case 'leaveSeat':
      return 'leave its seat';
    case 'renewSeat':
      return 'renew its seat';
    case 'expireSeats':
      return `end the seats of ${operation.seats.length} tabs whose lease is over`;
    case 'dropSeat':
      return `take its seat from tab ${operation.seat}`;
    case 'propose':
      return `propose ${printable(operation.title)}, ${actionWords(operation.action)}`;
    case 'castBallot':
      return `${operation.choice} proposal ${operation.proposal}`;
    case 'withdraw':
      return `withdraw proposal ${operation.proposal}`;
    case 'close':
      return `close proposal ${operation.proposal}`;
    case 'setPolicy':
      return 'change the policy';
    case 'attest':
      return `attest checkpoint ${operation.number}, ${operation.hash}`;
  }
}

function convictionWords({ epoch, first, key, second, seat }: LieProof): string {
  const [one, other] = [first, second].map(({ claim }) => claimWords(claim));
  return `convict tab ${key}, seat ${seat} of epoch ${epoch}, which signed both ${one} and ${other}`;
}

function claimWords(claim: Claim): string {
  switch (claim.kind) {
    case 'prePrepare':
    case 'prepare':
    case 'commit':
      return `${claim.kind} of ${claim.digest} at place ${claim.seq} in view ${claim.view}`;
    case 'checkpoint':
      return `checkpoint ${claim.digest} at place ${claim.seq}`;
    case 'viewChange':
      return `view change ${claim.content} to view ${claim.view}`;
    case 'newView':
      return `new view ${claim.view} from ${claim.changes.map(({ change, seat }) => `${seat}:${change}`).join(' ')}`;
    case 'close':
      return `end ${claim.digest} at place ${claim.seq} before committee ${claim.next}`;
  }
}

/** A text as JSON has it, with everything outside printable ASCII escaped. */
function printable(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `isNamed`: the board's id was given, so nothing is taken from the file's own word. */
function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

export function claimLines(claim: CertificateClaim, isNamed: boolean): string[] {
  const { board, committee, creator, epoch, faults, place, primary, quorum, resets, seats, signers } = claim;
  return [
    `board       ${board}, made by member ${creator}`,
    `ordered     ${operationWords(claim.operation)}`,
    `asked by    tab ${claim.client}, its request ${claim.number}`,
    `place       decision ${claim.seq}, request ${place} of ${claim.batch} in it`,
    `proposed    ${claim.time === 0 ? 'at a time that is not known' : timeWords(claim.time)}`,
    `committee   n = ${seats}, f = ${faults}, quorum = ${quorum}, epoch ${epoch}, view ${claim.view} (led by seat ${primary})`,
    `signed by   ${counted(signers.length, 'seat')}`,
    ...signers.map(({ seat, key }) => `            seat ${seat}, ${key}`),
    `fingerprint ${committee}`,
    `chain       ${counted(epoch + 1, 'committee')} from the founding, each certified by the one before${resets === 0 ? '' : `, but for ${resets} that an owner began anew`}`,
    isNamed
      ? 'The board is the one that you named.'
      : 'Whether this is the board that you mean, its id says: compare it, or give it with --board.',
    'Proved is the place of the request in the order. What it did depends on what stood before it.',
  ];
}

/** A time in the one spelling of ISO 8601; a proposer may name one that no date has. */
function timeWords(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms after 1970 began` : date.toISOString();
}
