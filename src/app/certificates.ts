/** Certificate files, checked by whoever has one: no board and no network is needed (docs/spec/certificate-file.md). */
import { examineCertificateFile, type CertificateClaim as Examined } from '../governance/certificate-file.ts';
import type { VerifierPort } from '../kernel/ports.ts';
import type { CertificateClaim, CertificateVerdict } from '../ui/decision-ports.ts';
import { summaryOf, type Names } from './decision-words.ts';

/** Whether the text of a certificate file proves what it says. `names`: what this tab happens to know of those in it. */
export async function verifyCertificate(
  text: string,
  verifier: VerifierPort,
  names: Names,
): Promise<CertificateVerdict> {
  const examined = examineCertificateFile(text, undefined);
  if (!examined.ok) return { valid: false, reason: examined.code, claim: null };
  const { claim, checks } = examined.value;
  if (!(await verifier.verifyAll(checks))) return { valid: false, reason: 'badSignature', claim: null };
  return { valid: true, reason: null, claim: claimOf(claim, names) };
}

function claimOf(claim: Examined, names: Names): CertificateClaim {
  const {
    board,
    client,
    creator,
    committee,
    epoch,
    operation,
    place,
    batch,
    primary,
    resets,
    signers,
    view,
  } = claim;
  return {
    boardId: board,
    creator,
    committee,
    epoch,
    resets,
    view,
    n: claim.seats,
    f: claim.faults,
    quorum: claim.quorum,
    primary,
    sequence: claim.seq,
    place,
    batch,
    peerId: client,
    kind: operation?.kind ?? null,
    summary: summaryOf(client, operation, names),
    signers,
  };
}
