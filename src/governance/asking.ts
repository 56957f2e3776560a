/** Who asks for an operation, and when it is executed. */
import type { MemberId, PeerId } from '../kernel/ids.ts';
import type { Role } from '../identity/roles.ts';

export interface Asking {
  /** The tab whose key signed the request, and the number that it gave it. */
  readonly client: PeerId;
  readonly number: number;
  readonly member: MemberId;
  /** Place of the member. */
  readonly place: number;
  readonly role: Role;
  readonly seq: number;
  /** Agreed time, ms since 1970; 0 until there is one. */
  readonly time: number;
}
