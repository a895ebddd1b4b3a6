/** Sums the memory of processes that share some of it. */

import type { Segment } from './segments.ts'

/** Memory of a process tree, in bytes; `undefined` where no process could be read. */
export interface MemoryTotals {
  /** Private memory: heaps, buffers, stacks; pages that forks still share count once. */
  readonly anonymous: number | undefined
  /** Shared memory; each piece counts once, however many processes map it. */
  readonly shmem: number | undefined
  /** Pages of mapped files, which the kernel can drop and read again. */
  readonly fileBacked: number | undefined
  /** `anonymous` + `shmem`: what the kernel can't drop. */
  readonly hard: number | undefined
}

/** The figures of a process that totals are made of. */
interface ProcessMemory {
  readonly anonymous: number | undefined
  readonly shmem: number | undefined
  readonly fileBacked: number | undefined
}

/**
 * Totals of a tree from figures that the kernel has at hand.
 *
 * - Anonymous memory is a sum. What forks without exec share is taken off it later, by
 *   `ForkMemory`; Node.js never forks so.
 * - Shmem is what exists in the segments that the tree holds open. Shared memory without an open
 *   descriptor shows only in the process that touched it: when one process has touched more than
 *   all segments hold, its figure counts. A lower bound, and exact without such memory.
 * - File-backed memory is the figure of the process that maps most: the processes of one job map
 *   the same files, the `node` binary before all. A lower bound; the sum would be the error
 *   that tools on RSS make. What is exact here is PSS, at its price: see {@link sampleTree}.
 *
 * @see the measurements behind it: docs/memory.md
 */
export function totalMemory(
  processes: readonly ProcessMemory[],
  segments: readonly Segment[],
): MemoryTotals {
  const held = segments.reduce((sum, segment) => sum + segment.bytes, 0)
  const anonymous = known(processes.map((process) => process.anonymous))
  const touched = known(processes.map((process) => process.shmem))
  const files = known(processes.map((process) => process.fileBacked))
  const sum = anonymous?.reduce((total, bytes) => total + bytes, 0)
  const shmem = touched && Math.max(held, ...touched)
  return {
    anonymous: sum,
    shmem,
    fileBacked: files && Math.max(...files),
    hard: sum === undefined || shmem === undefined ? undefined : sum + shmem,
  }
}

/** All memory of a process that is in RAM: what could not be read counts as 0. */
export function rssOf({ anonymous, shmem, fileBacked }: ProcessMemory): number {
  return (anonymous ?? 0) + (shmem ?? 0) + (fileBacked ?? 0)
}

/** The larger of two figures, of which either may be unknown. */
export function larger(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a
}

/** The values that could be read, or `undefined` when there are none. */
function known(values: readonly (number | undefined)[]): number[] | undefined {
  const found = values.filter((value) => value !== undefined)
  return found.length > 0 ? found : undefined
}
