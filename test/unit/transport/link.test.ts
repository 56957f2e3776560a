/** When a link hands out its description: with the candidates that are there soon. */
import { describe, expect, it } from 'vitest';
import type { ConnectionEvents } from '../../../src/transport/connection.ts';
import type { Candidate, Description } from '../../../src/transport/description.ts';
import { FIRST_GATHER_MS, LATER_GATHER_MS, Link, MOST_GATHER_MS } from '../../../src/transport/link.ts';
import { VirtualTime } from '../../support/virtual-time.ts';
import { peerOf } from '../identity/records.ts';

const DESCRIPTION: Description = {
  type: 'offer',
  ufrag: 'abcd',
  pwd: 'abcdefghijklmnopqrstuvwx',
  algorithm: 'sha-256',
  fingerprint: new Uint8Array(32),
  setup: 'actpass',
  mid: '0',
  sctpPort: 5000,
  maxMessageSize: 262_144,
};

function candidate(port: number): Candidate {
  return { foundation: '1', priority: port, address: '192.0.2.1', port, type: 'host', related: undefined };
}

/** A link, the events of its connection, and the signals that it gives rise to: the ports of their candidates. */
function gathering() {
  const time = new VirtualTime();
  const said: string[] = [];
  let connection: ConnectionEvents | undefined;
  const portsOf = (candidates: readonly Candidate[]): string => candidates.map(({ port }) => port).join(' ');
  const never = () => Promise.reject(new Error('not asked for'));
  const link = new Link({
    identity: {
      self: peerOf('ada'),
      peer: peerOf('bo'),
      topic: '00'.repeat(32),
      attempt: new Uint8Array(8),
      initiator: true,
    },
    clock: time,
    signer: { peerId: peerOf('ada'), sign: never },
    verifier: { verifyAll: never },
    iceServers: [],
    createConnection: ({ events }) => {
      connection = events;
      return { describe() {}, addCandidate() {}, send: () => true, bufferedBytes: 0, destroy() {} };
    },
    events: {
      described: (_, candidates) => said.push(`offer ${portsOf(candidates)}`.trim()),
      gathered: (candidates) => said.push(`candidates ${portsOf(candidates)}`),
      up() {},
      message() {},
      ended() {},
      freed() {},
    },
  });
  if (connection === undefined) throw new Error('it made no connection');
  return { time, said, link, connection };
}

describe('the description of a link', () => {
  it('[LNK-36] leaves with the candidates that come soon after the first one', async () => {
    const { time, said, connection } = gathering();
    connection.described(DESCRIPTION);
    await time.advance(MOST_GATHER_MS - 1);
    expect(said).toEqual([]);
    connection.candidate(candidate(1));
    await time.advance(FIRST_GATHER_MS - 1);
    connection.candidate(candidate(2));
    expect(said).toEqual([]);
    await time.advance(1);
    expect(said).toEqual(['offer 1 2']);
    connection.candidate(candidate(3));
    await time.advance(LATER_GATHER_MS - 1);
    connection.candidate(candidate(4));
    await time.advance(1);
    expect(said).toEqual(['offer 1 2', 'candidates 3 4']);
  });

  it('[LNK-36] leaves without one when none comes, and at once when there are no more', async () => {
    const none = gathering();
    none.connection.described(DESCRIPTION);
    await none.time.advance(MOST_GATHER_MS);
    expect(none.said).toEqual(['offer']);
    const all = gathering();
    all.connection.described(DESCRIPTION);
    all.connection.candidate(candidate(1));
    all.connection.gathered();
    expect(all.said).toEqual(['offer 1']);
  });
});
