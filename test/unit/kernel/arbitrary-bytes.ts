/** Arbitrary bytes over an ordinary buffer. */
import fc from 'fast-check';
import type { Bytes } from '../../../src/kernel/bytes.ts';

export function bytesOf(minLength: number, maxLength: number): fc.Arbitrary<Bytes> {
  return fc.uint8Array({ minLength, maxLength }).map((bytes) => Uint8Array.from(bytes));
}
