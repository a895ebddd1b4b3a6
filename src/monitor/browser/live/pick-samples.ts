/** Picks the samples that fit in a chart. */

import type { RunStore } from './run-store.ts'

/** Samples of a part of the run, in order. */
export interface PickedSamples {
  readonly samples: readonly number[]
  /**
   * Those of `samples` that are the lowest but not the highest of their column of pixels. The line
   * of the whole leaves them out: noise would make a black band of it.
   */
  readonly lows: ReadonlySet<number>
}

/**
 * All samples from one moment to another when they are few, else the lowest and the highest of each
 * column of pixels, and one sample beyond each end.
 */
export function pickSamples(
  run: RunStore,
  fromMs: number,
  toMs: number,
  pixels: number,
): PickedSamples {
  const first = Math.max(0, run.firstAt(fromMs) - 1)
  const last = Math.min(run.times.length - 1, run.firstAt(toMs))
  const samples: number[] = []
  const lows = new Set<number>()
  if (last - first < 2 * pixels) {
    for (let sample = first; sample <= last; sample++) samples.push(sample)
    return { samples, lows }
  }
  const scale = pixels / Math.max(1, toMs - fromMs)
  const pixelOf = (sample: number): number => Math.floor((run.times[sample]! - fromMs) * scale)
  for (let next = first; next <= last;) {
    const from = next
    while (next <= last && pixelOf(next) === pixelOf(from)) next++
    const { low, high, gap } = extremes(run, from, next)
    if (low >= 0 && low !== high) lows.add(low)
    const picked = new Set([low, high, gap].filter((sample) => sample >= 0))
    samples.push(...[...picked].sort((a, b) => a - b))
  }
  return { samples, lows }
}

/** The lowest and highest of some samples and the last whose memory is not known; -1 for none. */
function extremes(
  { hard, high: highest }: RunStore,
  from: number,
  to: number,
): { low: number; high: number; gap: number } {
  let [low, high, gap] = [-1, -1, -1]
  for (let i = from; i < to; i++) {
    const now = hard[i] ?? null
    if (now === null) gap = i
    else {
      if (low < 0 || now < hard[low]!) low = i
      if (high < 0 || (highest[i] ?? 0) > (highest[high] ?? 0)) high = i
    }
  }
  return { low, high, gap }
}
