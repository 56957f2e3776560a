import type { JoinProgress } from './ports.ts';

/** Whether a join is neither over nor failed. */
export function isUnderWay(progress: JoinProgress | null): boolean {
  return progress !== null && progress.phase !== 'done' && progress.phase !== 'failed';
}
