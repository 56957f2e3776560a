/** Which entries of a root map a Yjs transaction touched. */
import * as Y from 'yjs';

/** Keys of the observed root under which something changed. `events` are those of one `observeDeep` call on a root map. */
export function touchedIds(events: readonly Y.YEvent<Y.AbstractType<unknown>>[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const event of events) {
    const [first] = event.path;
    if (typeof first === 'string') ids.add(first);
    else if (first === undefined && event instanceof Y.YMapEvent) addKeys(event.keysChanged, ids);
  }
  return ids;
}

/** `keysChanged` also holds null when somebody wrote list content into the map: that is no key. */
function addKeys(keys: ReadonlySet<unknown>, ids: Set<string>): void {
  for (const key of keys) if (typeof key === 'string') ids.add(key);
}
