import { describe, expect, it } from 'vitest';
import { watchLifecycle } from '../../../src/runtime/lifecycle.ts';

class FakeDocument extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';
}

const transition = (name: string, persisted: boolean): Event => Object.assign(new Event(name), { persisted });

function watch(): { window: EventTarget; document: FakeDocument; told: string[]; stop: () => void } {
  const window = new EventTarget();
  const document = new FakeDocument();
  const told: string[] = [];
  const stop = watchLifecycle(
    { window, document },
    {
      leaving: (isCached) => told.push(`leaving ${isCached}`),
      returned: () => told.push('returned'),
      frozen: () => told.push('frozen'),
      resumed: () => told.push('resumed'),
      visible: (isVisible) => told.push(`visible ${isVisible}`),
      networkMayHaveChanged: () => told.push('network'),
    },
  );
  return { window, document, told, stop };
}

describe('lifecycle', () => {
  it('[KEY-22] tells a goodbye from a rest in the cache, and a return from a first show', () => {
    const { window, told } = watch();
    window.dispatchEvent(transition('pageshow', false));
    window.dispatchEvent(transition('pagehide', true));
    window.dispatchEvent(transition('pageshow', true));
    window.dispatchEvent(transition('pagehide', false));
    expect(told).toEqual(['leaving true', 'returned', 'leaving false']);
  });

  it('[KEY-22] passes on freezing, visibility and hints of the network', () => {
    const { window, document, told } = watch();
    document.visibilityState = 'hidden';
    document.dispatchEvent(new Event('visibilitychange'));
    document.dispatchEvent(new Event('freeze'));
    document.dispatchEvent(new Event('resume'));
    document.visibilityState = 'visible';
    document.dispatchEvent(new Event('visibilitychange'));
    window.dispatchEvent(new Event('offline'));
    window.dispatchEvent(new Event('online'));
    expect(told).toEqual(['visible false', 'frozen', 'resumed', 'visible true', 'network', 'network']);
  });

  it('[KEY-22] is silent once stopped', () => {
    const { window, document, told, stop } = watch();
    stop();
    for (const name of ['pagehide', 'pageshow', 'online', 'offline'])
      window.dispatchEvent(transition(name, true));
    for (const name of ['freeze', 'resume', 'visibilitychange']) document.dispatchEvent(new Event(name));
    expect(told).toEqual([]);
  });
});
