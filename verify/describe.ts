/** What a certificate says, in lines for a terminal. */
import type { CertificateClaim, CertificateFileRefusal } from '../src/governance/certificate-file.ts';
import type { Action, Operation } from '../src/governance/operations.ts';

/** Why a file proves nothing, in a sentence each. */
export const REASONS: Readonly<Record<CertificateFileRefusal, string>> = {
  notACertificate: 'this is not the text of a certificate, or its spelling was changed',
  badGenesis: 'the genesis record is not that of the board that the file names',
  wrongBoard: 'the certificate was made for another board',
  badCommittee: 'no committee can be like the one that it names',
  unreadable: 'the certificate cannot be read',
  otherCommittee: 'it was made by another committee than the one that you trust',
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

/** A text as JSON has it, with everything outside printable ASCII escaped. */
function printable(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function claimLines(claim: CertificateClaim, isPinned: boolean): string[] {
  const { board, committee, creator, epoch, faults, place, primary, quorum, seats, signers, view } = claim;
  return [
    `board       ${board}, made by member ${creator}`,
    `ordered     ${operationWords(claim.operation)}`,
    `asked by    tab ${claim.client}, its request ${claim.number}`,
    `place       decision ${claim.seq}, request ${place} of ${claim.batch} in it`,
    `committee   n = ${seats}, f = ${faults}, quorum = ${quorum}, epoch ${epoch}, view ${view} (led by seat ${primary})`,
    `signed by   ${signers.length} seats`,
    ...signers.map(({ seat, key }) => `            seat ${seat}, ${key}`),
    `fingerprint ${committee}`,
    isPinned
      ? 'The committee is the one that you named.'
      : "Whether this committee is the board's, the file alone does not prove: compare the fingerprint, or give it with --committee.",
    'Proved is the place of the request in the order. What it did depends on what stood before it.',
  ];
}
