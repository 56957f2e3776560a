import type {
  Choice,
  Consequence,
  Policy,
  ProposalAction,
  Stage,
  TallyStatus,
  VotedStatement,
} from '../decision-ports.ts';
import type { Role } from '../ports.ts';

const plural = (count: number, one: string, many: string): string =>
  `${String(count)} ${count === 1 ? one : many}`;

const ROLE_WORDS: Readonly<Record<Role, string>> = {
  owner: 'an owner',
  editor: 'an editor',
  viewer: 'a viewer',
  agent: 'an agent',
};

const faultsBorne = (faults: number): string =>
  faults === 0
    ? 'and is not fault-tolerant'
    : `and bears ${plural(faults, 'tab that fails or lies', 'tabs that fail or lie')}`;

/** What seats state, by kind. */
const STATEMENTS: Readonly<Record<string, string>> = {
  prePrepare: 'Proposal',
  prepare: 'Preparing vote',
  commit: 'Deciding vote',
  checkpoint: 'Word on the state',
  viewChange: 'Reasons to leave for another view',
  newView: 'Beginning',
  close: 'End of its epoch',
};

/** Why a certificate proves nothing, by code (docs/errors.md). */
const CERTIFICATE_REASONS: Readonly<Record<string, string>> = {
  notACertificate: 'This is not the text of a certificate, or its spelling was changed.',
  otherBoard: 'Its parts are about different boards.',
  badGenesis: 'Its first record is not that of the board that it names.',
  empty: 'It does not say how the committee came to be.',
  notAnOwner: 'A committee was founded, or begun anew, by somebody who did not make the board.',
  badCommittee: 'No committee can be like one that it names.',
  gap: 'A committee does not follow the one before it.',
  badStart: 'A committee begins where it cannot.',
  badResets: 'A committee does not say how often the board was begun anew.',
  badProof: 'The first committee was not founded, or a later one was.',
  unreadable: 'The part that proves something cannot be read.',
  otherCommittee: 'It was made by another committee than the last of its chain.',
  otherBatch: 'It lists other requests than those that were decided.',
  otherRequest: 'The request in it is not the one that was decided.',
  badSeats: 'It names a seat that does not exist, or one seat twice.',
  tooFew: 'Fewer seats signed it than are needed.',
  badPlace: 'Nothing can be decided at the place that it names.',
  badSignature: 'A signature does not hold: something was changed after it was signed.',
};

/** Every sentence about decisions, but errors (error-texts.ts). Loaded with the screen. `name` is somebody's name, or `you` as the first word of a name. */
export const decisionTexts = {
  title: 'Decisions',
  newProposal: 'New proposal',

  // Sections.
  needsYou: 'Needs your vote',
  stillOpen: 'Open',
  queuedTitle: 'Waits on this device',
  history: 'Decided',
  record: 'Everything in order',
  undone: 'it did nothing',
  recordLead:
    'Each line has its place in the one order that all tabs share, and is signed by a quorum of them.',
  noProposals: 'Nothing has been proposed yet',
  noProposalsHint:
    'Ask the group a question, or propose what nobody should do alone: removing a person, a column or the board.',
  noHistory: 'What the group decides stays listed here.',
  allAnswered: 'You have answered everything that is open.',

  // How a proposal stands.
  stage: {
    open: 'Open',
    closingSoon: 'Closing soon',
    due: 'Being counted',
    passed: 'Passed',
    rejected: 'Rejected',
    noQuorum: 'Too few votes',
    withdrawn: 'Withdrawn',
  } satisfies Record<Stage, string>,
  proposedBy: (name: string, ago: string): string => `${name} proposed this ${ago}`,
  proposedByYou: (ago: string): string => `You proposed this ${ago}`,
  left: (left: string): string => `${left} left`,
  until: (moment: string): string => `until ${moment}`,
  countedNow: 'The time is over. The votes are counted as soon as a quorum of the committee is online.',
  closedAgo: (ago: string): string => `Decided ${ago}`,
  extended: 'Open a little longer: a late vote changed the result. This happens once.',
  finalBallots: 'Votes here are final. It ends as soon as the result is certain.',
  executed: {
    none: '',
    done: 'Carried out.',
    impossible: 'It passed, but it was not possible any more, so nothing happened.',
  },
  awaitsOwner: 'Decided. It waits for an owner to open the board, whose tab then carries it out.',
  showAll: 'Show all of it',

  // The tally.
  tallyAria: ({ yes, no, abstain, voters }: TallyStatus, needed: number): string =>
    `${plural(yes, 'agrees', 'agree')}, ${plural(no, 'disagrees', 'disagree')}, ${plural(abstain, 'abstains', 'abstain')}, ${plural(voters - yes - no - abstain, 'has', 'have')} not voted. Needs ${String(needed)} of ${String(voters - abstain)}.`,
  agree: (count: number): string => `${String(count)} agree${count === 1 ? 's' : ''}`,
  disagree: (count: number): string => `${String(count)} disagree${count === 1 ? 's' : ''}`,
  abstain: (count: number): string => `${String(count)} abstain${count === 1 ? 's' : ''}`,
  toCome: (count: number): string => `${String(count)} to come`,
  needs: (needed: number, voters: number): string => `needs ${String(needed)} of ${String(voters)}`,
  certain: { passed: 'This passes, whatever else comes.', rejected: 'This cannot pass any more.' },
  wouldPass: 'It would pass as it stands.',
  missingYes: (more: number): string => `${plural(more, 'more yes', 'more yes')} would pass it.`,
  missingBallots: (more: number): string =>
    `${plural(more, 'more vote has', 'more votes have')} to come for it to count.`,
  notVoted: (names: string): string => `Not yet: ${names}`,
  hasLeft: (name: string): string => `${name} (has left)`,
  nobodyMissing: 'Everybody has voted.',
  whoVoted: (given: number, voters: number): string => `Who voted (${String(given)} of ${String(voters)})`,
  changedTimes: (changes: number): string => `changed ${plural(changes, 'time', 'times')}`,
  saidNothing: 'Nobody has voted.',

  // Voting.
  choice: { approve: 'Agree', reject: 'Disagree', abstain: 'Abstain' } satisfies Record<Choice, string>,
  chose: {
    approve: 'You agree',
    reject: 'You disagree',
    abstain: 'You abstain',
  } satisfies Record<Choice, string>,
  theyChose: {
    approve: 'agrees',
    reject: 'disagrees',
    abstain: 'abstains',
  } satisfies Record<Choice, string>,
  yourVote: 'Your vote',
  yourVoteOn: (title: string): string => `Your vote on ${title}`,
  reason: 'Reason, if you like',
  reasonPlaceholder: 'Everybody can read it',
  vote: 'Vote',
  change: 'Change',
  changeLabel: (title: string): string => `Change your vote on ${title}`,
  voted: 'Your vote is on its way.',
  votedOffline: 'Your vote is kept on this device until a quorum is reached.',
  queuedVote: (choice: Choice): string =>
    `${{ approve: 'You agree', reject: 'You disagree', abstain: 'You abstain' }[choice]}: waits here until a quorum is reached.`,
  sendingVote: (choice: Choice): string =>
    `${{ approve: 'You agree', reject: 'You disagree', abstain: 'You abstain' }[choice]}: on its way.`,
  queuedProposal: 'Waits here until a quorum is reached. Nobody else sees it yet.',
  sendingProposal: 'On its way to the others.',
  noVoter: 'You do not vote on this: it was made before you came, or it is about you.',
  withdraw: 'Withdraw',
  withdrawLabel: (title: string): string => `Withdraw ${title}`,
  withdrawSure: 'Withdraw it for good?',
  withdrawn: 'Withdrawn.',

  // What passing would do.
  ifPassed: 'If it passes',
  consequence: (one: Consequence, name: (memberId: string) => string): string => {
    switch (one.code) {
      case 'nothingByItself':
        return 'Nothing happens by itself. It is a question to the group.';
      case 'memberRemoved':
        return `${name(one.memberId)} is removed from this board for good. What they wrote stays.`;
      case 'memberLosesSeats':
        return `The tabs of ${name(one.memberId)} leave the committee.`;
      case 'roleBecomes':
        return `${name(one.memberId)} becomes ${ROLE_WORDS[one.role]}.`;
      case 'seatRemoved':
        return `${one.memberId === null ? 'A tab' : `A tab of ${name(one.memberId)}`} loses its seat in the committee.`;
      case 'columnRemoved':
        return `The column ${one.title === null ? 'that it names' : `“${one.title}”`} is removed. Its cards go to the archive.`;
      case 'boardRemoved':
        return 'The board is closed for everybody. It can still be read, and never changed again.';
      case 'rulesChange':
        return 'The group decides by other rules from then on. What is open already keeps its own.';
      case 'committeeBecomes':
        return `The committee then has ${plural(one.seats, 'seat', 'seats')} ${faultsBorne(one.faults)}.`;
      case 'tooLate':
        return 'Nothing: whom it is about is not on the board any more.';
    }
  },

  // The committee.
  committee: 'Committee',
  committeeLead: 'Open tabs that bring decisions into one order, so that nobody can have two answers.',
  canDecide: (reachable: number, seats: number, needed: number): string =>
    `${String(reachable)} of ${plural(seats, 'tab is', 'tabs are')} online, and ${String(needed)} ${needed === 1 ? 'is' : 'are'} enough to decide.`,
  cannotDecide: (reachable: number, needed: number): string =>
    `${String(reachable)} of ${String(needed)} needed tabs ${reachable === 1 ? 'is' : 'are'} online.`,
  cannotDecideTitle: 'Nothing can be decided now',
  cannotDecideLead: (names: string): string =>
    names === ''
      ? 'Go on reading and voting: what you do waits here.'
      : `Missing: ${names}. Go on reading and voting: what you do waits here.`,
  resetOffer: 'Start a new committee',
  resetWho: (name: string): string =>
    `If they never come back, ${name}, who made this board, can start a new committee.`,
  resetTitle: 'Start a new committee?',
  resetLead: (reachable: number, needed: number, names: string): string =>
    `${String(reachable)} of ${String(needed)} needed tabs ${reachable === 1 ? 'is' : 'are'} online. Missing: ${names}. This is for tabs that never come back: the committee goes on with those that are here.`,
  resetMeans: [
    'It stays visible for ever: here, to everybody, and in every certificate from then on.',
    'What is not decided yet and known in a tab that is here is put to the new committee. What only missing tabs know, also what they decided unseen, is lost unless they bring it back.',
    'A missing tab that comes back alone follows the new committee, and what waited in it is asked again.',
    'If enough of them come back together to decide, or if they decided something that you have not seen, they keep to the old committee. The group is then split for good.',
  ],
  resetSure: 'The missing tabs are gone for good',
  resetRunning: 'Asking for 10 seconds whether the others are there…',
  resetDone: 'A new committee has begun.',
  begunAnew: (name: string, before: number, seats: number): string =>
    `${name} began the committee anew, with ${String(seats)} of ${plural(before, 'seat', 'seats')}: a quorum was lost`,
  beginnings: 'Begun anew',
  splitLead: 'You are on the smaller side of a split: you can read everything here, and what you do waits.',
  bears: (faults: number): string =>
    `Decisions stay right if ${plural(faults, 'tab fails or lies', 'tabs fail or lie')}.`,
  notTolerant:
    'Not fault-tolerant: up to 3 tabs, one that lies or stays away can stop or falsify decisions. 4 bear one.',
  seat: (name: string, reached: boolean): string => `${name}: ${reached ? 'online' : 'not reached'}`,
  tabOf: (name: string, nth: number): string => (nth === 1 ? name : `${name}, tab ${String(nth)}`),
  unknownTab: 'A tab of somebody',
  noCommittee: 'No decisions here',
  noCommitteeLead:
    'This board was made without a committee, or nobody who knows it has been met yet. Owners decide by themselves, on the Share page.',

  // The rules.
  rules: 'How this group decides',
  ruleThreshold: (percent: number): string => `Passes with ${String(percent)} % yes among yes and no.`,
  ruleQuorum: (percent: number): string => `Counts if ${String(percent)} % of those who may vote do.`,
  ruleAgents: (vote: boolean): string =>
    vote ? 'Agents vote, too.' : 'Owners and editors vote; agents do not.',
  ruleMembers: (by: Policy['membersBy']): string =>
    by === 'owners' ? 'Owners may decide about members alone.' : 'Members are decided about by vote only.',
  rulePolicy: (by: Policy['policyBy']): string =>
    by === 'owners' ? 'Owners may change these rules alone.' : 'These rules change by vote only.',

  // Evidence and certificates.
  evidence: 'Evidence',
  evidenceLabel: (what: string): string => `Evidence of: ${what}`,
  evidenceOf: (sequence: number): string => `Decision ${String(sequence)}`,
  sequence: 'Place in the order',
  sequenceOf: (sequence: number, place: number | null, batch: number | null): string => {
    if (place === null) return String(sequence);
    const request =
      batch === null ? `request ${String(place)}` : `request ${String(place)} of ${String(batch)}`;
    return `${String(sequence)}, ${request}`;
  },
  epoch: 'Epoch of the committee',
  view: 'View',
  ledBy: (view: number, name: string): string => `${String(view)}, led by ${name}`,
  seatNumber: (seat: number): string => `seat ${String(seat + 1)}`,
  committeeSize: 'Committee',
  committeeNumbers: (n: number, f: number, quorum: number): string =>
    `${plural(n, 'seat', 'seats')}, bears ${plural(f, 'fault', 'faults')}, ${String(quorum)} decide`,
  prepared: 'Prepared by',
  committed: 'Committed by',
  onlyCertificate: 'Not held here: this tab received the decision as a whole.',
  doubleVotes: 'Voted twice',
  doubleVotesLead:
    'A tab in the committee signed two different things where an honest one signs one. It has no say any more; what it wrote on the board stays, and other tabs of the same person go on. It also happens when a browser profile is copied and both copies are used.',
  votedTwice: 'Voted twice',
  votedTwiceBy: (whose: string): string => `${whose} signed two votes for one place`,
  seatOfEpoch: (seat: number, epoch: number): string => `Seat ${String(seat)} of epoch ${String(epoch)}`,
  firstStatement: 'Its first statement',
  secondStatement: 'Its second statement',
  statement: ({ kind, sequence, view }: Omit<VotedStatement, 'content'>): string => {
    const place = sequence === null ? '' : ` at place ${String(sequence)}`;
    return `${STATEMENTS[kind] ?? kind}${place}${view === null ? '' : ` in view ${String(view)}`}:`;
  },
  convicted: (ago: string): string => `The group decided so ${ago}.`,
  notConvictedYet: 'The group has not decided on it yet.',
  evidenceGone: 'This tab keeps no evidence of it any more. Somebody else’s may.',
  saveCertificate: 'Save certificate',
  certificateSaved: 'Saved. Anybody can check the file, without this board and without us.',
  certificateHint:
    'A small file that proves the decision to anybody, without this board and without a network.',
  checkTitle: 'Check a certificate',
  checkLead: 'Choose a certificate file. It is checked in this tab; nothing is sent anywhere.',
  chooseFile: 'Choose a file…',
  holds: 'It holds.',
  provesNothing: 'It proves nothing.',
  reasonOf: (code: string): string =>
    CERTIFICATE_REASONS[code] ?? `It cannot be checked (${code.slice(0, 60)}).`,
  claimAsked: 'Decided',
  claimBoard: 'Board',
  thisBoard: 'this board',
  otherBoard: (id: string): string => `another board, ${id.slice(0, 8)}…`,
  signedBy: 'Signed by',
  seats: (count: number, n: number): string => `${String(count)} of ${plural(n, 'seat', 'seats')}`,
  fingerprint: 'Fingerprint',
  /** `resets`: how often an owner began the committee anew. */
  claimHint: (resets: number): string =>
    resets === 0
      ? 'It is signed from the founding of the board on, by every committee for the next.'
      : `It is signed from the founding of the board on. ${plural(resets, 'time', 'times')} an owner began the committee anew, because a quorum was lost.`,

  // A new proposal.
  formTitle: 'New proposal',
  kindLegend: 'What about?',
  kinds: {
    none: 'A question',
    evict: 'Remove somebody',
    setRole: 'Change a role',
    removeColumn: 'Remove a column',
    removeBoard: 'Remove the board',
    setPolicy: 'Change the rules',
    dropSeat: 'Take away a seat',
  } satisfies Record<ProposalAction['type'], string>,
  who: 'Who',
  role: 'Role',
  column: 'Column',
  chooseOne: 'Choose…',
  newRules: 'New rules',
  threshold: 'Yes among yes and no, %',
  quorum: 'Voters who have to vote, %',
  agentsVote: 'Agents vote',
  membersByVote: 'Members are decided about by vote only',
  policyByVote: 'These rules change by vote only',
  questionLabel: 'Title',
  questionPlaceholder: 'What should the group say yes or no to?',
  bodyLabel: 'Text',
  bodyPlaceholder: 'What should people know before they vote?',
  suggested: (action: ProposalAction, name: (memberId: string) => string, column: string): string => {
    switch (action.type) {
      case 'none':
        return '';
      case 'evict':
        return action.memberId === '' ? '' : `Remove ${name(action.memberId)} from this board`;
      case 'setRole':
        return action.memberId === '' ? '' : `Make ${name(action.memberId)} ${ROLE_WORDS[action.role]}`;
      case 'dropSeat':
        return 'Take away a seat';
      case 'removeColumn':
        return column === '' ? '' : `Remove the column “${column}”`;
      case 'removeBoard':
        return 'Remove this board';
      case 'setPolicy':
        return 'Change how we decide';
    }
  },
  closesIn: 'Open for',
  closesInOptions: [
    [600_000, '10 minutes'],
    [3_600_000, '1 hour'],
    [86_400_000, '1 day'],
    [259_200_000, '3 days'],
    [604_800_000, '7 days'],
    [2_592_000_000, '30 days'],
  ] as readonly (readonly [number, string])[],
  passesWith: 'Passes with',
  passesWithPercent: (percent: number, isPolicy: boolean): string =>
    `${percent === 100 ? 'Everybody' : `${String(percent)} %`}${isPolicy ? ' (as usual)' : ''}`,
  finalLabel: 'Votes are final',
  finalHint: 'Nobody can change a vote. In return it ends as soon as the result is certain.',
  previewNeeds: (needed: number, voters: number, ballots: number): string =>
    `${plural(voters, 'person may', 'people may')} vote. It needs ${String(needed)} yes if all do, and at least ${plural(ballots, 'vote', 'votes')}.`,
  propose: 'Propose',
  proposed: 'Proposed. Everybody sees it now.',
  proposedOffline: 'Kept on this device until a quorum is reached.',
} as const;
