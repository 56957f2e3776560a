/** Boards to start from. */
import type * as Y from 'yjs';
import { invariant } from '../kernel/invariant.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import type { BoardCommand, CardChanges, CommandOutcome, CommandRefusal } from './command.ts';
import { checkTitle, type CommandContext } from './command-plan.ts';
import { MAX_CARDS, MAX_COLUMNS } from './limits.ts';
import { BEGINNING } from './origin.ts';
import { runCommand } from './run-command.ts';
import { boardRoots } from './schema.ts';
import type { TemplateName } from './template-names.ts';

/** A card of a template: its title, and fields beside it. */
export interface TemplateCard {
  readonly title: string;
  readonly changes?: CardChanges;
}

/** A column of a template. */
export interface TemplateColumn {
  readonly title: string;
  readonly cards: readonly TemplateCard[];
}

const card = (title: string, notes?: string, labels?: readonly string[]): TemplateCard => ({
  title,
  changes: { ...(notes === undefined ? {} : { notes }), ...(labels === undefined ? {} : { labels }) },
});
const column = (title: string, ...cards: readonly TemplateCard[]): TemplateColumn => ({ title, cards });

const TEMPLATES: Readonly<Record<TemplateName, readonly TemplateColumn[]>> = {
  welcome: [
    column(
      'To do',
      card(
        'Add a card of your own',
        'Use “Add a card” below a column and press Enter; press Enter again for the next one.\n\nPaste several lines to get one card for each.',
      ),
      card(
        'Drag this card to Doing',
        'With a mouse, just drag. On a touch screen, hold a card for a moment first.\n\nPrefer not to drag? Every card has a “Move to…” menu, and cards can be moved with the keyboard too.',
      ),
      card(
        'Share this board',
        'Press Share and send the link, or let somebody scan the code. Whoever opens it gets a full copy of this board and can work on it with you.\n\nTry it alone: open the link in a second tab or a private window.',
        ['together'],
      ),
      card(
        'Make it yours',
        'Rename the board and its columns, then archive these cards. If you change your mind, undo brings things back.',
      ),
    ),
    column(
      'Doing',
      card(
        'Pull the plug',
        'Turn off your network and go on editing: everything is saved on this device. When you are connected again and meet the others, both sides’ changes are merged.',
        ['offline'],
      ),
      card(
        'See who is here',
        'The pill at the top says how things stand: who is connected, and whether anything is saved only here.',
        ['together'],
      ),
    ),
    column(
      'Done',
      card(
        'Open the board',
        'There was no account to make and nothing was uploaded. This board lives in your browser, and in the browsers of the people you share it with.\n\nThat also means: while it is only here, clearing this browser’s data removes it. A second device is a second copy.',
      ),
    ),
  ],
  blank: [column('To do'), column('Doing'), column('Done')],
  team: [
    column(
      'Ideas',
      card('Write down anything worth doing', 'Short is fine. Details can wait until somebody picks it up.'),
    ),
    column(
      'Next',
      card('Agree on what comes next', 'Keep this column short: the top card is the next one to start.'),
    ),
    column(
      'In progress',
      card('Put your name on what you start', 'Assign yourself, so that nobody does it twice.'),
    ),
    column('Review'),
    column('Done'),
  ],
  sprint: [
    column('Backlog', card('Collect stories here, the most valuable on top')),
    column(
      'This sprint',
      card('Sprint goal', 'What will be true at the end that is not true today?', ['goal']),
    ),
    column('In progress'),
    column('In review'),
    column(
      'Done',
      card('What does “done” mean for us?', 'For example: reviewed, tested, written down, shipped.'),
    ),
  ],
  bugs: [
    column(
      'Reported',
      card(
        'Example: what went wrong, in one line',
        'What I did:\n\nWhat I expected:\n\nWhat happened instead:\n\nWhere (version, browser, device):',
      ),
    ),
    column('Confirmed'),
    column('Fixing'),
    column('Fixed, to be checked'),
    column('Closed'),
  ],
  personal: [
    column('Today', card('Pick three things, not ten')),
    column('This week'),
    column('Some day'),
    column('Done', card('Start a list')),
  ],
};

/** The columns and cards of a template. */
export function templateColumns(name: TemplateName): readonly TemplateColumn[] {
  return TEMPLATES[name];
}

/**
 * Fills a board from a template and names it, in one transaction with the origin {@link BEGINNING} (or the caller's).
 * `ids`: the columns made. A bad title is refused before anything is written.
 */
export function applyTemplate(
  doc: Y.Doc,
  name: TemplateName,
  title: string,
  context: CommandContext,
): Result<CommandOutcome, CommandRefusal> {
  const checked = checkTitle(title);
  if (!checked.ok) return checked;
  const { columns, cards } = boardRoots(doc);
  const added = TEMPLATES[name].reduce((sum, { cards: inColumn }) => sum + inColumn.length, 0);
  if (columns.size + TEMPLATES[name].length > MAX_COLUMNS || cards.size + added > MAX_CARDS) {
    return refuse('tooManyItems');
  }
  const run = (command: BoardCommand): string => {
    const result = runCommand(doc, command, context);
    invariant(result.ok, 'a template only asks for what every board allows');
    return result.value.ids[0] ?? '';
  };
  const ids: string[] = [];
  doc.transact(() => {
    run({ type: 'renameBoard', title });
    for (const { title: columnTitle, cards: inColumn } of templateColumns(name)) {
      const columnId = run({ type: 'addColumn', title: columnTitle });
      ids.push(columnId);
      for (const { title: cardTitle, changes } of inColumn) {
        const cardId = run({ type: 'addCard', columnId, title: cardTitle });
        if (changes !== undefined) run({ type: 'updateCard', cardId, changes });
      }
    }
  }, BEGINNING);
  return ok({ ids });
}
