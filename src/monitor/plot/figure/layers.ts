/** Splits a run into the layers of a stacked picture. */

import { plainName } from '../../../plain-name.ts'
import { peakSample } from '../../record/phase-peaks.ts'
import { known, largest, processValue } from '../../record/run-data.ts'
import type { Column, ProcessLine, RunData } from '../../record/run-data.ts'
import { formatCount } from '../../../format.ts'
import { pick } from '../../record/downsample.ts'
import { processColours } from '../../../pictures/internal.ts'

/** What the layers of a picture show. */
export type LayersBy = 'process' | 'kind'

/** One layer of a stacked picture. */
export interface Layer {
  readonly label: string
  /** Name of its colour. */
  readonly ink: string
  /** Memory that the kernel can drop is hatched, hard memory is solid. */
  readonly isCache: boolean
  /** Bytes at each sample of the picture; NaN is a gap. */
  readonly values: Column
  /** Bytes when the run was largest. */
  readonly atPeak: number | undefined
}

/**
 * Layers from the bottom up: shared memory once, then private memory (of each process or
 * altogether), then the file cache. Without the cache they add up to the hard memory.
 *
 * @param samples - which samples of the run the picture has
 */
export function layersOf(data: RunData, by: LayersBy, samples: Int32Array): Layer[] {
  if (!data.total.hard) return [residentLayer(data, samples)]
  const total = data.total.anonymous
  const isSplit = by === 'process' && data.processes.length > 0
  // A file of mprof's format knows the sum and the children, not the kinds.
  const own = isSplit || !total ? processLayers(data, samples) : [anonymousLayer(data, samples)]
  const layers = [
    layer(data, samples, 'shared memory, once', 'shared', data.total.shmem),
    ...own,
    layer(data, samples, 'file cache', 'muted', data.total.fileBacked, true),
  ]
  const hard = data.total.hard
  return layers
    .filter((layer) => (largest(layer.values) ?? 0) > 0)
    .map((layer) => ({
      ...layer,
      // Where the sum is not known, a part of it would look like the whole.
      values: layer.values.map((value, i) => (Number.isNaN(hard[samples[i]!]) ? NaN : value)),
    }))
}

/** The processes that are drawn as lines, since they are no parts of the total: of mprof's files. */
export function linedProcesses(data: RunData): readonly ProcessLine[] {
  return data.total.hard ? [] : largestProcesses(data, 'rss')
}

/** For each sample of the picture, whether a process lived then that could not be read. */
export function incompleteSamples(data: RunData, samples: Int32Array): boolean[] {
  const suspects = data.processes.filter((line) => data.unreadable.includes(line.pid))
  return Array.from(samples, (sample) =>
    suspects.some((line) => Number.isNaN(processValue(line, 'anonymous', sample))),
  )
}

/** `node 1234`, with the name made safe. */
export function processLabel({ name, pid }: ProcessLine): string {
  return `${plainName(name, 24)} ${pid}`
}

function layer(
  data: RunData,
  samples: Int32Array,
  label: string,
  ink: string,
  column: Column | undefined,
  isCache = false,
): Layer {
  const values = column ? pick(column, samples) : new Float64Array(samples.length)
  return { label, ink, isCache, values, atPeak: known(column?.[peakSample(data)]) }
}

function residentLayer(data: RunData, samples: Int32Array): Layer {
  return layer(data, samples, 'resident (RSS)', 'others', data.total.rss)
}

function anonymousLayer(data: RunData, samples: Int32Array): Layer {
  return layer(data, samples, 'private memory', 'p0', data.total.anonymous)
}

/** The largest processes each for itself, in the order of their start; the rest together. */
function processLayers(data: RunData, samples: Int32Array): Layer[] {
  const chosen = largestProcesses(data, 'anonymous')
  const layers = chosen.map((line, i) =>
    layer(data, samples, processLabel(line), `p${i}`, wholeColumn(data, line)),
  )
  const rest = restColumn(data, layers, samples)
  const count = data.processes.length - chosen.length + data.otherProcesses
  const label = count > 0 ? formatCount(count, 'other process', 'other processes') : 'not split up'
  const peak = peakSample(data)
  const known = layers.reduce((sum, layer) => sum + (layer.atPeak ?? 0), 0)
  const atPeak = privateMemory(data, peak) - known
  return (largest(rest) ?? 0) > 0
    ? [...layers, { label, ink: 'others', isCache: false, values: rest, atPeak }]
    : layers
}

/** Half of them for what they had at the peak of the run, half for their own peak. */
function largestProcesses(data: RunData, figure: 'anonymous' | 'rss'): ProcessLine[] {
  const peak = peakSample(data)
  const top = (size: (line: ProcessLine) => number, count: number, from: readonly ProcessLine[]) =>
    [...from].sort((a, b) => size(b) - size(a)).slice(0, count)
  const thenLargest = top(
    (line) => known(processValue(line, figure, peak)) ?? 0,
    processColours / 2,
    data.processes,
  )
  const chosen = new Set([
    ...thenLargest,
    ...top(
      (line) => line.peak[figure] ?? 0,
      processColours / 2,
      data.processes.filter((line) => !thenLargest.includes(line)),
    ),
  ])
  return data.processes.filter((line) => chosen.has(line))
}

/** The private memory of a process at every sample of the run, 0 outside of its life. */
function wholeColumn({ times }: RunData, line: ProcessLine): Column {
  return Float64Array.from(times, (_, sample) => processValue(line, 'anonymous', sample))
}

/** Private memory that no layer shows: of small processes, and of those that were not kept. */
function restColumn(data: RunData, layers: readonly Layer[], samples: Int32Array): Column {
  return Float64Array.from(samples, (sample, i) => {
    const shown = layers.reduce((sum, { values }) => sum + (known(values[i]) ?? 0), 0)
    const rest = privateMemory(data, sample) - shown
    // Rounded figures leave small remainders.
    return rest < 1024 ? 0 : rest
  })
}

function privateMemory({ total }: RunData, sample: number): number {
  const anonymous = total.anonymous?.[sample]
  return anonymous ?? total.hard![sample]! - (total.shmem?.[sample] ?? 0)
}
