/** Failures of the store as coded errors. */
import type { StoreFailure } from '../kernel/machine.ts';
import type { Result } from '../kernel/result.ts';
import { CodedError } from './coded-error.ts';

/** The code that screens and scripts know for a failure of the store. */
export function storageCode(reason: StoreFailure): string {
  return { quota: 'quota', unavailable: 'storageUnavailable', failed: 'storageFailed' }[reason];
}

/** What the store answered, or the code of its failure as an error. */
export function stored<T>(result: Result<T, StoreFailure>): T {
  if (!result.ok) throw new CodedError(storageCode(result.code));
  return result.value;
}
