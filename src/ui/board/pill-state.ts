import type { Status } from '../ports.ts';

/** The one honest state of a board on this device, and how many peers or changes it speaks of. */
export type PillState =
  | { readonly kind: 'live'; readonly peers: number }
  /** Peers that should be here cannot be reached, and we are with `here` of `all`, ourselves included. */
  | {
      readonly kind: 'split';
      readonly side: 'majority' | 'minority';
      readonly here: number;
      readonly all: number;
    }
  | { readonly kind: 'alone'; readonly changes: number }
  | { readonly kind: 'offline'; readonly changes: number }
  /** Nobody is linked with this tab, and nobody will be: its member was evicted, or its journal forked. */
  | { readonly kind: 'shutOut'; readonly why: 'evicted' | 'forked' }
  | { readonly kind: 'notSaved'; readonly why: 'unavailable' | 'quota' | 'failed' };

/**
 * Derives the pill from what was measured, never from navigator.onLine. `writeFailed`: an edit of this session was
 * refused by the disk. Not saved outranks everything; then whoever can be reached; then why nobody can be; then whether the network can be.
 */
export function pillState(status: Status, writeFailed: boolean): PillState {
  if (status.storage.state !== 'ok') return { kind: 'notSaved', why: status.storage.state };
  if (writeFailed && status.pending.unsaved > 0) return { kind: 'notSaved', why: 'failed' };
  const linked = status.links.filter((link) => link.state === 'up').length;
  const peers = Math.max(status.reachablePeers, linked);
  if (peers > 0 && status.partition !== null && status.partition !== 'none') {
    const here = peers + 1;
    return { kind: 'split', side: status.partition, here, all: here + (status.missingPeers ?? 0) };
  }
  if (peers > 0) return { kind: 'live', peers };
  // Part of what it wrote being cut off shuts nobody out.
  if (status.barred === 'evicted' || status.barred === 'forked')
    return { kind: 'shutOut', why: status.barred };
  const changes = status.pending.unacknowledged ?? 0;
  return { kind: status.signaling === 'connected' ? 'alone' : 'offline', changes };
}
