import type { BoardCommand } from '../board/command.ts';
import type { Doing, Role } from './ports.ts';

// Made once: `toLocaleString` makes one of its own at every call.
const numbers = new Intl.NumberFormat('en');
const longDate = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });

const plural = (count: number, one: string, many: string): string =>
  `${numbers.format(count)} ${count === 1 ? one : many}`;

const DOING_WORDS: Readonly<Record<Doing, string>> = {
  open: 'this card open',
  move: 'moving this card',
  title: 'editing the title',
  notes: 'editing the notes',
  labels: 'editing the labels',
  due: 'editing the due date',
  assignees: 'editing who does it',
  comment: 'writing a comment',
};

/** Every sentence on screen that is not an error (those are in error-texts.ts). Functions take the values that go in. */
export const texts = {
  appName: 'Tabswarm',
  skipToBoard: 'Skip to the board',

  // Words that several screens use.
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  add: 'Add',
  undo: 'Undo',
  redo: 'Redo',
  remove: 'Remove',
  archive: 'Archive',
  restore: 'Restore',
  you: 'you',
  withYou: (name: string): string => `${name} (you)`,
  someone: 'Someone',
  roleName: (role: Role): string =>
    ({ owner: 'Owner', editor: 'Editor', viewer: 'Viewer', agent: 'Agent' })[role],
  roleMay: (role: Role): string =>
    ({
      owner: 'may do everything',
      editor: 'may change cards and columns',
      viewer: 'may look, but change nothing',
      agent: 'a program that may work on cards',
    })[role],
  cards: (count: number): string => plural(count, 'card', 'cards'),
  changes: (count: number): string => plural(count, 'change', 'changes'),
  peers: (count: number): string => plural(count, 'peer', 'peers'),
  devices: (count: number): string => plural(count, 'device', 'devices'),

  // The state pill and its panel.
  pillLive: (peers: number): string => `Live · ${plural(peers, 'peer', 'peers')}`,
  pillCopies: (copies: number): string => ` · on ${plural(copies, 'device', 'devices')}`,
  pillSplit: (here: number, all: number): string => `Split · you are with ${String(here)} of ${String(all)}`,
  pillAlone: (changes: number): string =>
    changes === 0 ? 'Only you · saved here' : `Only you · ${plural(changes, 'change', 'changes')} saved here`,
  pillOffline: 'Offline · saved on this device',
  pillShutOut: 'Shut out',
  pillNotSaved: 'Not saved',
  pillDetails: 'Connection details',
  stateLive: 'Changes travel straight between the open tabs of this board.',
  stateSplit: (isLarger: boolean, missing: number): string =>
    `The open tabs of this board are in two groups that cannot reach each other. You are in the ${isLarger ? 'larger' : 'smaller'} one; ${plural(missing, 'tab is', 'tabs are')} in the other. Go on working: everything is merged as soon as they meet again.`,
  stateAlone:
    'Nobody else has this board open. Your changes are kept here and travel as soon as somebody opens it.',
  stateOffline: 'No other tab can be reached. Go on working: everything is kept here and merged later.',
  stateShutOut: {
    evicted:
      'You were removed from this board, so nobody connects with this tab any more. The copy on this device stays.',
    forked:
      'This tab signed two different histories, so others end every connection with it. Everything here stays saved; with a new key it can go on.',
  },
  stateNotSaved: 'Changes on this screen are not on disk. Do not close this tab.',
  copiesOn: (copies: number): string =>
    copies <= 1 ? 'Only on this device' : `On ${plural(copies, 'device', 'devices')}`,
  copiesHint: (copies: number): string =>
    copies <= 1
      ? 'Open the board on a second device, or invite someone, to have a second copy.'
      : 'Each of them holds the whole board.',
  waitingChanges: (count: number): string =>
    `${plural(count, 'change', 'changes')} not yet received by anyone else`,
  allReceived: 'Everything you changed has reached someone else.',
  connections: 'Connections',
  noConnections: 'None at the moment.',
  direct: 'direct',
  relayed: 'relayed',
  sameBrowser: 'this browser',
  connecting: 'connecting',
  rtt: (ms: number): string => `${String(Math.round(ms))} ms`,
  peerLabel: (peerId: string): string => `Peer ${peerId.slice(0, 6)}`,
  ownTab: 'Another tab of yours',
  storage: 'On this device',
  storageOk: (used: string | null, quota: string | null): string =>
    used === null ? 'Saved.' : quota === null ? `Saved, ${used} used.` : `Saved, ${used} of ${quota} used.`,
  recording: 'Recording',
  recordingHint:
    'What this tab did since the board was opened, for whoever looks for a fault. The file holds all that is on the board, and names.',
  recordingSave: 'Save the recording',
  storagePersistent: 'The browser will not clear it by itself.',
  storageEvictable: 'The browser may clear it when space runs out.',
  signaling: 'Meeting point',
  signalingState: {
    connected: 'Reachable',
    connecting: 'Being contacted…',
    down: 'Not reachable; open connections stay up',
  },
  backWith: (names: string): string => `Back with ${names}. Your boards have merged.`,
  backOnline: 'Back with the others. Your boards have merged.',

  // Home.
  homeTitle: 'Your boards',
  homeLead: 'A board lives in the tabs that have it open.',
  livesHere: 'This board lives in your browser. Nothing was uploaded.',
  boardsLiveHere: 'These boards live in your browser. Nothing was uploaded.',
  noBoards: 'No boards on this device yet',
  noBoardsHint: 'Make one, or open an invite link from somebody.',
  changedAgo: (ago: string): string => `Changed ${ago}`,
  unacknowledged: (count: number): string => `${plural(count, 'change', 'changes')} only here`,
  untitled: 'Untitled board',
  newBoard: 'New board',
  newBoardTitle: 'Name',
  newBoardPlaceholder: 'What is it about?',
  create: 'Create board',
  templateLegend: 'Start from',
  templates: {
    blank: 'Blank',
    team: 'Team',
    sprint: 'Sprint',
    bugs: 'Bug triage',
    personal: 'Personal',
    welcome: 'Guided tour',
  },
  joinBoard: 'Join a board',
  joinPaste: 'Invite link',
  joinPlaceholder: 'https://…/#/j/…',
  joinGo: 'Look at it',
  boardOptions: (title: string): string => `Leave ${title}`,
  leave: 'Leave',
  leaveTitle: (title: string): string => `Leave “${title}”?`,
  leaveBody: 'You will no longer get or send changes. What others already have stays with them.',
  leaveOnlyCopy: 'Nobody else is known to hold your latest changes.',
  leaveKeep: 'Leave and keep a copy here',
  leaveErase: 'Leave and erase it here',
  left: 'You left the board.',

  // Board header.
  boardTitle: 'Board title',
  renameBoard: 'Rename board',
  allBoards: 'All boards',
  share: 'Share',
  decisions: (count: number): string =>
    count === 0 ? 'Decisions' : `Decisions: ${plural(count, 'needs', 'need')} your vote`,
  toDark: 'Dark appearance',
  toLight: 'Light appearance',
  help: 'Shortcuts and help',
  moreActions: 'More',
  online: 'Here now',
  personHere: (name: string, tabs: number): string => (tabs > 1 ? `${name}, ${String(tabs)} tabs` : name),
  asleep: 'asleep',
  presence: (names: readonly string[], doing: Doing): string => {
    const who = new Intl.ListFormat('en').format(names);
    const [is, has] = names.length === 1 ? ['is', 'has'] : ['are', 'have'];
    return `${who} ${doing === 'open' ? has : is} ${DOING_WORDS[doing]}`;
  },
  filter: 'Filter cards',
  filterPlaceholder: 'Filter',
  filterShown: (shown: number, all: number): string =>
    `${shown.toLocaleString('en')} of ${all.toLocaleString('en')}`,
  filterAnnounce: (shown: number, all: number): string =>
    `Showing ${shown.toLocaleString('en')} of ${plural(all, 'card', 'cards')}`,
  filterClear: 'Clear filter',
  viewerNotice: 'You are a viewer: you can look at everything here and change nothing.',
  openingBoard: 'Opening…',
  noColumns: 'No columns yet',
  noColumnsHint: 'A column is a stage that cards go through.',

  // Columns.
  columns: 'Columns',
  goToColumn: (title: string): string => `Go to column ${title}`,
  addColumn: 'Add column',
  columnTitle: 'Column title',
  renameColumn: 'Rename',
  columnMenu: (title: string): string => `Column ${title}: more`,
  moveLeft: 'Move left',
  moveRight: 'Move right',
  removeColumn: 'Remove column',
  columnRemoved: (title: string, cards: number): string =>
    cards === 0
      ? `Removed “${title}”.`
      : `Removed “${title}”. ${plural(cards, 'card', 'cards')} went to the archive.`,
  columnMoved: (title: string, position: number, count: number): string =>
    `${title} is now column ${String(position)} of ${String(count)}`,
  cardsInColumn: (title: string, count: number): string => `${title}, ${plural(count, 'card', 'cards')}`,
  addCard: 'Add a card',
  addCardTo: (title: string): string => `Add a card to ${title}`,
  quickAddPlaceholder: 'What needs doing?',
  quickAddHint: 'Enter adds, Esc closes. Paste several lines for several cards.',
  cardsAdded: (count: number): string => `Added ${plural(count, 'card', 'cards')}`,
  emptyColumn: 'Nothing here',
  emptyFiltered: 'No card matches',

  // Cards.
  cardMenu: (title: string): string => `${title}: more`,
  openCard: 'Open',
  editTitle: 'Edit title',
  moveTo: 'Move to…',
  moveToTop: 'Move to top',
  moveToBottom: 'Move to bottom',
  archived: (title: string): string => `Archived “${title}”.`,
  removed: (title: string): string => `Removed “${title}”.`,
  cardTitle: 'Card title',
  comments: (count: number): string => plural(count, 'comment', 'comments'),
  hasNotes: 'Has notes',
  due: (day: string): string => `Due ${day}`,
  dueLate: (day: string): string => `Overdue since ${day}`,
  assignedTo: (name: string): string => `Assigned to ${name}`,
  pickedUp: (title: string, column: string, position: number, count: number): string =>
    `Picked up ${title}. ${column}, position ${String(position)} of ${String(count)}. Arrow keys move it, Space drops it, Escape puts it back.`,
  movedTo: (column: string, position: number, count: number): string =>
    `${column}, position ${String(position)} of ${String(count)}`,
  dropped: (title: string, column: string, position: number): string =>
    `Dropped ${title} in ${column} at position ${String(position)}`,
  putBack: (title: string): string => `${title} put back where it was`,

  // Move dialog.
  moveTitle: 'Move card',
  moveColumn: 'Column',
  movePosition: 'Position',
  positionTop: 'Top',
  positionBottom: 'Bottom',
  positionAt: 'Place',
  positionOf: (count: number): string => `of ${String(count)}`,
  earlier: 'One place up',
  later: 'One place down',
  move: 'Move',

  // Card sheet.
  inColumn: (title: string): string => `in ${title}`,
  notes: 'Notes',
  notesPlaceholder: 'What would somebody else need to know?',
  noNotes: 'No notes.',
  labels: 'Labels',
  labelPlaceholder: 'Add a label',
  removeLabel: (label: string): string => `Remove label ${label}`,
  dueDate: 'Due',
  clearDue: 'Clear due date',
  noDue: 'No date',
  assignees: 'Assigned to',
  nobody: 'Nobody',
  commentsTitle: 'Comments',
  noComments: 'No comments yet.',
  commentPlaceholder: 'Write a comment',
  comment: 'Comment',
  removeComment: 'Remove comment',
  removeCard: 'Remove card',
  createdBy: (name: string, ago: string): string => `Made by ${name}, ${ago}`,
  sheetReadOnly: 'You can read this card but not change it.',
  copyWords: 'Copy what I wrote',

  // What was not taken over.
  returnedBar: (count: number): string =>
    count === 1
      ? 'A change of yours was not taken over.'
      : `${numbers.format(count)} changes of yours were not taken over.`,
  returnedLook: 'Look at it',
  returnedTitle: 'Not taken over',
  returnedHint: 'What you wrote is kept on this device until you do it again or dismiss it.',
  returnedNone: 'Nothing is left here.',
  returnedKept: 'What you wrote is kept under “Not taken over”.',
  returnedWritten: (ago: string): string => `You wrote this ${ago}:`,
  returnedNew: 'Something new',
  returnedAgain: 'Do it again',
  returnedDismiss: 'Dismiss',
  returnedDone: 'Done again.',
  /** What somebody did without writing anything. */
  returnedNoWords: (commands: readonly BoardCommand[]): string => {
    const [command] = commands;
    switch (command?.type) {
      case 'moveCard':
        return 'Moved to another column.';
      case 'archiveCard':
        return 'Archived.';
      case 'removeCard':
        return 'Removed.';
      case 'updateCard':
        return typeof command.changes.due === 'string'
          ? `Due date: ${command.changes.due}`
          : command.changes.due === null
            ? 'Due date removed.'
            : 'Who does it, or notes emptied.';
      default:
        return 'No words.';
    }
  },

  // Delivery.
  onlyHere: 'Only on this device so far',
  changesOnlyHere: (changes: number): string =>
    `${plural(changes, 'change', 'changes')} of yours ${changes === 1 ? 'is' : 'are'} only on this device so far`,
  lastChangeOn: (copies: number, ago: string): string =>
    `Your last change, ${ago}, is on ${plural(copies, 'device', 'devices')}`,

  // Conflicts.
  alsoEdited: 'Also edited',
  alsoEditedArchived: 'Also edited: restore it to choose what to keep',
  alsoEditedField: (field: string): string => `${field}: changed by several people at once`,
  alsoEditedIn: (title: string): string => `“${title}” was also edited`,
  conflictsOf: (title: string): string => `${title}: also edited, choose what to keep`,
  conflictFields: {
    title: 'Title',
    due: 'Due date',
    place: 'Place of the card',
    position: 'Place of the column',
  },
  removedColumn: 'a removed column',
  placeIn: (column: string, nth: number): string => `${column}, ${nth === 1 ? 'as shown' : 'another place'}`,
  columnPlace: (nth: number): string =>
    nth === 1 ? 'Where it is now' : `Another place (${String(nth - 1)})`,
  mine: 'mine',
  theirs: 'theirs',
  whose: (name: string): string => `${name}’s`,
  keepValue: (whose: string): string => `Keep ${whose}`,
  useValue: (whose: string): string => `Use ${whose}`,
  saidBy: (name: string, ago: string): string => `${name}, ${ago}`,
  shownNow: (by: string): string => `Shown now · ${by}`,
  seeBoth: 'See both',
  seeAll: 'See all',
  seeLess: 'Show less',
  settled: 'Chosen. The other values are no longer shown.',

  // Archive.
  archiveTitle: 'Archive',
  archiveCount: (count: number): string => `Archive (${String(count)})`,
  archiveEmpty: 'Nothing is archived.',
  archiveHint: 'Cards here are out of the way, not gone.',
  reasonColumnRemoved: 'Its column was removed',
  reasonArchived: 'Archived',
  archivedBy: (by: string): string => `Archived by ${by}`,
  archivedMeanwhile: (by: string, others: string): string =>
    `${by} archived it without having seen what ${others} changed`,
  columnRemovedBy: (by: string, column: string): string => `${by} removed its column “${column}”`,
  columnRemovedMeanwhile: (by: string, column: string, others: string): string =>
    `${by} removed the column “${column}” while ${others} was putting it there`,
  removedMeanwhile: (by: string, others: string | null): string =>
    `Restored to the archive: ${by} removed it while ${others === null ? 'it was being edited elsewhere' : `${others} was editing`}`,
  restored: (title: string): string => `Restored “${title}”.`,

  // Help.
  helpTitle: 'Keyboard and help',
  helpLetters: 'Single-letter shortcuts',
  helpLettersHint: 'Turn them off if you dictate or press keys by accident.',
  helpRows: [
    ['Arrow keys', 'Go from card to card'],
    ['Enter', 'Open the card'],
    ['Space', 'Pick up, then arrow keys, Space to drop, Esc to put back'],
    ['F2', 'Edit the title of the card or column'],
    ['Shift+F10', 'Menu of the card, with Move to…'],
    ['Ctrl/⌘ Z', 'Undo your last change'],
    ['Ctrl/⌘ Shift Z', 'Redo'],
  ],
  helpLetterRows: [
    ['N', 'New card in this column'],
    ['/', 'Filter'],
    ['?', 'This help'],
  ],
  helpTouch: 'On a touch screen, hold a card for a moment to drag it, or use its ⋯ menu and “Move to…”.',

  // Share.
  shareTitle: 'Share',
  backToBoard: 'Back to the board',
  inviteTitle: 'Invite with a link',
  inviteRole: 'They join as',
  inviteUses: 'How many people',
  inviteUsesOptions: [
    [1, 'One person'],
    [5, 'Up to 5'],
    [25, 'Up to 25'],
    [1000, 'Anyone with the link'],
  ] as readonly (readonly [number, string])[],
  inviteExpiry: 'Works for',
  inviteExpiryOptions: [
    [3_600_000, '1 hour'],
    [86_400_000, '1 day'],
    [604_800_000, '7 days'],
    [2_592_000_000, '30 days'],
  ] as readonly (readonly [number, string])[],
  makeLink: 'Make link',
  makeAnother: 'Make another link',
  inviteLink: 'Invite link',
  copyLink: 'Copy link',
  copied: 'Copied',
  copyByHand: 'Copying was refused. The link is selected: press Ctrl or ⌘ and C.',
  nativeShare: 'Send…',
  shareText: (title: string): string => `Join “${title}”`,
  qrTitle: 'Scan to join',
  qrAlt: 'QR code of the invite link',
  pairTitle: 'Pair without a server',
  pairLead:
    'When nobody can be found, two people can connect by showing each other two codes: in one room, over a call, or in any messenger.',
  pairBegin: 'Make a code',
  pairHaveCode: 'I was given a code',
  pairOffer: 'Code for the other person',
  pairOfferHint:
    'They scan or paste it within ten minutes, and give you an answer. It is useless to anybody who is not invited.',
  pairTheirAnswer: 'Their answer',
  pairConnect: 'Connect',
  pairTheirCode: 'The code that you were given',
  pairAnswer: 'Answer it',
  pairYourAnswer: 'Your answer',
  pairAnswerHint:
    'Give it back to them and leave this tab open. As soon as they enter it, you are connected.',
  pairLinked: 'Connected.',
  pairAgain: 'Start again',
  pairCopy: 'Copy code',
  pairScan: 'Scan with the camera',
  pairCamera: 'Picture of the camera',
  pairBusy: 'One moment…',
  privacyLine: 'Everything secret is behind the # and never reaches a server.',
  viewersCannotInvite: 'Viewers cannot invite. Ask an owner or an editor for a link.',
  peopleTitle: 'People',
  isConnecting: (name: string): string => `${name} is connecting…`,
  someoneConnecting: 'Somebody is connecting…',
  hasJoined: (name: string): string => `${name} joined`,
  onlineNow: 'Online',
  offlineNow: 'Away',
  tabs: (count: number): string => plural(count, 'tab', 'tabs'),

  // Join.
  joinTitle: 'You are invited',
  joinReading: 'Reading the invite…',
  joinFrom: (name: string): string => `${name} invites you to`,
  joinAs: (role: string, may: string): string => `You join as ${role.toLowerCase()}: ${may}.`,
  joinExpires: (at: string): string => `The link works until ${at}.`,
  joinName: 'Your name',
  joinNameHint: 'Shown to the others on this board. No account, no e-mail.',
  join: 'Join',
  openBoard: 'Open board',
  joinAlready: 'You are already on this board.',
  joinOtherwise: 'Go to your boards',
  tryAgain: 'Try again',
  phases: {
    finding: 'Finding people',
    connecting: 'Connecting',
    copying: 'Copying the board',
    done: 'Ready',
  },
  connectingTo: (peers: number): string => `Connecting to ${plural(peers, 'peer', 'peers')}`,
  copyingBytes: (received: string, total: string): string => `${received} of ${total}`,
  joinPair: 'Pair with somebody directly',
  joinWaiting: 'Waiting for someone from this board to open it. Leave this tab open.',
  stopJoining: 'Stop',

  // Scratch boards.
  scratchBoard: 'Scratch board',
  scratchLabel: 'Scratch board: anyone with the link can change anything',
  scratchMakeFull: 'Make it a full board',
  scratchFullBoard: 'Go to the full board made from it',
  scratchMadeFull: 'This is a full board now, and yours. The scratch board stays as it is.',
  scratchSkippedCount: (skipped: {
    readonly columns: number;
    readonly cards: number;
    readonly comments: number;
  }): string => {
    const parts = [
      skipped.columns === 0 ? [] : [plural(skipped.columns, 'column', 'columns')],
      skipped.cards === 0 ? [] : [plural(skipped.cards, 'card', 'cards')],
      skipped.comments === 0 ? [] : [plural(skipped.comments, 'comment', 'comments')],
    ].flat();
    return `Left out: ${new Intl.ListFormat('en').format(parts)}.`;
  },
  scratchNew: 'Scratch board: no members, anyone with the link can change anything',
  scratchJoinTitle: 'A scratch board',
  scratchJoinLead:
    'Anyone with this link can see and change everything on it, and nobody can tell who did what. Do not put anything on it that must stay private or safe.',
  scratchLinkTitle: 'The link',
  scratchLinkLead:
    'There is one link, it works for everybody and for ever, and it cannot be taken back. For members, roles and links that end, make a full board.',
  scratchLink: 'Link of this scratch board',
  scratchHereTitle: 'Here now',
  scratchHereLead: 'Names are what people say of themselves.',
  scratchCopies: 'Copies are not counted',
  scratchCopiesHint: 'A scratch board cannot tell what others have received.',
  /** `at`: milliseconds since 1970. '' for a board that was made as one. */
  broughtOver: (at: number | undefined): string =>
    at === undefined ? '' : `Brought over from a scratch board on ${longDate.format(at)}.`,

  // Trouble.
  troubleTitle: 'Tabswarm cannot start here',
  troubleCode: (code: string): string => `Code: ${code}`,
  reload: 'Reload',
} as const;
