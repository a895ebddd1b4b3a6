/** Computes the peak memory of each phase of a run. */

import type { MemoryPeak } from './peak-keeper.ts'
import { hardRange, highestColumn, largest, livesAt, mainColumn, spikeSample } from './run-data.ts'
import { isBound } from '../proc/range.ts'
import type { Column, Phase, RunData } from './run-data.ts'

/** A named part of a run; phases with the same name are combined. */
export interface PhaseReport {
  readonly name: string
  /** How often it began. */
  readonly count: number
  /** When it first began, in milliseconds after the start of the run. */
  readonly startMs: number
  /** Its total duration. */
  readonly durationMs: number
  /** The largest figures in it; `undefined` where it ended before a sample. */
  readonly peak: MemoryPeak
  /** The largest sum of RSS in it, for comparison with tools that show that. */
  readonly peakRss: number | undefined
}

/** All phases of a run, in the order in which they first began. */
export function phaseReports(data: RunData): PhaseReport[] {
  const byName = Map.groupBy(
    [...data.phases].sort((a, b) => a.startMs - b.startMs || a.level - b.level),
    (phase) => phase.name,
  )
  return [...byName].map(([name, phases]) => reportPhase(data, name, phases))
}

function reportPhase(data: RunData, name: string, phases: readonly Phase[]): PhaseReport {
  return {
    name,
    count: phases.length,
    startMs: phases[0]!.startMs,
    durationMs: phases.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0),
    ...peakOf(data, phases),
  }
}

/** A part of a run, in milliseconds after its start. */
interface Span {
  readonly startMs: number
  readonly endMs: number
}

/** The largest figures within some spans of a run, both ends included. */
export function peakOf(
  data: RunData,
  spans: readonly Span[],
): { peak: MemoryPeak; peakRss: number | undefined } {
  const { times, total } = data
  const samples = spans.flatMap((span) => samplesIn(times, span))
  const most = (column: Column | undefined): number | undefined =>
    column && largest(Float64Array.from(samples, ({ sample }) => column[sample]!))
  const [main, highest] = [mainColumn(data), highestColumn(data)]
  let top = { value: -Infinity, sample: -1, at: -1 }
  for (const { sample, isFirst } of samples) {
    // What rose and fell before the first sample belongs to the time before.
    const isSpike = !isFirst && highest[sample]! > main[sample]!
    const value = isSpike ? highest[sample]! : main[sample]!
    if (value <= top.value || Number.isNaN(value)) continue
    top = { value, sample, at: isSpike ? spikeSample(data, sample) : sample }
  }
  const isKnown = total.hard !== undefined && top.sample >= 0
  const spike = isKnown ? Math.max(0, top.value - main[top.at]!) : 0
  const range = isKnown ? hardRange(data, top.at) : { least: 0, most: 0 }
  const isUnsure = isBound(range) && top.value > 1.02 * (provenPeak(data, spans) ?? 0)
  return {
    peak: {
      anonymous: most(total.anonymous),
      shmem: most(total.shmem),
      fileBacked: most(total.fileBacked),
      hard: isKnown ? (isUnsure ? range.most + spike : top.value) : undefined,
      atMs: top.at >= 0 ? times[top.at]! : (spans[0]?.startMs ?? 0),
      spike,
      ...(isUnsure ? { isBound: true } : {}),
    },
    peakRss: most(total.rss),
  }
}

/**
 * The most that hard memory was for certain within some spans: less than the peak only where that
 * is a bound.
 */
export function provenPeak(data: RunData, spans: readonly Span[]): number | undefined {
  const [main, highest] = [mainColumn(data), highestColumn(data)]
  const values = spans
    .flatMap((span) => samplesIn(data.times, span))
    .map(({ sample, isFirst }) => {
      const range = hardRange(data, sample)
      const least = isBound(range) ? range.least : main[sample]!
      return least + (isFirst ? 0 : Math.max(0, highest[sample]! - main[sample]!))
    })
  return largest(Float64Array.from(values))
}

/** The smallest and the largest figure within some time, in bytes. */
export interface MemoryRange {
  readonly min: number
  readonly max: number
}

/** The range of hard memory of the tree, or of anonymous memory of one process, in a span. */
export function rangeOf(data: RunData, span: Span, pid?: number): MemoryRange | undefined {
  const samples = samplesIn(data.times, span)
  const lines = data.processes.filter((line) => line.pid === pid)
  let [min, max] = [Infinity, -Infinity]
  for (const { sample, isFirst } of samples) {
    const line = lines.find((one) => livesAt(one, sample))
    const column = pid === undefined ? data.total.hard : line?.columns.anonymous
    const value = column?.[pid === undefined ? sample : sample - line!.first] ?? NaN
    if (value < min) min = value
    if (value > max) max = value
    // What rose and fell before the first sample belongs to the time before.
    const peak = pid === undefined && !isFirst ? (data.total.hardPeak?.[sample] ?? NaN) : NaN
    if (peak > max) max = peak
  }
  return max === -Infinity ? undefined : { min, max }
}

/** The samples of a span; the times rise, so they stand together. */
function samplesIn(times: Column, span: Span): { sample: number; isFirst: boolean }[] {
  const found: { sample: number; isFirst: boolean }[] = []
  for (let sample = firstAtOrAfter(times, span.startMs); sample < times.length; sample++) {
    if (times[sample]! > span.endMs) break
    found.push({ sample, isFirst: sample === 0 || times[sample - 1]! < span.startMs })
  }
  return found
}

/** The first sample that is not before a moment; the number of samples when there is none. */
export function firstAtOrAfter(times: Column, ms: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! < ms) low = middle + 1
    else high = middle
  }
  return low
}

/** The sample at the highest point of the run. */
export function peakSample({ times, peak }: RunData): number {
  return Math.min(firstAtOrAfter(times, peak.atMs), times.length - 1)
}

/** When the run was highest, in milliseconds after its start. */
export function peakMs(data: RunData): number {
  return data.times[peakSample(data)] ?? 0
}

/**
 * The innermost phase at a moment: the one that began last. A moment on the border belongs to the
 * phase that ends there, since its work made what the sample saw.
 */
export function phaseAt(data: RunData, ms: number): Phase | undefined {
  const around = data.phases.filter((phase) => phase.startMs <= ms && phase.endMs >= ms)
  const inside = around.filter((phase) => phase.startMs < ms)
  const latest = (a: Phase, b: Phase): Phase => (b.startMs >= a.startMs ? b : a)
  return (inside.length > 0 ? inside : around).reduce<Phase | undefined>(
    (found, phase) => (found ? latest(found, phase) : phase),
    undefined,
  )
}
