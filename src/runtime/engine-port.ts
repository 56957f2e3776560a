import type { foundCommittee } from './board-founding.ts';
import type { Session, SessionOptions } from './session.ts';

/** What opens boards and makes new ones: most of the application's code, so it comes behind the first look; asked for again where it could not be had. */
export interface Engine {
  readonly openSession: (options: SessionOptions) => Promise<Session>;
  readonly foundCommittee: typeof foundCommittee;
}
