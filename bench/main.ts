/**
 * Entry of `npm run bench -- NAME`: measured comparisons with what people use today, each against the targets that the project set itself.
 * Times drift with the machine, so both sides of a comparison run in one command and are read as a ratio.
 */
import { run as runConsensus } from './consensus.ts';
import { run as runJournal } from './journal.ts';
import { run as runMesh } from './mesh.ts';
import { run as runSignaling } from './signaling.ts';

const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  consensus: runConsensus,
  journal: runJournal,
  mesh: runMesh,
  signaling: runSignaling,
};

/** Benches of parts that are not built yet, and the part. */
const LATER: Readonly<Record<string, string>> = {
  work: 'handing out tasks is not built yet',
  board: 'drawing 10,000 cards is not built yet',
};

const USAGE = `usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')}`;

async function main([name = '', ...args]: readonly string[]): Promise<string | undefined> {
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (bench !== undefined) {
    await bench(args);
    return undefined;
  }
  const reason = Object.hasOwn(LATER, name) ? LATER[name] : undefined;
  return reason === undefined ? USAGE : `There is no ${name} bench: ${reason}, and its bench comes with it.`;
}

const problem = await main(process.argv.slice(2)).catch((error: unknown) =>
  error instanceof Error ? error.message : String(error),
);
if (problem !== undefined) {
  console.error(problem);
  process.exitCode = 1;
}
