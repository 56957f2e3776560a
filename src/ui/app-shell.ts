import { css, html, LitElement, type nothing, type TemplateResult } from 'lit';
import type { BoardSnapshot } from '../board/snapshot.ts';
import { boardText } from './board/board-text.ts';
import { pillState } from './board/pill-state.ts';
import { TsToasts } from './elements/toast.ts';
import { codeOf, errorLine, errorText } from './error-texts.ts';
import { governingTexts as words } from './governing-texts.ts';
import type { DecisionStatus } from './decision-ports.ts';
import { isUnderWay } from './joining.ts';
import { LateScreens } from './late-screens.ts';
import { keepPeople, peopleOf, type People } from './people.ts';
import type { AppPort, BoardSummary, JoinProgress, Status } from './ports.ts';
import { boardOfRoute, navigate, onRoute, parseRoute, type Route } from './router.ts';
import { saveFile } from './save-file.ts';
import type { TsHomeScreen } from './screens/home.ts';
import { TsTroubleScreen } from './screens/trouble.ts';
import { baseStyles, buttonStyles } from './styles/shared.ts';
import { texts } from './texts.ts';
import { applyTheme } from './theme.ts';
import { nextFrame, pause } from './next-frame.ts';
import { detailOf } from './ui-event.ts';
import './elements/returned.ts';
import './screens/board.ts';

/**
 * Before a frame is asked for, ms: an edit is signed, written and sent meanwhile. A frame takes the page for about as long, and would come first: the answer of the disk waited behind it.
 * Guess: half a frame, which nobody sees.
 */
const WORK_FIRST_MS = 8;
/** Least time between two looks at the status, ms. Origin: guess; nobody reads faster. */
const STATUS_PAUSE_MS = 150;

/** The whole application on screen: listens to the application's events, follows the route, shows toasts, speaks. */
export class TsApp extends LitElement {
  static override properties = {
    app: { attribute: false },
    route: { state: true },
    status: { state: true },
    snapshot: { state: true },
    boards: { state: true },
    progress: { state: true },
    writeFailed: { state: true },
    openProblem: { state: true },
    spoken: { state: true },
  };
  declare app: AppPort;
  declare route: Route;
  declare status: Status;
  declare snapshot: BoardSnapshot | null;
  declare boards: readonly BoardSummary[];
  declare progress: JoinProgress | null;
  declare writeFailed: boolean;
  declare openProblem: string | null;
  declare spoken: string;
  #people: People = peopleOf([]);
  #statusPause: ReturnType<typeof setTimeout> | undefined;
  #statusMissed = false;
  readonly #late = new LateScreens(this);
  #unsubscribe: (() => void)[] = [];
  #opening: string | null = null;
  #makingFull = false;
  /** Others were here since the board was opened. Without that, and without work that waited for them, nobody is "back". */
  #wasLive = false;
  #wasAway = false;

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: block;
      }
      .opening {
        display: grid;
        gap: 0.8rem;
        justify-items: center;
        padding: 30vh 1.5rem 0;
        text-align: center;
        color: var(--ink-soft);
      }
      .opening b {
        color: var(--ink);
      }
    `,
  ];

  override connectedCallback(): void {
    const { app } = this;
    this.route = parseRoute(location.href);
    this.status = app.status();
    this.snapshot = app.board.snapshot();
    this.boards = app.boards();
    this.progress = app.joinProgress();
    this.writeFailed = false;
    this.openProblem = null;
    this.spoken = '';
    this.#people = peopleOf(this.status.members);
    super.connectedCallback();
    this.#subscribe(app);
    if (this.status.boardId !== null) this.#preloadDecisions();
    this.#followRoute(location.hash === '');
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#unsubscribe) stop();
    this.#unsubscribe = [];
    clearTimeout(this.#statusPause);
    this.#statusPause = undefined;
  }

  /**
   * Draws once a frame, however many events come, and not the very next one. Drawing at once would stand between an edit and its way to disk and to the others:
   * measured, an edit took 9 ms to be durable instead of 4.
   */
  protected override async scheduleUpdate(): Promise<void> {
    await pause(WORK_FIRST_MS);
    await nextFrame();
    await super.scheduleUpdate();
  }

  #subscribe(app: AppPort): void {
    this.#unsubscribe = [
      onRoute(() => {
        this.route = parseRoute(location.href);
        this.#followRoute(false);
      }),
      app.on('board', () => {
        this.snapshot = app.board.snapshot();
        // Undo and redo become possible without the snapshot itself having to differ.
        this.requestUpdate();
      }),
      app.on('preview', () => {
        this.requestUpdate();
      }),
      app.on('status', () => {
        this.#statusChanged();
      }),
      app.on('boards', () => {
        this.boards = app.boards();
      }),
      app.on('join', () => {
        this.progress = app.joinProgress();
        // A script may have joined while its tab showed an invite.
        if (this.progress?.phase === 'done' && this.route.screen === 'join') this.#onOpened();
      }),
      app.on('open', () => {
        this.#onOpened();
      }),
      app.on('decision', (detail) => {
        this.#onDecision(detail);
      }),
      app.on('trouble', (detail) => {
        // A tab that forked itself has a notice of its own.
        if (codeOf(detail) === 'equivocation' && app.status().barred !== null) return;
        this.#toasts()?.show({
          text: errorLine(typeof detail === 'string' ? detail : codeOf(detail)),
          kind: 'bad',
        });
      }),
    ];
  }

  /** What this person asked for and the group did not do, is said: it was signed here, perhaps long ago. */
  #onDecision(detail: unknown): void {
    const { own, refusal } = detail as DecisionStatus;
    if (own && refusal !== null) this.#toasts()?.show({ text: errorLine(refusal), kind: 'bad' });
  }

  /** At once after a quiet time; while a swarm forms the status changes at every message, and is looked at now and then. */
  #statusChanged(): void {
    if (this.#statusPause !== undefined) {
      this.#statusMissed = true;
      return;
    }
    this.#onStatus(this.app.status());
    this.#statusPause = setTimeout(() => {
      this.#statusPause = undefined;
      if (this.#statusMissed) this.#statusChanged();
    }, STATUS_PAUSE_MS);
    this.#statusMissed = false;
  }

  #onStatus(status: Status): void {
    this.status = status;
    this.#people = keepPeople(this.#people, status.members);
    if (status.pending.unsaved === 0 && status.storage.state === 'ok') this.writeFailed = false;
    const { kind } = pillState(status, this.writeFailed);
    if (kind === 'live') this.#wasLive = true;
    else if (kind === 'offline') this.#wasAway = this.#wasLive || (status.pending.unacknowledged ?? 0) > 0;
    if (kind !== 'live' || !this.#wasAway) return;
    this.#wasAway = false;
    const names = status.members
      .filter((member) => member.online && !member.self)
      .map((member) => member.name);
    const text =
      names.length === 0 ? texts.backOnline : texts.backWith(new Intl.ListFormat('en').format(names));
    this.#toasts()?.show({ text });
  }

  /** Whoever opened a board (a person, a script, another screen), the address follows. */
  #onOpened(): void {
    const { boardId } = this.app.status();
    this.#wasLive = false;
    this.#wasAway = false;
    this.#onStatus(this.app.status());
    this.snapshot = this.app.board.snapshot();
    this.boards = this.app.boards();
    const { route } = this;
    const shows = boardOfRoute(route);
    if (boardId !== null) this.#preloadDecisions();
    if (boardId === null) {
      if (shows !== null && this.#opening === null) navigate({ screen: 'home' }, 'replace');
    } else if (
      boardId !== shows &&
      boardId !== this.#opening &&
      !(route.screen === 'join' && isUnderWay(this.app.joinProgress())) &&
      !this.#leaving()
    ) {
      // An invite is to stay nowhere, not in the history either.
      navigate({ screen: 'board', boardId }, route.screen === 'join' ? 'replace' : 'push');
    }
  }

  /** Home opens a board for a moment to leave it; the person stays on Home. */
  #leaving(): boolean {
    return this.renderRoot.querySelector<TsHomeScreen>('ts-home-screen')?.busyLeaving === true;
  }

  /** Opens the board a route names. `first`: the very first visit without any address goes to the last open board. */
  #followRoute(first: boolean): void {
    const { route } = this;
    const open = this.app.status().boardId;
    if (route.screen === 'home' && first && open !== null) {
      navigate({ screen: 'board', boardId: open }, 'replace');
      return;
    }
    const named = boardOfRoute(route);
    if (named !== null && named !== open) void this.#open(named);
    if (this.#late.problem !== null) void this.#late.load('parts');
    if (route.screen === 'decisions') void this.#late.load('decisions');
  }

  #preloadDecisions(): void {
    if (this.status.scratch === undefined) this.#late.preloadDecisions();
  }

  async #open(boardId: string): Promise<void> {
    if (this.#opening === boardId) return;
    this.#opening = boardId;
    this.openProblem = null;
    try {
      await this.app.openBoard(boardId);
    } catch (reason) {
      this.openProblem = codeOf(reason);
    } finally {
      if (this.#opening === boardId) this.#opening = null;
      this.snapshot = this.app.board.snapshot();
      this.#onStatus(this.app.status());
    }
  }

  #toasts(): TsToasts | null {
    const element = this.renderRoot.querySelector('ts-toasts');
    return element instanceof TsToasts ? element : null;
  }

  #onToast = (event: Event): void => {
    this.#toasts()?.show(detailOf('ts-toast', event));
  };

  #onEdited = (): void => {
    this.#toasts()?.dropActions();
  };

  #onWriteFailed = (): void => {
    this.writeFailed = true;
  };

  #onAnnounce = (event: Event): void => {
    const { text } = detailOf('ts-announce', event);
    // The same words twice are spoken twice only if the text differs.
    this.spoken = text === this.spoken ? `${text}\u00a0` : text;
  };

  #onMakeFull = (): void => {
    if (this.#makingFull) return;
    this.#makingFull = true;
    this.app
      .makeFullBoard()
      .then(
        ({ boardId }) => {
          navigate({ screen: 'board', boardId });
          this.#toasts()?.show({ text: texts.scratchMadeFull });
        },
        (reason: unknown) => this.#toasts()?.show({ text: errorLine(codeOf(reason)), kind: 'bad' }),
      )
      .finally(() => {
        this.#makingFull = false;
      });
  };

  #onRenewKey = (): void => {
    // The board is closed and opened again meanwhile; the person stays where they are.
    this.#opening = this.app.status().boardId;
    this.app.govern
      .renewKey()
      .then(
        () => this.#toasts()?.show({ text: words.renewed }),
        (reason: unknown) => this.#toasts()?.show({ text: errorLine(codeOf(reason)), kind: 'bad' }),
      )
      .finally(() => {
        this.#opening = null;
        this.#onStatus(this.app.status());
      });
  };

  #onCopyBoard = (): void => {
    if (this.snapshot === null) return;
    const text = boardText(this.snapshot, this.#people);
    navigator.clipboard.writeText(text).then(
      () => this.#toasts()?.show({ text: words.boardCopied }),
      // Nothing may be copied here: then the text itself is shown, to be copied by hand.
      () => this.#toasts()?.show({ text, stays: true }),
    );
  };

  #onSaveRecording = (): void => {
    const bytes = this.app.recorder.export();
    if (bytes !== null) saveFile('tabswarm.recording', bytes, 'application/octet-stream');
  };

  #boardScreen(route: Route): TemplateResult {
    const boardId = boardOfRoute(route) ?? '';
    if (this.openProblem !== null) return this.#problem(this.openProblem, '#/', texts.allBoards);
    const isOpen = this.snapshot !== null && this.status.boardId === boardId;
    const preview = isOpen || route.screen !== 'board' ? null : this.app.board.preview();
    const snapshot = isOpen ? this.snapshot : preview?.boardId === boardId ? preview.snapshot : null;
    if (snapshot === null) {
      return html`<main class="opening"><p>${texts.openingBoard}</p></main>`;
    }
    if (route.screen === 'decisions') return this.#decisionsScreen(snapshot);
    if (route.screen === 'share') {
      return this.#late.isHere('ts-share-screen')
        ? html`<ts-share-screen
            .app=${this.app}
            .status=${this.status}
            .people=${this.#people}
            .boardTitle=${snapshot.title || texts.untitled}
            .writeFailed=${this.writeFailed}
          ></ts-share-screen>`
        : this.#waitingFor(texts.backToBoard);
    }
    return html`<ts-board-screen
      .app=${this.app}
      .snapshot=${snapshot}
      .status=${isOpen ? this.status : { ...this.status, boardId, role: null }}
      .people=${this.#people}
      .writeFailed=${this.writeFailed}
      .undoable=${this.app.board.canUndo()}
      .redoable=${this.app.board.canRedo()}
    ></ts-board-screen>`;
  }

  #problem(code: string, back: string, label: string): TemplateResult {
    const { what, todo } = errorText(code);
    return html`<main class="opening" role="alert">
      <b>${what}</b>
      <p>${todo}</p>
      <a class="button" href=${back}>${label}</a>
    </main>`;
  }

  /** In place of a screen whose code is not here. */
  #waitingFor(way: string): TemplateResult {
    const { problem } = this.#late;
    if (problem !== null) return this.#problem(problem, `#/b/${this.status.boardId ?? ''}`, way);
    return html`<main class="opening"><p>${texts.openingBoard}</p></main>`;
  }

  #decisionsScreen(snapshot: BoardSnapshot): TemplateResult {
    if (!this.#late.isHere('ts-decisions-screen')) return this.#waitingFor(texts.backToBoard);
    return html`<ts-decisions-screen
      .app=${this.app}
      .status=${this.status}
      .people=${this.#people}
      .board=${snapshot}
      .boardTitle=${snapshot.title || texts.untitled}
      .writeFailed=${this.writeFailed}
    ></ts-decisions-screen>`;
  }

  #screen(): TemplateResult | typeof nothing {
    const { route } = this;
    switch (route.screen) {
      case 'home':
        if (this.#late.problem !== null && !this.#late.isHere('ts-home-screen'))
          return this.#problem(this.#late.problem, '#/', texts.tryAgain);
        return html`<ts-home-screen
          .app=${this.app}
          .boards=${this.boards}
          .status=${this.status}
        ></ts-home-screen>`;
      case 'join':
        return html`<ts-join-screen
          .app=${this.app}
          .status=${this.status}
          .url=${route.url}
          .progress=${this.progress}
        ></ts-join-screen>`;
      case 'board':
      case 'share':
      case 'decisions':
        return this.#boardScreen(route);
    }
  }

  override updated(): void {
    const title = this.route.screen === 'home' || this.snapshot === null ? null : this.snapshot.title;
    document.title = title === null || title === '' ? texts.appName : `${title} · ${texts.appName}`;
  }

  override render(): TemplateResult {
    return html`<div
        @ts-toast=${this.#onToast}
        @ts-edited=${this.#onEdited}
        @ts-write-failed=${this.#onWriteFailed}
        @ts-announce=${this.#onAnnounce}
        @ts-make-full=${this.#onMakeFull}
        @ts-renew-key=${this.#onRenewKey}
        @ts-copy-board=${this.#onCopyBoard}
        @ts-save-recording=${this.#onSaveRecording}
      >
        ${this.#screen()}
      </div>
      <div class="hidden-text" aria-live="polite">${this.spoken}</div>
      <ts-toasts></ts-toasts>`;
  }
}

customElements.define('ts-app', TsApp);

/** Puts the application on a page. `app` must be ready; the shell follows its events from here on. */
export function mountApp(parent: HTMLElement, app: AppPort): TsApp {
  applyTheme();
  const shell = new TsApp();
  shell.app = app;
  parent.append(shell);
  return shell;
}

/** Puts up the one screen of a failed start; `code` (see error-texts.ts) chooses its words. */
export function mountTrouble(parent: HTMLElement, code: string): void {
  applyTheme();
  const screen = new TsTroubleScreen();
  screen.code = code;
  parent.append(screen);
}
