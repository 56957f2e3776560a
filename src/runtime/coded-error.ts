import type { Result } from '../kernel/result.ts';

/** The one kind of error that calls of the scripting interface reject with: a stable code (docs/errors.md), nothing else to rely on. */
export class CodedError extends Error {
  override readonly name = 'TabswarmError';
  readonly code: string;

  constructor(code: string, cause?: unknown) {
    super(code, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The value of a result, or its code as an error. */
export function must<T>(result: Result<T, string>): T {
  if (!result.ok) throw new CodedError(result.code);
  return result.value;
}
