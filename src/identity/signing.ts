/** Domain separation of signatures: the label, a zero byte, then the body. Labels contain no zero byte, so no two domains overlap. */
import { concatBytes, type Bytes } from '../kernel/bytes.ts';
import { labelBytes } from '../kernel/hash.ts';

export function domainSeparated(domain: string, body: Bytes): Bytes {
  return concatBytes(labelBytes(domain), body);
}
