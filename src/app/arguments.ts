/**
 * Arguments of scripts, checked before anything happens (API.md: "a bad argument rejects with a coded error and changes nothing"). Shapes
 * only: lengths and references are judged by the board, for screens and scripts alike.
 */
import * as v from 'valibot';
import { MAX_NAME_BYTES, MAX_SLOT } from '../identity/peer-certificate.ts';
import { ROLES } from '../identity/roles.ts';
import type { WrittenEdit } from '../board/written-edit.ts';
import { MAX_BATCH_REQUESTS } from '../consensus/limits.ts';
import { MAX_COLUMN_ID_BYTES, MAX_OPEN_MS, MIN_OPEN_MS } from '../governance/limits.ts';
import { MIN_THRESHOLD_PERCENT } from '../governance/policy.ts';
import { CHOICES } from '../ui/decision-ports.ts';
import { DOINGS } from '../ui/ports.ts';
import { CodedError } from '../runtime/coded-error.ts';

/** Values of a field that a script says it saw: more than are ever shown of one (16). */
const MAX_AMONG = 64;

const text = v.string();
const position = v.union([v.pipe(v.number(), v.integer(), v.minValue(0)), v.picklist(['top', 'bottom'])]);
const cardId = text;
const columnId = text;

const changes = v.strictObject({
  title: v.exactOptional(text),
  notes: v.exactOptional(text),
  labels: v.exactOptional(v.array(text)),
  due: v.exactOptional(v.nullable(text)),
  assignees: v.exactOptional(v.array(text)),
});

export const commandSchema = v.variant('type', [
  v.strictObject({ type: v.literal('renameBoard'), title: text }),
  v.strictObject({ type: v.literal('addColumn'), title: text, position: v.exactOptional(position) }),
  v.strictObject({ type: v.literal('renameColumn'), columnId, title: text }),
  v.strictObject({ type: v.literal('moveColumn'), columnId, position }),
  v.strictObject({ type: v.literal('removeColumn'), columnId }),
  v.strictObject({ type: v.literal('addCard'), columnId, title: text, position: v.exactOptional(position) }),
  v.strictObject({
    type: v.literal('addCards'),
    columnId,
    titles: v.array(text),
    position: v.exactOptional(position),
  }),
  v.strictObject({ type: v.literal('updateCard'), cardId, changes }),
  v.strictObject({ type: v.literal('moveCard'), cardId, columnId, position }),
  v.strictObject({ type: v.literal('archiveCard'), cardId }),
  v.strictObject({ type: v.literal('restoreCard'), cardId }),
  v.strictObject({ type: v.literal('removeCard'), cardId }),
  v.strictObject({
    type: v.literal('resolveConflict'),
    cardId: v.exactOptional(cardId),
    columnId: v.exactOptional(columnId),
    field: v.picklist(['title', 'due', 'place', 'position']),
    keep: text,
    among: v.exactOptional(v.pipe(v.array(text), v.maxLength(MAX_AMONG))),
  }),
  v.strictObject({ type: v.literal('addComment'), cardId, text }),
  v.strictObject({ type: v.literal('removeComment'), cardId, commentId: text }),
]);

export const createSchema = v.strictObject({
  title: v.pipe(text, v.trim(), v.minLength(1), v.maxLength(500)),
  electorate: v.exactOptional(v.picklist(['tab', 'member'])),
  template: v.exactOptional(text),
  scratch: v.exactOptional(v.boolean()),
});

/** Longest life of an invite: 10 years, so that a wrong unit is noticed. */
const MAX_EXPIRY_MS = 10 * 366 * 24 * 60 * 60 * 1000;

export const inviteSchema = v.strictObject({
  role: v.exactOptional(v.picklist(['editor', 'viewer', 'agent'])),
  uses: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))),
  expiresInMs: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_EXPIRY_MS))),
});

/** A name other people see: 1 to 60 characters. */
export const nameSchema = v.pipe(text, v.trim(), v.minLength(1), v.maxLength(60));
export const joinSchema = v.strictObject({ name: v.exactOptional(nameSchema) });
export const leaveSchema = v.strictObject({ keepCopy: v.exactOptional(v.boolean()) });
export const textSchema = v.pipe(text, v.maxLength(8192));
/** The card that this tab's person has open, or null. */
export const presenceSchema = v.nullable(
  v.strictObject({ cardId: v.pipe(text, v.regex(/^[A-Za-z0-9_-]{1,64}$/)), doing: v.picklist(DOINGS) }),
);
export const eventSchema = v.picklist([
  'board',
  'status',
  'presence',
  'boards',
  'open',
  'join',
  'evidence',
  'council',
  'decision',
  'returned',
  'trouble',
]);

const hex = (bytes: number): v.GenericSchema<string> =>
  v.pipe(text, v.length(bytes * 2), v.regex(/^[0-9a-f]*$/));
export const memberIdSchema = hex(32);
export const roleSchema = v.picklist(ROLES);

const percent = (least: number): v.GenericSchema<number> =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(100));
const policySchema = v.strictObject({
  thresholdPercent: percent(MIN_THRESHOLD_PERCENT),
  quorumPercent: percent(1),
  agentsVote: v.boolean(),
  membersBy: v.picklist(['owners', 'vote']),
  policyBy: v.picklist(['owners', 'vote']),
});
const actionSchema = v.variant('type', [
  v.strictObject({ type: v.literal('none') }),
  v.strictObject({ type: v.literal('evict'), memberId: memberIdSchema }),
  v.strictObject({ type: v.literal('setRole'), memberId: memberIdSchema, role: roleSchema }),
  v.strictObject({ type: v.literal('dropSeat'), peerId: hex(32) }),
  v.strictObject({
    type: v.literal('removeColumn'),
    columnId: v.pipe(text, v.maxLength(MAX_COLUMN_ID_BYTES)),
  }),
  v.strictObject({ type: v.literal('removeBoard') }),
  v.strictObject({ type: v.literal('setPolicy'), policy: policySchema }),
]);
/** Whether a share is one in hundredths: votes are counted in whole per cent. */
const isInHundredths = (share: number): boolean => Math.abs(share * 100 - Math.round(share * 100)) < 1e-9;
export const proposalSchema = v.strictObject({
  title: v.pipe(text, v.trim(), v.minLength(1)),
  body: v.exactOptional(text),
  action: v.exactOptional(actionSchema),
  closesInMs: v.exactOptional(
    v.pipe(v.number(), v.integer(), v.minValue(MIN_OPEN_MS), v.maxValue(MAX_OPEN_MS)),
  ),
  threshold: v.exactOptional(
    v.pipe(v.number(), v.minValue(MIN_THRESHOLD_PERCENT / 100), v.maxValue(1), v.check(isInHundredths)),
  ),
  finalBallots: v.exactOptional(v.boolean()),
});
export const proposalIdSchema = hex(32);
export const choiceSchema = v.picklist(CHOICES);
export const voteSchema = v.strictObject({ reason: v.exactOptional(text) });
/** A place in the order of decisions. */
export const sequenceSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
export const placeSchema = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_BATCH_REQUESTS));
export const sinceSchema = v.strictObject({ since: v.exactOptional(sequenceSchema) });
/** Whatever text somebody says is a certificate: what is wrong with it is the answer, no bad argument. */
export const certificateSchema = text;

/** A public key with a signature, and the bytes that it signed: at most a certificate with the longest name. */
const signed = {
  signed: v.pipe(text, v.maxLength(1024), v.regex(/^(?:[0-9a-f]{2})+$/)),
  signature: hex(64),
};
/** As `evidence()` gives it, what only labels included. */
export const evidenceSchema = v.strictObject({
  kind: v.literal('equivocation'),
  boardId: hex(32),
  author: hex(32),
  place: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  statements: v.pipe(v.array(v.strictObject({ body: hex(32), ...signed })), v.length(2)),
  memberId: v.nullable(memberIdSchema),
  name: v.pipe(text, v.maxBytes(MAX_NAME_BYTES)),
  certificate: v.nullable(
    v.strictObject({
      member: memberIdSchema,
      peer: hex(32),
      slot: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_SLOT)),
      name: v.pipe(text, v.maxBytes(MAX_NAME_BYTES)),
      ...signed,
    }),
  ),
  foundAt: v.nullable(v.number()),
});

/** Commands of one edit that came back: its fields, its comments, and where it went. Above what a card may hold. */
const MAX_EDIT_COMMANDS = 4096;
const writtenEditSchema = v.object({
  cardId: v.nullable(text),
  columnId: v.nullable(text),
  title: text,
  commands: v.pipe(v.array(commandSchema), v.maxLength(MAX_EDIT_COMMANDS)),
});

/** An edit as it was kept on disk; undefined when it is none that this version knows. */
export function readWrittenEdit(json: string): WrittenEdit | undefined {
  try {
    const parsed = v.safeParse(writtenEditSchema, JSON.parse(json));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** `value` as `schema` says, or a CodedError `badArgument`. */
export function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success)
    throw new CodedError('badArgument', parsed.issues.map((issue) => issue.message).join('; '));
  return parsed.output;
}
