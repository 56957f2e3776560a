/** The driver of the simulated world passes the same contract as the one of the browser. */
import { createSimHarness } from './driver-harness-sim.ts';
import { driverContract } from './driver-suite.ts';

driverContract('sim driver', createSimHarness);
