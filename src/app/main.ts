/** Entry of the page: assembles the tab, opens the right board, shows the screens, publishes the scripting interface. */
import { isInviteFragment } from '../runtime/invitations.ts';
import { CodedError } from '../runtime/coded-error.ts';
import { invariant } from '../kernel/invariant.ts';
import { mountApp, mountTrouble } from '../ui/app-shell.ts';
import { loadLateParts } from '../ui/late-screens.ts';
import type { Application } from './application.ts';
import { assemble } from './assemble.ts';
import { EngineLoader } from './engine-loader.ts';
import { isScratchLink } from '../scratch/scratch-link.ts';
import { createScripting, type Tabswarm } from './scripting.ts';

declare global {
  var tabswarm: Tabswarm;
}

/** Which board this tab showed last, so that a reload without an address shows it again. */
const LAST_BOARD_KEY = 'tabswarm/last-board';
const BOARD_ROUTE = /^#\/b\/([0-9a-f]{64}|scratch-[0-9a-f]{32})/;
const HOME_ROUTE = '#/';
const UNAVAILABLE: ReadonlySet<string> = new Set(['scratchUnavailable', 'engineUnavailable']);

let running: Application | undefined;

/** Shows the screens, once: as soon as there is something of a board to look at, or when the start is over. */
let isMounted = false;
function mount(application: Application): void {
  if (isMounted) return;
  isMounted = true;
  mountApp(document.body, application);
}

async function start(): Promise<Application> {
  const engine = new EngineLoader();
  // Whoever needs it hears why it is not here.
  const loaded = Promise.allSettled([engine.load(), loadLateParts()]);
  const { application } = await assemble(engine);
  running = application;
  application.on('preview', (boardId) => {
    if (!isMounted && typeof boardId === 'string' && location.hash === '')
      history.replaceState(null, '', `#/b/${boardId}`);
    mount(application);
  });
  application.on('open', (boardId) => {
    if (typeof boardId === 'string') remember(boardId);
  });
  await openFirstBoard(application);
  // Nothing that people or scripts do from here on waits for code, even when the server goes away.
  await loaded;
  return application;
}

/** An invite waits for the person; an address names its board; otherwise the last one, or a sample for a newcomer. */
async function openFirstBoard(application: Application): Promise<void> {
  const { hash } = location;
  if (isInviteFragment(hash) || isScratchLink(hash) || hash === HOME_ROUTE) return;
  const named = BOARD_ROUTE.exec(hash)?.[1];
  const boards = application.boards();
  if (named !== undefined) {
    if (boards.some(({ boardId }) => boardId === named)) await openIfPossible(application, named);
    return;
  }
  const last = recall();
  const first = boards.find(({ boardId }) => boardId === last) ?? boards[0];
  const boardId =
    first?.boardId ??
    (await application.createBoard({ title: 'My first board', template: 'welcome' })).boardId;
  if (first !== undefined) await openIfPossible(application, boardId);
  history.replaceState(null, '', `#/b/${boardId}`);
}

/** What a board needs may not be here while the server is away; everything else works, and its screen says so. */
async function openIfPossible(application: Application, boardId: string): Promise<void> {
  try {
    await application.openBoard(boardId);
  } catch (error) {
    if (!(error instanceof CodedError) || !UNAVAILABLE.has(error.code)) throw error;
  }
}

function remember(boardId: string): void {
  try {
    localStorage.setItem(LAST_BOARD_KEY, boardId);
  } catch {
    // Only a convenience: Home lists the boards.
  }
}

function recall(): string | null {
  try {
    return localStorage.getItem(LAST_BOARD_KEY);
  } catch {
    return null;
  }
}

const starting = start();
globalThis.tabswarm = createScripting(starting, () => {
  invariant(running !== undefined, 'await tabswarm.ready first');
  return running;
});

starting.then(
  mount,
  // The screens tell by themselves what is wrong with a board.
  (error: unknown) => {
    if (!isMounted) mountTrouble(document.body, error instanceof CodedError ? error.code : 'internalError');
  },
);
