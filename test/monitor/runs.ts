/** Runs that never happened, for tests of reports and pictures. */

import type { Column, Phase, ProcessLine, RunData } from '../../src/monitor/record/run-data.ts'
import { peakOf } from '../../src/monitor/record/phase-peaks.ts'

export const MB = 1_000_000

/** What a made-up run consists of; all sizes in bytes, all times in milliseconds. */
export interface RunPlan {
  readonly command?: string
  readonly durationMs: number
  readonly samples: number
  readonly processes: readonly {
    readonly name: string
    readonly pid?: number
    readonly from?: number
    readonly to?: number
    readonly anonymous: (ms: number) => number
    readonly isUnreadable?: (ms: number) => boolean
  }[]
  readonly shmem?: (ms: number) => number
  readonly cache?: (ms: number) => number
  /** How far a spike that no sample saw rose above the sample at or after each moment. */
  readonly spikes?: readonly { readonly ms: number; readonly bytes: number }[]
  readonly phases?: readonly (readonly [name: string, from: number, to: number, level?: number])[]
  readonly segments?: RunData['segments']
  readonly mappers?: number
  readonly limit?: number
}

/** Makes the run that a plan describes. */
export function makeRun(plan: RunPlan): RunData {
  const { samples, durationMs } = plan
  const times = Float64Array.from({ length: samples }, (_, i) =>
    samples === 1 ? 0 : Math.round((10 * i * durationMs) / (samples - 1)) / 10,
  )
  const fill = (value: (ms: number) => number): Column => times.map((ms) => Math.round(value(ms)))
  const shmem = fill(plan.shmem ?? (() => 0))
  const fileBacked = fill(plan.cache ?? (() => 45 * MB))
  const processes = plan.processes.map((process, i): ProcessLine => {
    const { from = 0, to = durationMs, name, pid = 1000 + i } = process
    const inside = [...times].flatMap((ms, sample) => (ms >= from && ms <= to ? [sample] : []))
    const column = (value: (ms: number) => number): Column =>
      Float64Array.from(inside, (sample) =>
        process.isUnreadable?.(times[sample]!) ? NaN : Math.round(value(times[sample]!)),
      )
    const anonymous = column(process.anonymous)
    const known = anonymous.filter((value) => !Number.isNaN(value))
    const shared = i < (plan.mappers ?? 0) ? (plan.shmem ?? (() => 0)) : () => 0
    return {
      pid,
      name,
      parent: i === 0 ? 1 : 1000,
      startMs: times[inside[0] ?? 0]!,
      endMs: times[inside.at(-1) ?? 0]!,
      peak: {
        anonymous: known.length > 0 ? Math.max(...known) : undefined,
        rss: known.length > 0 ? Math.max(...known) + 45 * MB : undefined,
      },
      cpuMs: Math.round((to - from) * 0.8),
      first: inside[0] ?? 0,
      columns: {
        anonymous,
        shmem: column(shared),
        fileBacked: column(() => 45 * MB),
        threads: column(() => 11),
      },
    }
  })
  const sum = (figure: 'anonymous' | 'shmem' | 'fileBacked', sample: number): number => {
    const values = processes.flatMap(({ first, columns }) => columns[figure]![sample - first] ?? [])
    const read = values.filter((value) => !Number.isNaN(value))
    return read.length === 0 && values.length > 0
      ? NaN
      : read.reduce((total, value) => total + value, 0)
  }
  const anonymous = times.map((_, sample) => sum('anonymous', sample))
  const hard = anonymous.map((bytes, sample) => bytes + shmem[sample]!)
  const rss = anonymous.map(
    (bytes, sample) => bytes + sum('shmem', sample) + sum('fileBacked', sample),
  )
  const hardPeak = Float64Array.from(hard)
  for (const { ms, bytes } of plan.spikes ?? []) {
    const sample = times.findIndex((time) => time >= ms)
    hardPeak[sample] = hard[sample]! + bytes
  }
  const data: RunData = {
    command: plan.command,
    startEpochMs: 1_790_000_000_000,
    durationMs,
    samples,
    times,
    total: { anonymous, shmem, fileBacked, hard, hardPeak, rss },
    processes,
    otherProcesses: 0,
    segments: plan.segments ?? [],
    phases: (plan.phases ?? []).map(([name, startMs, endMs, level = 0]): Phase => ({
      name,
      startMs,
      endMs,
      pid: 1000,
      level,
    })),
    unreadable: plan.processes.flatMap(({ isUnreadable }, i) =>
      isUnreadable ? [processes[i]!.pid] : [],
    ),
    start: {
      anonymous: anonymous[0],
      shmem: shmem[0],
      fileBacked: fileBacked[0],
      hard: hard[0],
    },
    peak: { anonymous: 0, shmem: 0, fileBacked: 0, hard: 0, atMs: 0, spike: 0 },
    ...(plan.limit === undefined ? {} : { limit: plan.limit }),
  }
  return { ...data, peak: peakOf(data, [{ startMs: 0, endMs: durationMs }]).peak }
}

/** Numbers in [0, 1) that look random and are the same every time. */
export function noise(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
}

/** Rises from `from` to `to` between two moments. */
export function ramp(
  ms: number,
  [start, end]: readonly [number, number],
  from: number,
  to: number,
) {
  return from + (to - from) * Math.min(1, Math.max(0, (ms - start) / (end - start)))
}

/** Four workers that share one array: what onecopy is for. */
export function sharedRun(): RunData {
  const random = noise(7)
  return makeRun({
    command: 'node fit.js --folds 10',
    durationMs: 60_000,
    samples: 600,
    mappers: 5,
    processes: [
      {
        name: 'node',
        anonymous: (ms) =>
          ms < 10_000
            ? ramp(ms, [2000, 10_000], 60 * MB, 420 * MB)
            : ramp(ms, [10_000, 13_000], 420 * MB, 96 * MB) +
              (ms > 44_000 && ms < 54_000 ? ramp(ms, [44_000, 47_000], 0, 120 * MB) : 0),
      },
      ...[0, 1, 2, 3].map((i) => ({
        name: `worker ${i + 1}`,
        from: 12_500,
        to: 46_000 + 300 * i,
        anonymous: (ms: number) =>
          ramp(ms, [12_500, 14_500], 40 * MB, (150 - 20 * i) * MB) +
          35 * MB * Math.max(0, Math.sin(ms / 770 + i)) +
          random() * 8 * MB,
      })),
    ],
    shmem: (ms) => (ms < 10_000 ? 0 : ramp(ms, [10_000, 13_000], 0, 800 * MB)),
    cache: (ms) => (ms < 2000 ? 45 * MB : ramp(ms, [2000, 9000], 45 * MB, 260 * MB)),
    phases: [
      ['load', 2000, 10_000],
      ['share', 10_000, 13_000],
      ['fit K folds', 13_000, 44_000],
      ['meta learner', 44_000, 54_000],
    ],
    segments: [
      { name: 'onecopy', startMs: 10_000, endMs: 60_000, peakBytes: 800 * MB, holders: 5 },
    ],
  })
}
