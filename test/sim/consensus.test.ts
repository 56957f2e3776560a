/** The consensus scenario: the bugs that its oracle has to catch. Its seeds are in consensus-seeds-*.test.ts. Rules of docs/spec/consensus.md. */
import { describe, expect, it } from 'vitest';
import { consensusScenario } from '../../src/sim/scenarios/consensus.ts';
import { complaintOf, runSeed } from '../support/sim-seeds.ts';

/** Seeds within which each planted bug has to be caught. */
const BUDGET = 80;

const EXPECTED: Readonly<Record<string, RegExp>> = {
  tooManyTwins: /agreement: |order: /,
  quorumOfPaper: /certificate: |agreement: /,
  smallQuorum: /certificate: |agreement: /,
  uncheckedSignatures: /evidence: |validity: |certificate: |conflict: /,
  uncheckedCertificates: /undecided: |refused: |agreement: |halted: |evidence: /,
  digestBlind: /certificate: |agreement: |order: /,
  voteBeforePersist: /conflict: /,
  forgottenVotes: /conflict: |guard: /,
  forgottenView: /conflict: |view: |guard: /,
  forgottenCertificates: /guard: .*forgotten/,
  forgottenNumbers: /conflict: .*request/,
  emptyViewChange: /conflict: |agreement: |view: |order: |role: /,
  allNull: /agreement: |order: |undecided: |halted: /,
  voteAfterLeaving: /view: /,
  executeAgain: /twice: /,
  clientsLostInTransfer: /state: |order: |twice: |conflict: /,
  noRetransmission: /undecided: |refused: /,
  noFetching: /undecided: |refused: /,
  patientWithProgress: /undecided: |refused: /,
  waitsForEver: /undecided: |refused: /,
  pipelinedPastTheEnd: /overrun: |epoch: |guard: /,
  epochWithoutEnd: /guard: |epoch: /,
  uncheckedLinks: /refused: |undecided: |label: |fork: |chain: |halted: /,
  weakHandover: /certificate: |refused: |undecided: |restore: .*damaged/,
  oldLabel: /label: |role: |conflict: /,
  seatForLife: /guard: |label: /,
  lostAtTheEnd: /undecided: |refused: /,
  anyTime: /time: /,
};

describe('the consensus scenario', () => {
  it('[CON-19] is a function of its seed', () => {
    expect(runSeed(consensusScenario, 7)).toEqual(runSeed(consensusScenario, 7));
  });

  it.each(Object.entries(EXPECTED))(
    '[CON-19] the planted bug %s is caught',
    (plant, says) => {
      const said = complaintOf(consensusScenario, plant, { last: BUDGET });
      expect(said).toMatch(says);
      expect(said).toMatch(/\nreplay: npm run sim -- --scenario consensus .*--plant \w+$/);
    },
    300_000,
  );

  it('[CON-19] all planted bugs are expected to be caught', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...consensusScenario.plants].sort());
  });
});
