import type { Role } from './ports.ts';

/** Sentences about roles, evictions, invites that still work, and proofs; the rest of the words are in texts.ts. */
export const governingTexts = {
  // People.
  manage: 'Manage',
  manageLabel: (name: string): string => `Manage ${name}`,
  formerTitle: 'No longer on this board',
  removedBy: (by: string, ago: string): string => `Removed by ${by}, ${ago}`,
  removed: 'Removed by an owner',
  frozen: 'One tab is ignored',

  // What an owner does to a member.
  roleLegend: 'What they may do',
  changeRole: 'Change role',
  roleIsNow: (name: string, role: Role): string =>
    `${name} is now ${role === 'editor' ? 'an editor' : role === 'owner' ? 'an owner' : role === 'agent' ? 'an agent' : 'a viewer'}.`,
  roleNote: 'It counts as soon as others hear of it. Everything they wrote before stays.',
  roleNoteOwner: 'An owner decides about everybody else. Only whoever made the board can take this back.',
  roleNoteViewer:
    'Everything that others have received of theirs stays. Changes they make before they hear of it are taken off the board.',
  evictLead: 'They lose access for good. What they wrote stays.',
  evict: 'Remove from board…',
  evictTitle: (name: string): string => `Remove ${name} from this board?`,
  staysTitle: 'What stays',
  stays: [
    'Everything they wrote that has arrived here, and whatever others have built on.',
    'The copy on their own device: they can go on reading it.',
  ],
  goesTitle: 'What goes',
  goes: [
    'Their connection: nobody takes changes from them or sends them any, from now on.',
    'Changes of theirs that nobody has received yet.',
  ],
  evictForGood:
    'This cannot be undone. That browser profile is never let in again, not even by a new invite.',
  evictDo: (name: string): string => `Remove ${name}`,
  evicted: (name: string): string => `${name} was removed. What they wrote stays.`,

  // Invites.
  invitesTitle: 'Links that still work',
  noInvites: 'None that this device knows of.',
  invitesHint: 'Made on this device, or used by somebody already.',
  inviteAs: (role: Role): string => `Join as ${role}`,
  inviteUsed: (used: number, uses: number): string => {
    const many =
      uses === 1000 ? 'anyone with the link' : uses === 1 ? 'one person' : `up to ${String(uses)} people`;
    return used === 0 ? `for ${many}, not used yet` : `for ${many}, ${String(used)} joined`;
  },
  inviteUntil: (at: string): string => `until ${at}`,
  inviteForEver: 'no end',
  inviteBy: (name: string): string => `made by ${name}`,
  revoke: 'Revoke',
  revokeLabel: (what: string): string => `Revoke: ${what}`,
  revokePaste: 'Revoke a link that you have',
  revokePasteLabel: 'Link to revoke',
  revoked: 'Nobody can join by that link any more. Whoever joined by it stays.',

  // Proofs.
  evidenceTitle: 'Proof of two histories',
  evidenceWhat: (whose: string, place: number): string =>
    `${whose} signed two different changes as its change number ${String(place)}: one for some people, another one for others. Both bear its signature, which nobody else can make.`,
  oneOfTheirTabs: (name: string): string => `A tab of ${name}`,
  oneOfYourTabs: 'A tab of yours',
  someTab: 'A tab that has not said whose it is',
  evidenceDone: (place: number): string =>
    `From change ${String(place)} on, every tab ignores what that tab writes, except where somebody had already built on it. Nothing that anybody else wrote is lost, and other tabs of the same person go on.`,
  evidenceWhy:
    'It can be a lie. It also happens to honest people whose browser profile was copied while both copies were in use.',
  evidenceFound: (ago: string): string => `This device learned of it ${ago}.`,
  copyProof: 'Copy the proof',
  proofHint: 'Anybody can check it, without this board and without Tabswarm.',
  proofKey: (author: string): string => `Key of that tab: ${author}`,

  // A tab whose writing nobody accepts.
  barredEvicted: (by: string | null, ago: string | null): string =>
    by === null || ago === null
      ? 'An owner removed you from this board.'
      : `${by} removed you from this board, ${ago}.`,
  barredEvictedStays:
    'You can go on reading this copy. The others keep what they had received of yours by then, and nothing later.',
  barredEvictedTodo:
    'To come back, ask for a new invite and open it in another browser or profile. This one is not let in again.',
  barredForked: 'This tab signed two different histories, so nobody takes its changes any more.',
  barredForkedStays:
    'That happens when a browser profile is copied and both copies are used. What it wrote before that stays, and so does what others built on; the rest is ignored by everybody.',
  barredForkedTodo: 'Go on with a new key: this tab then counts as another one of yours.',
  barredCut: 'Your rights changed while you were writing.',
  barredCutStays:
    'What the others had received of yours is still on the board. What you wrote after that was taken off, and this tab’s key counts no more.',
  barredCutTodo: 'Go on with a new key: you can then do whatever your role allows now.',
  keyLost: 'This tab’s record of its votes is lost or damaged, so it may not vote any more.',
  keyLostStays:
    'What you do on the board counts as before, and everything that this tab wrote stays. Only the group’s decisions do without it: voting again without that record could contradict what it said.',
  keyLostTodo: 'Go on with a new key: this tab then asks for a seat as if it were new.',
  convicted: 'This tab signed two different votes for one place, so the group does not hear it any more.',
  convictedStays:
    'That happens when a browser profile is copied and both copies are used. Everything that this tab wrote on the board stays, and both votes are on the Decisions page.',
  convictedTodo: 'Go on with a new key: this tab then counts as another one of yours.',
  // A board that is over.
  closed: (ago: string): string => `The group decided that this board is over, ${ago}.`,
  closedBy: (title: string, place: number): string => `“${title}”, decision ${String(place)} in the order.`,
  closedStays:
    'Nobody can change it any more. It stays on this device: everything can be read, copied and saved.',
  closedDecisions: 'See the decisions',
  renewKey: 'Go on with a new key',
  renewed: 'This tab has a new key. You can go on.',
  copyBoard: 'Copy the board as text',
  boardCopied: 'The board is copied. Paste it wherever you like.',
} as const;
