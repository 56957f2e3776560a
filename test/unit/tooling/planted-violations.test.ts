/**
 * Goal: the lint rules are in force where they are meant to be. Method: one temporary tree with a violation per file and a
 * few innocent files, linted once with the project's own configuration.
 */
import { ESLint } from 'eslint';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFixtureTree, type FixtureTree } from '../../support/fixture-tree.ts';
import { PROJECT_ROOT } from '../../support/run-command.ts';
import { ALLOWED, PLANTED } from './planted-lint.ts';

let tree: FixtureTree;
const results = new Map<string, ESLint.LintResult>();

beforeAll(async () => {
  tree = createFixtureTree({
    ...ALLOWED,
    ...Object.fromEntries(PLANTED.map(({ path, text }) => [path, text])),
  });
  const eslint = new ESLint({
    cwd: tree.root,
    overrideConfigFile: join(PROJECT_ROOT, 'eslint.config.js'),
    overrideConfig: {
      files: ['**/*.ts'],
      languageOptions: { parserOptions: { tsconfigRootDir: tree.root } },
    },
  });
  for (const result of await eslint.lintFiles(['.'])) {
    results.set(relative(tree.root, result.filePath), result);
  }
}, 120_000);

afterAll(() => tree.remove());

const messagesOf = (path: string): string[] =>
  results.get(path)?.messages.map((found) => `${found.ruleId ?? 'fatal'}: ${found.message}`) ?? [
    'not linted',
  ];

describe('planted lint violations', () => {
  it.each(PLANTED)('reports $path by $rule', ({ path, rule, says = '' }) => {
    const hits = messagesOf(path).filter((text) => text.startsWith(`${rule}: `) && text.includes(says));
    expect(hits, messagesOf(path).join('\n')).not.toEqual([]);
  });

  it.each(Object.keys(ALLOWED))('lets %s pass', (path) => {
    expect(messagesOf(path)).toEqual([]);
  });

  it('plants each file once', () => {
    const paths = [...Object.keys(ALLOWED), ...PLANTED.map(({ path }) => path)];
    expect(new Set(paths).size).toBe(paths.length);
  });
});
