/** What answers the requests that are not the server's own: the built application, or Vite during development. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** One way to serve the application. */
export interface Application {
  /** Value of the Content-Security-Policy header on every answer. */
  readonly policy: string;
  /** Answers a GET or HEAD request whose URL has been checked for length. Security headers are set already. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Whether a WebSocket upgrade is for the application's own listener, which then answers it. */
  takesUpgrade(request: IncomingMessage): boolean;
  close(): Promise<void>;
}

/** Makes an application for the HTTP server that will carry it. */
export type ApplicationFactory = (server: Server) => Promise<Application>;

/** The path of a request without its query; `/` when it has none. Nothing is decoded. */
export function pathOf(request: IncomingMessage): string {
  return request.url?.split(/[?#]/, 1)[0] ?? '/';
}

/** Answers with a short text. HEAD gets the headers alone. */
export function answerText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  const body = Buffer.from(text);
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
