import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import { SharedDocument } from '../../../src/replication/document.ts';
import { checkUpdate } from '../../../src/replication/update-rules.ts';
import { decodedFrom } from './decoded.ts';
import { ROOTS } from './author.ts';
import { stateOf } from './holder.ts';

const LOCAL = Symbol('local');

/** One device: a shared document with undo, and what it has not sent yet. */
class Device {
  readonly shared = new SharedDocument('test');
  readonly undo: Y.UndoManager;
  readonly outgoing: { readonly update: Bytes; readonly verdict: boolean }[] = [];
  readonly client: number;

  constructor(client: number) {
    this.client = client;
    const { doc } = this.shared;
    this.undo = new Y.UndoManager([doc.getMap('board'), doc.getMap('cards')], {
      captureTimeout: 0,
      trackedOrigins: new Set([LOCAL]),
    });
  }

  act(run: (doc: Y.Doc) => void): void {
    const { doc } = this.shared;
    const before = this.shared.clockOf(this.client);
    const { update } = this.shared.capture(this.client, () => run(doc));
    if (update === undefined) return;
    const view = this.shared.viewOf((client) =>
      client === this.client ? before : this.shared.clockOf(client),
    );
    const checked = checkUpdate(update, { clientId: this.client, view, roots: ROOTS });
    expect(checked).toMatchObject({ ok: true });
    this.outgoing.push({ update, verdict: checked.ok });
  }

  edit(run: (doc: Y.Doc) => void): void {
    this.act((doc) => doc.transact(() => run(doc), LOCAL));
  }
}

const step = fc.record({ second: fc.boolean(), kind: fc.nat(7), at: fc.nat(6), sends: fc.boolean() });
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function notes(doc: Y.Doc): Y.Text | undefined {
  const card = doc.getMap('cards').get('card');
  const text = card instanceof Y.Map ? (card.get('notes') as unknown) : undefined;
  return text instanceof Y.Text ? text : undefined;
}

function perform(device: Device, { kind, at }: Step): void {
  const { doc } = device.shared;
  const text = notes(doc);
  if (kind >= 6 && text !== undefined)
    device.edit(() =>
      text.delete(Math.min(at, text.length), Math.min(2, text.length - Math.min(at, text.length))),
    );
  else if (kind === 5) device.act(() => device.undo.redo());
  else if (kind >= 3) device.act(() => device.undo.undo());
  else if (kind === 2) device.edit(() => doc.getMap('cards').delete('card'));
  else if (text === undefined)
    device.edit(() => {
      const card = new Y.Map();
      doc.getMap('cards').set('card', card);
      card.set('notes', new Y.Text('abc'));
    });
  else device.edit(() => text.insert(Math.min(at, text.length), kind === 0 ? 'x' : 'yz'));
}

describe('local changes', () => {
  it('[REP-6, REP-29, REP-30] keep the rules and meet again, with undo and redo around what others do to the same text', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const devices = [new Device(11), new Device(22)] as const;
        const send = (from: Device, to: Device): void => {
          const updates = from.outgoing.splice(0);
          to.shared.applying((apply) => updates.forEach(({ update }) => apply(decodedFrom(update))));
        };
        for (const one of steps) {
          const [me, other] = one.second ? [devices[1], devices[0]] : devices;
          perform(me, one);
          if (one.sends) send(me, other);
        }
        send(devices[0], devices[1]);
        send(devices[1], devices[0]);
        expect(stateOf(devices[1].shared.doc)).toEqual(stateOf(devices[0].shared.doc));
      }),
      { seed: 8, numRuns: 600 },
    );
  });

  it('[REP-30] name their neighbours truly even when an undo would not', () => {
    const [ada, bo] = [new Device(11), new Device(22)];
    const sync = (): void => {
      for (const [from, to] of [
        [ada, bo],
        [bo, ada],
      ] as const)
        to.shared.applying((apply) =>
          from.outgoing.splice(0).forEach(({ update }) => apply(decodedFrom(update))),
        );
    };
    perform(ada, { second: false, kind: 0, at: 0, sends: true });
    const text = notes(ada.shared.doc);
    ada.edit(() => text?.delete(1, 1));
    ada.edit((doc) => doc.getMap('cards').delete('card'));
    ada.act(() => ada.undo.undo());
    sync();
    bo.edit((doc) => notes(doc)?.insert(1, 'N'));
    sync();
    ada.act(() => ada.undo.undo());
    sync();
    expect(stateOf(bo.shared.doc)).toEqual(stateOf(ada.shared.doc));
    expect([...(notes(ada.shared.doc)?.toJSON() ?? '')].sort().join('')).toBe('Nabc');
  });
});
