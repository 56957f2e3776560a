/**
 * Goal: the direction of dependencies is in force. Method: a temporary tree in which every layer imports every other, once
 * as a value and once as a type only, and every package; dependency-cruiser runs with the project's own configuration,
 * and what it lets through is compared with the direction as ARCHITECTURE.md draws it.
 */
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFixtureTree, type FixtureTree } from '../../support/fixture-tree.ts';
import { localProgram, PROJECT_ROOT } from '../../support/run-command.ts';

/** Left may import right; nothing else. Written apart from the configuration on purpose. */
const DIRECTION = `
kernel      ->
identity    -> kernel
overlay     -> kernel identity
replication -> kernel identity
consensus   -> kernel identity
work        -> kernel identity
board       -> kernel identity
governance  -> kernel identity overlay replication consensus work board
node        -> kernel identity overlay replication consensus work board governance
runtime     -> kernel identity node
transport   -> kernel identity
storage     -> kernel
scratch     -> kernel board
ui          -> kernel board
app         -> kernel identity overlay replication consensus work board governance node runtime transport storage scratch ui
sim         -> kernel identity overlay replication consensus work board governance node
`;

/** Where a package may be imported from. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'simple-peer/simplepeer.min.js': ['transport'],
  idb: ['storage'],
  lit: ['ui'],
  '@tanstack/lit-virtual': ['ui'],
  'lean-qr': ['ui'],
  yjs: ['replication', 'board', 'scratch', 'sim'],
  'y-webrtc': ['scratch'],
  'fractional-indexing': ['board'],
  '@noble/hashes/sha2.js': ['kernel'],
  valibot: ['app', 'signaling'],
  ws: ['signaling'],
  vite: [],
  tsx: [],
};

const allowed = new Map(
  DIRECTION.trim()
    .split('\n')
    .map((line) => line.split('->'))
    .map(([from = '', to = '']) => [from.trim(), to.trim().split(/\s+/).filter(Boolean)] as const),
);
const LAYERS = [...allowed.keys()];

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

const imports = (targets: readonly string[], word: string): string =>
  targets.map((target, index) => `${word} v${index} from '${target}';\n`).join('') + 'export const x = 1;\n';

function layerFiles(layer: string): [string, string][] {
  const others = LAYERS.filter((other) => other !== layer).map((other) => `../${other}/mod.ts`);
  return [
    [`src/${layer}/mod.ts`, 'export const x = 1;\n'],
    [`src/${layer}/values.ts`, imports(others, 'import * as')],
    [`src/${layer}/types.ts`, imports(others, 'import type * as')],
    [`src/${layer}/packages.ts`, imports(Object.keys(PACKAGES), 'import * as')],
  ];
}

const FILES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(LAYERS.flatMap(layerFiles)),
  'signaling/protocol.ts': 'export const x = 1;\n',
  'signaling/rooms.ts': 'export const x = 1;\n',
  'signaling/packages.ts': imports(Object.keys(PACKAGES), 'import * as'),
  'signaling/dev.ts': imports(['vite', 'ws', 'lit'], 'import * as'),
  'signaling/into-src.ts': imports(['../src/kernel/mod.ts'], 'import type * as'),
  'src/transport/signaling.ts': imports(
    ['../../signaling/protocol.ts', '../../signaling/rooms.ts'],
    'import * as',
  ),
  'src/app/signaling.ts': imports(['../../signaling/protocol.ts'], 'import * as'),
  'src/app/into-test.ts': imports(['../../test/support/world.ts'], 'import * as'),
  'src/storage/files.ts': imports(['node:fs'], 'import * as'),
  'src/sim/main.ts': imports(['node:process', './mod.ts'], 'import * as'),
  'src/ui/missing.ts': imports(['./nowhere.ts'], 'import * as'),
  'src/ui/undeclared.ts': imports(['lib0/encoding'], 'import * as'),
  'src/board/left.ts': "import type { B } from './right.ts';\nexport type A = B | 1;\n",
  'src/board/right.ts': "import type { A } from './left.ts';\nexport type B = A | 2;\n",
  'src/board/orphan.ts': 'export const alone = 1;\n',
  'src/attic/old.ts': imports(['../kernel/mod.ts'], 'import * as'),
  'test/support/world.ts': imports(['../../src/sim/mod.ts', '../../src/ui/mod.ts'], 'import * as'),
  'verify/main.ts': imports(
    ['node:fs', '../src/governance/mod.ts', '../src/node/mod.ts', '../src/runtime/mod.ts', 'yjs'],
    'import * as',
  ),
  'bench/main.ts': imports(['../src/sim/mod.ts', '../src/app/mod.ts'], 'import * as'),
};

let tree: FixtureTree;
let violations: readonly Violation[] = [];

function cruise(cwd: string): Promise<readonly Violation[]> {
  const config = join(PROJECT_ROOT, '.dependency-cruiser.cjs');
  const args = ['src', 'signaling', 'verify', 'test', 'bench', '--config', config, '--output-type', 'json'];
  return new Promise((resolve, reject) => {
    execFile(localProgram('depcruise'), args, { cwd, maxBuffer: 2 ** 26 }, (error, stdout) => {
      if (stdout === '') reject(error ?? new Error('depcruise said nothing'));
      else resolve((JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations);
    });
  });
}

beforeAll(async () => {
  tree = createFixtureTree(FILES);
  violations = await cruise(tree.root);
}, 120_000);

afterAll(() => tree.remove());

const rulesFor = (from: string, to: RegExp): string[] =>
  violations.filter((found) => found.from === from && to.test(found.to)).map((found) => found.rule.name);

describe('the direction of dependencies', () => {
  it.each(LAYERS)('%s imports exactly what it may', (layer) => {
    const refused = (file: string): string[] =>
      LAYERS.filter((other) => rulesFor(`src/${layer}/${file}.ts`, new RegExp(`^src/${other}/`)).length > 0);
    const expected = LAYERS.filter((other) => other !== layer && !allowed.get(layer)?.includes(other));
    expect(refused('values')).toEqual(expected);
    expect(refused('types')).toEqual(expected);
  });

  it.each(Object.entries(PACKAGES))('%s lives in %j alone', (name, homes) => {
    const path = new RegExp(`node_modules/${name.replace(/\.js$/, '')}`);
    const admits = [...LAYERS, 'signaling'].filter((layer) => {
      const from = layer === 'signaling' ? 'signaling/packages.ts' : `src/${layer}/packages.ts`;
      return !rulesFor(from, path).includes(`packages-${layer}`);
    });
    expect(admits.sort()).toEqual([...homes].sort());
  });

  it('lets transport import the signaling protocol and nothing else of the server', () => {
    expect(rulesFor('src/transport/signaling.ts', /protocol/)).toEqual([]);
    expect(rulesFor('src/transport/signaling.ts', /rooms/)).toContain('layer-transport');
    expect(rulesFor('src/app/signaling.ts', /protocol/)).toContain('layer-app');
    expect(rulesFor('signaling/into-src.ts', /kernel/)).toContain('layer-signaling');
  });

  it('lets the development server import vite', () => {
    expect(rulesFor('signaling/dev.ts', /vite|ws/)).toEqual([]);
    expect(rulesFor('signaling/dev.ts', /lit/)).toContain('packages-signaling-dev');
  });

  it('lets the verifier know certificates and signatures, and nothing that runs a board', () => {
    expect(rulesFor('verify/main.ts', /governance|fs/)).toEqual([]);
    for (const other of [/src\/node/, /src\/runtime/, /yjs/])
      expect(rulesFor('verify/main.ts', other)).toContain('layer-verify');
  });

  it('keeps the simulated world and the tests out of what ships', () => {
    expect(rulesFor('src/app/values.ts', /^src\/sim\//)).toContain('sim-only-in-tests');
    expect(rulesFor('src/app/into-test.ts', /^test\//)).toContain('no-test-in-source');
    expect(rulesFor('test/support/world.ts', /./)).toEqual([]);
    expect(rulesFor('bench/main.ts', /./)).toEqual([]);
  });

  it('keeps Node.js out of src', () => {
    expect(rulesFor('src/storage/files.ts', /fs/)).toContain('no-node-in-src');
    expect(rulesFor('src/sim/main.ts', /process/)).toEqual([]);
  });

  it.each([
    ['no-circular', 'src/board/left.ts'],
    ['no-orphans', 'src/board/orphan.ts'],
    ['not-to-unresolvable', 'src/ui/missing.ts'],
    ['not-to-undeclared', 'src/ui/undeclared.ts'],
    ['layer-unknown', 'src/attic/old.ts'],
  ])('reports %s at %s', (rule, from) => {
    expect(rulesFor(from, /./)).toContain(rule);
  });
});
