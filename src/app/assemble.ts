/** Puts one tab together: platform, disk, keys, links, participant, application. */
import { fromUtf8, toHex, type Bytes } from '../kernel/bytes.ts';
import type { BoardId } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import { randomFrom } from '../kernel/random.ts';
import { CodedError } from '../runtime/coded-error.ts';
import { BoardShelf } from '../runtime/board-shelf.ts';
import { createClock, startTimerWorker, visibilityOf } from '../runtime/clock.ts';
import { createVerifier, randomBytes } from '../runtime/crypto.ts';
import { VerifyDesk } from '../runtime/verify-desk.ts';
import { loadIdentity, renewPeer, type IdentityOptions } from '../runtime/keys.ts';
import { watchLifecycle } from '../runtime/lifecycle.ts';
import { NAME_KEY, Participant } from '../runtime/participant.ts';
import { checkPlatform } from '../runtime/platform.ts';
import type { SessionEdges } from '../runtime/session.ts';
import { wasReloaded } from '../runtime/slots.ts';
import { storageCode } from '../runtime/storage-code.ts';
import { Trace } from '../runtime/trace.ts';
import { isScratchId } from '../scratch/scratch-link.ts';
import { ScratchShelf } from '../scratch/scratch-shelf.ts';
import { openStorage, type Storage } from '../storage/open-storage.ts';
import type { ConnectionBudget } from '../transport/connection-budget.ts';
import type { Links } from '../transport/links.ts';
import type { PageConnections } from '../transport/page-connections.ts';
import type { TransportEvent } from '../transport/trace.ts';
import { Application } from './application.ts';
import type { EngineLoader, LoadedEngine } from './engine-loader.ts';
import { inventName } from './names.ts';
import { openProfileChannel, type ProfileNews } from './profile-channel.ts';
import { ScratchDesk, type ScratchDeskOptions } from './scratch-desk.ts';
import { loadServerConfig, type ServerConfig } from './server-config.ts';

declare const __APP_VERSION__: string;

/** Everything a running tab consists of. */
export interface Assembled {
  readonly application: Application;
  readonly participant: Participant;
}

/** Starts the tab; `engine` is being loaded meanwhile. Rejects with a CodedError when this browser cannot run it. */
export async function assemble(engine: EngineLoader): Promise<Assembled> {
  const platform = await checkPlatform(globalThis);
  if (!platform.ok) throw new CodedError(platform.code);
  const clock = createClock(startTimerWorker(), visibilityOf(document));
  const trace = new Trace();
  const started: { application?: Application } = {};
  const storage = await openStorage({
    clock,
    manager: navigator.storage,
    onState: () => started.application?.heard('storage', undefined),
    onFailure: (code, cause) => trace.record(clock.now(), 'storage failure', undefined, `${code} ${cause}`),
  });
  if (storage.state === 'blocked' || storage.state === 'newerVersion') throw new CodedError(storage.state);
  const [config, { shelf, failure }] = await Promise.all([
    loadServerConfig(location.href),
    BoardShelf.load(storage.store),
  ]);
  if (failure !== undefined) throw new CodedError(storageCode(failure));
  const identityOptions: IdentityOptions = {
    keys: storage.keys,
    store: storage.store,
    locks: navigator.locks,
    session: tabMemory(),
    isReload: wasReloaded(performance),
    clock,
  };
  const identity = await loadIdentity(identityOptions);
  const linksInUse = new Set<Links>();
  const verifier = new VerifyDesk(createVerifier(), clock);
  const participant: Participant = new Participant({
    engine: () => engine.load(),
    identity,
    renewIdentity: (old) => renewPeer(identityOptions, old),
    shelf,
    name: await storedName(storage),
    edges: {
      ...{ version: __APP_VERSION__, store: storage.store },
      verifier,
      clock,
      trace,
      createLinks: linksOf(config, engine, linksInUse, trace, () => participant),
    },
    onEvent: (event, detail) => {
      if (event === 'returned' && typeof detail === 'string')
        profile.tell({ kind: 'returned', boardId: detail });
      if (event === 'left') profile.tell({ kind: 'erased', boardId: detail as never });
      else started.application?.heard(event, detail);
    },
  });
  const scratch = await openScratchDesk({
    shelf: new ScratchShelf(storage.store),
    store: storage.store,
    clock,
    random: randomFrom(toHex(randomBytes(32))),
    server: config,
    self: () => ({ memberId: participant.identity.memberId, name: participant.name }),
    onEvent: (event, detail) => started.application?.heard(event, detail),
    onErased: (boardId) => profile.tell({ kind: 'erased', boardId }),
  });
  const profile = openProfileChannel((news) => {
    heedProfile(news, participant, scratch);
  });
  followLifecycle(participant, scratch, linksInUse);
  const application = new Application(participant, scratch, storage, verifier, engine, {
    baseUrl: () => location.origin + location.pathname,
    pairing: () => [...linksInUse].at(-1)?.pair,
  });
  started.application = application;
  return { application, participant };
}

/** Another tab of this profile has changed what is on the disk. */
function heedProfile(news: ProfileNews, participant: Participant, scratch: ScratchDesk): void {
  if (news.kind === 'boards') void Promise.all([participant.refreshBoards(), scratch.reload()]);
  else if (news.kind === 'returned') {
    if (participant.session?.boardId === news.boardId) void participant.session.returned.load();
  } else if (isScratchId(news.boardId)) void scratch.erasedElsewhere(news.boardId);
  else void participant.erasedElsewhere(news.boardId as BoardId);
}

async function openScratchDesk(options: ScratchDeskOptions): Promise<ScratchDesk> {
  const desk = new ScratchDesk(options);
  await desk.reload();
  return desk;
}

function linksOf(
  config: ServerConfig,
  loader: EngineLoader,
  inUse: Set<Links>,
  trace: Trace,
  participant: () => Participant,
): SessionEdges['createLinks'] {
  let page: { readonly connections: PageConnections; readonly budget: ConnectionBudget } | undefined;
  return (keys, carrier, { verifier, clock }) => {
    const { engine } = loader;
    invariant(engine !== undefined, 'what opens a board is here');
    page ??= pageOf(engine);
    const { connections, budget } = page;
    const links = engine.createLinks({
      self: participant().identity.peerSigner,
      verifier,
      clock,
      topic: keys.topic,
      signalKey: keys.signalKey,
      signalingUrl: config.signalingUrl,
      iceServers: config.iceServers,
      carrier,
      createConnection: connections.create,
      budget,
      randomBytes,
      trace: (event) => recordTransport(trace, clock.now(), event),
    });
    inUse.clear();
    inUse.add(links);
    return links;
  };
}

/** The page's connections are counted together, whatever board they are for. */
function pageOf(engine: LoadedEngine): {
  readonly connections: PageConnections;
  readonly budget: ConnectionBudget;
} {
  const connections = engine.pageConnections();
  return { connections, budget: new engine.ConnectionBudget(() => connections.held()) };
}

function recordTransport(trace: Trace, at: Parameters<Trace['record']>[0], event: TransportEvent): void {
  const { kind, ...rest } = event;
  const peer = 'peer' in rest ? rest.peer : undefined;
  const detail = Object.entries(rest)
    .filter(([name]) => name !== 'peer')
    .map(([name, value]) => `${name}=${String(value)}`);
  trace.record(at, kind, peer, detail.join(' '));
}

function followLifecycle(participant: Participant, scratch: ScratchDesk, inUse: ReadonlySet<Links>): void {
  const nudge = (): void => {
    for (const links of inUse) links.nudge();
  };
  watchLifecycle(
    { window, document },
    {
      leaving: (isCached) => {
        participant.identity.slot?.leaving();
        // A page in the back-forward cache holds no links, and starts anew when it is shown again.
        participant.stop();
        scratch.stop();
        if (!isCached) participant.identity.slot?.release();
      },
      returned: () => location.reload(),
      frozen: () => participant.session?.sleeping(),
      resumed: () => {
        participant.session?.woke(0);
        nudge();
      },
      visible: (isVisible) => {
        if (isVisible) nudge();
      },
      networkMayHaveChanged: nudge,
    },
  );
}

async function storedName(storage: Storage): Promise<string> {
  const read = await storage.store.read('meta', NAME_KEY);
  const bytes: Bytes | undefined = read.ok ? read.value : undefined;
  if (bytes !== undefined && bytes.length > 0) return fromUtf8(bytes);
  const name = inventName(randomFrom(toHex(randomBytes(16))));
  // Best effort: a name that is not kept is invented again.
  await storage.store.write([
    { op: 'put', store: 'meta', key: NAME_KEY, value: new TextEncoder().encode(name) },
  ]);
  return name;
}

/** sessionStorage, where the person allows it. */
function tabMemory(): globalThis.Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
