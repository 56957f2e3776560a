import { describe, expect, it } from 'vitest';
import { countReport, type VitestReport } from '../../support/run-vitest.ts';

const report = (status: string, ...tests: string[]): VitestReport => ({
  testResults: [
    {
      name: 'a.test.ts',
      status,
      message: 'cannot load',
      assertionResults: tests.map((found, index) => ({ fullName: `test ${index}`, status: found })),
    },
  ],
});

const count = (given: VitestReport, exitCode: number): [number, number] => {
  const { passed, failed } = countReport(given, exitCode);
  return [passed, failed];
};

describe('counting a report of vitest', () => {
  it('counts what passed', () => {
    expect(count(report('passed', 'passed', 'passed'), 0)).toEqual([2, 0]);
  });

  it('counts what failed and what did not run as failed', () => {
    expect(count(report('failed', 'passed', 'failed', 'skipped', 'pending', 'todo'), 1)).toEqual([1, 4]);
  });

  it('says what failed, where, and the beginning of why', () => {
    const given: VitestReport = {
      testResults: [
        {
          name: 'a.test.ts',
          status: 'failed',
          assertionResults: [
            {
              fullName: 'adds',
              status: 'failed',
              failureMessages: ['expected 3\nto be 4' + ' and so on'.repeat(200)],
            },
          ],
        },
      ],
    };
    const [note] = countReport(given, 1).notes;
    expect(note).toMatch(/^failed: adds \(a\.test\.ts\) expected 3\nto be 4/);
    expect(note?.length).toBeLessThan(700);
  });

  it('counts a skipped test as failed although vitest is content', () => {
    expect(count(report('passed', 'passed', 'skipped'), 0)).toEqual([1, 1]);
  });

  it('counts a file that could not be loaded', () => {
    expect(countReport(report('failed'), 1).notes).toEqual(['file failed: a.test.ts cannot load']);
  });

  it('counts an error outside any test', () => {
    expect(count(report('passed', 'passed'), 1)).toEqual([1, 1]);
  });

  it('counts a run without tests as failed', () => {
    expect(count({ testResults: [] }, 0)).toEqual([0, 1]);
  });
});
