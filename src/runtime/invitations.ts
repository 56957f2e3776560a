/**
 * Invites as their makers see them: made here and remembered on disk, without their secret keys, so that they can be listed and revoked;
 * beside them those that others made and that admitted somebody. Rules NOD-30 and STO-30.
 */
import { toHex, type Bytes } from '../kernel/bytes.ts';
import { decodeWith, encodeWith } from '../kernel/codec.ts';
import type { BoardId } from '../kernel/ids.ts';
import type { StorePort, VerifierPort } from '../kernel/ports.ts';
import { refuse, type Result } from '../kernel/result.ts';
import { capabilityCodec, type Capability } from '../identity/admission.ts';
import { INVITE_PREFIX, parseInviteLink, type Invite } from '../identity/invite-link.ts';
import { mayInvite, type InvitableRole } from '../identity/roles.ts';
import type { KnownInvite } from '../node/events.ts';
import type { Node } from '../node/node.ts';
import { CodedError, must } from './coded-error.ts';
import type { MemberSigner } from './crypto.ts';
import { createInvite, verifyInvite } from './identity-service.ts';

const META_STORE = 'meta';

/**
 * Invites remembered of one board; beyond it those that expire first are forgotten, and can be revoked by pasting their link. Origin: guess;
 * a person who makes one a day fills it in a year, and most of them have expired by then.
 */
export const MAX_REMEMBERED_INVITES = 256;

/** Keys of a board's remembered invites in the collection `meta`. */
export function inviteKeys(board: BoardId): string {
  return `invite/${board}/`;
}

/** `usedUp`: it admitted as many members as it may, as far as this device knows. */
export type InviteState = 'open' | 'usedUp' | 'expired' | 'revoked';

export interface InviteView {
  /** Public half of the key in the link, hex. */
  readonly inviteId: string;
  readonly role: Capability['role'];
  readonly uses: number;
  /** Members whom it admitted, as far as this device knows, evicted ones included. */
  readonly admitted: readonly string[];
  /** Milliseconds since 1970; null for no expiry. */
  readonly expiresAt: number | null;
  /** Whose invite it is. */
  readonly memberId: string;
  readonly state: InviteState;
}

/** What a new link may do. */
export interface InviteTerms {
  readonly role: InvitableRole;
  readonly uses: number;
  /** Milliseconds from now; undefined for no expiry. */
  readonly expiresInMs: number | undefined;
}

/** A pasted link, if it holds together; nobody is told. `inviteBadSignature`, or the codes of {@link parseInviteLink}. */
export async function readInvite(verifier: VerifierPort, pasted: string): Promise<Result<Invite, string>> {
  const parsed = parseInviteLink(pasted);
  if (!parsed.ok) return parsed;
  const verified = await verifyInvite(verifier, parsed.value);
  return verified.ok ? parsed : refuse('inviteBadSignature');
}

/** The board that an invite is to. */
export interface InvitingBoard {
  readonly boardId: BoardId;
  readonly node: Pick<Node, 'role' | 'snapshot'>;
}

export class Invitations {
  readonly #store: StorePort;

  constructor(store: StorePort) {
    this.#store = store;
  }

  /** The fragment of a new link. Rejects with `notAllowed`. */
  async make(
    { boardId, node }: InvitingBoard,
    boardSecret: Bytes,
    issuer: { readonly signer: MemberSigner; readonly name: string; readonly wallMs: number },
    { role, uses, expiresInMs }: InviteTerms,
  ): Promise<string> {
    if (node.role === undefined || !mayInvite(node.role, role)) throw new CodedError('notAllowed');
    const made = await createInvite(issuer.signer, {
      boardId,
      boardSecret,
      role,
      uses,
      expiresAt: expiresInMs === undefined ? undefined : issuer.wallMs + expiresInMs,
      boardTitle: node.snapshot().title,
      issuerName: issuer.name,
    });
    const { fragment, capability } = must(made);
    await this.#remember(capability, issuer.wallMs);
    return fragment;
  }

  /** Remembers an invite that was made here. Best effort: one that is not remembered can be revoked by its link. */
  async #remember(capability: Capability, wallMs: number): Promise<void> {
    const { board } = capability;
    const kept = [...(await this.#read(board))];
    const end = ({ expiresAt = Number.MAX_SAFE_INTEGER }: Capability): number => expiresAt;
    kept.sort((a, b) => end(a) - end(b));
    const isGone = (one: Capability, at: number): boolean =>
      end(one) <= wallMs || at <= kept.length - MAX_REMEMBERED_INVITES;
    await this.#store.write([
      ...kept.filter(isGone).map((one) => ({ op: 'delete', store: META_STORE, key: keyOf(one) }) as const),
      {
        op: 'put',
        store: META_STORE,
        key: keyOf(capability),
        value: encodeWith(capabilityCodec, capability),
      },
    ]);
  }

  /** What is known of a board's invites: those that are open first, then by when they end. `known`: those that admitted somebody. */
  async list(
    board: BoardId,
    known: readonly KnownInvite[],
    facts: { readonly wallMs: number; isRevoked(inviteKey: string): boolean },
  ): Promise<readonly InviteView[]> {
    const invites = new Map<string, KnownInvite>();
    for (const capability of await this.#read(board))
      invites.set(toHex(capability.inviteKey), { capability, admitted: [] });
    for (const invite of known) invites.set(toHex(invite.capability.inviteKey), invite);
    const views = [...invites].map(([inviteId, { capability, admitted }]): InviteView => {
      const { role, uses, issuer, expiresAt } = capability;
      const isOver = expiresAt !== undefined && expiresAt <= facts.wallMs;
      const isFull = admitted.length >= uses;
      const state = facts.isRevoked(inviteId) ? 'revoked' : isOver ? 'expired' : isFull ? 'usedUp' : 'open';
      return { inviteId, role, uses, admitted, expiresAt: expiresAt ?? null, memberId: issuer, state };
    });
    const isOpen = ({ state }: InviteView): number => (state === 'open' ? 0 : 1);
    const end = ({ expiresAt }: InviteView): number => expiresAt ?? Number.MAX_SAFE_INTEGER;
    return views.sort((a, b) => isOpen(a) - isOpen(b) || end(a) - end(b));
  }

  async #read(board: BoardId): Promise<readonly Capability[]> {
    const found: Capability[] = [];
    await this.#store.scan(META_STORE, inviteKeys(board), (batch) => {
      for (const [, bytes] of batch) {
        const read = decodeWith(capabilityCodec, bytes);
        if (read.ok && read.value.board === board && found.length <= MAX_REMEMBERED_INVITES)
          found.push(read.value);
      }
    });
    return found;
  }
}

const keyOf = ({ board, inviteKey }: Capability): string => inviteKeys(board) + toHex(inviteKey);

/** Whether `hash` is an invite link's fragment. */
export function isInviteFragment(hash: string): boolean {
  return hash.startsWith(INVITE_PREFIX);
}
