/** House rules that no linter has: file size and names, unfinished marks, links between documents. */
import { posix } from 'node:path';
import type { TextFile } from './rule-ids.ts';

/** Lines of a source file; DESIGN section 3 and ESLint's max-lines say the same. */
const MAX_SOURCE_LINES = 500;

const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const NAMES_WITHOUT_MEANING: ReadonlySet<string> = new Set([
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'types',
  'index',
]);
const UNFINISHED = /\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b/;
const MARKDOWN_LINK = /\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:|^\/\//i;
const HEADING = /^#{1,6}\s+(.+?)\s*#*$/;

/** Every breach in `files`, one line each. `allPaths` are the project's files, for links. */
export function findBreaches(files: readonly TextFile[], allPaths: ReadonlySet<string>): string[] {
  const anchors = new Map(files.filter(isMarkdown).map((file) => [file.path, anchorsOf(file.text)]));
  return files.flatMap((file) => [
    ...sizeBreaches(file),
    ...nameBreaches(file),
    ...markBreaches(file),
    ...(isMarkdown(file) ? linkBreaches(file, allPaths, anchors) : []),
  ]);
}

const isMarkdown = (file: TextFile): boolean => file.path.endsWith('.md');
const isSource = (file: TextFile): boolean => /^(?:src|signaling|verify)\/.*\.ts$/.test(file.path);

function sizeBreaches(file: TextFile): string[] {
  const lines = file.text.split('\n').length - 1;
  return isSource(file) && lines > MAX_SOURCE_LINES
    ? [`${file.path} has ${lines} lines, more than ${MAX_SOURCE_LINES}: split it by what it is about`]
    : [];
}

function nameBreaches(file: TextFile): string[] {
  if (!/^(?:src|signaling|verify|test|bench)\/.*\.ts$/.test(file.path)) return [];
  const stem = posix.basename(file.path).split('.')[0] ?? '';
  if (!KEBAB_CASE.test(stem)) return [`${file.path} is not named in kebab-case`];
  return NAMES_WITHOUT_MEANING.has(stem) ? [`${file.path} is not named after the one thing inside`] : [];
}

function markBreaches(file: TextFile): string[] {
  return file.text
    .split('\n')
    .flatMap((line, index) =>
      UNFINISHED.test(line) ? [`${file.path}:${index + 1} leaves a mark: finish it or open an issue`] : [],
    );
}

function linkBreaches(
  file: TextFile,
  allPaths: ReadonlySet<string>,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const prose = withoutCode(file.text);
  return [...prose.matchAll(MARKDOWN_LINK)].flatMap((match) => {
    const link = match[1] ?? '';
    if (HAS_SCHEME.test(link)) return [];
    const line = prose.slice(0, match.index).split('\n').length;
    const [target = '', anchor] = link.split('#');
    const path = target === '' ? file.path : resolveLink(file.path, target);
    const isFolder = [...allPaths].some((known) => known.startsWith(`${path}/`));
    if (!allPaths.has(path) && !isFolder)
      return [`${file.path}:${line} links to ${link}, which is not there`];
    const known = anchors.get(path);
    return anchor !== undefined && anchor !== '' && known !== undefined && !known.has(anchor)
      ? [`${file.path}:${line} links to ${link}, which has no such heading`]
      : [];
  });
}

function resolveLink(from: string, target: string): string {
  const path = posix.normalize(posix.join(posix.dirname(from), decodeURI(target)));
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** The text with code blanked out, its lines kept. */
function withoutCode(text: string): string {
  return text
    .replace(/^([ \t]*)(```+|~~~+)[\s\S]*?^\1\2[ \t]*$/gm, (block) => block.replace(/[^\n]/g, ' '))
    .replace(/`[^`\n]*`/g, (span) => ' '.repeat(span.length));
}

/** Anchors of a document's headings, the way code hosts make them. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const line of text.split('\n')) {
    const title = HEADING.exec(line)?.[1];
    if (title === undefined) continue;
    const base = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    let anchor = base;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${base}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}
