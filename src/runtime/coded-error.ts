/** The one kind of error that calls of the scripting interface reject with: a stable code (docs/errors.md), nothing else to rely on. */
export class CodedError extends Error {
  override readonly name = 'TabswarmError';
  readonly code: string;

  constructor(code: string, cause?: unknown) {
    super(code, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
