/** Domain separation of signatures: the label, a zero byte, then the body. Labels contain no zero byte, so no two domains overlap. */
import { concatBytes, utf8, type Bytes } from '../kernel/bytes.ts';

export function domainSeparated(domain: string, body: Bytes): Bytes {
  return concatBytes(utf8(domain), new Uint8Array(1), body);
}
