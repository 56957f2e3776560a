/**
 * The connections of this page, counted from their making until the browser has collected them: only then does it give their places back
 * (research/mesh.md 0.2).
 */
import type { CreateConnection } from './connection.ts';
import { simplePeerConnections, type WebRtcLibrary } from './simple-peer-connection.ts';

/** Makes connections, and knows how many of them the page still holds. */
export interface PageConnections {
  readonly create: CreateConnection;
  /** Made and not collected yet, closed ones included. */
  held(): number;
}

/** The connections of this page, or of a process with `library`. */
export function pageConnections(library?: WebRtcLibrary): PageConnections {
  let held = 0;
  const collected = new FinalizationRegistry(() => {
    held -= 1;
  });
  return {
    create: simplePeerConnections(library, (connection) => {
      held += 1;
      collected.register(connection, undefined);
    }),
    held: () => held,
  };
}
