/**
 * A signaling server that brings two clients into glare for certain: it holds back the announcements until both have subscribed, passes them on
 * together, and loses what each of the two then publishes first, which is its offer. From there on it works.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { parseClientMessage } from '../../signaling/protocol.ts';

export interface StallingRelay {
  readonly url: string;
  /** Offers that were lost. */
  readonly lost: () => number;
  close(): Promise<void>;
}

interface Client {
  readonly socket: WebSocket;
  subscribed: boolean;
  lost: number;
  readonly held: string[];
}

export async function startStallingRelay(): Promise<StallingRelay> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const clients: Client[] = [];
  let isReleased = false;

  const others = (client: Client): Client[] => clients.filter((other) => other !== client);
  const pass = (from: Client, text: string): void => {
    for (const { socket } of others(from)) socket.send(text);
  };
  const release = (): void => {
    isReleased = true;
    for (const client of clients) for (const text of client.held.splice(0)) pass(client, text);
  };
  const publish = (client: Client, text: string): void => {
    if (!isReleased) client.held.push(text);
    else if (clients.every(({ lost }) => lost > 0)) pass(client, text);
    else client.lost++;
  };

  server.on('connection', (socket) => {
    const client: Client = { socket, subscribed: false, lost: 0, held: [] };
    clients.push(client);
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      const message = parseClientMessage(text);
      if (!message.ok) return;
      if (message.value.type === 'ping') socket.send('{"type":"pong"}');
      if (message.value.type === 'subscribe') client.subscribed = true;
      if (message.value.type === 'publish') publish(client, text);
      const areReady = clients.length === 2 && clients.every((one) => one.subscribed && one.held.length > 0);
      if (!isReleased && areReady) release();
    });
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lost: () => clients.reduce((sum, { lost }) => sum + lost, 0),
    close: async () => {
      for (const { socket } of clients) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}
