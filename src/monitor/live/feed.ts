/** Packs the run data of the live page compactly. */

import { plainName } from '../../plain-name.ts'
import type { Kibibytes, LiveFeed, LivePhase, LiveProcess } from '../browser/live-feed.ts'
import { assignLanes, bandsOf } from '../plot/figure/phase-strip.ts'
import { pictureSamples } from '../plot/figure/picture-samples.ts'
import { firstAtOrAfter } from '../record/phase-peaks.ts'
import { highestColumn, known, livesAt, mainColumn, processValue } from '../record/run-data.ts'
import type { Column, ProcessLine, RunData } from '../record/run-data.ts'

/**
 * Packs a run.
 *
 * @param options - `afterMs`: only samples after that moment; the CPU use of the first needs some
 *   before it. `points`: so many parts of the run keep their lowest and highest sample
 */
export function feedOf(
  data: RunData,
  options: { readonly afterMs?: number; readonly points?: number } = {},
): LiveFeed {
  const { times, total } = data
  const after = options.afterMs === undefined ? 0 : firstAtOrAfter(times, options.afterMs + 0.05)
  const samples = pictureSamples(data, options.points ?? times.length).subarray(after)
  const last = times.length - 1
  const { cpuMs, tasks } = total
  const pick = (column: Column | undefined): Kibibytes[] =>
    Array.from(samples, (sample) => toKiB(column?.[sample]))
  return {
    durationMs: data.durationMs,
    samples: data.samples,
    times: Array.from(samples, (sample) => Math.round(times[sample]!)),
    hard: pick(mainColumn(data)),
    high: pick(highestColumn(data)),
    shared: pick(total.shmem),
    cache: pick(total.fileBacked),
    rss: pick(total.rss),
    cpu: Array.from(samples, (sample) => coresAt(times, cpuMs, sample)),
    tasks: tasks ? Array.from(samples, (sample) => tasksAt(times, tasks, sample)) : null,
    processes: largestLines(data).map((line) => packProcess(data, line, samples)),
    living: data.processes.filter((line) => livesAt(line, last)).length,
    phases: packPhases(data),
    peak: { hard: toKiB(data.peak.hard), ms: data.peak.atMs },
    limit: toKiB(data.limit),
  }
}

function packPhases({ phases }: RunData): LivePhase[] {
  const last = phases.slice(-maxPhases)
  const bands = new Set(bandsOf(assignLanes(last)).map(({ phase }) => phase))
  return last.map((phase) => {
    const { name, startMs, endMs } = phase
    return [plainName(name, 60), startMs, endMs, bands.has(phase)]
  })
}

const maxProcesses = 40
const maxPhases = 500

function largestLines({ processes }: RunData): readonly ProcessLine[] {
  const size = (line: ProcessLine): number => line.peak.anonymous ?? 0
  return processes.length <= maxProcesses
    ? processes
    : [...processes].sort((a, b) => size(b) - size(a)).slice(0, maxProcesses)
}

function packProcess(data: RunData, line: ProcessLine, samples: Int32Array): LiveProcess {
  const last = data.times.length - 1
  const isAlive = livesAt(line, last)
  const inside = samples.filter((sample) => sample >= line.first && livesAt(line, sample))
  const cpu = coresAt(data.times, line.columns.cpuMs, last, line.first)
  return {
    id: `${line.pid}-${line.startMs}`,
    pid: line.pid,
    name: plainName(line.name, 60),
    startMs: line.startMs,
    first: Math.max(0, samples.indexOf(inside[0] ?? -1)),
    own: Array.from(inside, (sample) => toKiB(processValue(line, 'anonymous', sample))),
    rss: isAlive ? toKiB(processValue(line, 'rss', last)) : null,
    cpu: isAlive ? cpu : null,
    threads: isAlive ? (known(processValue(line, 'threads', last)) ?? null) : null,
    isAlive,
    endMs: line.endMs,
  }
}

/** Cores that were kept busy in the second before a sample, in hundredths. */
function coresAt(
  times: Column,
  cpuMs: Column | undefined,
  sample: number,
  first = 0,
): number | null {
  const rate = rateAt(times, cpuMs, sample, first)
  return rate === undefined ? null : Math.round(100 * rate)
}

/** Tasks that were finished a second, in the second before a sample. */
function tasksAt(times: Column, tasks: Column, sample: number): number | null {
  const rate = rateAt(times, tasks, sample)
  return rate === undefined ? null : Math.round(10_000 * rate) / 10
}

/** What a count grew by a millisecond, in the second before a sample. */
function rateAt(
  times: Column,
  counts: Column | undefined,
  sample: number,
  first = 0,
): number | undefined {
  const from = Math.max(first, Math.min(firstAtOrAfter(times, times[sample]! - 1000), sample - 1))
  const now = known(counts?.[sample - first])
  if (from === sample || now === undefined) return undefined
  // What was not known yet had not begun.
  const before = known(counts?.[from - first]) ?? 0
  return Math.max(0, now - before) / (times[sample]! - times[from]!)
}

function toKiB(bytes: number | undefined): Kibibytes {
  return bytes === undefined || Number.isNaN(bytes) ? null : Math.round(bytes / 1024)
}
