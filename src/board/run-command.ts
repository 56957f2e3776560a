/** Carries out board commands on the shared document. */
import type * as Y from 'yjs';
import { unreachable } from '../kernel/invariant.ts';
import { ok, type Result } from '../kernel/result.ts';
import {
  planAddCards,
  planArchiveCard,
  planMoveCard,
  planRemoveCard,
  planRestoreCard,
} from './card-commands.ts';
import {
  planAddColumn,
  planMoveColumn,
  planRemoveColumn,
  planRenameBoard,
  planRenameColumn,
} from './column-commands.ts';
import type { BoardCommand, CommandOutcome, CommandRefusal } from './command.ts';
import type { CommandContext, Planned, Planning } from './command-plan.ts';
import { planAddComment, planRemoveComment } from './comment-commands.ts';
import { LOCAL } from './origin.ts';
import { planResolveConflict } from './resolve-conflict.ts';
import { boardRoots } from './schema.ts';
import { planUpdateCard } from './update-card.ts';

/**
 * Runs one command. Everything is checked before the first write: a refused command starts no Yjs transaction and
 * changes nothing. Writes are one transaction with the origin {@link LOCAL}, or join the transaction that the caller has
 * open; a command that asks for what is there already writes nothing, so it causes no update. The command's shape is trusted (the edge validates
 * scripts' arguments); its values are not.
 */
export function runCommand(
  doc: Y.Doc,
  command: BoardCommand,
  context: CommandContext,
): Result<CommandOutcome, CommandRefusal> {
  const plan = planCommand({ roots: boardRoots(doc), context, clientId: doc.clientID }, command);
  if (!plan.ok) return plan;
  doc.transact(plan.value.write, LOCAL);
  return ok(plan.value.outcome);
}

function planCommand(planning: Planning, command: BoardCommand): Planned {
  switch (command.type) {
    case 'renameBoard':
      return planRenameBoard(planning, command.title);
    case 'addColumn':
      return planAddColumn(planning, command.title, command.position);
    case 'renameColumn':
      return planRenameColumn(planning, command.columnId, command.title);
    case 'moveColumn':
      return planMoveColumn(planning, command.columnId, command.position);
    case 'removeColumn':
      return planRemoveColumn(planning, command.columnId);
    case 'addCard':
      return planAddCards(planning, command.columnId, [command.title], command.position);
    case 'addCards':
      return planAddCards(planning, command.columnId, command.titles, command.position);
    case 'updateCard':
      return planUpdateCard(planning, command.cardId, command.changes);
    case 'moveCard':
      return planMoveCard(planning, command.cardId, command.columnId, command.position);
    case 'archiveCard':
      return planArchiveCard(planning, command.cardId);
    case 'restoreCard':
      return planRestoreCard(planning, command.cardId);
    case 'removeCard':
      return planRemoveCard(planning, command.cardId);
    case 'resolveConflict':
      return planResolveConflict(planning, command);
    case 'addComment':
      return planAddComment(planning, command.cardId, command.text);
    case 'removeComment':
      return planRemoveComment(planning, command.cardId, command.commentId);
    default:
      return unreachable(command);
  }
}
