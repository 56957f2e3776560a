/**
 * Golden transcripts: how a committee talks, for people to read and for changes of the protocol to be seen. Rules of docs/spec/consensus.md. After
 * a change that is meant, `npx vitest run --project node test/unit/consensus/transcripts.test.ts -u` writes them anew.
 */
import { describe, expect, it } from 'vitest';
import { PATIENCE_MS, STATUS_MS } from '../../../src/consensus/limits.ts';
import { Council } from './council.ts';
import { transcriptOf } from './transcript.ts';

/** A council whose beginnings are not written down. */
function quietCouncil(): Council {
  const council = new Council(4);
  council.happened.length = 0;
  return council;
}

describe('transcripts', () => {
  it('[CON-4, CON-6] the normal case', async () => {
    const council = quietCouncil();
    council.submit(2, 'water the tomatoes');
    await expect(transcriptOf(council)).toMatchFileSnapshot('transcripts/normal-case.txt');
  });

  it('[CON-9, CON-10, CON-12] the primary dies when one batch is decided by one seat, and another prepared', async () => {
    const council = quietCouncil();
    council.passes = ({ message }, to) => {
      // Nobody hears where others stand, so only the view change can help.
      if (message.kind === 'question') return message.question.kind !== 'status';
      if (message.kind !== 'statement') return true;
      const { statement } = message.signed;
      return statement.kind !== 'commit' || statement.view > 0 || (statement.seq === 1 && to === 2);
    };
    council.submit(0, 'plant');
    council.submit(0, 'water');
    council.stop(0);
    council.submit(3, 'weed');
    council.wait(PATIENCE_MS + 2 * STATUS_MS);
    for (const seat of [1, 2, 3]) expect(council.executed(seat)).toEqual(['plant', 'water', 'weed']);
    await expect(transcriptOf(council, ['status'])).toMatchFileSnapshot('transcripts/view-change.txt');
  });

  it('[CON-8, CON-17] a seat that was away takes over the state of a checkpoint, and hears of what came after it', async () => {
    const council = quietCouncil();
    council.passes = (sent, to) => to !== 3 && sent.from !== 3;
    for (let count = 1; count <= 9; count++) council.submit(0, `op ${count}`);
    council.happened.length = 0;
    council.passes = () => true;
    council.wait(4 * STATUS_MS);
    expect(council.executed(3)).toEqual(council.executed(0));
    await expect(transcriptOf(council)).toMatchFileSnapshot('transcripts/state-transfer.txt');
  });
});
