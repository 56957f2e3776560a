/**
 * What a participant tells. `left`: a board was erased from this device (detail: its id). `returned`: the list of edits that came back changed (detail:
 * the board's id when it did so in this tab). `council`: something about the group's decisions has changed. `decision`: one was made (detail: the
 * decision). The others: src/ui/ports.ts.
 */
export type ParticipantEvent =
  | 'board'
  | 'status'
  | 'presence'
  | 'preview'
  | 'boards'
  | 'open'
  | 'join'
  | 'trouble'
  | 'returned'
  | 'evidence'
  | 'left'
  | 'council'
  | 'decision';
