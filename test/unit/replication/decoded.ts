/** Updates of the tests as the intake hands them to the document. */
import type { Bytes } from '../../../src/kernel/bytes.ts';
import { decodeUpdate, type DecodedUpdate } from '../../../src/replication/update-rules.ts';

/** What Yjs reads in an update, anew each time: a document makes it part of itself. */
export function decodedFrom(update: Bytes): DecodedUpdate {
  const decoded = decodeUpdate(update);
  if (decoded === undefined) throw new Error('an update that nobody can read');
  return decoded;
}
