/** What happened at a council's table, line by line, for people: who says what to whom, and what each seat tells. */
import { fromUtf8 } from '../../../src/kernel/bytes.ts';
import type { Hash } from '../../../src/kernel/ids.ts';
import type { ConsensusEvent } from '../../../src/consensus/events.ts';
import type { ConsensusMessage } from '../../../src/consensus/messages.ts';
import type { Question } from '../../../src/consensus/questions.ts';
import { hashBatch, NULL_BATCH, type Request } from '../../../src/consensus/requests.ts';
import type { Statement } from '../../../src/consensus/statements.ts';
import type { Council } from './council.ts';

type Kind = Statement['kind'] | Question['kind'];

const bits = (seats: number): string =>
  Array.from({ length: 31 }, (_, seat) => seat)
    .filter((seat) => ((seats >>> seat) & 1) === 1)
    .join(',');

/** Writes hashes as the batches that they are of, so that a reader needs no table. */
class Scribe {
  readonly #names = new Map<Hash, string>([[NULL_BATCH, '(null)']]);

  lines(council: Council, without: readonly Kind[]): string {
    // Known before they are needed: a vote may be written down before its batch.
    for (const each of council.happened) if ('message' in each) this.#learn(each.message);
    return council.happened
      .filter((each) => !('message' in each) || !isOneOf(each.message, without))
      .map((each) => {
        if (!('message' in each)) return this.#event(each[0], each[1]);
        const to = each.to === undefined ? 'all' : `s${each.to}`;
        return `s${each.from} -> ${to.padEnd(4)}${this.#message(each.message)}`;
      })
      .join('\n');
  }

  #learn(message: ConsensusMessage): void {
    const batch = 'batch' in message ? message.batch : undefined;
    if (batch !== undefined) this.#names.set(hashBatch(batch), wordsOf(batch.requests));
  }

  #name(digest: Hash): string {
    return this.#names.get(digest) ?? digest.slice(0, 8);
  }

  #message(message: ConsensusMessage): string {
    switch (message.kind) {
      case 'request':
        return `request ${message.request.number} ${wordsOf([message.request])}`;
      case 'statement': {
        const { seat, statement } = message.signed;
        return `${this.#statement(statement)}${message.batch === undefined ? '' : ' with its batch'}  (signed s${seat})`;
      }
      case 'prepared': {
        const { seq, view, digest } = message.certificate;
        return `prepared n${seq} v${view} ${this.#name(digest)}`;
      }
      case 'decided': {
        const { seq, view, digest, signatures } = message.certificate;
        return `decided n${seq} v${view} ${this.#name(digest)} by ${signatures.map(({ seat }) => seat).join(',')}`;
      }
      case 'stable': {
        const { seq, signatures } = message.certificate;
        return `stable n${seq} by ${signatures.map(({ seat }) => seat).join(',')}`;
      }
      case 'lie':
        return `lie of s${message.proof.seat}`;
      case 'manifest':
        return `manifest n${message.manifest.seq}, ${message.manifest.pieces.length} piece(s)`;
      case 'piece':
        return `piece of ${message.bytes.length} bytes`;
      case 'batch':
        return `batch ${wordsOf(message.batch.requests)}`;
      case 'question':
        return this.#question(message.question);
      case 'links':
        return `links of epochs ${message.links.map(({ committee }) => committee.epoch).join(',')}`;
    }
  }

  #statement(statement: Statement): string {
    switch (statement.kind) {
      case 'prePrepare':
      case 'prepare':
      case 'commit':
        return `${statement.kind} v${statement.view} n${statement.seq} ${this.#name(statement.digest)}`;
      case 'checkpoint':
        return `checkpoint n${statement.seq}`;
      case 'viewChange': {
        const prepared = statement.prepared.map(
          ({ seq, view, digest }) => `n${seq} v${view} ${this.#name(digest)}`,
        );
        return `viewChange v${statement.view}, stable n${statement.stable.seq}, prepared: ${prepared.join('; ') || 'nothing'}`;
      }
      case 'newView':
        return `newView v${statement.view} on view changes of ${statement.changes.map(({ seat }) => seat).join(',')}`;
      case 'close':
        return `close n${statement.seq}`;
    }
  }

  #question(question: Question): string {
    switch (question.kind) {
      case 'status': {
        const { view, isActive, executed, stable, changes, slots } = question;
        const open = slots.map(
          ({ seq, hasProposal, prepares, commits }) =>
            `; n${seq}: ${hasProposal ? '' : 'no '}proposal, prepares ${prepares === 0x7fff_ffff ? 'enough' : bits(prepares) || 'none'}, commits ${bits(commits) || 'none'}`,
        );
        const waiting = isActive ? '' : ' (waiting)';
        const left = changes === 0 ? '' : `; view changes ${bits(changes)}`;
        return `status v${view}${waiting} executed ${executed} stable ${stable}${left}${open.join('')}`;
      }
      case 'fetch':
        return `fetch ${question.what} ${this.#name(question.digest)}`;
      case 'call':
      case 'present':
        return question.kind;
    }
  }

  #event(seat: number, event: ConsensusEvent): string {
    const told = `s${seat} tells   `;
    switch (event.type) {
      case 'decided':
        return `${told}decided n${event.certificate.seq} v${event.certificate.view}: ${wordsOf(event.batch.requests)}`;
      case 'view':
        return `${told}view ${event.view}${event.isActive ? ' begins' : ' is waited for'}`;
      case 'caughtUp':
        return `${told}caught up with n${event.seq}`;
      default:
        return `${told}${event.type}`;
    }
  }
}

function wordsOf(requests: readonly Request[]): string {
  return requests.length === 0
    ? '(null)'
    : `[${requests.map(({ operation }) => fromUtf8(operation)).join(', ')}]`;
}

function isOneOf(message: ConsensusMessage, kinds: readonly Kind[]): boolean {
  if (message.kind === 'question') return kinds.includes(message.question.kind);
  return message.kind === 'statement' && kinds.includes(message.signed.statement.kind);
}

/** The transcript of all that happened so far, but for statements of these kinds. */
export function transcriptOf(council: Council, without: readonly Kind[] = []): string {
  return `${new Scribe().lines(council, without)}\n`;
}
