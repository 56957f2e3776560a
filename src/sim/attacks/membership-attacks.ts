/** Attacks on who may write: by viewers, by strangers, by forged certificates and admissions. */
import { encodeWith } from '../../kernel/codec.ts';
import { memberIdFrom } from '../../kernel/ids.ts';
import {
  admissionCodec,
  capabilityToSign,
  type Admission,
  type Capability,
  type UnsignedCapability,
} from '../../identity/admission.ts';
import {
  peerCertificateCodec,
  peerCertificateToSign,
  type PeerCertificate,
} from '../../identity/peer-certificate.ts';
import type { InvitableRole } from '../../identity/roles.ts';
import type { BoardId, MemberId } from '../../kernel/ids.ts';
import type { Entry } from '../../replication/entry.ts';
import { admissionOf } from '../board-identities.ts';
import { toBoth, type Attack, type Scene, type Target } from './attack.ts';
import { anonymousDelete } from './entry-attacks.ts';
import { ONE_NUMBER, REF, rootItem, updateOf } from './update-bytes.ts';
import { Writer } from './writer.ts';

const hostileValue = (client: number, clock = 0): ReturnType<typeof updateOf> =>
  updateOf([{ client, clock, structs: [rootItem('board', 'hostile', ONE_NUMBER, REF.any)] }]);

/** To plain Yjs everybody who can send is a member. */
function byMembership(
  name: string,
  story: string,
  verdicts: readonly string[],
  entries: (scene: Scene) => readonly Entry[],
  more: Partial<Attack> = {},
): Attack {
  return {
    name,
    story,
    harm: ['admits'],
    plain: ({ me }: Target) => toBoth(hostileValue(me)),
    verdicts,
    entries: (scene) => entries(scene).map(({ bytes }) => bytes),
    ...more,
  };
}

function stranger({ keys, identities }: Scene): Writer {
  return new Writer(keys, identities, 'stranger');
}

const WRITERS: readonly Attack[] = [
  byMembership(
    'viewerWrites',
    'Somebody who may look changes the board.',
    ['authorRole'],
    ({ viewer, heads }) => [
      viewer.draft('update', hostileValue(viewer.clientId), { heads: [...heads].sort() }),
    ],
  ),
  byMembership(
    'viewerDeletes',
    'Somebody who may look deletes what others wrote, in a few bytes that name nobody.',
    ['authorRole'],
    ({ viewer, heads, target }) => [
      viewer.draft('update', anonymousDelete(target), { heads: [...heads].sort() }),
    ],
    { study: 2, harm: ['loses'], plain: (target) => toBoth(anonymousDelete(target)) },
  ),
  byMembership(
    'viewerInParts',
    'The same in parts.',
    ['authorRole', 'buildsOnRefused'],
    ({ viewer, heads }) => {
      const update = hostileValue(viewer.clientId);
      return [viewer.write('part', update.subarray(0, 4), heads), viewer.write('update', update.subarray(4))];
    },
  ),
  byMembership(
    'strangerWrites',
    'Somebody who was never admitted opens a journal and writes.',
    ['authorUnknown', 'buildsOnRefused'],
    (scene) => {
      const one = stranger(scene);
      return [one.claim(scene.heads), one.write('update', hostileValue(one.clientId))];
    },
  ),
  byMembership(
    'strangerDeletes',
    'Somebody who was never admitted deletes what others wrote.',
    ['sessionUnclaimed'],
    (scene) => [
      stranger(scene).draft('update', anonymousDelete(scene.target), { heads: [...scene.heads].sort() }),
    ],
    { study: 2, harm: ['loses'], plain: (target) => toBoth(anonymousDelete(target)) },
  ),
  byMembership(
    'writesBeforeClaiming',
    'A tab that never said whose it is writes.',
    ['sessionUnclaimed'],
    (scene) => {
      const tab = new Writer(scene.keys, scene.identities, scene.me.name, 'another tab of the attacker');
      return [tab.draft('update', hostileValue(tab.clientId), { heads: [...scene.heads].sort() })];
    },
  ),
];

/** The entry of a new tab that claims by `certificate`. */
function claiming(scene: Scene, certificateFor: (tab: Writer) => PeerCertificate): readonly Entry[] {
  const tab = new Writer(scene.keys, scene.identities, scene.me.name, 'second tab of the attacker');
  return [tab.write('claim', encodeWith(peerCertificateCodec, certificateFor(tab)), scene.heads)];
}

const CLAIMS: readonly Attack[] = [
  byMembership(
    'claimOfAnothersMember',
    "A tab that says to be the victim's, by a certificate that the attacker signed.",
    ['badSignature'],
    (scene) =>
      claiming(scene, (tab) => {
        const body = { member: scene.identities.member('alice'), peer: tab.peer, slot: 0, name: 'alice' };
        return { ...body, signature: scene.keys.sign(scene.me.member, peerCertificateToSign(body)) };
      }),
    { study: 5 },
  ),
  byMembership(
    'claimByAnothersCertificate',
    "A tab that shows the victim's own certificate, which is for another tab.",
    ['claimInvalid'],
    (scene) => claiming(scene, () => scene.identities.certificate('alice', scene.me.peer)),
    { study: 5 },
  ),
  byMembership(
    'tabThatChangesHands',
    'A tab that belongs to one member and then claims to be of another.',
    ['claimInvalid'],
    (scene) => [
      scene.me.draft(
        'claim',
        encodeWith(peerCertificateCodec, scene.identities.certificate('vera', scene.me.peer)),
      ),
    ],
  ),
  byMembership('claimOfNothing', 'A claim whose certificate is noise.', ['claimInvalid'], (scene) => [
    scene.me.draft('claim', new Uint8Array(90).fill(7)),
  ]),
  byMembership(
    'sessionGrinding',
    'A session far ahead, chosen among 65,535 because its Yjs client id is larger than nearly all others and wins concurrent changes.',
    ['sessionSkipped'],
    (scene) => [
      scene.me.draft('claim', encodeWith(peerCertificateCodec, scene.me.certificate), { session: 40_000 }),
    ],
    { study: 6 },
  ),
  byMembership(
    'sessionGrindingFromTheStart',
    'The same by a tab that opens its journal with such a session.',
    ['sessionSkipped'],
    (scene) => {
      const tab = new Writer(scene.keys, scene.identities, scene.me.name, 'third tab of the attacker');
      return [
        tab.write('claim', encodeWith(peerCertificateCodec, tab.certificate), scene.heads, {
          session: 40_000,
        }),
      ];
    },
    { study: 6 },
  ),
];

/** An admission of the stranger, by a capability that the attacker made. */
function strangersAdmission(
  scene: Scene,
  changes: Partial<UnsignedCapability>,
  signer: MemberId = scene.me.member,
): Admission {
  const { keys, identities } = scene;
  const unsigned: UnsignedCapability = {
    board: identities.board,
    issuer: scene.me.member,
    inviteKey: keys.publicKey('invite of mallory'),
    role: 'editor',
    uses: 1,
    expiresAt: undefined,
    boardTitle: 'Board',
    issuerName: 'mallory',
    ...changes,
  };
  const capability: Capability = { ...unsigned, signature: keys.sign(signer, capabilityToSign(unsigned)) };
  return admissionOf(keys, capability, identities.member('stranger'));
}

/** Somebody writes an admission of a stranger, who then claims and writes. */
function admitting(scene: Scene, by: Writer, admission: Admission): readonly Entry[] {
  const admit = by.write('admit', encodeWith(admissionCodec, admission), scene.heads);
  const one = stranger(scene);
  const claim = one.claim([admit.hash]);
  return [admit, claim, one.write('update', hostileValue(one.clientId))];
}

const ADMISSIONS: readonly Attack[] = [
  byMembership(
    'inviteInAnothersName',
    'An invitation that names the creator as its issuer and that the attacker signed.',
    ['badSignature', 'waits'],
    (scene) =>
      admitting(scene, scene.me, strangersAdmission(scene, { issuer: scene.identities.member('alice') })),
  ),
  byMembership(
    'inviteWithoutItsKey',
    'A true invitation, shown by somebody who never had the link.',
    ['badSignature', 'waits'],
    (scene) => {
      const ticket = scene.identities.ticket('stranger');
      return admitting(scene, scene.me, { ...ticket, proof: scene.keys.sign(scene.me.member, ticket.proof) });
    },
  ),
  byMembership(
    'inviteToAnotherBoard',
    'An invitation to another board, which its issuer truly signed.',
    ['admissionInvalid', 'buildsOnRefused'],
    (scene) => admitting(scene, scene.me, strangersAdmission(scene, { board: '0d'.repeat(32) as BoardId })),
  ),
  byMembership(
    'inviteByAStranger',
    'An invitation by somebody who is not a member.',
    ['admissionInvalid', 'buildsOnRefused'],
    (scene) => {
      const issuer = memberIdFrom(scene.keys.publicKey('member nobody'));
      return admitting(scene, scene.me, strangersAdmission(scene, { issuer }, issuer));
    },
  ),
  byMembership(
    'viewerInvitesAnEditor',
    'Somebody who may look invites somebody who may write.',
    ['admissionInvalid', 'buildsOnRefused'],
    (scene) => {
      const issuer = scene.viewer.member;
      return admitting(scene, scene.viewer, strangersAdmission(scene, { issuer }, issuer));
    },
  ),
  byMembership(
    'viewerPromotesItself',
    'Somebody who may look invites their own second self as an editor, by an editor who never did.',
    ['badSignature', 'waits'],
    (scene) => {
      const role: InvitableRole = 'editor';
      return admitting(
        scene,
        scene.viewer,
        strangersAdmission(scene, { role, issuer: scene.identities.member('alice') }, scene.viewer.member),
      );
    },
  ),
  byMembership(
    'strangerAdmitsItself',
    'Somebody who was never admitted writes their own admission.',
    ['buildsOnRefused', 'sessionUnclaimed'],
    (scene) => {
      const one = stranger(scene);
      const issuer = scene.identities.member('stranger');
      const admission = strangersAdmission(scene, { issuer }, issuer);
      return [
        one.write('admit', encodeWith(admissionCodec, admission), scene.heads),
        one.claim(),
        one.write('update', hostileValue(one.clientId)),
      ];
    },
  ),
];

export const MEMBERSHIP_ATTACKS: readonly Attack[] = [...WRITERS, ...CLAIMS, ...ADMISSIONS];
