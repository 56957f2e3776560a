import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import { digest, digestBytes } from '../../../src/kernel/hash.ts';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { MAX_CONTACTS, type Instant, type LinkFailure } from '../../../src/kernel/machine.ts';
import {
  ATTEMPT_DEADLINE_MS,
  Attempts,
  MAX_ATTEMPTS,
  MIN_RESEND_MS,
  RESEND_AGAIN_MS,
  RESEND_MS,
  UNANSWERED_MS,
  type AttemptAction,
} from '../../../src/transport/attempts.ts';
import {
  ConnectionBudget,
  MAX_LIVE,
  MAX_NEW_PER_HOUR,
  MAX_NEW_PER_MINUTE,
  MAX_PER_PAGE,
  type BudgetCode,
} from '../../../src/transport/connection-budget.ts';
import type { Description } from '../../../src/transport/description.ts';
import type { AttemptSignal } from '../../../src/transport/signals.ts';

const at = (ms: number): Instant => ms as Instant;
const LOW = 'aa'.repeat(32) as PeerId;
const HIGH = 'bb'.repeat(32) as PeerId;

function described(type: 'offer' | 'answer', tag: string): Description {
  return {
    type,
    ufrag: 'abcd',
    pwd: 'abcdabcdabcdabcdabcdabcd',
    algorithm: 'sha-256',
    fingerprint: digestBytes('test/fingerprint', utf8(tag)),
    setup: type === 'offer' ? 'actpass' : 'active',
    mid: '0',
    sctpPort: 5000,
    maxMessageSize: 262_144,
  };
}

/** One side: its attempts, its owner, and connections that are only a record of what they were told. */
class Side {
  readonly self: PeerId;
  readonly attempts: Attempts;
  readonly out: AttemptSignal[] = [];
  readonly connections = new Map<string, { remote: boolean; initiator: boolean }>();
  readonly actions: AttemptAction[] = [];
  readonly outcomes: ('up' | LinkFailure)[] = [];
  accepts: boolean | 'later' = true;
  /** Whom it names to those that it turns away. */
  contacts: readonly PeerId[] = [];
  expected = 0;
  link: string | undefined;
  maxConnections = 0;
  readonly #other: PeerId;

  constructor(self: PeerId, other: PeerId, takePlace: (now: Instant) => boolean = () => true) {
    this.self = self;
    this.#other = other;
    let count = 0;
    this.attempts = new Attempts({
      self,
      newId: () => digestBytes('test/attempt', utf8(`${self} ${count++}`)).slice(0, 8),
      linked: () => this.link !== undefined,
      takePlace,
    });
  }

  dial(now = 0): void {
    if (this.link !== undefined) return;
    if (!this.#isOwed()) this.expected += 1;
    this.obey(this.attempts.dial(this.#other, at(now)), now);
  }

  hear(signal: AttemptSignal, now = 0): void {
    this.obey(this.attempts.received(this.#other, signal, at(now)), now);
  }

  tick(now: number): void {
    this.obey(this.attempts.tick(at(now)), now);
  }

  answer(accept: boolean, now = 0): void {
    if (accept && !this.#isOwed()) this.expected += 1;
    this.obey(this.attempts.answer(this.#other, accept, this.contacts, at(now)), now);
  }

  becomeUp(id: string): void {
    const bytes = Uint8Array.from(Buffer.from(id, 'hex'));
    this.attempts.linked(bytes);
    this.connections.delete(id);
    this.link = id;
    this.outcomes.push('up');
  }

  obey(actions: readonly AttemptAction[], now: number): void {
    for (const action of actions) {
      this.actions.push(action);
      this.#obeyOne(action, now);
    }
  }

  #isOwed(): boolean {
    return this.expected > this.outcomes.length;
  }

  #obeyOne(action: AttemptAction, now: number): void {
    switch (action.kind) {
      case 'signal':
        this.out.push(action.signal);
        break;
      case 'open':
        this.connections.set(toHex(action.attempt), { remote: false, initiator: action.initiator });
        this.maxConnections = Math.max(this.maxConnections, this.connections.size);
        if (action.initiator) this.#describe(action.attempt, 'offer', now);
        break;
      case 'describe': {
        const connection = this.connections.get(toHex(action.attempt));
        if (connection === undefined) throw new Error('a description without a connection');
        connection.remote = true;
        if (!connection.initiator) this.#describe(action.attempt, 'answer', now);
        break;
      }
      case 'close':
        if (!this.connections.delete(toHex(action.attempt))) throw new Error('closed what was not open');
        break;
      case 'asked':
        if (this.accepts !== 'later') this.answer(this.accepts, now);
        break;
      case 'failed':
        this.outcomes.push(action.reason);
        break;
      case 'candidates':
      case 'dropped':
        break;
    }
  }

  #describe(attempt: Bytes, type: 'offer' | 'answer', now: number): void {
    this.obey(this.attempts.described(attempt, described(type, toHex(attempt)), [], at(now)), now);
  }
}

function sides(): { low: Side; high: Side } {
  return { low: new Side(LOW, HIGH), high: new Side(HIGH, LOW) };
}

/** Connections of one attempt that know each other's description become links. */
function connect(low: Side, high: Side): void {
  for (const [id, connection] of low.connections) {
    if (!connection.remote || high.connections.get(id)?.remote !== true) continue;
    low.becomeUp(id);
    high.becomeUp(id);
  }
}

/** Delivers until both are silent. */
function deliverAll(low: Side, high: Side, now = 0): void {
  while (low.out.length + high.out.length > 0) {
    const fromLow = low.out.shift();
    if (fromLow !== undefined) high.hear(fromLow, now);
    const fromHigh = high.out.shift();
    if (fromHigh !== undefined) low.hear(fromHigh, now);
  }
  connect(low, high);
}

const drops = (side: Side): string[] =>
  side.actions.flatMap((action) => (action.kind === 'dropped' ? [action.code] : []));

describe('an attempt', () => {
  it.each(['low', 'high'] as const)(
    '[LNK-41] has its offer made by the lower id, whoever dials: %s',
    (who) => {
      const both = sides();
      both[who].dial();
      deliverAll(both.low, both.high);
      expect(both.low.actions.some((action) => action.kind === 'open' && action.initiator)).toBe(true);
      expect(both.high.actions.some((action) => action.kind === 'open' && action.initiator)).toBe(false);
      expect(both.low.link).toBe(both.high.link);
      expect(both.low.outcomes).toEqual(['up']);
    },
  );

  it('[LNK-43] is one when two dials cross, in whichever order their signals arrive', () => {
    for (const first of ['low', 'high'] as const) {
      const { low, high } = sides();
      low.dial();
      high.dial();
      if (first === 'low') high.hear(low.out.shift() ?? expect.fail('no offer'));
      else low.hear(high.out.shift() ?? expect.fail('no ask'));
      deliverAll(low, high);
      expect(low.link).toBeDefined();
      expect([low.outcomes, high.outcomes]).toEqual([['up'], ['up']]);
      expect([low.maxConnections, high.maxConnections]).toEqual([1, 1]);
      expect([...low.actions, ...high.actions].filter((action) => action.kind === 'asked')).toEqual([]);
    }
  });

  it('[LNK-43] [LNK-50] ends well under any loss, repetition and order of signals: one outcome each, nothing left', () => {
    const step = fc.constantFrom(
      'lowDials',
      'highDials',
      'toHigh',
      'toLow',
      'toHighLast',
      'toLowLast',
      'loseFromLow',
      'loseFromHigh',
      'twiceToHigh',
      'twiceToLow',
      'time',
      'connect',
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { low, high } = sides();
        let now = 0;
        const give = (to: Side, signal: AttemptSignal | undefined): void => {
          if (signal !== undefined) to.hear(signal, now);
        };
        const actions: Record<typeof step extends fc.Arbitrary<infer S> ? S : never, () => unknown> = {
          lowDials: () => low.dial(now),
          highDials: () => high.dial(now),
          toHigh: () => give(high, low.out.shift()),
          toLow: () => give(low, high.out.shift()),
          toHighLast: () => give(high, low.out.pop()),
          toLowLast: () => give(low, high.out.pop()),
          loseFromLow: () => low.out.shift(),
          loseFromHigh: () => high.out.shift(),
          twiceToHigh: () => give(high, low.out[0]),
          twiceToLow: () => give(low, high.out[0]),
          time: () => {
            now += 1000;
            low.tick(now);
            high.tick(now);
          },
          connect: () => connect(low, high),
        };
        for (const each of steps) actions[each]();
        for (let i = 0; i < 12; i++) {
          now += 1000;
          low.tick(now);
          high.tick(now);
        }
        for (const side of [low, high]) {
          expect(side.outcomes).toHaveLength(side.expected);
          expect(side.connections.size).toBe(0);
          expect(side.maxConnections).toBeLessThanOrEqual(1);
        }
        // After all that, a dial on a network that works makes a link.
        [low, high].forEach((side) => {
          side.out.length = 0;
          side.link = undefined;
        });
        high.dial(now);
        deliverAll(low, high, now);
        expect(low.link).toBeDefined();
        expect(low.link).toBe(high.link);
      }),
      { seed: 31_337, numRuns: 1500 },
    );
  });

  it('[LNK-42] [LNK-50] is refused without a connection on the other side, with one outcome', () => {
    for (const dialer of ['low', 'high'] as const) {
      const both = sides();
      const [a, b] = dialer === 'low' ? [both.low, both.high] : [both.high, both.low];
      b.accepts = false;
      a.dial();
      deliverAll(both.low, both.high);
      expect(a.outcomes).toEqual(['busy']);
      expect(b.outcomes).toEqual([]);
      expect([a.connections.size, b.maxConnections]).toEqual([0, 0]);
    }
  });

  it('[LNK-51] carries the contacts of a refusal, as many as may travel and only with `busy`', () => {
    const contacts = Array.from({ length: MAX_CONTACTS + 1 }, (_, i) => digest('test/contact', utf8(`${i}`)));
    const both = sides();
    both.low.accepts = false;
    both.low.contacts = contacts as string[] as PeerId[];
    both.high.dial();
    deliverAll(both.low, both.high);
    const failed = both.high.actions.find((action) => action.kind === 'failed');
    expect(failed).toMatchObject({ reason: 'busy', contacts: contacts.slice(0, MAX_CONTACTS) });
    const { low } = sides();
    low.dial();
    const attempt = low.out[0]?.kind === 'offer' ? low.out[0].attempt : expect.fail('no offer');
    low.hear({ kind: 'refuse', attempt, reason: 'notMember', contacts: [HIGH] });
    expect(low.actions.at(-1)).toMatchObject({ kind: 'failed', reason: 'notMember', contacts: [] });
  });

  it('[LNK-40] ends at its deadline, tells the other side, and drops what comes later', () => {
    const { low, high } = sides();
    low.dial();
    const offer = low.out.shift() ?? expect.fail('no offer');
    low.tick(UNANSWERED_MS);
    expect(low.outcomes).toEqual(['timeout']);
    expect(low.connections.size).toBe(0);
    expect(low.out).toMatchObject([{ kind: 'bye', reason: 'timeout' }]);
    high.hear(offer, UNANSWERED_MS); // so late that the deadline has passed: answered, and the answer dropped
    low.hear(high.out.shift() ?? expect.fail('no answer'), UNANSWERED_MS);
    expect(drops(low)).toEqual(['late']);
    high.hear(low.out.shift() ?? expect.fail('no bye'), UNANSWERED_MS);
    expect(high.outcomes).toEqual(['timeout']);
  });

  it('[LNK-52] has 10 s once the other side has given a sign, and 3 s without', () => {
    for (const who of ['low', 'high'] as const) {
      const silent = sides()[who];
      silent.dial();
      silent.tick(UNANSWERED_MS - 1);
      expect(silent.outcomes).toEqual([]);
      silent.tick(UNANSWERED_MS);
      expect(silent.outcomes).toEqual(['timeout']);

      const both = sides();
      const [dialer, other] = who === 'low' ? [both.low, both.high] : [both.high, both.low];
      dialer.dial();
      other.hear(dialer.out.shift() ?? expect.fail('nothing sent'));
      dialer.hear(other.out.shift() ?? expect.fail('no sign')); // and then nothing more comes
      dialer.out.length = 0;
      dialer.tick(ATTEMPT_DEADLINE_MS - 1);
      expect(dialer.outcomes).toEqual([]);
      dialer.tick(ATTEMPT_DEADLINE_MS);
      expect(dialer.outcomes).toEqual(['timeout']);
    }
  });

  it('[LNK-52] counts a crossing ask as a sign', () => {
    const { low, high } = sides();
    low.dial();
    high.dial();
    low.hear(high.out.shift() ?? expect.fail('no ask'));
    low.tick(UNANSWERED_MS);
    expect(low.outcomes).toEqual([]);
  });

  it('[LNK-52] does not count our own lag', () => {
    const { low } = sides();
    low.dial();
    low.attempts.forgive(5000);
    low.tick(UNANSWERED_MS + 4999);
    expect(low.outcomes).toEqual([]);
    low.tick(UNANSWERED_MS + 5000);
    expect(low.outcomes).toEqual(['timeout']);
  });

  it('[LNK-44] drops signals of ended attempts, of the wrong side, and repeated ones, without harm', () => {
    const { low, high } = sides();
    low.dial();
    const offer = low.out[0] ?? expect.fail('no offer');
    deliverAll(low, high);
    const { link } = low;
    high.hear(offer);
    low.hear(offer);
    low.hear({ kind: 'candidates', attempt: new Uint8Array(8), candidates: [] });
    low.hear({ kind: 'bye', attempt: new Uint8Array(8), reason: 'closed' });
    high.hear({ kind: 'ask', attempt: new Uint8Array(8) });
    expect(drops(high)).toEqual(['late', 'wrongRole']);
    expect(drops(low)).toEqual(['wrongRole', 'late', 'late']);
    expect([low.link, high.link]).toEqual([link, link]);
    expect([...low.connections, ...high.connections]).toEqual([]);
  });

  it('[LNK-46] of a peer that is linked already is not asked about', () => {
    const { low, high } = sides();
    low.dial();
    deliverAll(low, high);
    high.link = undefined; // the page was reloaded and has forgotten
    const reloaded = new Side(HIGH, LOW);
    reloaded.dial();
    const before = low.actions.length;
    deliverAll(low, reloaded);
    expect(low.actions.slice(before).filter((action) => action.kind === 'asked')).toEqual([]);
    expect(low.link).toBe(reloaded.link);
  });

  it('[LNK-46] starts anew when the other side comes back in the middle of it', () => {
    const { low, high } = sides();
    high.dial();
    low.hear(high.out.shift() ?? expect.fail('no ask'));
    high.hear(low.out.shift() ?? expect.fail('no offer'));
    low.hear(high.out.shift() ?? expect.fail('no answer')); // both connect; now the page of the higher one reloads
    const reloaded = new Side(HIGH, LOW);
    reloaded.attempts.dial(LOW, at(0)); // its ids differ from those of its former life
    reloaded.attempts.abandon(LOW, 'closed');
    reloaded.dial(100);
    deliverAll(low, reloaded, 100);
    expect(low.link).toBeDefined();
    expect(low.link).toBe(reloaded.link);
    expect(low.outcomes).toEqual(['up']);
    expect(low.connections.size).toBe(0); // the one of the first start is closed
  });

  it('[LNK-48] repeats an ask and an offer that bring no answer', () => {
    for (const who of ['low', 'high'] as const) {
      const both = sides();
      both[who].dial();
      both[who].out.length = 0; // lost
      both[who].tick(RESEND_MS - 1);
      expect(both[who].out).toEqual([]);
      both[who].tick(RESEND_MS);
      deliverAll(both.low, both.high, RESEND_MS);
      expect(both.low.link).toBeDefined();
    }
  });

  it('[LNK-48] repeats to a silent peer once, and to one that has given a sign every 3 s', () => {
    const repeats = (side: Side): number => {
      let count = 0;
      for (let now = 0; now < ATTEMPT_DEADLINE_MS; now += 100) {
        side.tick(now);
        count += side.out.splice(0).filter((signal) => signal.kind === 'offer').length;
      }
      return count;
    };
    const dialing = sides().low;
    dialing.dial();
    dialing.out.length = 0;
    expect(repeats(dialing)).toBe(1);
    const asked = sides();
    asked.high.dial();
    asked.low.hear(asked.high.out.shift() ?? expect.fail('no ask'));
    asked.low.out.length = 0;
    expect(repeats(asked.low)).toBe(1 + Math.floor((ATTEMPT_DEADLINE_MS - RESEND_MS - 1) / RESEND_AGAIN_MS));
  });

  it('[LNK-48] repeats an offer for one who asks again, but not for dials that cross', () => {
    const { low, high } = sides();
    low.dial();
    low.out.length = 0; // lost: the other side was not listening yet
    high.dial(MIN_RESEND_MS - 1);
    const ask = high.out.shift() ?? expect.fail('no ask');
    low.hear(ask, MIN_RESEND_MS - 1);
    expect(low.out).toEqual([]);
    low.hear(ask, MIN_RESEND_MS);
    expect(low.out).toMatchObject([{ kind: 'offer' }]);
    deliverAll(low, high, MIN_RESEND_MS);
    expect(low.link).toBeDefined();
  });

  it('[LNK-49] ends with the code of its connection', () => {
    const { low, high } = sides();
    low.dial();
    const [id = ''] = low.connections.keys();
    low.connections.delete(id);
    low.obey(low.attempts.connectionFailed(Uint8Array.from(Buffer.from(id, 'hex')), 'iceFailed'), 0);
    expect(low.outcomes).toEqual(['iceFailed']);
    deliverAll(low, high);
    expect(high.outcomes).toEqual(['iceFailed']);
  });

  it('[LNK-50] accepted after it is over has the outcome it is owed', () => {
    const { low, high } = sides();
    high.accepts = 'later';
    low.dial();
    high.hear(low.out.shift() ?? expect.fail('no offer'));
    high.tick(ATTEMPT_DEADLINE_MS);
    expect(high.outcomes).toEqual([]);
    high.answer(true, ATTEMPT_DEADLINE_MS);
    expect(high.outcomes).toEqual(['timeout']);
    high.answer(false, ATTEMPT_DEADLINE_MS);
    expect(high.outcomes).toEqual(['timeout']);
  });

  it('[LNK-50] given up by its owner has no outcome there, and the reason on the other side', () => {
    const { low, high } = sides();
    low.dial();
    high.hear(low.out.shift() ?? expect.fail('no offer'));
    low.obey(low.attempts.abandon(HIGH, 'replaced'), 0);
    deliverAll(low, high);
    expect(low.outcomes).toEqual([]);
    expect(high.outcomes).toEqual(['replaced']);
    expect(high.connections.size).toBe(0);
  });

  it('[LNK-47] fails as busy when there is no place for a connection', () => {
    const low = new Side(LOW, HIGH, () => false);
    low.dial();
    expect(low.outcomes).toEqual(['busy']);
    const high = new Side(HIGH, LOW, () => false);
    high.hear({
      kind: 'offer',
      attempt: new Uint8Array(8),
      description: described('offer', ''),
      candidates: [],
    });
    expect(high.outcomes).toEqual(['busy']);
    expect(high.out).toMatchObject([{ kind: 'bye', reason: 'busy' }]);
  });

  it('[LNK-47] is refused when too many are under way', () => {
    const low = new Side(LOW, HIGH);
    low.accepts = 'later';
    const peers = Array.from({ length: MAX_ATTEMPTS + 1 }, (_, i) => toHex(digestBytes('p', utf8(`${i}`))));
    for (const peer of peers) {
      const id = `ff${peer.slice(2)}` as PeerId;
      low.obey(low.attempts.received(id, { kind: 'ask', attempt: new Uint8Array(8) }, at(0)), 0);
    }
    expect(low.out).toMatchObject([{ kind: 'refuse', reason: 'busy' }]);
  });
});

describe('the connection budget', () => {
  /** Opens and closes connections until a limit says no. */
  function spend(budget: ConnectionBudget, now: number): { made: number; code: BudgetCode } {
    for (let made = 0; ; made++) {
      const code = budget.take(at(now));
      if (code !== undefined) return { made, code };
      budget.release();
    }
  }

  it('[LNK-47] bounds the connections that are alive', () => {
    const budget = new ConnectionBudget();
    for (let i = 0; i < MAX_LIVE; i++) expect(budget.take(at(0))).toBeUndefined();
    expect(budget.take(at(0))).toBe('live');
    budget.release();
    expect(budget.take(at(0))).toBeUndefined();
  });

  it('[LNK-47] bounds the connections of a minute', () => {
    const budget = new ConnectionBudget();
    expect(spend(budget, 0)).toEqual({ made: MAX_NEW_PER_MINUTE, code: 'minute' });
    expect(spend(budget, 59_999)).toEqual({ made: 0, code: 'minute' });
    expect(spend(budget, 60_000)).toEqual({ made: MAX_NEW_PER_MINUTE, code: 'minute' });
  });

  it('[LNK-47] bounds the connections of an hour', () => {
    const budget = new ConnectionBudget();
    let made = 0;
    for (let minute = 0; minute < 60; minute++) made += spend(budget, minute * 60_000).made;
    expect(made).toBe(MAX_NEW_PER_HOUR);
    expect(spend(budget, 3_599_999)).toEqual({ made: 0, code: 'hour' });
    expect(spend(budget, 3_600_000)).toEqual({ made: MAX_NEW_PER_MINUTE, code: 'hour' });
  });

  it('[LNK-53] counts closed connections until they are collected', () => {
    let held = MAX_PER_PAGE;
    const budget = new ConnectionBudget(() => held);
    expect(budget.take(at(0))).toBe('page');
    held -= 1;
    expect(budget.take(at(0))).toBeUndefined();
  });
});
