/** Where a committee's part of a node lies on disk: collection `consensus`, all of a board under its id. */
import type { Bytes } from '../kernel/bytes.ts';
import type { BoardId, PeerId } from '../kernel/ids.ts';

/** What the disk holds of a board's committee. */
export interface CouncilDisk {
  /** Of the board, for all tabs of the profile. */
  readonly founding: Bytes | undefined;
  /** What our key signed and stands on, under the names that consensus gave them. */
  readonly records: readonly (readonly [name: string, value: Bytes])[];
  /** Decisions, with their certificates. */
  readonly archive: readonly Bytes[];
  /** Whether our key ever had records here. */
  readonly wasUsed: boolean;
}

export function foundingKey(board: BoardId): string {
  return `${board}/founding`;
}

/** What the keys of a board's archive begin with. */
export function archivePrefix(board: BoardId): string {
  return `${board}/decided/`;
}

/** What keys of one tab's records begin with: tabs of a profile share the disk, and may have a seat each. */
export function ownPrefix(board: BoardId, peer: PeerId): string {
  return `${board}/${peer}/`;
}

/** Key of the note, in collection `meta`, that a peer key has records on this board: without them it must never sign again. */
export function councilMark(board: BoardId, peer: PeerId): string {
  return `${councilMarks(board)}${peer}`;
}

export function councilMarks(board: BoardId): string {
  return `council/${board}/`;
}

/** What was read of the collection under the board's id. */
export function readCouncilDisk(
  board: BoardId,
  peer: PeerId,
  pairs: Iterable<readonly [key: string, value: Bytes]>,
  wasUsed: boolean,
): CouncilDisk {
  const records: [string, Bytes][] = [];
  const archive: Bytes[] = [];
  let founding: Bytes | undefined;
  const prefix = ownPrefix(board, peer);
  for (const [key, value] of pairs) {
    if (key === foundingKey(board)) founding = value;
    else if (key.startsWith(archivePrefix(board))) archive.push(value);
    else if (key.startsWith(prefix)) records.push([key.slice(prefix.length), value]);
  }
  return { founding, records, archive, wasUsed };
}
