/** Which requests were executed. Rules of docs/spec/consensus.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientTable } from '../../../src/consensus/client-table.ts';
import { CLIENT_WINDOW } from '../../../src/consensus/limits.ts';
import { committeeOf } from './council.ts';

const [client = ''] = committeeOf(4).seats;
const of = (number: number) => ({
  client: client as ReturnType<typeof committeeOf>['keys'][number],
  number,
});

describe('the table of clients', () => {
  it('[CON-7] agrees with a plain set in whatever order numbers come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 80 }), (numbers) => {
        const table = new ClientTable();
        const executed = new Set<number>();
        let high = 0;
        for (const number of numbers) {
          expect(table.has(of(number))).toBe(executed.has(number) || number <= high - CLIENT_WINDOW);
          if (table.has(of(number))) continue;
          table.add(of(number));
          executed.add(number);
          high = Math.max(high, number);
        }
        const copy = new ClientTable();
        copy.restore(table.rows());
        for (let number = 1; number <= 121; number++)
          expect(copy.has(of(number))).toBe(table.has(of(number)));
      }),
    );
  });
});
