/**
 * What an open board needs: its participant's machines, its links, and what the group decides. More than half of the application, and nothing of it is
 * needed to draw a board's first look; so it is a chunk of its own (engine-loader.ts).
 */
import { evidenceChecks } from '../node/evidence.ts';
import { foundCommittee } from '../runtime/board-founding.ts';
import { Session } from '../runtime/session.ts';
import { ConnectionBudget } from '../transport/connection-budget.ts';
import { createLinks } from '../transport/links.ts';
import { pageConnections } from '../transport/page-connections.ts';
import { Deciding } from './deciding.ts';

export const engine = {
  openSession: Session.open.bind(Session),
  foundCommittee,
  evidenceChecks,
  createLinks,
  pageConnections,
  ConnectionBudget,
  Deciding,
};
