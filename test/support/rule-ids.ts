/** Rules of docs/spec against the tests that cite them: every rule has a test, every citation names a rule. */
import ts from 'typescript';

/** A text file by its path inside the project. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Where an id was found. */
export interface Place {
  readonly id: string;
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

const DEFINITION = /^\s*(?:[-*]\s+|\d+\.\s+)?\*\*([A-Z]{2,5}-\d+)\b[^*]*\*\*/;
const CITATION = /\[([A-Z]{2,5}-\d+(?:\s*,\s*[A-Z]{2,5}-\d+)*)\]/g;
const TITLE_FUNCTIONS: ReadonlySet<string> = new Set(['it', 'test', 'describe']);

/** Ids that start a rule, written `**SIG-4**` at the beginning of a line or list item. Code blocks do not count. */
export function findRules(file: TextFile): Place[] {
  const places: Place[] = [];
  let isCode = false;
  for (const [index, line] of file.text.split('\n').entries()) {
    if (line.trimStart().startsWith('```')) isCode = !isCode;
    const id = isCode ? undefined : DEFINITION.exec(line)?.[1];
    if (id !== undefined) places.push({ id, path: file.path, line: index + 1 });
  }
  return places;
}

/** Ids cited in test titles as `[SIG-4]` or `[SIG-4, SIG-5]`. Strings elsewhere in a test file do not count. */
export function findCitations(file: TextFile): Place[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2022);
  const places: Place[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && TITLE_FUNCTIONS.has(calleeName(node.expression))) {
      const title = node.arguments[0];
      if (title !== undefined) collectIds(title, source, places);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return places;
}

function collectIds(title: ts.Expression, source: ts.SourceFile, places: Place[]): void {
  const isText =
    ts.isStringLiteral(title) || ts.isNoSubstitutionTemplateLiteral(title) || ts.isTemplateExpression(title);
  if (!isText) return;
  const line = source.getLineAndCharacterOfPosition(title.getStart(source)).line + 1;
  for (const match of title.getText(source).matchAll(CITATION)) {
    for (const id of (match[1] ?? '').split(',')) places.push({ id: id.trim(), path: source.fileName, line });
  }
}

/** `it` of `it(...)`, `it.each(...)(...)` and `it.concurrent(...)`. */
function calleeName(expression: ts.Expression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isPropertyAccessExpression(expression) || ts.isCallExpression(expression)) {
    return calleeName(expression.expression);
  }
  return ts.isTaggedTemplateExpression(expression) ? calleeName(expression.tag) : '';
}

/** One line per rule without a test, per citation of no rule, and per id that is defined twice. */
export function compareRules(specs: readonly TextFile[], tests: readonly TextFile[]): string[] {
  const rules = new Map<string, Place>();
  const problems: string[] = [];
  for (const place of specs.flatMap(findRules)) {
    const first = rules.get(place.id);
    if (first === undefined) rules.set(place.id, place);
    else problems.push(`${at(place)} ${place.id} is already defined at ${at(first)}`);
  }
  const citations = tests.flatMap(findCitations);
  const cited = new Set(citations.map((place) => place.id));
  for (const place of rules.values()) {
    if (!cited.has(place.id)) problems.push(`${at(place)} ${place.id} has no test that cites it`);
  }
  for (const place of citations) {
    if (!rules.has(place.id)) problems.push(`${at(place)} ${place.id} is no rule of docs/spec`);
  }
  return problems;
}

const at = (place: Place): string => `${place.path}:${place.line}`;
