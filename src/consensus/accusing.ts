/** What becomes of a seat's double vote: the proof is kept, told to everybody, and told to the application until the group is done with that key. */
import type { PeerId } from '../kernel/ids.ts';
import { broadcast } from './exchange.ts';
import { proveLie, type LieProof } from './lies.ts';
import type { ConsensusMessage } from './messages.ts';
import { primaryOf } from './committee.ts';
import type { Parts } from './parts.ts';
import type { PreparedCertificate } from './statements.ts';
import type { Contradiction } from './witness.ts';

/** Whether a proof against `key` is of any use: whoever has neither a seat nor a say has nothing to lose. */
export function mayAccuse({ chain, execution, lies }: Parts, key: PeerId | undefined): boolean {
  if (key === undefined || !lies.hasRoomFor(key)) return false;
  return execution.admits(key) || chain.tip.committee.keys.includes(key);
}

/** Keeps a proof whose signatures hold. Whether it is news. */
export function takeLie(parts: Parts, proof: LieProof): boolean {
  const { lies, outbox } = parts;
  if (!mayAccuse(parts, proof.key)) return false;
  outbox.push({ writes: [lies.add(proof)], event: { type: 'evidence', proof } });
  return true;
}

/** Looks at everything in a message of the present epoch that a seat signed; all its signatures hold. */
export function witness(
  parts: Parts,
  message: Extract<ConsensusMessage, { readonly kind: 'statement' | 'decided' | 'prepared' | 'stable' }>,
): void {
  for (const { seat, one, other } of contradictionsIn(parts, message)) {
    const proof = proveLie(parts.committee, seat, one, other);
    if (takeLie(parts, proof)) broadcast(parts, { kind: 'lie', proof });
  }
}

function contradictionsIn(
  { committee, witness: heard }: Parts,
  message: Parameters<typeof witness>[1],
): readonly Contradiction[] {
  if (message.kind === 'decided') return heard.hearDecided(message.certificate);
  if (message.kind === 'stable') return heard.hearStable(message.certificate);
  const ofPrepared = (each: PreparedCertificate): readonly Contradiction[] =>
    heard.hearPrepared(each, primaryOf(committee, each.view));
  if (message.kind === 'prepared') return ofPrepared(message.certificate);
  const { statement } = message.signed;
  const said = heard.hear(message.signed) ?? [];
  if (statement.kind !== 'viewChange') return [said].flat();
  return [said, heard.hearStable(statement.stable), ...statement.prepared.map(ofPrepared)].flat();
}

/** The group is done with keys that have neither a seat nor a say any more. */
export function dropLies(parts: Parts): void {
  const { chain, execution, lies, outbox } = parts;
  const { keys } = chain.tip.committee;
  outbox.push({ writes: lies.drop((key) => !execution.admits(key) && !keys.includes(key)) });
}
