/** `npm run replay -- FILE`: runs a recorded tab again and says whether it did the same. Exit code 0: it did; 1: it did not; 2: no recording. */
import { readFileSync } from 'node:fs';
import { replay, type Difference } from './replay.ts';

const USAGE = 'npm run replay -- FILE';

function complain(text: string): never {
  console.error(text);
  process.exit(2);
}

function read(file: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    return complain(error instanceof Error ? error.message : String(error));
  }
}

function tell({ at, call, doing, effect, recorded, replayed }: Difference): void {
  const place = effect === undefined ? '' : `, effect ${effect}`;
  console.error(`Call ${call} at ${at.toFixed(1)} ms, ${doing}${place}:`);
  console.error(`  recorded: ${recorded}`);
  console.error(`  replayed: ${replayed}`);
}

const [file, ...more] = process.argv.slice(2);
if (file === undefined || more.length > 0) complain(USAGE);
const replayed = replay(read(file));
if (!replayed.ok) complain(`This is no recording that can be replayed here: ${replayed.code}.`);
const { calls, difference, end, origin, outputs, steps } = replayed.value;
console.log(`board ${origin.board}, tab ${origin.certificate.peer}, application ${origin.app}`);
console.log(`${calls} calls, ${steps} steps, ${outputs} effects equal`);
if (difference !== undefined) {
  tell(difference);
  process.exit(1);
}
console.log(`The recording ends: ${end?.why ?? ''}${end?.detail ? `, ${end.detail}` : ''}.`);
