/** A small project tree in a temporary folder, with this project's settings and packages, for tests of the tools. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PROJECT_ROOT } from './run-command.ts';

const SETTINGS = ['package.json', 'tsconfig.base.json', 'tsconfig.json', 'tsconfig.node.json'];

export interface FixtureTree {
  /** Absolute path of its root. */
  readonly root: string;
  remove(): void;
}

/** Writes `files` (path inside the tree -> text). */
export function createFixtureTree(files: Readonly<Record<string, string>>): FixtureTree {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tabswarm-fixture-')));
  for (const name of SETTINGS) copyFileSync(join(PROJECT_ROOT, name), join(root, name));
  symlinkSync(join(PROJECT_ROOT, 'node_modules'), join(root, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
