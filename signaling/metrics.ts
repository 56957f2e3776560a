/** What the server counts, and its Prometheus text form (exposition format 0.0.4). */

/** Gauges are as of now, the rest since the process started. */
export interface Metrics {
  readonly connections: number;
  readonly topics: number;
  readonly bufferedBytes: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Frames of connections that had been refused already. */
  readonly ignored: number;
  /** Ended or unaccepted connections by code. */
  readonly refused: Readonly<Record<string, number>>;
}

/** The counters behind {@link Metrics}. */
export class Counters {
  messagesIn = 0;
  messagesOut = 0;
  bytesIn = 0;
  bytesOut = 0;
  ignored = 0;
  /** Codes come from closed sets, so this map stays small. */
  readonly #refused = new Map<string, number>();

  /** One more connection ended or not accepted for `code`. */
  refuse(code: string): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
  }

  /** A copy that no longer changes. */
  snapshot(gauges: Pick<Metrics, 'connections' | 'topics' | 'bufferedBytes'>): Metrics {
    const { messagesIn, messagesOut, bytesIn, bytesOut, ignored } = this;
    return {
      ...gauges,
      messagesIn,
      messagesOut,
      bytesIn,
      bytesOut,
      ignored,
      refused: Object.fromEntries(this.#refused),
    };
  }
}

const PREFIX = 'tabswarm_signaling';

/** The text that a Prometheus server scrapes. */
export function prometheusText(metrics: Metrics): string {
  const refused = Object.entries(metrics.refused).map(
    ([code, count]) => [`{code="${code}"}`, count] as const,
  );
  return [
    family('connections', 'gauge', 'Open WebSocket connections.', [['', metrics.connections]]),
    family('topics', 'gauge', 'Topics with at least one subscriber.', [['', metrics.topics]]),
    family('buffered_bytes', 'gauge', 'Bytes waiting to be taken by clients.', [['', metrics.bufferedBytes]]),
    family('messages_in_total', 'counter', 'Text frames received.', [['', metrics.messagesIn]]),
    family('messages_out_total', 'counter', 'Text frames sent.', [['', metrics.messagesOut]]),
    family('bytes_in_total', 'counter', 'Payload bytes of text frames received.', [['', metrics.bytesIn]]),
    family('bytes_out_total', 'counter', 'Payload bytes of text frames sent.', [['', metrics.bytesOut]]),
    family('ignored_total', 'counter', 'Frames that came after a refusal.', [['', metrics.ignored]]),
    family('refused_total', 'counter', 'Connections ended or not accepted, by code.', refused),
  ].join('');
}

type Sample = readonly [labels: string, value: number];

function family(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => `${PREFIX}_${name}${labels} ${String(value)}\n`);
  return `# HELP ${PREFIX}_${name} ${help}\n# TYPE ${PREFIX}_${name} ${type}\n${lines.join('')}`;
}
