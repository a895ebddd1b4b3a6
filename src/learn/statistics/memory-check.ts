/** Refuses statistics that don't fit in memory. */

import { freemem } from 'node:os'
import { isOneCopyError, OneCopyError } from '../../errors.ts'

/** Size of statistics. */
export interface StatisticsSize {
  /** Columns of `X` and targets, p. */
  readonly columns: number
  /** Groups of rows, such as folds. */
  readonly groups: number
}

/** Smaller statistics are not checked: asking the system takes longer than a small fit. */
const smallBytes = 2 ** 28

/**
 * Checks that the products of all pairs of columns fit in memory, before anything is allocated.
 *
 * @throws OneCopyError `ERR_MEMORY` with the memory needed, the memory that is free, and what to do
 */
function requireMemory(size: StatisticsSize): void {
  const bytes = statisticsBytes(size)
  if (bytes < smallBytes) return
  const free = freeMemory()
  if (bytes > free) throw memoryError(size, free)
}

/** Runs `work` when the statistics fit; explains an allocation that fails in spite of the estimate. */
export async function withMemoryCheck<T>(size: StatisticsSize, work: () => Promise<T>): Promise<T> {
  requireMemory(size)
  try {
    return await work()
  } catch (error) {
    const isFull =
      (isOneCopyError(error) && error.code === 'ERR_MEMORY') || error instanceof RangeError
    throw isFull ? memoryError(size, freeMemory(), error) : error
  }
}

/**
 * Estimates the memory of statistics and solutions: sums of the kernel and its threads, their copies in
 * JavaScript, merged folds and a factor. Measured: 8 matrices of p x p for one group, 26 for 5 groups.
 */
function statisticsBytes({ columns, groups }: StatisticsSize): number {
  return squaresOf(groups) * 8 * columns ** 2
}

function squaresOf(groups: number): number {
  return groups <= 1 ? 8 : 4 * groups + 6
}

function freeMemory(): number {
  const limit = process.constrainedMemory()
  return Math.min(freemem(), limit > 0 ? limit : Infinity)
}

function memoryError(size: StatisticsSize, free: number, cause?: unknown): OneCopyError {
  const { columns, groups } = size
  const bytes = statisticsBytes(size)
  const most = Math.floor(Math.sqrt(free / 8 / squaresOf(groups)))
  const folds = groups > 1 ? ` on ${groups} folds` : ''
  return new OneCopyError(
    'ERR_MEMORY',
    `Expected columns whose products fit in memory, got ${columns} columns of \`X\` and \`y\`${folds}: ` +
      `products of all pairs take about ${gigabytes(bytes)}, and ${gigabytes(free)} are free, enough for about ${most} columns. ` +
      `Use fewer columns (X.slice(null, [0, ${Math.min(most, 1000)}]) copies nothing)${groups > 1 ? ', fewer folds,' : ''} or a machine with more memory.`,
    {
      details: { columns, groups, bytes, freeBytes: free },
      ...(cause === undefined ? {} : { cause }),
    },
  )
}

function gigabytes(bytes: number): string {
  return `${Number((bytes / 1e9).toPrecision(2)).toLocaleString('en-US')} GB`
}
