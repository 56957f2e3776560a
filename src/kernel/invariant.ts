/**
 * Our own mistakes (DESIGN section 4, first family of errors). Never used for what a peer, a file or the platform did:
 * those are `Result` values. Nothing in the pure folders catches this; the driver stops the node and keeps its trace.
 */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Stops the node when `condition` does not hold. */
export function invariant(condition: boolean, text: string): asserts condition {
  if (!condition) throw new InvariantError(text);
}

/** Marks a switch as exhaustive: reaching it is our own mistake. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${String(value)}`);
}
