/** Choices of this browser that belong to no board. A missing or refused localStorage means the defaults, silently: nothing is lost. */
export type PreferenceKey = 'theme' | 'letterShortcuts';

const PREFIX = 'tabswarm.';

/** The stored choice, or null when there is none or the browser gives no storage. */
export function readPreference(key: PreferenceKey): string | null {
  try {
    return localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

/** Keeps a choice; answers whether it will survive a reload. */
export function writePreference(key: PreferenceKey, value: string | null): boolean {
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, value);
    return true;
  } catch {
    return false;
  }
}

/** Whether N, / and ? act. On unless the person turned them off (WCAG 2.1.4). */
export function letterShortcutsOn(): boolean {
  return readPreference('letterShortcuts') !== 'off';
}
