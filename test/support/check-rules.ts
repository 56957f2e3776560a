/** `npm run rules`: rule ids of docs/spec against test titles, and the house rules, over the files of this tree. */
import { readdirSync, readFileSync } from 'node:fs';
import { findBreaches } from './house-rules.ts';
import { compareRules, type TextFile } from './rule-ids.ts';
import { PROJECT_ROOT } from './run-command.ts';

const IGNORED_FOLDERS: ReadonlySet<string> = new Set([
  '.git',
  '.cache',
  'node_modules',
  'dist',
  'coverage',
  'test-results',
]);
const READ_FILES = /\.(?:ts|js|cjs|json|md|html|css)$/;
const GENERATED_FILES = /^package-lock\.json$|^docs\/benchmarks\/.*\.json$|^test\/wire\/frozen\//;

function listFiles(folder: string): string[] {
  return readdirSync(PROJECT_ROOT + folder, { withFileTypes: true }).flatMap((item) => {
    const path = folder + item.name;
    if (item.isDirectory()) return IGNORED_FOLDERS.has(item.name) ? [] : listFiles(`${path}/`);
    return item.isFile() ? [path] : [];
  });
}

const paths = listFiles('');
const files: TextFile[] = paths
  .filter((path) => READ_FILES.test(path) && !GENERATED_FILES.test(path))
  .map((path) => ({ path, text: readFileSync(PROJECT_ROOT + path, 'utf8') }));
const specs = files.filter((file) => /^docs\/spec\/.*\.md$/.test(file.path));
const tests = files.filter((file) => /^test\/.*\.ts$/.test(file.path));
const problems = [...compareRules(specs, tests), ...findBreaches(files, new Set(paths))];

for (const problem of problems) console.log(problem);
console.log(`${files.length} files read, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
