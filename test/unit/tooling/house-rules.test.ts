import { describe, expect, it } from 'vitest';
import { findBreaches } from '../../support/house-rules.ts';

const breaches = (path: string, text: string, others: readonly string[] = []): string[] =>
  findBreaches([{ path, text }], new Set([path, ...others]));

describe('house rules', () => {
  it('refuse a source file of more than 500 lines, and take one of 500', () => {
    expect(breaches('src/board/large.ts', 'x\n'.repeat(501))).toHaveLength(1);
    expect(breaches('src/board/large.ts', 'x\n'.repeat(500))).toEqual([]);
    expect(breaches('test/unit/large.test.ts', 'x\n'.repeat(501))).toEqual([]);
  });

  it('refuse marks of unfinished work', () => {
    for (const mark of ['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X']) {
      expect(breaches('docs/x.md', `a\n${mark} b\n`)).toEqual([
        'docs/x.md:2 leaves a mark: finish it or open an issue',
      ]);
    }
    expect(breaches('docs/x.md', 'TODOS and methods\n')).toEqual([]);
  });

  it.each(['src/ui/utils.ts', 'src/ui/helpers.ts', 'test/support/common.ts', 'src/ui/index.ts'])(
    'refuse the name %s',
    (path) => {
      expect(breaches(path, '')).toEqual([`${path} is not named after the one thing inside`]);
    },
  );

  it('refuse names that are not kebab-case, and take suffixes that tell the kind', () => {
    expect(breaches('src/ui/BoardPage.ts', '')).toHaveLength(1);
    expect(breaches('src/ui/board_page.ts', '')).toHaveLength(1);
    expect(breaches('src/ui/board-page.styles.ts', '')).toEqual([]);
  });

  it('refuse links to files that are not there, and take the others', () => {
    const text = [
      '[a](gone.md)',
      '[b](../README.md)',
      '[c](https://example.org/x.md)',
      '[d](adr/)',
      '`[e](code.md)`',
      '```\n[f](block.md)\n```',
      '[g](#a-heading)',
      '# A heading',
    ].join('\n');
    expect(breaches('docs/x.md', text, ['README.md', 'docs/adr/0001.md'])).toEqual([
      'docs/x.md:1 links to gone.md, which is not there',
    ]);
  });

  it('refuse links to headings that are not there', () => {
    const files = [
      { path: 'a.md', text: '[x](b.md#one-two)\n[y](b.md#three)\n' },
      { path: 'b.md', text: '## One, two\n' },
    ];
    expect(findBreaches(files, new Set(['a.md', 'b.md']))).toEqual([
      'a.md:2 links to b.md#three, which has no such heading',
    ]);
  });
});
