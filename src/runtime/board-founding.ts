/** A new board's committee, written down with the board: the tab that makes it has the first seat. */
import type { PeerId } from '../kernel/ids.ts';
import type { StorePort } from '../kernel/ports.ts';
import { boardIdOf, type Genesis } from '../identity/genesis.ts';
import { foundingKey } from '../node/council-disk.ts';
import { draftFounding, encodeFounding } from '../node/founding.ts';
import type { MemberSigner } from './crypto.ts';
import { CodedError } from './coded-error.ts';
import { stored } from './storage-code.ts';

/** Rejects with a CodedError when it cannot be signed (`signingFailed`) or written. */
export async function foundCommittee(
  store: Pick<StorePort, 'write'>,
  signer: MemberSigner,
  genesis: Genesis,
  firstTab: PeerId,
): Promise<void> {
  const draft = draftFounding(genesis, firstTab);
  const signature = await signer.sign(draft.toSign).catch((error: unknown) => {
    throw new CodedError('signingFailed', error);
  });
  const key = foundingKey(boardIdOf(genesis));
  const value = encodeFounding(draft.seal(signature));
  stored(await store.write([{ op: 'put', store: 'consensus', key, value }]));
}
