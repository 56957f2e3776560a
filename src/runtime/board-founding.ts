/** A new board's committee, written down with the board: the tab that makes it has the first seat. */
import type { PeerId } from '../kernel/ids.ts';
import type { StorePort } from '../kernel/ports.ts';
import { boardIdOf, type Genesis } from '../identity/genesis.ts';
import { foundingKey } from '../node/council-disk.ts';
import { encodeFounding } from '../node/founding.ts';
import { must } from './coded-error.ts';
import type { MemberSigner } from './crypto.ts';
import { signFounding } from './identity-service.ts';
import { stored } from './session.ts';

/** Rejects with a CodedError when it cannot be signed or written. */
export async function foundCommittee(
  store: Pick<StorePort, 'write'>,
  signer: MemberSigner,
  genesis: Genesis,
  firstTab: PeerId,
): Promise<void> {
  const value = encodeFounding(must(await signFounding(signer, genesis, firstTab)));
  const key = foundingKey(boardIdOf(genesis));
  stored(await store.write([{ op: 'put', store: 'consensus', key, value }]));
}
