/** Picks samples of a long run that show its peaks. */

import type { Column } from './run-data.ts'

/** Which samples to keep, and what their heights are. */
export interface Downsampling {
  /** The line whose lowest points stay. */
  readonly low: Column
  /** The line whose highest points stay; not below `low`. */
  readonly high: Column
  /** Which bucket a sample falls in; never falls from one sample to the next. */
  readonly bucketOf: (sample: number) => number
  /** Samples that stay anyway. */
  readonly isPinned?: (sample: number) => boolean
}

/**
 * Keeps of each bucket of samples the lowest and the highest one, and both ends of a gap; of the
 * whole the first and the last. A picture with one bucket for each column of pixels then looks as
 * if all samples were drawn.
 *
 * @returns numbers of samples, rising
 */
export function keepExtremes({ low, high, bucketOf, isPinned }: Downsampling): Int32Array {
  const kept = new Set<number>()
  const length = low.length
  if (length > 0) kept.add(0).add(length - 1)
  for (let start = 0; start < length;) {
    const bucket = bucketOf(start)
    let [lowest, highest, firstGap, lastGap] = [-1, -1, -1, -1]
    let sample = start
    for (; sample < length && bucketOf(sample) === bucket; sample++) {
      if (isPinned?.(sample)) kept.add(sample)
      if (Number.isNaN(low[sample])) {
        if (firstGap < 0) firstGap = sample
        lastGap = sample
        continue
      }
      if (lowest < 0 || low[sample]! < low[lowest]!) lowest = sample
      if (highest < 0 || high[sample]! > high[highest]!) highest = sample
    }
    // A spike belongs to the sample before it if that one is larger.
    if (highest > 0 && high[highest]! > low[highest]! && low[highest - 1]! > low[highest]!) {
      kept.add(highest - 1)
    }
    for (const found of [lowest, highest, firstGap, lastGap]) if (found >= 0) kept.add(found)
    start = sample
  }
  return Int32Array.from(kept).sort()
}

/** The values of a column at some samples. */
export function pick(column: Column, samples: Int32Array): Column {
  return Float64Array.from(samples, (sample) => column[sample]!)
}
