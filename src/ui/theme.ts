import { readPreference, writePreference } from './preferences.ts';

/** `system` follows prefers-color-scheme. */
export type ThemeChoice = 'system' | 'light' | 'dark';

/** The stored theme choice; `system` unless the person chose otherwise. */
export function themeChoice(): ThemeChoice {
  const stored = readPreference('theme');
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Puts the stored choice on the document. Called once before the first screen is drawn. */
export function applyTheme(): void {
  const choice = themeChoice();
  if (choice === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = choice;
}

/** Whether the page is dark now. */
export function isDark(): boolean {
  const choice = themeChoice();
  return choice === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : choice === 'dark';
}

/** Switches to the other appearance; going back to what the system has follows the system again. */
export function toggleTheme(): void {
  const wanted = isDark() ? 'light' : 'dark';
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  writePreference('theme', wanted === system ? null : wanted);
  if (wanted === system) delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = wanted;
}
