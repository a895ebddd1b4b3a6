/** Picks the samples that fit in a picture. */

import { highestColumn, mainColumn } from '../../record/run-data.ts'
import type { RunData } from '../../record/run-data.ts'
import { keepExtremes } from '../../record/downsample.ts'

/**
 * All samples when they are few, else the lowest and the highest of each column of pixels.
 *
 * @param columns - how many pixels wide the picture is
 */
export function pictureSamples(data: RunData, columns: number): Int32Array {
  const { times, durationMs } = data
  if (times.length <= 2 * columns) return Int32Array.from(times, (_, sample) => sample)
  const scale = columns / Math.max(durationMs, 1)
  return keepExtremes({
    low: mainColumn(data),
    high: highestColumn(data),
    bucketOf: (sample) => Math.floor(times[sample]! * scale),
  })
}
