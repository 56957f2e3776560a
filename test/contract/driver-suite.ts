/** The driver contract, rule by rule (docs/spec/driver.md). Both drivers pass it. */
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/kernel/bytes.ts';
import { invariant } from '../../src/kernel/invariant.ts';
import { ok, refuse } from '../../src/kernel/result.ts';
import type { DriverHarness, MakeHarness, Question } from './driver-harness.ts';
import {
  BAD_BYTES,
  note,
  noteBytes,
  NoteProtocol,
  peerA,
  peerB,
  ScriptedMachine,
  SIGNED,
  type NoteEffect,
  type Order,
} from './driver-script.ts';

const order = (kind: string, ...effects: NoteEffect[]): Order => ({ kind, effects });
const emit = (event: string): NoteEffect => ({ kind: 'emit', event });
const arm = (timer: string, afterMs: number): NoteEffect => ({ kind: 'arm', timer, afterMs });
const persist = (tag: string): NoteEffect => ({
  kind: 'persist',
  tag,
  writes: [{ op: 'put', store: 'notes', key: tag, value: utf8(tag) }],
});
const sign = (tag: string): NoteEffect => ({ kind: 'sign', tag, body: utf8(tag) });
const send = (text: string): NoteEffect => ({
  kind: 'send',
  to: peerA,
  message: note(text),
  lane: 'journal',
});

function finish<Answer>(questions: Question<unknown, Answer>[], index: number, answer: Answer): void {
  const question = questions[index];
  invariant(question !== undefined, `no question ${index}`);
  question.finish(answer);
}

export function driverContract(name: string, makeHarness: MakeHarness): void {
  const make = (): DriverHarness => makeHarness(new ScriptedMachine(), new NoteProtocol());

  describe(`${name}: order`, () => orderRules(make));
  describe(`${name}: timers`, () => timerRules(make));
  describe(`${name}: disk and keys`, () => answerRules(make));
  describe(`${name}: links`, () => linkRules(make));
  describe(`${name}: refusals and caps`, () => refusalRules(make));
  describe(`${name}: end and sleep`, () => endRules(make));
}

function orderRules(make: () => DriverHarness): void {
  it('[DRV-1] obeys effects in their order, all of them before the next input', () => {
    const h = make();
    h.linkUp(peerA);
    h.edges.onEvent = (event) => {
      if (event === 'first') h.command(order('inner', emit('inner')));
    };
    h.command(order('outer', emit('first'), send('one'), { kind: 'dial', peer: peerB }, emit('last')));
    expect(h.edges.calls).toEqual(['emit first', 'send a note one', 'dial b', 'emit last', 'emit inner']);
    expect(h.machine.seen).toEqual(['linkUp a', 'command outer', 'command inner']);
  });

  it('[DRV-2] queues whatever arises while an effect is obeyed', () => {
    const h = make();
    h.linkUp(peerA);
    h.edges.onEvent = (event) => {
      if (event !== 'go') return;
      h.received(peerA, noteBytes('during'));
      h.linkDown(peerA, 'silent');
      h.asked(peerB);
      h.discovered(peerB);
    };
    h.command(order('outer', emit('go'), emit('end')));
    expect(h.edges.stops).toEqual([]);
    expect(h.edges.calls).toEqual(['emit go', 'emit end']);
    expect(h.machine.seen.slice(0, 2)).toEqual(['linkUp a', 'command outer']);
    expect(new Set(h.machine.seen.slice(2))).toEqual(
      new Set(['received a during', 'linkDown a silent', 'asked b', 'discovered b signaling']),
    );
  });

  it('[DRV-3] never lets now go back', async () => {
    const h = make();
    h.command(order('one'));
    await h.advance(50);
    h.command(order('two'));
    await h.advance(10);
    h.command(order('three'));
    const [first = 0, ...later] = h.machine.times;
    expect(later.map((time) => time - first)).toEqual([50, 60]);
  });

  it('[DRV-4] takes commands in the order given and refuses them once stopped', () => {
    const h = make();
    expect(h.command(order('one'))).toBe(true);
    expect(h.command(order('two'))).toBe(true);
    h.stop();
    expect(h.command(order('three'))).toBe(false);
    expect(h.machine.seen).toEqual(['command one', 'command two']);
  });

  it('[DRV-18] encodes a message once for all who get it in one step', () => {
    const h = make();
    h.linkUp(peerA);
    h.linkUp(peerB);
    const message = note('to all');
    const toAll = [peerA, peerB].map((to): NoteEffect => ({ kind: 'send', to, message, lane: 'journal' }));
    h.command(order('send', ...toAll));
    expect(h.edges.sent.map(({ to }) => to)).toEqual([peerA, peerB]);
    expect(h.protocol.encodings).toBe(1);
    h.command(order('send', ...toAll));
    expect(h.protocol.encodings).toBe(2);
  });
}

function timerRules(make: () => DriverHarness): void {
  it('[DRV-5] fires a timer once, not before its delay', async () => {
    const h = make();
    h.command(order('arm', arm('t', 100)));
    await h.advance(99);
    expect(h.machine.seen).toEqual(['command arm']);
    await h.advance(1);
    expect(h.machine.seen).toEqual(['command arm', 'elapsed t']);
    await h.advance(10_000);
    expect(h.machine.seen).toHaveLength(2);
  });

  it('[DRV-5] lets a timer be armed again from its own expiry', async () => {
    const h = make();
    h.machine.react = (input) => (input.kind === 'elapsed' ? [arm('t', 10)] : []);
    h.command(order('arm', arm('t', 10)));
    await h.advance(30);
    expect(h.machine.seen.filter((text) => text === 'elapsed t')).toHaveLength(3);
  });

  it('[DRV-6] replaces an earlier arming of the same name', async () => {
    const h = make();
    h.command(order('arm', arm('t', 100), arm('other', 120)));
    await h.advance(60);
    h.command(order('again', arm('t', 100)));
    await h.advance(99);
    expect(h.machine.seen).toEqual(['command arm', 'command again', 'elapsed other']);
    await h.advance(1);
    expect(h.machine.seen.at(-1)).toBe('elapsed t');
    await h.advance(1_000);
    expect(h.machine.seen).toHaveLength(4);
  });

  it('[DRV-7] drops an expiry that was disarmed before its turn came', async () => {
    const h = make();
    // Both are due when the frozen clock runs again; the first one disarms the second.
    h.machine.react = (input) =>
      input.kind === 'elapsed' && input.timer === 'first' ? [{ kind: 'disarm', timer: 'second' }] : [];
    h.command(order('arm', arm('first', 10), arm('second', 10)));
    await h.freeze(500);
    expect(h.machine.seen).toEqual(['command arm', 'elapsed first']);
  });

  it('[DRV-7] drops an expiry that was queued when its timer was armed again', async () => {
    const h = make();
    h.command(order('arm', arm('t', 10)));
    h.edges.onEvent = () => {
      void h.freeze(20); // the expiry arrives while the step's effects are being obeyed
    };
    h.command(order('again', emit('now'), arm('t', 50)));
    await h.settle();
    expect(h.machine.seen).toEqual(['command arm', 'command again']);
    await h.advance(50);
    expect(h.machine.seen).toEqual(['command arm', 'command again', 'elapsed t']);
  });
}

function answerRules(make: () => DriverHarness): void {
  it('[DRV-8] says durable only when the store does', async () => {
    const h = make();
    h.command(order('save', persist('w'), emit('after')));
    await h.advance(60_000);
    expect(h.edges.calls).toEqual(['emit after']);
    expect(h.machine.seen).toEqual(['command save']);
    expect(h.edges.writes.map(({ asked }) => asked.length)).toEqual([1]);
    finish(h.edges.writes, 0, ok(undefined));
    await h.settle();
    expect(h.machine.seen).toEqual(['command save', 'durable w']);
  });

  it('[DRV-8] passes on why a write is not durable', async () => {
    const h = make();
    h.command(order('save', persist('w')));
    finish(h.edges.writes, 0, refuse('quota'));
    await h.settle();
    expect(h.machine.seen).toEqual(['command save', 'notDurable w quota']);
  });

  it('[DRV-9] answers writes in the order of the requests', async () => {
    const h = make();
    h.command(order('save', persist('1'), persist('2'), persist('3')));
    finish(h.edges.writes, 2, ok(undefined));
    finish(h.edges.writes, 1, refuse('failed'));
    await h.settle();
    expect(h.machine.seen).toEqual(['command save']);
    finish(h.edges.writes, 0, ok(undefined));
    await h.settle();
    expect(h.machine.seen.slice(1)).toEqual(['durable 1', 'notDurable 2 failed', 'durable 3']);
  });

  it('[DRV-10] answers signature requests in their order', async () => {
    const h = make();
    h.command(order('sign', sign('1'), sign('2')));
    expect(h.edges.signatures.map(({ asked }) => asked)).toEqual([utf8('1'), utf8('2')]);
    finish(h.edges.signatures, 1, new Uint8Array(64));
    await h.settle();
    expect(h.machine.seen).toEqual(['command sign']);
    finish(h.edges.signatures, 0, new Uint8Array(64));
    await h.settle();
    expect(h.machine.seen.slice(1)).toEqual(['signed 1', 'signed 2']);
  });

  it('[DRV-10] does not make a signature wait for a write, nor a write for a signature', async () => {
    const h = make();
    h.command(order('both', persist('w'), sign('s')));
    finish(h.edges.signatures, 0, new Uint8Array(64));
    await h.settle();
    expect(h.machine.seen.slice(1)).toEqual(['signed s']);
  });
}

function linkRules(make: () => DriverHarness): void {
  it('[DRV-11] keeps the order of a link while one of its messages is being checked', async () => {
    const h = make();
    h.linkUp(peerA);
    h.received(peerA, noteBytes(`${SIGNED}slow`));
    h.received(peerA, noteBytes('plain'));
    h.received(peerA, BAD_BYTES);
    h.linkDown(peerA, 'goodbye');
    h.asked(peerA);
    await h.settle();
    expect(h.machine.seen).toEqual(['linkUp a']);
    finish(h.edges.checks, 0, true);
    await h.settle();
    expect(h.machine.seen.slice(1)).toEqual([
      `received a ${SIGNED}slow`,
      'received a plain',
      'refused a notANote',
      'linkDown a goodbye',
      'asked a',
    ]);
  });

  it('[DRV-11] keeps the order of a link whichever check is done first', async () => {
    const h = make();
    h.linkUp(peerA);
    for (const text of ['1', '2', '3']) h.received(peerA, noteBytes(SIGNED + text));
    await h.settle();
    // A driver may check one at a time or several; either way the last question is answered first.
    for (let round = 0; round < 3; round++) {
      for (const question of h.edges.checks.splice(0).reverse()) question.finish(true);
      await h.settle();
    }
    expect(h.machine.seen.slice(1)).toEqual(['1', '2', '3'].map((text) => `received a ${SIGNED}${text}`));
  });

  it('[DRV-12] does not make one link wait for another', async () => {
    const h = make();
    h.linkUp(peerA);
    h.linkUp(peerB);
    h.received(peerA, noteBytes(`${SIGNED}slow`));
    h.received(peerB, noteBytes('quick'));
    await h.settle();
    expect(h.machine.seen.slice(2)).toEqual(['received b quick']);
  });

  it('[DRV-17] drops what a peer sent before the machine hung up on it', async () => {
    const h = make();
    h.linkUp(peerA);
    h.received(peerA, noteBytes(`${SIGNED}slow`));
    h.received(peerA, noteBytes('waiting'));
    h.linkDown(peerA, 'silent');
    h.command(order('hang up', { kind: 'hangUp', peer: peerA, reason: 'replaced' }, send('too late')));
    finish(h.edges.checks, 0, true);
    await h.settle();
    expect(h.machine.seen).toEqual(['linkUp a', 'command hang up']);
    expect(h.edges.calls).toEqual(['hangUp a replaced']);
  });

  it('[DRV-17] drops a message that arrives while the hang-up is under way, and takes the next link', async () => {
    const h = make();
    h.linkUp(peerA);
    h.edges.onEvent = () => h.received(peerA, noteBytes('crossing'));
    h.command(order('hang up', emit('now'), { kind: 'hangUp', peer: peerA, reason: 'busy' }));
    h.received(peerA, noteBytes('late'));
    h.linkUp(peerA);
    h.received(peerA, noteBytes('new'));
    await h.settle();
    expect(h.machine.seen).toEqual(['linkUp a', 'command hang up', 'linkUp a', 'received a new']);
  });

  it('[DRV-17] ignores bytes of a link that is not up', async () => {
    const h = make();
    h.received(peerA, noteBytes('early'));
    h.linkUp(peerA);
    h.linkDown(peerA, 'closed');
    h.received(peerA, noteBytes('late'));
    await h.settle();
    expect(h.machine.seen).toEqual(['linkUp a', 'linkDown a closed']);
  });

  it('[DRV-17] drops the ready messages of a peer on which an earlier message made the machine hang up', () => {
    const h = make();
    h.linkUp(peerA);
    h.linkUp(peerB);
    h.edges.onEvent = () => {
      h.received(peerA, noteBytes('first'));
      h.received(peerB, noteBytes('second'));
    };
    h.machine.react = (input) =>
      input.kind === 'received' ? [{ kind: 'hangUp', peer: peerB, reason: 'replaced' }] : [];
    h.command(order('go', emit('go')));
    expect(h.machine.seen.slice(2)).toEqual(['command go', 'received a first']);
  });

  it('[DRV-17] ignores bytes that arrive behind the end of their link', () => {
    const h = make();
    h.linkUp(peerA);
    h.edges.onEvent = () => {
      h.linkDown(peerA, 'closed');
      h.received(peerA, noteBytes('late'));
    };
    h.command(order('go', emit('go')));
    expect(h.machine.seen.slice(1)).toEqual(['command go', 'linkDown a closed']);
  });

  it('[DRV-1] passes on dials, answers and what comes of them', () => {
    const h = make();
    h.machine.react = (input) =>
      input.kind === 'asked' ? [{ kind: 'answer', peer: input.peer, accept: true }] : [];
    h.command(order('dial', { kind: 'dial', peer: peerB }));
    h.dialFailed(peerB, 'iceFailed');
    h.asked(peerA);
    expect(h.machine.seen).toEqual(['command dial', 'dialFailed b iceFailed', 'asked a']);
    expect(h.edges.calls).toEqual(['dial b', 'answer a true']);
  });
}

const MEGABYTE = 1024 * 1024;

function refusalRules(make: () => DriverHarness): void {
  it('[DRV-13] refuses bytes that do not decode', async () => {
    const h = make();
    h.linkUp(peerA);
    h.received(peerA, BAD_BYTES);
    await h.settle();
    expect(h.machine.seen).toEqual(['linkUp a', 'refused a notANote']);
  });

  it('[DRV-14] refuses a message whose signature does not hold', async () => {
    const h = make();
    h.linkUp(peerA);
    h.received(peerA, noteBytes(`${SIGNED}forged`));
    finish(h.edges.checks, 0, false);
    await h.settle();
    expect(h.machine.seen).toEqual(['linkUp a', 'refused a badSignature']);
  });

  it('[DRV-16] hangs up on a link whose backlog passes 32 MiB, and on no other', async () => {
    const h = make();
    h.linkUp(peerA);
    h.linkUp(peerB);
    h.received(peerA, noteBytes(`${SIGNED}slow`));
    const large = new Uint8Array(MEGABYTE);
    for (let i = 0; i < 31; i++) h.received(peerA, large);
    await h.settle();
    expect(h.edges.calls).toEqual([]);
    h.received(peerA, large);
    h.received(peerB, noteBytes('still here'));
    await h.settle();
    expect(h.edges.calls).toEqual(['hangUp a overloaded']);
    expect(h.machine.seen.slice(2)).toEqual(['linkDown a overloaded', 'received b still here']);
    finish(h.edges.checks, 0, true);
    await h.settle();
    expect(h.machine.seen).toHaveLength(4);
  });

  it('[DRV-16] counts empty messages too', async () => {
    const h = make();
    h.linkUp(peerA);
    h.received(peerA, noteBytes(`${SIGNED}slow`));
    const small = noteBytes('');
    for (let i = 0; i < 32 * 4096 && h.edges.calls.length === 0; i++) h.received(peerA, small);
    await h.settle();
    expect(h.edges.calls).toEqual(['hangUp a overloaded']);
  });

  it('[DRV-16] gives room again when messages are stepped', async () => {
    const h = make();
    h.linkUp(peerA);
    const large = noteBytes('x'.repeat(MEGABYTE / 2));
    for (let i = 0; i < 100; i++) h.received(peerA, large);
    await h.settle();
    expect(h.edges.calls).toEqual([]);
    expect(h.machine.seen).toHaveLength(101);
  });
}

function endRules(make: () => DriverHarness): void {
  it('[DRV-19] stops for good when the machine throws, and keeps the trace', async () => {
    const h = make();
    h.linkUp(peerA);
    h.machine.react = (input) => {
      invariant(input.kind !== 'received', 'a planted mistake');
      return [emit('unreached')];
    };
    h.command(order('arm', arm('t', 10), persist('w')));
    h.received(peerA, noteBytes('boom'));
    finish(h.edges.writes, 0, ok(undefined));
    h.received(peerA, noteBytes('after'));
    await h.advance(1_000);
    expect(h.machine.seen).toEqual(['linkUp a', 'command arm', 'received a boom']);
    expect(h.edges.calls).toEqual(['stop']);
    expect(h.edges.stops).toHaveLength(1);
    expect(String(h.edges.stops[0]?.error)).toBe('InvariantError: a planted mistake');
    const trace = h.edges.stops[0]?.trace.join('\n');
    expect(trace).toMatch(/linkUp a[\s\S]*command arm[\s\S]*received a+ note[\s\S]*failed/);
  });

  it('[DRV-19] carries out no effect behind the one that failed', () => {
    const h = make();
    h.edges.onEvent = () => invariant(false, 'a listener that throws');
    h.command(order('two', emit('first'), emit('second')));
    expect(h.edges.calls).toEqual(['emit first', 'stop']);
    expect(h.edges.stops).toHaveLength(1);
  });

  it('[DRV-19] stops at a timer without a meaning', () => {
    const h = make();
    h.command(order('arm', arm('t', Number.NaN)));
    expect(h.edges.stops).toHaveLength(1);
  });

  it('[DRV-20] stops once, whatever is still under way', async () => {
    const h = make();
    h.linkUp(peerA);
    h.command(order('arm', arm('t', 10), persist('w'), sign('s')));
    h.received(peerA, noteBytes(`${SIGNED}slow`));
    h.stop();
    h.stop();
    finish(h.edges.writes, 0, ok(undefined));
    finish(h.edges.signatures, 0, new Uint8Array(64));
    finish(h.edges.checks, 0, true);
    h.linkDown(peerA, 'goodbye');
    h.asked(peerB);
    h.discovered(peerB);
    await h.advance(10_000);
    expect(h.machine.seen).toEqual(['linkUp a', 'command arm']);
    expect(h.edges.calls).toEqual(['stop']);
    expect(h.edges.stops).toEqual([]);
    expect(h.edges.gaps).toEqual([]);
  });

  it('[DRV-20] obeys no effect after an event made the application stop it', () => {
    const h = make();
    h.edges.onEvent = () => h.stop();
    h.command(order('two', emit('first'), emit('second')));
    expect(h.edges.calls).toEqual(['emit first', 'stop']);
  });

  it('[DRV-21] reports that it did not run for a while', async () => {
    const h = make();
    await h.advance(30_000);
    await h.freeze(4_500);
    expect(h.edges.gaps).toEqual([]);
    await h.advance(1_000);
    await h.freeze(31_000);
    expect(h.edges.gaps).toEqual([30_000]);
    await h.advance(30_000);
    expect(h.edges.gaps).toHaveLength(1);
  });
}
