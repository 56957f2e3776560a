/** Closed connections are garbage: the page's limit counts them until they are collected. Over libwebrtc in Node.js. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import wrtc from '@roamhq/wrtc';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/kernel/bytes.ts';
import type { Connection } from '../../src/transport/connection.ts';
import { pageConnections, type PageConnections } from '../../src/transport/page-connections.ts';
import { waitUntil } from '../support/wait-until.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Makes two connections, joins them, sends a frame, and closes both. */
async function openAndClose(connections: PageConnections): Promise<void> {
  const ends: Connection[] = [];
  let opened = 0;
  let received = 0;
  for (const index of [0, 1]) {
    const other = (): Connection | undefined => ends[1 - index];
    ends.push(
      connections.create({
        initiator: index === 0,
        iceServers: [],
        events: {
          described: (description) => other()?.describe(description),
          candidate: (candidate) => other()?.addCandidate(candidate),
          gathered: () => {},
          opened: () => (opened += 1),
          message: () => (received += 1),
          drained: () => {},
          closed: () => {},
        },
      }),
    );
  }
  await waitUntil(() => opened === 2, { what: 'both to open', timeoutMs: 10_000, everyMs: 5 });
  for (const end of ends) end.send(utf8('a frame'));
  await waitUntil(() => received === 2, { what: 'both frames', timeoutMs: 10_000, everyMs: 5 });
  expect(connections.held()).toBeGreaterThanOrEqual(2);
  for (const end of ends) end.destroy();
}

describe('connections of a page', () => {
  it('[LNK-53] are held until they are closed and collected, and then no more', async () => {
    const connections = pageConnections(wrtc);
    for (let pair = 0; pair < 3; pair++) await openAndClose(connections);
    await waitUntil(
      () => {
        collectGarbage();
        return connections.held() === 0;
      },
      { what: 'all to be collected', timeoutMs: 15_000, everyMs: 50 },
    );
  });
});
