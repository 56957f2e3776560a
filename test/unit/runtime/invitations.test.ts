/** Goal: invites can be listed and revoked by whoever made them, and their secrets are kept nowhere. Method: a store in memory, real keys. */
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/kernel/bytes.ts';
import type { BoardId } from '../../../src/kernel/ids.ts';
import type { Capability } from '../../../src/identity/admission.ts';
import { parseInviteLink } from '../../../src/identity/invite-link.ts';
import type { KnownInvite } from '../../../src/node/events.ts';
import { generateKeyPair, memberSignerFrom, randomBytes } from '../../../src/runtime/crypto.ts';
import { BoardShelf } from '../../../src/runtime/board-shelf.ts';
import { EvidenceTimes, evidenceKeys } from '../../../src/runtime/evidence-times.ts';
import {
  inviteKeys,
  Invitations,
  MAX_REMEMBERED_INVITES,
  type InviteTerms,
} from '../../../src/runtime/invitations.ts';
import { MemoryStore } from '../../../src/storage/memory-store.ts';

const BOARD = 'ab'.repeat(32) as BoardId;
const OTHER_BOARD = 'cd'.repeat(32) as BoardId;
const AT = 1_700_000_000_000;
const DAY = 86_400_000;
const TERMS: InviteTerms = { role: 'editor', uses: 2, expiresInMs: DAY };

async function bench() {
  const store = new MemoryStore();
  const invitations = new Invitations(store);
  const signer = await memberSignerFrom(await generateKeyPair());
  const node = {
    role: 'owner',
    snapshot: () => ({ title: 'A board', conflicts: [], columns: [], archive: [] }),
  } as const;
  const make = async (terms: Partial<InviteTerms> = {}, wallMs = AT, boardId = BOARD) => {
    const issuer = { signer, name: 'Ada', wallMs };
    const fragment = await invitations.make({ boardId, node }, randomBytes(32), issuer, {
      ...TERMS,
      ...terms,
    });
    const read = parseInviteLink(fragment);
    if (!read.ok) throw new Error(read.code);
    return read.value;
  };
  const list = (known: readonly KnownInvite[] = [], revoked = '', wallMs = AT) =>
    invitations.list(BOARD, known, { wallMs, isRevoked: (key) => key === revoked });
  return { store, invitations, signer, make, list };
}

const idOf = ({ inviteKey }: Capability): string => toHex(inviteKey);

describe('invites made here', () => {
  it('[STO-30] are remembered by board, without the key that opens them', async () => {
    const { store, make, list, signer } = await bench();
    const { capability, inviteSeed } = await make({ role: 'viewer' });
    await make({}, AT, OTHER_BOARD);
    expect(await list()).toEqual([
      {
        ...{ inviteId: idOf(capability), role: 'viewer', uses: 2, admitted: [] },
        ...{ expiresAt: AT + DAY, memberId: signer.memberId, state: 'open' },
      },
    ]);
    const kept: string[] = [];
    await store.scan('meta', '', (batch) => {
      for (const [key, bytes] of batch) kept.push(key, toHex(bytes));
    });
    expect(kept.length).toBe(4);
    expect(kept.join()).not.toContain(toHex(inviteSeed));
    await store.clear('meta', inviteKeys(BOARD));
    expect(await list()).toEqual([]);
  });

  it('[NOD-43] say whether they still admit, together with those that others made', async () => {
    const { make, list } = await bench();
    const open = (await make()).capability;
    const long = (await make({ expiresInMs: undefined })).capability;
    const over = (await make({ expiresInMs: 5 })).capability;
    const gone = (await make()).capability;
    const foreign: Capability = { ...open, inviteKey: randomBytes(32), uses: 1 };
    const known = [
      { capability: open, admitted: ['1'.repeat(64)] },
      { capability: foreign, admitted: ['2'.repeat(64)] },
    ] as unknown as readonly KnownInvite[];
    const listed = await list(known, idOf(gone), AT + 5);
    expect(listed.slice(0, 2).map(({ inviteId, state, admitted }) => [inviteId, state, admitted])).toEqual([
      [idOf(open), 'open', ['1'.repeat(64)]],
      [idOf(long), 'open', []],
    ]);
    const rest = Object.fromEntries(listed.slice(2).map(({ inviteId, state }) => [inviteId, state]));
    expect(rest).toEqual({ [idOf(over)]: 'expired', [idOf(gone)]: 'revoked', [idOf(foreign)]: 'usedUp' });
  });

  it('[STO-30] are bounded: what is over goes first, then what ends first', async () => {
    const { make, list } = await bench();
    const first = (await make({ expiresInMs: 50 })).capability;
    const soon = (await make({ expiresInMs: 100 })).capability;
    for (let n = 1; n < MAX_REMEMBERED_INVITES; n++) await make({ expiresInMs: DAY + n });
    const full = await list();
    expect(full).toHaveLength(MAX_REMEMBERED_INVITES);
    expect(full.map(({ inviteId }) => inviteId)).not.toContain(idOf(first));
    expect(full[0]?.inviteId).toBe(idOf(soon));
    await make({}, AT + 100);
    const later = (await list()).map(({ inviteId }) => inviteId);
    expect(later).toHaveLength(MAX_REMEMBERED_INVITES);
    expect(later).not.toContain(idOf(soon));
  });

  it('[NOD-43] are not made by who may not', async () => {
    const { invitations, signer } = await bench();
    const node = {
      role: 'viewer',
      snapshot: () => ({ title: '', conflicts: [], columns: [], archive: [] }),
    } as const;
    const issuer = { signer, name: 'Vera', wallMs: AT };
    await expect(
      invitations.make({ boardId: BOARD, node }, randomBytes(32), issuer, TERMS),
    ).rejects.toMatchObject({ code: 'notAllowed' });
  });
});

describe('times of evidence', () => {
  it('[STO-31] are the first ones, kept for later visits, and forgotten with the board', async () => {
    const store = new MemoryStore();
    const author = 'ef'.repeat(32) as never;
    const times = new EvidenceTimes(store, BOARD);
    await times.load();
    expect(times.at(author)).toBeUndefined();
    times.note(author, AT + 0.4);
    times.note(author, AT + 100);
    expect(times.at(author)).toBe(AT);
    const later = new EvidenceTimes(store, BOARD);
    await store.write([
      { op: 'put', store: 'meta', key: `${evidenceKeys(BOARD)}rubbish`, value: new Uint8Array(1) },
    ]);
    await later.load();
    expect(later.at(author)).toBe(AT);
    expect(later.at('rubbish')).toBeUndefined();
    await store.clear('meta', evidenceKeys(BOARD));
    const anew = new EvidenceTimes(store, BOARD);
    await anew.load();
    expect(anew.at(author)).toBeUndefined();
  });
});

describe('erasing a board', () => {
  it('[STO-30, STO-31] erases its invites and its times, and nobody else’s', async () => {
    const { store, make, list } = await bench();
    const { capability } = await make();
    await make({}, AT, OTHER_BOARD);
    const author = 'ef'.repeat(32) as never;
    for (const board of [BOARD, OTHER_BOARD]) new EvidenceTimes(store, board).note(author, AT);
    const { shelf } = await BoardShelf.load(store);
    expect((await list()).map(({ inviteId }) => inviteId)).toEqual([idOf(capability)]);
    expect(await shelf.erase(BOARD)).toMatchObject({ ok: true });
    const left: string[] = [];
    await store.scan('meta', '', (batch) => {
      for (const [key] of batch) left.push(key.split('/').slice(0, 2).join('/'));
    });
    expect(left.sort()).toEqual([`found/${OTHER_BOARD}`, `invite/${OTHER_BOARD}`]);
  });
});
