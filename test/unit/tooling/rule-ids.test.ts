import { describe, expect, it } from 'vitest';
import { compareRules, findCitations, findRules } from '../../support/rule-ids.ts';

const spec = (text: string) => ({ path: 'docs/spec/sample.md', text });
const testFile = (text: string) => ({ path: 'test/unit/sample.test.ts', text });

describe('rules of a specification', () => {
  it('are ids in bold at the start of a line or list item', () => {
    const text = '**AB-1** first\n- **AB-2** second\n3. **AB-3 Title.** third\n';
    expect(findRules(spec(text)).map(({ id, line }) => [id, line])).toEqual([
      ['AB-1', 1],
      ['AB-2', 2],
      ['AB-3', 3],
    ]);
  });

  it('are not ids in running text, in code, or of another shape', () => {
    const text = 'see **AB-1**\n```\n**AB-2** sample\n```\n**A-3** short\n**ABCDEF-4** long\nAB-5 plain\n';
    expect(findRules(spec(text))).toEqual([]);
  });
});

describe('citations in tests', () => {
  it('stand in the titles of it, test and describe', () => {
    const text = [
      "it('[AB-1] works', () => {});",
      'test(`[AB-2, AB-3] works with ${1}`, () => {});',
      "describe('[AB-4] group', () => {});",
      "it.each([1])('[AB-5] works', () => {});",
    ].join('\n');
    expect(findCitations(testFile(text)).map(({ id, line }) => [id, line])).toEqual([
      ['AB-1', 1],
      ['AB-2', 2],
      ['AB-3', 2],
      ['AB-4', 3],
      ['AB-5', 4],
    ]);
  });

  it('do not stand in other strings or comments', () => {
    const text = "// [AB-1]\nconst text = '[AB-2]';\nlist.push('[AB-3]');\n";
    expect(findCitations(testFile(text))).toEqual([]);
  });
});

describe('comparing rules with tests', () => {
  it('is content when every rule is cited and every citation is a rule', () => {
    expect(compareRules([spec('**AB-1** x')], [testFile("it('[AB-1] x', () => {});")])).toEqual([]);
  });

  it('names a rule without a test', () => {
    expect(compareRules([spec('**AB-1** x')], [])).toEqual([
      'docs/spec/sample.md:1 AB-1 has no test that cites it',
    ]);
  });

  it('names a citation of no rule', () => {
    expect(compareRules([], [testFile("it('[AB-9] x', () => {});")])).toEqual([
      'test/unit/sample.test.ts:1 AB-9 is no rule of docs/spec',
    ]);
  });

  it('names an id that is defined twice', () => {
    const problems = compareRules([spec('**AB-1** x\n**AB-1** y')], [testFile("it('[AB-1] x', () => {});")]);
    expect(problems).toEqual(['docs/spec/sample.md:2 AB-1 is already defined at docs/spec/sample.md:1']);
  });
});
