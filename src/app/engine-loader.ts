/** Loads engine.ts behind the page's first paint, once. */
import { CodedError } from '../runtime/coded-error.ts';
import type { engine } from './engine.ts';

export type LoadedEngine = typeof engine;

export class EngineLoader {
  readonly #fetch: () => Promise<LoadedEngine>;
  #loading: Promise<LoadedEngine> | undefined;
  #engine: LoadedEngine | undefined;

  /** `fetch`: left out except in tests. */
  constructor(fetch = async (): Promise<LoadedEngine> => (await import('./engine.ts')).engine) {
    this.#fetch = fetch;
  }

  /** The engine, once it is here. */
  get engine(): LoadedEngine | undefined {
    return this.#engine;
  }

  /** Rejects with a CodedError `engineUnavailable` when it cannot be had; the next call tries again. */
  load(): Promise<LoadedEngine> {
    this.#loading ??= this.#fetch().then(
      (engine) => {
        this.#engine = engine;
        return engine;
      },
      (error: unknown) => {
        this.#loading = undefined;
        throw new CodedError('engineUnavailable', error);
      },
    );
    return this.#loading;
  }
}
