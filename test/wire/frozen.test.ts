/** Bytes of every kind, as they were when their version was published. Rules of docs/spec/wire.md. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { toHex, utf8, type Bytes } from '../../src/kernel/bytes.ts';
import { decodeWith, type Codec } from '../../src/kernel/codec.ts';
import type { SignatureCheck } from '../../src/kernel/machine.ts';
import type { Result } from '../../src/kernel/result.ts';
import {
  admissionChecks,
  admissionCodec,
  capabilityCheck,
  capabilityCodec,
} from '../../src/identity/admission.ts';
import { boardIdOf, decodeGenesis, genesisCheck } from '../../src/identity/genesis.ts';
import { linkProofToSign } from '../../src/identity/link-proof.ts';
import { peerCertificateCheck, peerCertificateCodec } from '../../src/identity/peer-certificate.ts';
import { certificateChecks } from '../../src/consensus/certificates.ts';
import { Chain } from '../../src/consensus/chain.ts';
import { consensusMessageCodec, consensusProtocol } from '../../src/consensus/messages.ts';
import { PROTOCOL_VERSION } from '../../src/node/limits.ts';
import { nodeMessageCodec } from '../../src/node/messages.ts';
import { entryChecks } from '../../src/node/roster.ts';
import {
  announcementCheck,
  gossipId,
  pulseCheck,
  silenceCheck,
  type MessageOf,
  type OverlayMessage,
} from '../../src/overlay/messages.ts';
import { clientIdOf, decodeEntry, type Entry } from '../../src/replication/entry.ts';
import { decodeForkProof, forkProofChecks } from '../../src/replication/forks.ts';
import { frontierDigest } from '../../src/replication/journals.ts';
import { createVerifier, deriveBoardKeys } from '../../src/runtime/crypto.ts';
import { verifyInvite } from '../../src/runtime/identity-service.ts';
import { decodeFrame } from '../../src/transport/frames.ts';
import { peerTopic } from '../../src/transport/introductions.ts';
import { createSealer } from '../../src/transport/sealing.ts';
import { decodeSignal } from '../../src/transport/signals.ts';
import { parseInviteLink } from '../../src/identity/invite-link.ts';
import { FORMATS, FROZEN_BOARD, kindsIn, kindsOf, type WireFormat } from './formats.ts';
import { freeze, frozenContent } from './freeze.ts';
import { FROZEN_FOLDER, formatOf, frozenText, frozenVersions, kindOf, readFrozen } from './frozen-files.ts';
import { frozenCommittee } from './consensus-samples.ts';
import { frozenLinkProof, frozenSeats } from './samples.ts';

const CURRENT = readFrozen(PROTOCOL_VERSION);
/** Sealed with a key, so that no codec alone reads it. */
const SEALED = 'sealed-signal';

function valueOf<Value>(result: Result<Value, string>): Value {
  if (!result.ok) expect.fail(result.code);
  return result.value;
}

function frozen(name: string): Bytes {
  const bytes = CURRENT.get(name);
  if (bytes === undefined) expect.fail(`nothing is frozen as ${name}`);
  return bytes;
}

const frozenAs = <T>(name: string, codec: Codec<T>): T => valueOf(decodeWith(codec, frozen(name)));
const frozenEntry = (name: string): Entry => valueOf(decodeEntry(FROZEN_BOARD, frozen(`entry.${name}`)));

function frozenOverlay<Kind extends OverlayMessage['kind']>(kind: Kind): MessageOf<Kind> {
  const message = frozenAs(`node-message.overlay.${kind}`, nodeMessageCodec);
  if (message.kind !== 'overlay' || message.body.kind !== kind) return expect.fail(`no ${kind}`);
  return message.body as MessageOf<Kind>;
}

interface ReadableFile {
  readonly label: string;
  readonly format: WireFormat;
  readonly name: string;
  readonly bytes: Bytes;
}

/** Every file of every version that this version has to read: messages only of its own, what is stored of all. */
function readable(): readonly ReadableFile[] {
  return frozenVersions().flatMap((version) =>
    [...readFrozen(version)].flatMap(([name, bytes]) => {
      const format = FORMATS.find((each) => each.name === formatOf(name));
      if (format === undefined && name !== SEALED) expect.fail(`${name} is of no format`);
      return format !== undefined && (version === PROTOCOL_VERSION || format.isStored)
        ? [{ label: `v${version} ${name}`, format, name, bytes }]
        : [];
    }),
  );
}

describe('frozen bytes', () => {
  it.each(readable())(
    '[NOD-20, WIR-2] $label is read and written back as it was',
    ({ format, name, bytes }) => {
      const again = format.again(bytes);
      expect(again === undefined ? 'refused' : toHex(again)).toBe(toHex(bytes));
      expect(new Set(kindsIn(format.decode(bytes)))).toEqual(
        new Set(kindOf(name) === '' ? [] : [kindOf(name)]),
      );
    },
  );

  it.each(FORMATS)('[NOD-20, WIR-3] exist of every kind of $name', ({ name, schema }) => {
    const kinds = kindsOf(schema ?? '');
    const names = kinds.length === 0 ? [name] : kinds.map((kind) => `${name}.${kind}`);
    expect(names.filter((each) => !CURRENT.has(each))).toEqual([]);
  });

  it('[WIR-4, CON-3] hold what seats and clients signed', async () => {
    const verifier = createVerifier();
    const committee = frozenCommittee(await frozenSeats());
    const founding = frozenAs('consensus-message.links.founding', consensusMessageCodec);
    const [link] = founding.kind === 'links' ? founding.links : [];
    if (link?.proof.kind !== 'founding') expect.fail('no founding link');
    const pins = { board: FROZEN_BOARD, owners: [link.proof.owner] };
    const protocol = consensusProtocol({ chain: new Chain(pins, { committee, link }), checksOf: () => [] });
    const names = [...CURRENT.keys()].filter((name) => name.startsWith('consensus-message.'));
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const checks = protocol.checks(valueOf(protocol.decode(frozen(name))));
      expect(`${name} ${await verifier.verifyAll(checks)}`).toBe(`${name} true`);
    }
    const examined = valueOf(certificateChecks(committee, frozen('consensus-certificate')));
    expect(await verifier.verifyAll(examined.checks)).toBe(true);
    const altered = examined.checks.map((check) => ({ ...check, signature: new Uint8Array(64) }));
    expect(await verifier.verifyAll(altered)).toBe(false);
  });

  it('[WIR-4] hold what was signed', async () => {
    const verifier = createVerifier();
    const genesis = valueOf(decodeGenesis(frozen('genesis'), FROZEN_BOARD));
    const certificate = frozenAs('certificate', peerCertificateCodec);
    const admission = frozenAs('admission', admissionCodec);
    const announced = frozenOverlay('announcements');
    const silent = frozenOverlay('silences');
    const newcomer = frozenAs('node-message.hello~newcomer', nodeMessageCodec);
    if (newcomer.kind !== 'hello') expect.fail('no hello');
    const [auth] = valueOf(decodeFrame(frozen('frame.auth'))).parts;
    if (auth?.kind !== 'auth') expect.fail('no proof');
    const proof = frozenLinkProof(certificate.peer, newcomer.certificate.peer);
    const checks: readonly SignatureCheck[] = [
      genesisCheck(genesis),
      peerCertificateCheck(certificate),
      peerCertificateCheck(newcomer.certificate),
      capabilityCheck(frozenAs('capability', capabilityCodec)),
      ...admissionChecks(admission),
      ...['claim', 'claim~with-heads', 'admit', 'part', 'update', 'update~last-part'].flatMap((name) =>
        entryChecks(frozenEntry(name)),
      ),
      ...['evict', 'role', 'revoke'].flatMap((name) => entryChecks(frozenEntry(name))),
      ...forkProofChecks(valueOf(decodeForkProof(FROZEN_BOARD, frozen('fork-proof')))),
      ...announced.announcements.map((announcement) => announcementCheck(FROZEN_BOARD, announcement)),
      ...silent.silences.map((silence) => silenceCheck(FROZEN_BOARD, silence)),
      pulseCheck(FROZEN_BOARD, frozenOverlay('pulse')),
      { signer: certificate.peer, body: linkProofToSign(proof), signature: auth.signature },
    ];
    expect(checks).toHaveLength(26);
    for (const [place, check] of checks.entries())
      expect(await verifier.verifyAll([check]), `signature ${place}`).toBe(true);
    const invite = valueOf(parseInviteLink(new TextDecoder().decode(frozen('invite'))));
    expect((await verifyInvite(verifier, invite)).ok).toBe(true);
  });

  it('[WIR-4] yield the ids, hashes and topics that they always did', async () => {
    const gossip = frozenOverlay('gossip');
    const frontier = frozenAs('node-message.replication.frontier', nodeMessageCodec);
    if (frontier.kind !== 'replication' || frontier.body.kind !== 'frontier') expect.fail('no frontier');
    const invite = valueOf(parseInviteLink(new TextDecoder().decode(frozen('invite'))));
    const { topic } = await deriveBoardKeys(invite.boardSecret);
    const [claim, joined] = [frozenEntry('claim'), frozenEntry('claim~with-heads')];
    expect(gossipId(gossip.payload)).toBe(gossip.id);
    expect({
      board: boardIdOf(valueOf(decodeGenesis(frozen('genesis'), FROZEN_BOARD))),
      claim: claim.hash,
      joined: joined.hash,
      gossip: gossip.id,
      frontier: frontierDigest(frontier.body.frontier, []),
      clients: [claim, joined].map(({ author, session }) => clientIdOf(FROZEN_BOARD, author, session)),
      topic,
      peerTopic: peerTopic(topic, claim.author),
    }).toEqual({
      board: FROZEN_BOARD,
      claim: '065db724612d59ecb0c902ef918cfeebc7cafa5d2c311a90c001e1413d9cf5d6',
      joined: 'f86006e36131080571fb5d585691f7e4411a0212c6288fa15c59e2377c8c93e8',
      gossip: 'e83e9fe9f82e1836c041b175784efe96',
      frontier: '8fef0f8f67e42983c4702cca967217cef27d762cadcbfdf155f655800a916af6',
      clients: [212_960_876_904_448, 102_490_032_586_752],
      topic: 'ba3c3b74c8ad443999179f5e48954039',
      peerTopic: 'b16m0UE8a0498FSMFHNbWQ',
    });
  });

  it('[WIR-4] are opened with the key that the board secret yields', async () => {
    const invite = valueOf(parseInviteLink(new TextDecoder().decode(frozen('invite'))));
    const { topic, signalKey } = await deriveBoardKeys(invite.boardSecret);
    const sealer = createSealer(signalKey, topic, () => expect.fail('opening draws no nonce'));
    const opened = valueOf(await sealer.open(frozen(SEALED), frozenEntry('claim').author));
    expect(toHex(opened)).toBe(toHex(frozen('signal.offer')));
    expect(decodeSignal(opened).ok).toBe(true);
    expect(await sealer.open(frozen(SEALED), undefined)).toEqual({ ok: false, code: 'unsealable' });
  });

  it('[WIR-5] are what freezing makes today', async () => {
    const folder = new URL(`v${PROTOCOL_VERSION}/`, FROZEN_FOLDER);
    const files = await frozenContent();
    expect(files.size).toBe(CURRENT.size + 1);
    for (const [name, content] of files)
      expect(readFileSync(new URL(name, folder), 'utf8'), name).toBe(content);
  });

  it('[WIR-5] are never overwritten', () => {
    const path = mkdtempSync(join(tmpdir(), 'tabswarm-frozen-'));
    const folder = pathToFileURL(`${path}/v9/`);
    const files = new Map([
      ['a.hex', frozenText(utf8('a'))],
      ['b.hex', frozenText(utf8('b'.repeat(40)))],
    ]);
    try {
      expect(freeze(folder, files)).toEqual({ written: ['a.hex', 'b.hex'], kept: [], different: [] });
      writeFileSync(new URL('b.hex', folder), 'older\n');
      expect(freeze(folder, files)).toEqual({ written: [], kept: ['a.hex'], different: ['b.hex'] });
      expect(readFileSync(new URL('b.hex', folder), 'utf8')).toBe('older\n');
      expect(readFileSync(new URL('a.hex', folder), 'utf8')).toBe('61\n');
    } finally {
      rmSync(path, { recursive: true });
    }
  });
});
