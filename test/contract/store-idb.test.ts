import 'fake-indexeddb/auto';
import { openDatabase } from '../../src/storage/database.ts';
import { IdbStore } from '../../src/storage/idb-store.ts';
import { describeStore } from './store-suite.ts';

let count = 0;

describeStore('IndexedDB', async () => {
  count += 1;
  return new IdbStore(
    await openDatabase({ name: `contract-${count}`, clock: { after: () => () => undefined } }),
  );
});
