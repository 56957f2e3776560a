import { describe, expect, it, vi } from 'vitest';
import { utf8 } from '../../../src/kernel/bytes.ts';
import type { SignatureCheck } from '../../../src/kernel/machine.ts';
import { createVerifier, generateKeyPair, signerFrom } from '../../../src/runtime/crypto.ts';
import {
  CHECKS_AT_ONCE,
  MIN_WORKER_CHECKS,
  VerifyDesk,
  WORKER_ANSWER_MS,
  type VerifyWorker,
} from '../../../src/runtime/verify-desk.ts';
import {
  MAX_REQUEST_BODY_BYTES,
  MAX_REQUEST_CHECKS,
  packChecks,
  unpackChecks,
  type VerifyAnswer,
  type VerifyRequest,
} from '../../../src/runtime/verify-message.ts';
import { VirtualTime } from '../../support/virtual-time.ts';

async function checksBy(count: number): Promise<SignatureCheck[]> {
  const signers = await Promise.all(
    [generateKeyPair(), generateKeyPair()].map(async (pair) => signerFrom(await pair)),
  );
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const signer = signers[n % 2];
      if (signer === undefined) throw new Error('two signers');
      const body = utf8(`body ${n}`);
      return { signer: signer.peerId, body, signature: await signer.sign(body) };
    }),
  );
}

/** A worker whose requests are kept until the test answers. */
class KeptWorker implements VerifyWorker {
  onmessage: ((event: MessageEvent<VerifyAnswer>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly requests: VerifyRequest[] = [];
  isTerminated = false;

  postMessage(request: VerifyRequest): void {
    this.requests.push(request);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  say(data: VerifyAnswer): void {
    this.onmessage?.(new MessageEvent('message', { data }));
  }
}

function pageVerifier() {
  return { verifyAll: vi.fn((checks: readonly SignatureCheck[]) => Promise.resolve(checks.length > 0)) };
}

describe('where signatures are checked', () => {
  it('[KEY-27] few on the page, many in the worker once it has started', async () => {
    const checks = await checksBy(MIN_WORKER_CHECKS);
    const page = pageVerifier();
    const worker = new KeptWorker();
    const start = vi.fn(() => worker);
    const desk = new VerifyDesk(page, new VirtualTime(), start);
    expect(await desk.verifyAll(checks.slice(1))).toBe(true);
    expect(start).not.toHaveBeenCalled();
    expect(await desk.verifyAll(checks)).toBe(true);
    expect(page.verifyAll).toHaveBeenCalledTimes(2);
    worker.say('ready');
    const answers = [desk.verifyAll(checks), desk.verifyAll(checks)];
    expect(worker.requests.map(({ id }) => id)).toEqual([1, 2]);
    expect(worker.requests.map((request) => unpackChecks(request.checks))).toEqual([checks, checks]);
    worker.say({ id: 2, hold: false });
    worker.say({ id: 1, hold: true });
    expect(await Promise.all(answers)).toEqual([true, false]);
    expect(page.verifyAll).toHaveBeenCalledTimes(2);
    expect(start).toHaveBeenCalledTimes(1);
  });

  it('[KEY-27] some at a time on the page while the worker starts, and the rest in the worker', async () => {
    const checks = await checksBy(CHECKS_AT_ONCE * 3);
    const page = pageVerifier();
    const worker = new KeptWorker();
    const turns: (() => void)[] = [];
    const yieldThen = (callback: () => void) => void turns.push(callback);
    const yielding = () => ({ yieldThen, stop: () => undefined });
    const desk = new VerifyDesk(page, new VirtualTime(), () => worker, yielding);
    const [first, second] = [desk.verifyAll(checks), desk.verifyAll(checks)];
    await vi.waitUntil(() => turns.length === 1);
    expect(page.verifyAll.mock.calls).toEqual([[checks.slice(0, CHECKS_AT_ONCE)]]);
    worker.say('ready');
    turns.shift()?.();
    await vi.waitUntil(() => worker.requests.length === 2);
    expect(worker.requests.map((request) => unpackChecks(request.checks))).toEqual([
      checks.slice(CHECKS_AT_ONCE),
      checks,
    ]);
    worker.say({ id: 1, hold: true });
    worker.say({ id: 2, hold: false });
    expect(await Promise.all([first, second])).toEqual([true, false]);
    expect(page.verifyAll).toHaveBeenCalledTimes(1);
  });

  it('[KEY-27] one that does not hold ends it while the worker starts', async () => {
    const checks = await checksBy(CHECKS_AT_ONCE * 3);
    const page = {
      verifyAll: vi.fn((some: readonly SignatureCheck[]) =>
        Promise.resolve(some[0] !== checks[CHECKS_AT_ONCE]),
      ),
    };
    const desk = new VerifyDesk(page, new VirtualTime(), () => new KeptWorker());
    expect(await desk.verifyAll(checks)).toBe(false);
    expect(page.verifyAll).toHaveBeenCalledTimes(2);
  });

  it('[KEY-27] what a worker that fails has not answered is checked on the page, and so is all that follows', async () => {
    const checks = await checksBy(MIN_WORKER_CHECKS);
    const page = { verifyAll: vi.fn(() => Promise.resolve(false)) };
    const worker = new KeptWorker();
    const desk = new VerifyDesk(page, new VirtualTime(), () => worker);
    await desk.verifyAll(checks);
    worker.say('ready');
    const open = desk.verifyAll(checks);
    worker.onerror?.({} as ErrorEvent);
    expect(await open).toBe(false);
    expect(worker.isTerminated).toBe(true);
    await desk.verifyAll(checks);
    expect(worker.requests.length).toBe(1);
    expect(page.verifyAll.mock.calls).toEqual([[checks], [checks], [checks]]);
  });

  it('[KEY-27] a worker that does not answer in time is ended; one that does is not, however long it has run', async () => {
    const checks = await checksBy(MIN_WORKER_CHECKS);
    const page = { verifyAll: vi.fn(() => Promise.resolve(false)) };
    const worker = new KeptWorker();
    const time = new VirtualTime();
    const desk = new VerifyDesk(page, time, () => worker);
    await desk.verifyAll(checks);
    worker.say('ready');
    const first = desk.verifyAll(checks);
    await time.advance(WORKER_ANSWER_MS - 1);
    worker.say({ id: 1, hold: true });
    expect(await first).toBe(true);
    const second = desk.verifyAll(checks);
    await time.advance(WORKER_ANSWER_MS - 1);
    expect(worker.isTerminated).toBe(false);
    await time.advance(1);
    expect(worker.isTerminated).toBe(true);
    expect(await second).toBe(false);
    await desk.verifyAll(checks);
    expect(worker.requests.length).toBe(2);
    expect(page.verifyAll).toHaveBeenCalledTimes(3);
  });

  it('[KEY-27] without workers all are checked on the page', async () => {
    const checks = await checksBy(MIN_WORKER_CHECKS);
    const page = pageVerifier();
    const start = vi.fn(() => undefined);
    const desk = new VerifyDesk(page, new VirtualTime(), start);
    expect(await Promise.all([desk.verifyAll(checks), desk.verifyAll(checks)])).toEqual([true, true]);
    expect(start).toHaveBeenCalledTimes(1);
  });

  it('[KEY-27] what the worker does not take is checked on the page', async () => {
    const [check] = await checksBy(1);
    if (check === undefined) throw new Error('one check');
    const page = pageVerifier();
    const worker = new KeptWorker();
    const desk = new VerifyDesk(page, new VirtualTime(), () => worker);
    const many = (one: SignatureCheck, count = MIN_WORKER_CHECKS): SignatureCheck[] =>
      Array.from({ length: count }, () => one);
    await desk.verifyAll(many(check));
    worker.say('ready');
    await desk.verifyAll(many({ ...check, body: new Uint8Array(MAX_REQUEST_BODY_BYTES + 1) }));
    await desk.verifyAll(many({ ...check, signature: new Uint8Array(65) }));
    await desk.verifyAll(many({ ...check, signer: 'nobody' }));
    await desk.verifyAll(many(check, MAX_REQUEST_CHECKS + 1));
    expect(worker.requests).toEqual([]);
    expect(page.verifyAll).toHaveBeenCalledTimes(5);
  });

  it('[KEY-11, KEY-27] the worker says what the page would say', async () => {
    const answers: VerifyAnswer[] = [];
    let ask: ((event: { readonly data: VerifyRequest }) => void) | undefined;
    vi.stubGlobal('postMessage', (message: VerifyAnswer) => answers.push(message));
    vi.stubGlobal('addEventListener', (_: string, listener: typeof ask) => (ask = listener));
    await import('../../../src/runtime/verify-worker.ts');
    vi.unstubAllGlobals();
    vi.stubGlobal('postMessage', (message: VerifyAnswer) => answers.push(message));
    expect(answers).toEqual(['ready']);
    const checks = await checksBy(20);
    const forged = checks.map((check, n) => (n === 13 ? { ...check, body: utf8('something else') } : check));
    const short = checks.map((check, n) =>
      n === 3 ? { ...check, signature: check.signature.slice(1) } : check,
    );
    for (const [id, each] of [checks, forged, short].entries()) {
      const packed = packChecks(each);
      if (packed === undefined) throw new Error('checks that the worker takes');
      ask?.({ data: { id, checks: packed } });
    }
    ask?.({ data: { id: 3, checks: new Uint8Array([1, 2, 3]) } });
    await vi.waitFor(() => expect(answers.length).toBe(5));
    const byId = answers
      .flatMap((answer) => (answer === 'ready' ? [] : [answer]))
      .sort((a, b) => a.id - b.id);
    expect(byId.map(({ hold }) => hold)).toEqual([true, false, false, false]);
    expect(await createVerifier().verifyAll(forged)).toBe(false);
    vi.unstubAllGlobals();
  });
});
