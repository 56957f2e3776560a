/** What owners decree over the open board, its invites, and what is held against those who lied: behind screens and scripts alike. */
import { fromHex, toHex } from '../kernel/bytes.ts';
import { isIdText, type MemberId } from '../kernel/ids.ts';
import type { VerifierPort } from '../kernel/ports.ts';
import { parseInviteLink } from '../identity/invite-link.ts';
import type { EvidenceClaim } from '../node/evidence.ts';
import { CodedError } from '../runtime/coded-error.ts';
import type { EngineLoader } from './engine-loader.ts';
import type { Participant } from '../runtime/participant.ts';
import type { Evidence, EvidenceVerdict, GovernPort, InviteStatus, Role } from '../ui/ports.ts';

const NOTHING: readonly Evidence[] = [];

export class Governing implements GovernPort {
  readonly #participant: Participant;
  readonly #verifier: VerifierPort;
  readonly #isScratch: () => boolean;
  readonly #engine: EngineLoader;

  /** `isScratch`: whether the open board is a scratch board, which has neither members nor owners. */
  constructor(
    participant: Participant,
    verifier: VerifierPort,
    engine: EngineLoader,
    isScratch: () => boolean,
  ) {
    this.#participant = participant;
    this.#verifier = verifier;
    this.#engine = engine;
    this.#isScratch = isScratch;
  }

  async evict(memberId: string): Promise<void> {
    await this.#participant.decree({ kind: 'evict', member: memberOf(memberId) });
  }

  async setRole(memberId: string, role: Role): Promise<void> {
    await this.#participant.decree({ kind: 'role', member: memberOf(memberId), role });
  }

  async invites(): Promise<readonly InviteStatus[]> {
    return this.#isScratch() ? [] : this.#participant.invites();
  }

  async revokeInvite(invite: string): Promise<void> {
    const inviteId = isIdText(invite) ? invite : inviteIn(invite, this.#participant.session?.boardId);
    const known = await this.#participant.invites();
    // Saying it twice would change nothing, and every entry stays for ever.
    if (known.some((one) => one.inviteId === inviteId && one.state === 'revoked')) return;
    await this.#participant.decree({ kind: 'revoke', inviteKey: fromHex(inviteId) });
  }

  evidence(): readonly Evidence[] {
    return this.#participant.session?.evidence() ?? NOTHING;
  }

  async renewKey(): Promise<void> {
    await this.#participant.renewKey();
  }

  /** Whether `claim` proves what it says. Needs no board and no network; its shape was checked. */
  async verify(claim: EvidenceClaim): Promise<EvidenceVerdict> {
    const checks = (await this.#engine.load()).evidenceChecks(claim);
    if (!checks.ok) return { valid: false, reason: checks.code };
    const valid = await this.#verifier.verifyAll(checks.value);
    return { valid, reason: valid ? null : 'badSignature' };
  }
}

function memberOf(memberId: string): MemberId {
  if (!isIdText(memberId)) throw new CodedError('unknownMember');
  return memberId as MemberId;
}

/** The id of the invite in a pasted link to the board. */
function inviteIn(link: string, boardId: string | undefined): string {
  const read = parseInviteLink(link);
  if (!read.ok) throw new CodedError(read.code);
  const { board, inviteKey } = read.value.capability;
  if (boardId !== undefined && board !== boardId) throw new CodedError('inviteWrongBoard');
  return toHex(inviteKey);
}
