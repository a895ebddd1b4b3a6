/** Sums over a process tree besides the memory totals. */

import type { TotalFigure } from './run-data.ts'
import type { ProcessSample, TreeSample } from '../sampling/sample.ts'

/**
 * Adds up what the processes of a sample tell each for itself.
 *
 * @param endedCpuMs - CPU time of those who have ended
 */
export function treeFigures(
  { processes, pss, cgroup }: TreeSample,
  endedCpuMs: number,
): { readonly [figure in TotalFigure]?: number | undefined } {
  return {
    rss: sum(processes, ({ anonymous, shmem, fileBacked }) =>
      anonymous === undefined ? undefined : anonymous + (shmem ?? 0) + (fileBacked ?? 0),
    ),
    pageTables: sum(processes, ({ pageTables }) => pageTables),
    swap: sum(processes, ({ swap }) => swap),
    pss,
    heap: sum(processes, ({ isolates }) =>
      isolates?.reduce((bytes, { heapUsed, external }) => bytes + heapUsed + external, 0),
    ),
    cgroup: cgroup?.used,
    cpuMs: endedCpuMs + (sum(processes, ({ cpuMs }) => cpuMs) ?? 0),
  }
}

/** `undefined` when no process has a figure; those without one add nothing. */
function sum(
  processes: readonly ProcessSample[],
  figure: (process: ProcessSample) => number | undefined,
): number | undefined {
  let total: number | undefined
  for (const process of processes) {
    const value = figure(process)
    if (value !== undefined) total = (total ?? 0) + value
  }
  return total
}
