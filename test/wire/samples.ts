/**
 * One value of every kind that travels or is stored, the same bytes at every call: keys come from fixed seeds, and Ed25519 signatures
 * are deterministic (RFC 8032, section 5.1.6), so what is frozen is really signed.
 */
import * as Y from 'yjs';
import { concatBytes, fromBase64Url, fromHex, toHex, utf8, type Bytes } from '../../src/kernel/bytes.ts';
import { encodeWith } from '../../src/kernel/codec.ts';
import { digest, digestBytes } from '../../src/kernel/hash.ts';
import { memberIdFrom, peerIdFrom, type BoardId, type PeerId } from '../../src/kernel/ids.ts';
import { encodeDecree, type Decree } from '../../src/identity/decrees.ts';
import {
  admissionCodec,
  admissionToSign,
  capabilityCodec,
  capabilityToSign,
  type Admission,
  type Capability,
} from '../../src/identity/admission.ts';
import { boardIdOf, encodeGenesis, genesisToSign, type Genesis } from '../../src/identity/genesis.ts';
import { inviteFragment } from '../../src/identity/invite-link.ts';
import { linkProofToSign, type LinkProofBody } from '../../src/identity/link-proof.ts';
import {
  peerCertificateCodec,
  peerCertificateToSign,
  type PeerCertificate,
} from '../../src/identity/peer-certificate.ts';
import { PROTOCOL_VERSION } from '../../src/node/limits.ts';
import {
  broadcastCodec,
  type Broadcast,
  type Said,
  nodeMessageCodec,
  type Hello,
  type NodeMessage,
} from '../../src/node/messages.ts';
import {
  announcementToSign,
  gossipId,
  originOf,
  pulseToSign,
  silenceToSign,
  type OverlayMessage,
} from '../../src/overlay/messages.ts';
import {
  clientIdOf,
  entryToSign,
  hashEntry,
  NO_HASH,
  sealEntry,
  type Entry,
  type EntryHeader,
} from '../../src/replication/entry.ts';
import { encodeForkProof, proveFork, type ForkProof } from '../../src/replication/forks.ts';
import { presenceCodec, type Presence } from '../../src/replication/presence.ts';
import { encodeBoardRecord } from '../../src/runtime/board-record.ts';
import { deriveBoardKeys, signWithSeed } from '../../src/runtime/crypto.ts';
import type { Candidate, Description } from '../../src/transport/description.ts';
import { encodeFrame, type Part } from '../../src/transport/frames.ts';
import { encodeNote, type PairingNote } from '../../src/transport/pairing-code.ts';
import { createSealer } from '../../src/transport/sealing.ts';
import { encodeSignal, type SignalBody } from '../../src/transport/signals.ts';
import { consensusSamples } from './consensus-samples.ts';
import { checkpointMessages, headsOf, shownCheckpoint, storedCheckpoints } from './checkpoint-samples.ts';

const CREATED_AT = 1_760_000_000_000;

const PRESENCES = {
  title: { cardId: 'k3v9qx0m2b7d', doing: 'title' },
  open: { cardId: 'a'.repeat(64), doing: 'open' },
} as const satisfies Record<string, Presence>;

/** Bytes that depend on `label` alone. */
const fixed = (label: string, length = 32): Bytes => digestBytes('test/wire', utf8(label)).slice(0, length);

interface Key {
  readonly publicKey: Bytes;
  sign(body: Bytes): Promise<Bytes>;
}

/** The key pair of a seed that depends on `label` alone. */
async function keyOf(label: string): Promise<Key & { readonly seed: Bytes }> {
  const seed = fixed(`seed of ${label}`);
  // PKCS#8 of an Ed25519 private key up to its seed (RFC 8410 section 7).
  const wrapped = concatBytes(fromHex('302e020100300506032b657004220420'), seed);
  const key = await crypto.subtle.importKey('pkcs8', wrapped, 'Ed25519', true, ['sign']);
  const publicKey = fromBase64Url((await crypto.subtle.exportKey('jwk', key)).x ?? '');
  if (publicKey === undefined) throw new Error('WebCrypto exported no public key');
  return { seed, publicKey, sign: (body) => signWithSeed(seed, body) };
}

/** The keys of the seats of a committee. */
export async function frozenSeats(): Promise<readonly Key[]> {
  return Promise.all(['seat 0', 'seat 1', 'seat 2', 'seat 3'].map(keyOf));
}

async function issueCertificate(member: Key, tab: Key, slot: number, name: string): Promise<PeerCertificate> {
  const unsigned = { member: memberIdFrom(member.publicKey), peer: peerIdFrom(tab.publicKey), slot, name };
  return { ...unsigned, signature: await member.sign(peerCertificateToSign(unsigned)) };
}

async function issueAdmission(capability: Capability, inviteKey: Key, member: Key): Promise<Admission> {
  const applicant = memberIdFrom(member.publicKey);
  const proof = await inviteKey.sign(admissionToSign(capability.board, applicant));
  return { capability, member: applicant, proof };
}

/** Ada creates a board and invites Bea; each has one tab. */
async function makeCast() {
  const [ada, adaTab, bea, beaTab, inviteKey] = await Promise.all([
    keyOf('ada'),
    keyOf('tab of ada'),
    keyOf('bea'),
    keyOf('tab of bea'),
    keyOf('invite'),
  ]);
  const creator = memberIdFrom(ada.publicKey);
  const body = { creator, electorate: 'member', createdAt: CREATED_AT, nonce: fixed('nonce', 16) } as const;
  const genesis: Genesis = { ...body, signature: await ada.sign(genesisToSign(body)) };
  const unsigned = {
    board: boardIdOf(genesis),
    issuer: creator,
    inviteKey: inviteKey.publicKey,
    role: 'editor',
    uses: 300,
    expiresAt: CREATED_AT + 604_800_000,
    boardTitle: 'Garden plan – Größe 🌱',
    issuerName: 'Ada',
  } as const;
  const capability: Capability = { ...unsigned, signature: await ada.sign(capabilityToSign(unsigned)) };
  return {
    board: boardIdOf(genesis),
    genesis,
    capability,
    admission: await issueAdmission(capability, inviteKey, bea),
    adaTab: { key: adaTab, certificate: await issueCertificate(ada, adaTab, 0, 'Ada') },
    beaTab: { key: beaTab, certificate: await issueCertificate(bea, beaTab, 4095, 'Bea Ø') },
    inviteSeed: inviteKey.seed,
  };
}
type Cast = Awaited<ReturnType<typeof makeCast>>;

async function makeEntry(board: BoardId, author: Key, header: Omit<EntryHeader, 'author'>, payload: Bytes) {
  const full: EntryHeader = { author: peerIdFrom(author.publicKey), ...header };
  const hash = hashEntry(board, full, payload);
  return sealEntry({ ...full, payload, hash }, await author.sign(entryToSign(hash)));
}

/** A Yjs update by the client id that the author has to use. */
function makeUpdate(board: BoardId, author: PeerId, session: number): Bytes {
  const doc = new Y.Doc();
  doc.clientID = clientIdOf(board, author, session);
  doc.getMap('cards').set('title', 'Water the plants');
  return new Uint8Array(Y.encodeStateAsUpdate(doc));
}

/** Ada's journal, one entry of each kind, and Bea's claim after it. */
async function makeEntries({ board, adaTab, beaTab, admission }: Cast): Promise<Record<string, Entry>> {
  const author = peerIdFrom(adaTab.key.publicKey);
  const base = { session: 1, heads: [], epoch: 0, wallMs: CREATED_AT + 1000 };
  const claimed = encodeWith(peerCertificateCodec, adaTab.certificate);
  const claim = await makeEntry(
    board,
    adaTab.key,
    { ...base, seq: 1, previous: NO_HASH, kind: 'claim' },
    claimed,
  );
  const admit = await makeEntry(
    board,
    adaTab.key,
    { ...base, seq: 2, previous: claim.hash, kind: 'admit' },
    encodeWith(admissionCodec, admission),
  );
  const joined = await makeEntry(
    board,
    beaTab.key,
    { ...base, session: 65_535, seq: 1, previous: NO_HASH, heads: [admit.hash], kind: 'claim' },
    encodeWith(peerCertificateCodec, beaTab.certificate),
  );
  const update = makeUpdate(board, author, base.session);
  const cut = update.length >> 1;
  const part = await makeEntry(
    board,
    adaTab.key,
    { ...base, seq: 3, previous: admit.hash, heads: [joined.hash], epoch: 2, kind: 'part' },
    update.slice(0, cut),
  );
  const last = await makeEntry(
    board,
    adaTab.key,
    { ...base, seq: 4, previous: part.hash, wallMs: CREATED_AT + 2000, kind: 'update' },
    update.slice(cut),
  );
  const whole = await makeEntry(
    board,
    adaTab.key,
    { ...base, seq: 5, previous: last.hash, wallMs: CREATED_AT + 3000, kind: 'update' },
    update,
  );
  const decrees = await makeDecrees({ board, adaTab, beaTab, admission }, whole, joined);
  return {
    claim,
    admit,
    'claim~with-heads': joined,
    part,
    update: whole,
    'update~last-part': last,
    ...decrees,
  };
}

/** Ada's decrees about Bea. */
async function makeDecrees(
  { board, adaTab, admission }: Pick<Cast, 'board' | 'adaTab' | 'beaTab' | 'admission'>,
  before: Entry,
  joined: Entry,
): Promise<Record<'evict' | 'role' | 'revoke', Entry>> {
  const { member, capability } = admission;
  const base = { session: 1, heads: [], epoch: 0, wallMs: CREATED_AT + 4000 };
  const write = (previous: Entry, decree: Decree): Promise<Entry> =>
    makeEntry(
      board,
      adaTab.key,
      { ...base, seq: previous.seq + 1, previous: previous.hash, kind: decree.kind },
      encodeDecree(decree),
    );
  const role = await write(before, { kind: 'role', member, role: 'viewer' });
  const revoke = await write(role, { kind: 'revoke', inviteKey: capability.inviteKey });
  const cuts = [{ author: joined.author, seq: joined.seq, head: joined.hash }];
  return { role, revoke, evict: await write(revoke, { kind: 'evict', member, cuts }) };
}

/** Ada's two words for one place. */
async function makeFork({ board, adaTab }: Cast): Promise<ForkProof> {
  const header = { session: 1, seq: 2, previous: NO_HASH, heads: [], epoch: 0, kind: 'update' } as const;
  const [one, other] = [
    await makeEntry(board, adaTab.key, { ...header, wallMs: CREATED_AT }, utf8('one')),
    await makeEntry(board, adaTab.key, { ...header, wallMs: CREATED_AT }, utf8('other')),
  ];
  return proveFork(board, one, other);
}

async function makeNodeMessages(
  cast: Cast,
  entries: Record<string, Entry>,
): Promise<Record<string, NodeMessage>> {
  const { genesis, admission, adaTab, beaTab } = cast;
  const [ada, bea] = [adaTab.certificate.peer, beaTab.certificate.peer];
  const version = PROTOCOL_VERSION;
  const hello = (rest: Omit<Hello, 'version'>): NodeMessage => ({ kind: 'hello', version, ...rest });
  const payload = encodeWith(broadcastCodec, { kind: 'entry', bytes: bytesOfEntry(entries, 'update') });
  const heads = headsOf(ada, bea, entries);
  return {
    hello: hello({ certificate: adaTab.certificate, genesis, credential: [], established: true }),
    'hello~newcomer': hello({
      certificate: beaTab.certificate,
      genesis: undefined,
      credential: [admission],
      established: false,
    }),
    farewell: { kind: 'farewell', code: 'inviteExpired' },
    'council.said': { kind: 'council', body: { kind: 'said', ...SAID } },
    'council.askFounding': { kind: 'council', body: { kind: 'askFounding' } },
    ...(await makeOverlayMessages(cast, payload)),
    'replication.digest': {
      kind: 'replication',
      body: {
        kind: 'digest',
        digest: digest('test/wire', utf8('digest')),
        entryCount: 6,
        byteCount: 70_000,
        forks: digest('test/wire', utf8('forks')),
        heads: heads.slice(0, 1),
        checkpoint: shownCheckpoint(heads),
      },
    },
    ...checkpointMessages(heads),
    'replication.frontier': { kind: 'replication', body: { kind: 'frontier', frontier: heads } },
    'replication.pull': { kind: 'replication', body: { kind: 'pull', pull: 3, have: heads.slice(0, 1) } },
    'replication.batch': {
      kind: 'replication',
      body: {
        kind: 'batch',
        pull: 3,
        entries: [bytesOfEntry(entries, 'part'), bytesOfEntry(entries, 'update~last-part')],
        remainingBytes: 1234,
        more: true,
      },
    },
    'replication.ack': {
      kind: 'replication',
      body: { kind: 'ack', held: heads.map(({ author, seq }) => ({ author, seq })) },
    },
    'replication.next': { kind: 'replication', body: { kind: 'next', pull: 3 } },
    'replication.evidence': {
      kind: 'replication',
      body: { kind: 'evidence', proofs: [await makeFork(cast)] },
    },
  };
}

async function makeOverlayMessages(
  { board, adaTab, beaTab }: Cast,
  payload: Bytes,
): Promise<Record<string, NodeMessage>> {
  const [ada, bea] = [adaTab.certificate.peer, beaTab.certificate.peer];
  const others = [peerIdFrom(fixed('contact 1')), peerIdFrom(fixed('contact 2'))];
  const note = encodeWith(presenceCodec, PRESENCES.title);
  const rest = { version: PROTOCOL_VERSION, capabilities: [], note: new Uint8Array(0) };
  const unsigned = { peer: ada, counter: CREATED_AT + 7, neighbours: [ada, bea].sort(), asleep: false };
  const busy = { ...unsigned, ...rest, load: 75, capabilities: ['gpu', 'render/3d'], note };
  const alone = { peer: bea, counter: 1, neighbours: [], asleep: true, ...rest, load: 0 };
  const silence = { suspect: bea, counter: 1, witness: ada };
  const pulse = { root: bea, counter: CREATED_AT + 9 };
  const [id, origin] = [gossipId(payload), originOf(ada)];
  const mention = { id, origin, hops: 4, large: false, age: 9 };
  const routed = { from: ada, to: bea, number: CREATED_AT + 1, ttl: 7 };
  const messages: readonly OverlayMessage[] = [
    { kind: 'introduction', to: bea, ttl: 2, sealed: fixed('sealed') },
    { kind: 'gossip', id, origin, hops: 3, age: 7, lane: 'journal', payload },
    { kind: 'ihave', mentions: [mention, { ...mention, id: gossipId(fixed('large')), large: true }] },
    { kind: 'graft', id, origin, branch: true },
    { kind: 'prune', origin },
    { kind: 'heartbeat', count: 300, echo: 299, heldMs: 998, isProbe: true },
    {
      kind: 'announcements',
      hops: 2,
      announcements: [
        { ...busy, signature: await adaTab.key.sign(announcementToSign(board, busy)) },
        { ...alone, signature: await beaTab.key.sign(announcementToSign(board, alone)) },
      ],
    },
    {
      kind: 'silences',
      silences: [{ ...silence, signature: await adaTab.key.sign(silenceToSign(board, silence)) }],
    },
    { kind: 'pulse', ...pulse, signature: await beaTab.key.sign(pulseToSign(board, pulse)) },
    { kind: 'shuffle', path: [ada, bea], ttl: 5, sample: others },
    { kind: 'shuffleReply', path: [ada], sample: others },
    { kind: 'routed', ...routed, lane: 'bulk', payload: fixed('routed') },
    { kind: 'arrived', ...routed, ttl: 0 },
  ];
  return Object.fromEntries(messages.map((body) => [`overlay.${body.kind}`, { kind: 'overlay', body }]));
}

function bytesOfEntry(entries: Record<string, Entry>, name: string): Bytes {
  const entry = entries[name];
  if (entry === undefined) throw new Error(`no entry ${name}`);
  return entry.bytes;
}

const DESCRIPTION: Description = {
  type: 'offer',
  ufrag: 'LvBo',
  pwd: 'PiSCbsVVGIzdOJJM82f1EKUZ',
  algorithm: 'sha-256',
  fingerprint: fixed('fingerprint'),
  setup: 'actpass',
  mid: '0',
  sctpPort: 5000,
  maxMessageSize: 262_144,
};

const CANDIDATES: readonly Candidate[] = [
  {
    foundation: '1',
    priority: 2_113_937_151,
    address: '192.0.2.7',
    port: 50_000,
    type: 'host',
    related: undefined,
  },
  {
    foundation: '842163049',
    priority: 1_677_729_535,
    address: '2001:db8::7',
    port: 40_000,
    type: 'srflx',
    related: { address: '0f1e2d3c-0000-4000-8000-1234567890ab.local', port: 9 },
  },
];

function makeSignals(): Record<string, SignalBody> {
  const attempt = fixed('attempt', 8);
  const contacts = [peerIdFrom(fixed('contact 1')), peerIdFrom(fixed('contact 2'))];
  return {
    announce: { kind: 'announce', component: undefined },
    'announce~component': { kind: 'announce', component: fixed('component', 16) },
    here: { kind: 'here', component: fixed('component', 8) },
    ask: { kind: 'ask', attempt },
    offer: { kind: 'offer', attempt, description: DESCRIPTION, candidates: CANDIDATES },
    answer: {
      kind: 'answer',
      attempt,
      description: { ...DESCRIPTION, type: 'answer', setup: 'active', maxMessageSize: 0 },
      candidates: [],
    },
    candidates: { kind: 'candidates', attempt, candidates: CANDIDATES },
    refuse: { kind: 'refuse', attempt, reason: 'busy', contacts },
    'refuse~alone': { kind: 'refuse', attempt, reason: 'notMember', contacts: [] },
    bye: { kind: 'bye', attempt, reason: 'timeout' },
  };
}

function makePairingNotes({ adaTab, beaTab }: Cast): Record<string, PairingNote> {
  const attempt = fixed('attempt', 8);
  const expiresAt = CREATED_AT / 1000 + 600;
  const name = '0f1e2d3c-0000-4000-8000-1234567890ab.local';
  const candidates = ['192.0.2.7', '2001:db8::7', name, 'printer-1.local'.replace('printer', 'cafe')].map(
    (address) => ({
      foundation: '1',
      priority: 1,
      address,
      port: 50_000,
      type: 'host' as const,
      related: undefined,
    }),
  );
  const common = { attempt, expiresAt, candidates };
  const answer = { ...DESCRIPTION, type: 'answer', setup: 'active' } as const;
  return {
    offer: { kind: 'offer', from: adaTab.certificate.peer, description: DESCRIPTION, ...common },
    answer: { kind: 'answer', from: beaTab.certificate.peer, description: answer, ...common },
  };
}

/** What the proof in the frozen `auth` frame was made for. */
export function frozenLinkProof(initiator: PeerId, responder: PeerId): LinkProofBody {
  return {
    topic: toHex(fixed('topic', 16)),
    attempt: fixed('attempt', 8),
    initiator,
    responder,
    initiatorFingerprint: `SHA-256 ${Array(32).fill('AB').join(':')}`,
    responderFingerprint: `SHA-256 ${Array(32).fill('CD').join(':')}`,
    byInitiator: true,
  };
}

async function makeFrames({ adaTab, beaTab }: Cast): Promise<Record<string, readonly Part[]>> {
  const proof = frozenLinkProof(adaTab.certificate.peer, beaTab.certificate.peer);
  const signature = await adaTab.key.sign(linkProofToSign(proof));
  const message = utf8('a small message');
  return {
    whole: [{ kind: 'whole', lane: 'control', message }],
    'whole~two': [
      { kind: 'whole', lane: 'journal', message },
      { kind: 'whole', lane: 'bulk', message: new Uint8Array(0) },
    ],
    piece: [{ kind: 'piece', lane: 'bulk', id: 1, total: 20_000, offset: 16_000, bytes: fixed('piece') }],
    auth: [{ kind: 'auth', signature }],
    ready: [{ kind: 'ready' }],
    ping: [{ kind: 'ping', id: 300 }],
    pong: [{ kind: 'pong', id: 300 }],
    goodbye: [{ kind: 'goodbye', reason: 'replaced' }],
  };
}

/** A message of the committee's replicas in its envelope. */
const SAID: Said = {
  committee: undefined,
  again: 1,
  message: { kind: 'piece', bytes: fixed('piece of the state') },
};

/** The bytes of every sample by its name: format, kind if it has one, and after `~` what is special about this one. */
export async function makeSamples(): Promise<ReadonlyMap<string, Bytes>> {
  const cast = await makeCast();
  const { genesis, admission, capability, adaTab, beaTab } = cast;
  const entries = await makeEntries(cast);
  const samples = new Map<string, Bytes>();
  const put = <T>(format: string, values: Record<string, T>, encode: (value: T) => Bytes): void => {
    for (const [name, value] of Object.entries(values)) samples.set(`${format}.${name}`, encode(value));
  };
  samples.set('genesis', encodeGenesis(genesis));
  (await consensusSamples(await frozenSeats())).forEach((bytes, name) => samples.set(name, bytes));
  samples.set('certificate', encodeWith(peerCertificateCodec, adaTab.certificate));
  samples.set('capability', encodeWith(capabilityCodec, capability));
  samples.set('admission', encodeWith(admissionCodec, admission));
  const boardSecret = fixed('board secret');
  samples.set('invite', utf8(inviteFragment({ boardSecret, inviteSeed: cast.inviteSeed, capability })));
  put('entry', entries, (entry) => entry.bytes);
  const frontier = headsOf(adaTab.certificate.peer, beaTab.certificate.peer, entries);
  storedCheckpoints(frontier, genesis.creator, admission).forEach((bytes, name) => samples.set(name, bytes));
  const fork = await makeFork(cast);
  samples.set('fork-proof', encodeForkProof(fork));
  const carried: Record<string, Broadcast> = {
    entry: { kind: 'entry', bytes: bytesOfEntry(entries, 'update') },
    fork: { kind: 'fork', proof: fork },
    said: { kind: 'said', ...SAID },
  };
  put('broadcast', carried, (each) => encodeWith(broadcastCodec, each));
  samples.set('eviction', entries['evict']?.payload ?? new Uint8Array(0));
  samples.set('role-change', entries['role']?.payload ?? new Uint8Array(0));
  samples.set('revocation', entries['revoke']?.payload ?? new Uint8Array(0));
  put('node-message', await makeNodeMessages(cast, entries), (message) =>
    encodeWith(nodeMessageCodec, message),
  );
  samples.set('presence', encodeWith(presenceCodec, PRESENCES.title));
  samples.set('presence~longest', encodeWith(presenceCodec, PRESENCES.open));
  put('signal', makeSignals(), (body) => encodeSignal({ from: beaTab.certificate.peer, body }));
  put('pairing-note', makePairingNotes(cast), encodeNote);
  put('frame', await makeFrames(cast), (parts) => encodeFrame(129, parts));
  const { topic, signalKey } = await deriveBoardKeys(boardSecret);
  const sealer = createSealer(signalKey, topic, (length) => fixed('sealing nonce', length));
  const offer = samples.get('signal.offer') ?? new Uint8Array(0);
  samples.set('sealed-signal', await sealer.seal(offer, adaTab.certificate.peer));
  const common = { version: 1, secret: boardSecret, title: 'Garden', updatedAt: CREATED_AT };
  const counts = { cardCount: 12, unacknowledged: 1 };
  samples.set(
    'board-record',
    encodeBoardRecord({ ...common, ...counts, genesis, ticket: undefined, role: 'owner' }),
  );
  samples.set(
    'board-record~newcomer',
    encodeBoardRecord({ ...common, ...counts, genesis: undefined, ticket: admission, role: undefined }),
  );
  return samples;
}
