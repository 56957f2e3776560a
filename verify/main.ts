/**
 * `npm run verify -- FILE [--board ID]`: checks an exported certificate with no network and no board. Exit code 0: everything holds; 1: it proves
 * nothing, and the reason is told; 2: it was called wrongly, or there is no such file.
 */
import { readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { examineCertificateFile, MAX_CERTIFICATE_FILE_CHARS } from '../src/governance/certificate-file.ts';
import { createVerifier } from '../src/runtime/crypto.ts';
import { claimLines, REASONS } from './describe.ts';

const USAGE = 'npm run verify -- FILE [--board ID]';

function complain(text: string): never {
  console.error(`${text}\n${USAGE}`);
  process.exit(2);
}

function readArguments(): { readonly file: string; readonly board: string | undefined } {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { board: { type: 'string' } },
    });
    const [file, more] = positionals;
    if (file === undefined || more !== undefined) return complain('Name one file.');
    return { file, board: values.board };
  } catch (error) {
    return complain(error instanceof Error ? error.message : String(error));
  }
}

function readText(file: string): string {
  try {
    // A byte that is no UTF-8 becomes a character that no certificate has. What is too long is not worth reading.
    if (statSync(file).size > MAX_CERTIFICATE_FILE_CHARS) return '';
    return readFileSync(file, 'utf8');
  } catch (error) {
    return complain(`Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refuse(code: keyof typeof REASONS): never {
  console.error(`PROVES NOTHING (${code}): ${REASONS[code]}.`);
  process.exit(1);
}

const { file, board } = readArguments();
const examined = examineCertificateFile(readText(file), board);
if (!examined.ok) refuse(examined.code);
if (!(await createVerifier().verifyAll(examined.value.checks))) refuse('badSignature');
console.log('HOLDS');
for (const line of claimLines(examined.value.claim, board !== undefined)) console.log(line);
