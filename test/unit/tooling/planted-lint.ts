/** Violations of the lint rules, one small file each. */

export interface PlantedViolation {
  /** Where the file lies; the folder decides which rules hold. */
  readonly path: string;
  readonly text: string;
  /** The rule that must report it. */
  readonly rule: string;
  /** Part of the message, where several bans share a rule. */
  readonly says?: string;
}

const PURE_FOLDERS = [
  'kernel',
  'identity',
  'overlay',
  'replication',
  'consensus',
  'governance',
  'work',
  'board',
  'node',
];

const GLOBALS = 'no-restricted-globals';
const PROPERTIES = 'no-restricted-properties';
const SYNTAX = 'no-restricted-syntax';

/** Statement, rule, part of the message. Each is planted in one pure folder, in turn. */
const PURE_STATEMENTS: readonly (readonly [string, string, string])[] = [
  ['export const at = Date.now();', GLOBALS, 'Instant'],
  ['export const at = new Date();', GLOBALS, 'Instant'],
  ['export const at = performance.now();', GLOBALS, 'Instant'],
  ['export const at = globalThis.performance.now();', GLOBALS, 'Instant'],
  ['setTimeout(() => undefined, 1);', GLOBALS, 'arm'],
  ['setInterval(() => undefined, 1);', GLOBALS, 'arm'],
  ['queueMicrotask(() => undefined);', GLOBALS, 'arm'],
  ['requestAnimationFrame(() => undefined);', GLOBALS, 'arm'],
  ['export const draw = Math.random();', PROPERTIES, 'Random'],
  ['export const { random } = Math;', PROPERTIES, 'Random'],
  ['export const wave = Math.sin(1);', PROPERTIES, 'integers'],
  ['export const decay = Math.exp(1);', PROPERTIES, 'integers'],
  ['export const size = Math.log2(8);', PROPERTIES, 'integers'],
  ['export const power = Math.pow(1.5, 2.5);', PROPERTIES, 'integers'],
  ['export const power = (x: number): number => x ** 0.5;', SYNTAX, 'integers'],
  ['export const id = crypto.randomUUID();', GLOBALS, 'digest'],
  ['export const later = Promise.resolve(1);', GLOBALS, 'effect'],
  ['export interface Later { value: Promise<number>; }', SYNTAX, 'names no promise'],
  ['export async function later(): Promise<void> {}', SYNTAX, 'synchronous'],
  ['export const later = async () => 1;', SYNTAX, 'synchronous'],
  ['await 1;', SYNTAX, 'synchronous'],
  ["export const later = import('./mod.ts');", SYNTAX, 'statically'],
  ['export const copy = structuredClone({});', GLOBALS, 'Copy'],
  ["void fetch('/');", GLOBALS, 'edges own'],
  ["export const socket = new WebSocket('ws://localhost');", GLOBALS, 'edges own'],
  ["export const channel = new BroadcastChannel('x');", GLOBALS, 'edges own'],
  ['export const link = new RTCPeerConnection();', GLOBALS, 'edges own'],
  ['export const title = document.title;', GLOBALS, 'no page'],
  ['export const width = window.innerWidth;', GLOBALS, 'no page'],
  ['export const isUp = navigator.onLine;', GLOBALS, 'no page'],
  ["export const request = indexedDB.open('x');", GLOBALS, 'persist'],
  ["localStorage.setItem('a', 'b');", GLOBALS, 'persist'],
  ["console.log('x');", GLOBALS, 'emit'],
  ["throw new Error('x');", SYNTAX, 'Result'],
  ['export const text = JSON.stringify({});', PROPERTIES, 'canonical'],
  ["export const order = 'a'.localeCompare('b');", PROPERTIES, 'locale'],
  ["export const text = new Intl.NumberFormat('en').format(1);", GLOBALS, 'locale'],
];

const lines = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join('\n') + '\n';

const pureViolations = PURE_STATEMENTS.map(([text, rule, says], index): PlantedViolation => {
  const folder = PURE_FOLDERS[index % PURE_FOLDERS.length] ?? 'kernel';
  return { path: `src/${folder}/planted-${index}.ts`, text: `${text}\n`, rule, says };
});

/** The clock, in every pure folder: no folder is forgotten. */
const folderViolations = PURE_FOLDERS.map((folder): PlantedViolation => ({
  path: `src/${folder}/deep/clock.ts`,
  text: 'export const at = Date.now();\n',
  rule: GLOBALS,
  says: 'Instant',
}));

const edgeViolations: readonly PlantedViolation[] = [
  { path: 'src/ui/default.ts', text: 'export default 1;\n', rule: 'no-restricted-exports' },
  { path: 'src/app/long-file.ts', text: lines(501, (i) => `export const a${i} = ${i};`), rule: 'max-lines' },
  {
    path: 'signaling/long-function.ts',
    text: `export function long(): number {\n  let a = 0;\n${lines(70, (i) => `  a += ${i};`)}  return a;\n}\n`,
    rule: 'max-lines-per-function',
  },
  {
    path: 'src/storage/deep.ts',
    text: 'export function deep(a: number): number {\n  if (a > 1) { if (a > 2) { if (a > 3) { if (a > 4) { return 1; } } } }\n  return 0;\n}\n',
    rule: 'max-depth',
  },
  {
    path: 'src/transport/value-import.ts',
    text: "import { Instant } from '../kernel/mod.ts';\nexport const at = (now: Instant): Instant => now;\n",
    rule: '@typescript-eslint/consistent-type-imports',
  },
  {
    path: 'src/app/forgotten-case.ts',
    text: "export function word(kind: 'a' | 'b' | 'c'): void {\n  switch (kind) {\n    case 'a':\n      break;\n    case 'b':\n      break;\n  }\n}\n",
    rule: '@typescript-eslint/switch-exhaustiveness-check',
  },
  {
    path: 'src/runtime/floating.ts',
    text: 'export function start(): void {\n  Promise.resolve(1);\n}\n',
    rule: '@typescript-eslint/no-floating-promises',
  },
  {
    path: 'src/runtime/any.ts',
    text: 'export const read = (x: any): number => x;\n',
    rule: '@typescript-eslint/no-explicit-any',
  },
  {
    path: 'src/runtime/bang.ts',
    text: 'export const first = (list: number[]): number => list[0]!;\n',
    rule: '@typescript-eslint/no-non-null-assertion',
  },
  {
    path: 'src/storage/extension.ts',
    text: "export { at } from './clock';\n",
    rule: '@typescript-eslint/no-restricted-imports',
    says: 'extension',
  },
  { path: 'src/transport/console.ts', text: "console.log('x');\n", rule: 'no-console' },
  { path: 'signaling/server.ts', text: "console.log('x');\n", rule: 'no-console' },
  { path: 'src/transport/random.ts', text: 'export const draw = Math.random();\n', rule: PROPERTIES },
  { path: 'signaling/rooms.ts', text: 'export const at = Date.now();\n', rule: GLOBALS, says: 'Instant' },
  { path: 'src/sim/clock.ts', text: 'export const at = Date.now();\n', rule: GLOBALS, says: 'Instant' },
  {
    path: 'src/ui/markup.ts',
    text: "import { unsafeHTML } from 'lit/directives/unsafe-html.js';\nexport const show = (text: string) => unsafeHTML(text);\n",
    rule: '@typescript-eslint/no-restricted-imports',
    says: 'markup',
  },
  {
    path: 'src/ui/twice.ts',
    text: "import { html } from 'lit';\nexport const twice = (a: string) => html`<p class=${a} class=${a}></p>`;\n",
    rule: 'lit/no-duplicate-template-bindings',
  },
  {
    path: 'src/ui/picture.ts',
    text: 'import { html } from \'lit\';\nexport const picture = () => html`<img src="a.png">`;\n',
    rule: 'lit-a11y/alt-text',
  },
  {
    path: 'src/ui/mouse-only.ts',
    text: "import { html } from 'lit';\nexport const open = (go: () => void) => html`<div @click=${go}>open</div>`;\n",
    rule: 'lit-a11y/click-events-have-key-events',
  },
  {
    path: 'src/ui/closed-root.ts',
    text: "export class Closed extends HTMLElement {\n  connectedCallback(): void {\n    this.attachShadow({ mode: 'closed' });\n  }\n}\n",
    rule: 'wc/no-closed-shadow-root',
  },
];

const TEST_IMPORT = "import { it, vi } from 'vitest';\n";

const testViolations: readonly PlantedViolation[] = [
  ...['unit', 'sim', 'scenario', 'contract', 'wire'].map((kind) => ({
    path: `test/${kind}/sleep.test.ts`,
    text: 'await new Promise((resolve) => setTimeout(resolve, 10));\n',
    rule: GLOBALS,
    says: 'Tests take no time',
  })),
  { path: 'test/unit/interval.test.ts', text: 'setInterval(() => undefined, 10);\n', rule: GLOBALS },
  {
    path: 'test/unit/timers.test.ts',
    text: "import { setTimeout as sleep } from 'node:timers/promises';\nawait sleep(10);\n",
    rule: '@typescript-eslint/no-restricted-imports',
    says: 'condition',
  },
  {
    path: 'test/e2e/sleep.e2e.ts',
    text: 'await new Promise((resolve) => setTimeout(resolve, 10));\n',
    rule: SYNTAX,
    says: 'condition',
  },
  {
    path: 'test/e2e/page-sleep.e2e.ts',
    text: "import type { Page } from 'playwright-core';\nexport const rest = (page: Page) => page.waitForTimeout(10);\n",
    rule: PROPERTIES,
    says: 'condition',
  },
  ...['only', 'skip', 'todo', 'skipIf', 'runIf'].map((name) => ({
    path: `test/unit/${name.toLowerCase()}.test.ts`,
    text: `${TEST_IMPORT}export const use = [it.${name}, vi];\n`,
    rule: PROPERTIES,
    says: 'Every test runs',
  })),
  {
    path: 'test/unit/retry.test.ts',
    text: `${TEST_IMPORT}it('is flaky', { retry: 3 }, () => vi.fn());\n`,
    rule: SYNTAX,
    says: 'seam',
  },
  { path: 'test/sim/random.test.ts', text: 'export const draw = Math.random();\n', rule: PROPERTIES },
];

export const PLANTED: readonly PlantedViolation[] = [
  ...pureViolations,
  ...folderViolations,
  ...edgeViolations,
  ...testViolations,
];

/** Files that break nothing: the rules must let them pass, or they would prove nothing by reporting. */
export const ALLOWED: Readonly<Record<string, string>> = {
  'src/kernel/mod.ts':
    'export type Instant = number & { readonly __brand: 1 };\nexport const half = (x: number): number => Math.floor(Math.sqrt(x) / 2 ** 1);\n',
  'src/kernel/invariant.ts':
    "export function invariant(condition: boolean): asserts condition {\n  if (!condition) throw new Error('x');\n}\n",
  'src/kernel/ports.ts': 'export interface Clock {\n  rest(): Promise<void>;\n}\n',
  'src/overlay/mod.ts':
    "import { half, type Instant } from '../kernel/mod.ts';\nexport const later = (now: Instant): number => half(now);\n",
  'src/runtime/driver.ts':
    "export async function start(): Promise<void> {\n  await Promise.resolve();\n  console.error('stopped', Date.now());\n}\n",
  'src/sim/main.ts': "console.log('seed', Date.now());\n",
  'signaling/main.ts': "console.log('listening');\n",
  'bench/main.ts': "console.log('rows', performance.now());\n",
  'src/ui/fine.ts':
    "import { html } from 'lit';\nexport const fine = (go: () => void) => html`<button @click=${go}>open</button>`;\n",
  'test/unit/fine.test.ts':
    "import { expect, it } from 'vitest';\nit('adds', () => {\n  expect(1 + 1).toBe(2);\n});\n",
  'test/support/wait-until.ts':
    'export const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));\n',
};
