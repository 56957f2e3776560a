/** What happened, in a sentence, and what a person can do about it. */
export interface ErrorText {
  readonly what: string;
  readonly todo: string;
}

const TEXTS: Readonly<Record<string, ErrorText>> = {
  inviteMalformed: {
    what: 'This is not an invite link of Tabswarm.',
    todo: 'Copy the whole link from the message you got and paste it again.',
  },
  scratchTruncated: {
    what: 'A piece of this scratch board’s link is missing.',
    todo: 'It was probably cut when it was copied. Copy all of it, up to the very end.',
  },
  scratchNewerVersion: {
    what: 'This link was made by a newer version of Tabswarm.',
    todo: 'Reload the page to get that version, then open the link again.',
  },
  scratchWaiting: {
    what: 'Nothing of this board has arrived yet.',
    todo: 'It comes as soon as somebody else has it open. What you add now is merged with it.',
  },
  scratchSkipped: {
    what: 'Somebody’s application wrote things that cannot be shown here.',
    todo: 'They are still in the document, untouched.',
  },
  scratchLarge: {
    what: 'This scratch board has become so large that newcomers may not receive it.',
    todo: 'Make it a full board, which has no such limit.',
  },
  scratchTooLarge: {
    what: 'This scratch board is too large, so it is no longer exchanged with others.',
    todo: 'What is here is saved. Make it a full board to go on together.',
  },
  scratchUnavailable: {
    what: 'The part of Tabswarm that scratch boards need could not be loaded.',
    todo: 'It is loaded from the server the first time. Try again when the server can be reached.',
  },
  noScratchBoard: { what: 'The open board is not a scratch board.', todo: 'Open one from Your boards.' },
  inviteTruncated: {
    what: 'A piece of this link is missing.',
    todo: 'It was probably cut when it was copied. Copy all of it, up to the very end.',
  },
  inviteBadSignature: {
    what: 'This link was changed after it was made.',
    todo: 'Ask the person who sent it for a new one.',
  },
  inviteExpired: { what: 'This link has expired.', todo: 'Ask someone on the board for a new one.' },
  inviteUsedUp: {
    what: 'This link has been used as often as it may be.',
    todo: 'Ask someone on the board for a new one.',
  },
  inviteRevoked: {
    what: 'An owner of the board made this link void.',
    todo: 'Ask someone on the board for a new one.',
  },
  inviteWrongBoard: {
    what: 'This link belongs to another board.',
    todo: 'Check that you pasted the right one.',
  },
  inviteUnknownIssuer: {
    what: 'Nobody on this board knows who made this link.',
    todo: 'Ask a member of the board for a link of their own.',
  },
  inviteRoleNotAllowed: {
    what: 'Whoever made this link may not give that role.',
    todo: 'Ask an owner of the board for a link.',
  },
  notMember: {
    what: 'You are not a member of this board on this device.',
    todo: 'Open an invite link to join it.',
  },
  evicted: {
    what: 'An owner removed you from this board.',
    todo: 'What you have of it stays readable on this device. Others take no more of your changes.',
  },
  journalFrozen: {
    what: 'Nobody accepts what this tab writes any more.',
    todo: 'Go on with a new key, as the notice at the top offers, or in another tab.',
  },
  unknownMember: {
    what: 'That person is not on this board any more.',
    todo: 'Somebody else may have removed them meanwhile.',
  },
  memberProtected: {
    what: 'That person’s role cannot be changed by you.',
    todo: 'Whoever made the board stays its owner, and only they decide about other owners.',
  },
  joinCancelled: {
    what: 'You stopped joining.',
    todo: 'Nothing was kept. Open the link again whenever you like.',
  },
  protocolMismatch: {
    what: 'The other side runs another version of Tabswarm.',
    todo: 'Reload this page, and ask them to reload theirs.',
  },
  pairMalformed: {
    what: 'This is not a pairing code.',
    todo: 'It begins with “pair:”. Copy the whole code and paste it again.',
  },
  pairTruncated: {
    what: 'A piece of this code is missing.',
    todo: 'Copy all of it, up to the very end.',
  },
  pairNewerVersion: {
    what: 'This code was made by a newer version of Tabswarm.',
    todo: 'Reload this page to get that version.',
  },
  pairForeign: {
    what: 'This code belongs to another board.',
    todo: 'Check that both of you have the same board, or its invite link, open.',
  },
  pairWrongKind: {
    what: 'This is the other one of the two codes.',
    todo: 'Whoever makes the first code enters the answer; whoever is given the first code answers it.',
  },
  pairOwn: { what: 'This is your own code.', todo: 'Give it to the other person.' },
  pairExpired: {
    what: 'This code is too old.',
    todo: 'Codes work for ten minutes. Start again with a new one.',
  },
  pairUsed: { what: 'This code was used already.', todo: 'Start again with a new one.' },
  pairUnknown: {
    what: 'This answers a code that this tab did not make.',
    todo: 'Enter it in the tab that made the code, or start again.',
  },
  pairAlready: { what: 'You two are connected already.', todo: 'There is nothing left to do.' },
  pairBusy: {
    what: 'One of you has no free place for a connection.',
    todo: 'Try again in a minute, or pair with somebody else of the board.',
  },
  pairNoPath: {
    what: 'The two browsers find no way to each other.',
    todo: 'Join the same network, a phone’s hotspot for instance, and start again.',
  },
  pairNoAnswer: {
    what: 'The other tab did not answer.',
    todo: 'It may be closed or asleep. Open it and start again with new codes.',
  },
  pairFailed: { what: 'The connection did not come up.', todo: 'Start again with new codes.' },
  noCamera: {
    what: 'There is no camera, or this page may not use it.',
    todo: 'Allow the camera for this page, or copy and paste the code.',
  },
  quota: {
    what: 'This device has no room left for the board.',
    todo: 'Free some disk space or clear the data of other sites, then try again. Keep this tab open until then.',
  },
  storageUnavailable: {
    what: 'This browser does not let the page keep anything.',
    todo: 'Leave private browsing or allow site data. Until then the board is gone when you close this tab.',
  },
  storageFailed: {
    what: 'The browser could not write to disk.',
    todo: 'Keep this tab open and try again. If it stays so, restart the browser.',
  },
  noSecureContext: {
    what: 'This page was not opened over a secure address.',
    todo: 'Browsers allow the keys that protect a board only on https:// addresses and on localhost. Open this page at one of those.',
  },
  noEd25519: {
    what: 'This browser cannot make the keys that protect a board.',
    todo: 'Tabswarm signs every change with Ed25519. Update the browser: Chrome or Edge 137, Firefox 130, Safari 17, or newer.',
  },
  noWebRtc: {
    what: 'This browser cannot connect to other tabs.',
    todo: 'WebRTC is missing or switched off here, often by an extension or a strict privacy setting. Allow it for this page, or use another browser.',
  },
  notAllowed: {
    what: 'Your role on this board does not allow that.',
    todo: 'Ask an owner for a link with more rights.',
  },
  boardClosed: {
    what: 'The group decided that this board is over.',
    todo: 'It can still be read. Make a new board to go on.',
  },
  noCommittee: {
    what: 'Nothing is decided together on this board.',
    todo: 'It was made without a committee. Owners decide by themselves, on the Share page.',
  },
  notIntroduced: {
    what: 'The committee does not know you yet.',
    todo: 'It learns of you as soon as a quorum of its tabs is online. Try again then.',
  },
  noTime: {
    what: 'The committee has not agreed on a time yet.',
    todo: 'It does with its first decision. Try again in a moment.',
  },
  badProposal: {
    what: 'That proposal cannot be made.',
    todo: 'It needs a title, 1 second to 90 days of time, and at least the usual share of yes.',
  },
  tooManyProposals: {
    what: 'Too many proposals are open.',
    todo: 'Wait until some are decided, or withdraw one of yours.',
  },
  unknownProposal: {
    what: 'That proposal is not known here.',
    todo: 'It has not arrived yet, or is so old that it was forgotten.',
  },
  notAVoter: {
    what: 'You do not vote on that proposal.',
    todo: 'It was made before you came, or it is about you.',
  },
  proposalClosed: { what: 'The time for that proposal is over.', todo: 'Your vote came too late to count.' },
  ballotFinal: { what: 'Votes on that proposal are final.', todo: 'You have voted, and it counts.' },
  tooManyReasons: {
    what: 'There is no room for more reasons on that proposal.',
    todo: 'Vote without one.',
  },
  badPolicy: {
    what: 'Those rules cannot be.',
    todo: 'At least 51 % have to agree, and at least 1 % have to vote.',
  },
  needsVote: { what: 'This group decides that by vote.', todo: 'Propose it under Decisions.' },
  notYours: { what: 'Only whoever made it may do that.', todo: 'Ask them.' },
  committeeLives: {
    what: 'The committee is there: enough of its tabs answered.',
    todo: 'Nothing has to be begun anew. Try again if they stay away.',
  },
  keyLost: {
    what: 'This tab lost the record of what it signed, and follows without a vote.',
    todo: 'Give it a new key: the board’s page offers that.',
  },
  convicted: {
    what: 'This tab voted twice, so the group does not hear it any more.',
    todo: 'Give it a new key: the board’s page offers that.',
  },
  lastSeat: {
    what: 'The committee needs at least one seat.',
    todo: 'Somebody else has to take a seat first.',
  },
  noSeat: { what: 'That tab has no seat any more.', todo: 'There is nothing to take away.' },
  tooManyOutstanding: {
    what: 'Too much of yours waits for the group already.',
    todo: 'Wait until a quorum is online and has decided it.',
  },
  unknownDecision: {
    what: 'That decision is not known here.',
    todo: 'This tab has not come so far, or it was never made.',
  },
  certificateGone: {
    what: 'This tab keeps no proof of that decision any more.',
    todo: 'Somebody else who was there may have saved one.',
  },
  engineUnavailable: {
    what: 'A part of Tabswarm could not be loaded, so no board can be opened.',
    todo: 'Your boards are safe on this device. Reload this page when the server can be reached.',
  },
  screenUnavailable: {
    what: 'This page could not be loaded.',
    todo: 'It is loaded from the server the first time. Try again when the server can be reached.',
  },
  textTooLong: {
    what: 'That text is too long.',
    todo: 'Shorten it, or put the rest into the notes or a comment.',
  },
  emptyTitle: {
    what: 'A title needs at least one character.',
    todo: 'Type something, or press Esc to leave it as it was.',
  },
  tooManyItems: { what: 'That is more than a board can hold.', todo: 'Archive or remove some things first.' },
  unknownCard: {
    what: 'That card is gone.',
    todo: 'Somebody removed or archived it meanwhile. Look into the archive.',
  },
  unknownEdit: {
    what: 'That change is not in the list any more.',
    todo: 'It was done again or dismissed, perhaps in another tab.',
  },
  unknownColumn: {
    what: 'That column is gone.',
    todo: 'Somebody removed it meanwhile. Its cards are in the archive.',
  },
  unknownConflict: {
    what: 'There is nothing to choose here any more.',
    todo: 'Somebody settled it meanwhile. The card shows what they chose.',
  },
  unknownComment: { what: 'That comment is gone.', todo: 'Somebody removed it meanwhile.' },
  badPosition: {
    what: 'There is no such place on the board.',
    todo: 'The board changed meanwhile. Try again.',
  },
  badDate: { what: 'That is not a date.', todo: 'Choose a day from the calendar.' },
  badLabel: { what: 'That label cannot be used.', todo: 'Keep it short, and use each label once.' },
  badAssignee: { what: 'That person is not on this board.', todo: 'Choose somebody from the list.' },
  nothingToUndo: {
    what: 'There is nothing to undo.',
    todo: 'Only your own changes of this visit can be undone.',
  },
  nothingToRedo: { what: 'There is nothing to redo.', todo: 'Redo works right after undo.' },
  blocked: {
    what: 'Another tab of this browser runs an older version and keeps the board’s storage open.',
    todo: 'Close the other Tabswarm tabs, then reload this one.',
  },
  newerVersion: {
    what: 'The boards on this device were written by a newer version of Tabswarm.',
    todo: 'Reload the page to get that version. Nothing was changed.',
  },
  inviteNewerVersion: {
    what: 'This link was made by a newer version of Tabswarm.',
    todo: 'Reload the page to get that version, then open the link again.',
  },
  notSaved: {
    what: 'Too many changes are waiting to be saved.',
    todo: 'Make room on this device and keep the tab open; your earlier changes are still here.',
  },
  notReady: {
    what: 'The board is still being copied to this device.',
    todo: 'Wait until the copy is complete, then try again.',
  },
  noBoard: { what: 'No board is open in this tab.', todo: 'Open one from Your boards.' },
  unknownBoard: {
    what: 'This board is not on this device.',
    todo: 'Open the invite link you got for it, or ask for a new one.',
  },
  tooManyBoards: {
    what: 'This device already keeps a thousand boards.',
    todo: 'Leave some that you no longer need.',
  },
  closed: {
    what: 'The board was closed before this change was saved.',
    todo: 'Open it again and look whether the change is there.',
  },
  overloaded: {
    what: 'This tab has more to do than it can keep up with.',
    todo: 'Wait a moment, then try again.',
  },
  equivocation: {
    what: 'Somebody’s tab signed two different histories. What it writes from now on is ignored.',
    todo: 'Nothing of yours is lost. Share shows whose tab it was, and the proof.',
  },
  internalError: {
    what: 'Something went wrong on our side.',
    todo: 'Reload this tab. What was saved is still here.',
  },
};

/** Codes for which entries of members are refused (docs/errors.md): a person need not know which. */
const REFUSED_ENTRY =
  /^(?:update[A-Z]\w+|author(?:Unknown|Role|Evicted)|(?:claim|admission|decree)Invalid|bad(?:Sequence|Heads)|buildsOn(?:Refused|Cut)|session(?:Unclaimed|Skipped)|tooManyAuthors)$/;

/** The text of a code. Codes nobody wrote a text for get a general one that shows the code, so it can be reported. */
export function errorText(code: string): ErrorText {
  const known = Object.hasOwn(TEXTS, code) ? TEXTS[code] : undefined;
  if (known !== undefined) return known;
  if (REFUSED_ENTRY.test(code))
    return {
      what: 'A change from somebody on this board broke its rules, and was ignored.',
      todo: 'Your board is as it was. A changed or faulty copy of Tabswarm may be at work.',
    };
  return {
    what: `That did not work (${code.slice(0, 60)}).`,
    todo: 'Try again. If it happens once more, reload this tab.',
  };
}

/** Both sentences in one line. */
export function errorLine(code: string): string {
  const text = errorText(code);
  return `${text.what} ${text.todo}`;
}

/** The stable code of whatever a call of the application rejected with; anything uncoded is our own mistake. */
export function codeOf(reason: unknown): string {
  if (typeof reason === 'object' && reason !== null && 'code' in reason && typeof reason.code === 'string') {
    return reason.code;
  }
  return 'internalError';
}
