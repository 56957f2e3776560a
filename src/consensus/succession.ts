/** From one epoch to the next: links of the chain, the state that an epoch begins with, and an owner's new beginning. */
import { dropLies } from './accusing.ts';
import { draftAnew } from './carrying.ts';
import { isSameEpoch, type Epoch, type Link } from './chain.ts';
import type { Seating } from './committee.ts';
import type { ResetRefusal } from './events.ts';
import type { Snapshot } from './execution.ts';
import { MAX_EPOCHS } from './limits.ts';
import { createParts, helpersOf, type Parts } from './parts.ts';
import { recordName, type RecordKinds } from './records.ts';
import { askRoll, goOnCalling } from './roll.ts';
import { halt } from './settling.ts';
import type { StableCertificate } from './statements.ts';

/** Takes in links that were judged and whose signatures hold. */
export function learnLinks(parts: Parts, links: readonly Link[]): void {
  const { chain, outbox, transfer, wanted } = parts;
  const judged = chain.judge(links);
  if (!judged.ok || parts.isHalted) return;
  const { fork, news } = judged.value;
  const before = chain.tip;
  if (fork !== undefined && !parts.isForkTold) {
    parts.isForkTold = true;
    const held = chain.at(fork.committee.epoch)?.link;
    if (held !== undefined)
      outbox.effect({ kind: 'emit', event: { type: 'forked', held, other: fork.link } });
  }
  for (const epoch of news) {
    const code = refuseEpoch(parts, epoch);
    if (code === 'unheard') parts.heldReset ??= links;
    else if (code !== undefined) tellRefusal(parts, epoch, code);
    if (code !== undefined) break;
    if (epoch.committee.epoch >= MAX_EPOCHS) break;
    chain.extend(epoch);
  }
  // Links that are no news must not end what is being fetched: they come again and again until we are there.
  if (chain.tip === before) return;
  wanted.askFrom(helpersOf(chain, chain.tip, parts.self));
  transfer.end();
  transfer.begin(baseOf(chain.tip));
}

/** Tells it once, however often the link comes. */
function tellRefusal(parts: Parts, epoch: Epoch, code: ResetRefusal): void {
  const told = `${epoch.committee.digest} ${code}`;
  if (parts.refusalTold !== told)
    parts.outbox.effect({ kind: 'emit', event: { type: 'resetRefused', epoch, code } });
  parts.refusalTold = told;
}

/** Why we do not follow an owner who begins the epoch that we are in anew, if there is a reason. What certifies itself is followed. */
function refuseEpoch(parts: Parts, epoch: Epoch): ResetRefusal | 'unheard' | undefined {
  const { committee, execution } = parts;
  const { committee: next, link } = epoch;
  if (link.proof.kind !== 'reset' || next.epoch !== committee.epoch + 1) return undefined;
  if (execution.decided > next.start) return 'behind';
  const isHere = execution.executed === next.start;
  if (isHere && execution.preview(next).digest !== link.state) return 'otherState';
  const verdict = askRoll(parts);
  if (verdict === 'calling') return 'unheard';
  return verdict === 'lives' ? 'committeeLives' : undefined;
}

/** With every status: goes on calling the roll, and looks again at the new beginning that waits for it. */
export function lookAtReset(parts: Parts): void {
  goOnCalling(parts);
  const held = parts.heldReset;
  if (held === undefined) return;
  parts.heldReset = undefined;
  learnLinks(parts, held);
}

/** A checkpoint of the newest epoch, certified by its seats: those on their way there need not begin with the first state. */
export function learnLater({ chain, transfer }: Parts, certificate: StableCertificate): void {
  if (certificate.seq <= Math.max(chain.tip.committee.start, transfer.target?.seq ?? 0)) return;
  transfer.begin(certificate);
}

/** That the state behind an epoch's start is what the link says: no further signatures are needed for it. */
export function baseOf({ committee, link }: Epoch): StableCertificate {
  return { seq: committee.start, digest: link.state, signatures: [] };
}

/** Makes a link of our own end of the epoch, once a quorum has said the same. */
export function certifyEnd(parts: Parts): void {
  const { chain, closing, committee, ending } = parts;
  if (ending === undefined || chain.tip.committee.epoch > committee.epoch) return;
  const { committee: next, snapshot } = ending;
  const close = { seq: next.start, digest: snapshot.digest, next: next.digest };
  const signatures = closing.certificate(close);
  if (signatures === undefined || next.epoch >= MAX_EPOCHS) return;
  const link: Link = { committee: next, state: snapshot.digest, proof: { kind: 'handover', signatures } };
  chain.extend({ committee: next, link });
}

/** The parts with which the newest epoch begins, once its committee and its state are here; undefined until then. */
export function beginNext(parts: Parts): Parts | undefined {
  const { chain, committee, ending, execution, transfer } = parts;
  const { tip } = chain;
  if (parts.isHalted || tip.committee.epoch === committee.epoch) return undefined;
  if (ending !== undefined && tip.committee.epoch === committee.epoch + 1) {
    const own = { committee: ending.committee, link: { ...tip.link, state: ending.snapshot.digest } };
    if (isSameEpoch(own, tip)) return begin(parts, tip, baseOf(tip), ending.snapshot);
    if (tip.link.proof.kind === 'handover') {
      halt(parts, 'otherState');
      return undefined;
    }
  }
  if (isResetHere(parts)) {
    execution.seated(tip.committee);
    return begin(parts, tip, baseOf(tip), execution.snapshot());
  }
  const certificate = transfer.target;
  const snapshot = ownDraft(parts) ?? transfer.complete();
  if (certificate === undefined || snapshot === undefined) return undefined;
  if (!execution.restore(snapshot)) {
    halt(parts, 'otherState');
    return undefined;
  }
  return begin(parts, tip, certificate, snapshot, true);
}

/** The state behind what our own new beginning carries over, which nobody else has yet. */
function ownDraft({ chain, draft }: Parts): Snapshot | undefined {
  const { committee, link } = chain.tip;
  const isOurs = draft?.committee.digest === committee.digest && draft.snapshot.digest === link.state;
  return isOurs ? draft.snapshot : undefined;
}

/** Whether an owner goes on from the very place where we are. */
function isResetHere({ chain, committee, execution }: Parts): boolean {
  const { committee: next, link } = chain.tip;
  const isNext = link.proof.kind === 'reset' && next.epoch === committee.epoch + 1;
  return isNext && execution.executed === next.start;
}

/** Everything of the old epoch goes and everything of the new one comes in a single write. */
function begin(
  parts: Parts,
  epoch: Epoch,
  certificate: StableCertificate,
  snapshot: Snapshot,
  isTakenOver = false,
): Parts {
  const { chain, execution, now, outbox, own, pending, reach } = parts;
  const next = createParts(parts, epoch, certificate, snapshot, now);
  next.turn = parts.turn;
  dropLies(next);
  execution.forget(Number.MAX_SAFE_INTEGER);
  pending.begin();
  pending.drop((request) => execution.clients.has(request) || !execution.admits(request.client));
  const links = chain.links(parts.committee.epoch + 1, MAX_EPOCHS);
  chain.current = epoch.committee.epoch;
  reach.look(epoch.committee, parts.self, now);
  outbox.push({
    writes: [
      ...parts.records.removeAll(),
      ...links.map((link) =>
        parts.boardRecords.put(recordName.link(link.committee.epoch), { kind: 'link', ...link }),
      ),
      ...own.drop((request) => execution.clients.has(request)),
    ],
  });
  writeBeginning(next, certificate, snapshot);
  const { committee, seat } = next;
  outbox.push({ writes: [], event: { type: 'epoch', committee, seat } });
  if (isTakenOver) outbox.push({ writes: [], event: { type: 'caughtUp', seq: certificate.seq } });
  return next;
}

/** The records with which an epoch begins; that of the seat says that its key begins to sign. */
export function writeBeginning(
  { outbox, records, seat }: Parts,
  certificate: StableCertificate,
  snapshot: Snapshot,
): void {
  const { seq } = certificate;
  const stable: RecordKinds['stable'] = { certificate, manifest: snapshot.manifest };
  outbox.push({
    writes: [
      records.put(recordName.stable, { kind: 'stable', ...stable }),
      ...snapshot.pieces.map((bytes, index) =>
        records.put(recordName.piece(seq, index), { kind: 'piece', seq, index, bytes }),
      ),
      ...(seat === undefined ? [] : [records.put(recordName.seat, { kind: 'seat', seat })]),
    ],
  });
}

/** What an owner signs to go on with other seats from the state that is here, and what may be decided behind it. */
export function draftReset(parts: Parts, seating: Seating): Omit<Link, 'proof'> | undefined {
  parts.draft = draftAnew(parts, seating);
  return parts.draft && { committee: parts.draft.committee, state: parts.draft.snapshot.digest };
}
