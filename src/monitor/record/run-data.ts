/** The recorded data of a run, as plain data. */

import type { PhaseDetails } from '../marks/mark-file.ts'
import type { MemoryPeak } from './peak-keeper.ts'
import type { Range } from '../proc/range.ts'
import type { MemoryTotals } from '../proc/totals.ts'

/** Values over time, one a sample; NaN where nothing could be read, never 0 for that. */
export type Column = Float64Array

/**
 * What is known of one process over time: bytes, but for `cpuMs` (so far) and `threads`. Pages that
 * `anonymous` shares with forks count in part, so that the processes of a run add up.
 */
export const processFigures = [
  'anonymous',
  'shmem',
  'fileBacked',
  'rss',
  'pageTables',
  'swap',
  'pss',
  'uss',
  'cpuMs',
  'threads',
] as const
export type ProcessFigure = (typeof processFigures)[number]

/**
 * What is known of the whole tree over time, in bytes, but for `cpuMs` (so far, with those who have
 * ended). `hardLeast` and `hardMost` are the bounds of `hard` where forks share pages. `hardPeak` is the largest `hard` since the sample before, also where no sample saw it;
 * `rss` is the sum of RSS over all processes, which counts shared pages once for each of them: the
 * figure that misleads. `pss` is known where one was read of every process, each at its last time;
 * `heap` is what the isolates publish, on V8's heap and outside of it; `cgroup` is what counts
 * against the limit of the control group; `tasks` is how many tasks of a `Parallel` its workers have
 * finished so far.
 */
export const totalFigures = [
  'anonymous',
  'shmem',
  'fileBacked',
  'hard',
  'hardLeast',
  'hardMost',
  'hardPeak',
  'rss',
  'pageTables',
  'swap',
  'pss',
  'heap',
  'cgroup',
  'cpuMs',
  'tasks',
] as const
export type TotalFigure = (typeof totalFigures)[number]

/** Columns by name; one that is missing was never read. */
export type Columns<F extends string> = { readonly [figure in F]?: Column }

/** One process of a run. */
export interface ProcessLine {
  readonly pid: number
  readonly name: string
  readonly parent: number | undefined
  /** When the first and the last sample saw it, in milliseconds after the start of the run. */
  readonly startMs: number
  readonly endMs: number
  /** Its largest figures in bytes; `rss` is the kernel's own record (VmHWM). */
  readonly peak: { readonly anonymous: number | undefined; readonly rss: number | undefined }
  /** CPU time of all its threads until `endMs`. */
  readonly cpuMs: number | undefined
  /** How it ended, where a sample saw it between its end and its parent's notice of that. */
  readonly ending?: { readonly exitCode?: number; readonly signal?: string }
  /** Which sample of the run its columns start at. */
  readonly first: number
  /** All of one length, which may be 0 for a process that ended quickly. */
  readonly columns: Columns<ProcessFigure>
}

/** What is known of one isolate over time, in bytes: the main thread or a worker thread. */
export const isolateFigures = ['heapUsed', 'heapTotal', 'external', 'arrayBuffers'] as const
export type IsolateFigure = (typeof isolateFigures)[number]

/** One isolate of a run, as it published itself. */
export interface IsolateLine {
  readonly pid: number
  /** Its thread within the process, 0 for the main thread. */
  readonly thread: number
  readonly name: string
  /** When the first and the last sample saw it, in milliseconds after the start of the run. */
  readonly startMs: number
  readonly endMs: number
  /** Its largest figures in bytes. */
  readonly peak: { readonly [figure in IsolateFigure]: number | undefined }
  /** Which sample of the run its columns start at. */
  readonly first: number
  /** All of one length; while an isolate is busy, what it published last. */
  readonly columns: Columns<IsolateFigure>
}

/** A piece of shared memory that the tree held. It exists once, however many processes hold it. */
export interface SegmentLine {
  /** The name that its creator gave it. */
  readonly name: string
  /** When the first and the last sample saw it, in milliseconds after the start of the run. */
  readonly startMs: number
  readonly endMs: number
  /** The most bytes of it that existed. */
  readonly peakBytes: number
  /** The most processes that held it open at one time. */
  readonly holders: number
}

/** A part of a run that has a name. */
export interface Phase {
  readonly name: string
  /** Milliseconds after the start of the run. */
  readonly startMs: number
  readonly endMs: number
  /** The process that named it, where known. */
  readonly pid: number | undefined
  /** How many phases of the same process contain it. */
  readonly level: number
  /** The thread of that process that named it; none for the main thread. */
  readonly thread?: number
  /** Facts that it was marked with. */
  readonly details?: PhaseDetails
}

/** How the watched command ended. */
export interface Ending {
  readonly exitCode?: number
  readonly signal?: string
  /** Whether the kernel killed a process of the run because memory ran out. */
  readonly oomKilled?: boolean
  /** The process that it killed, or most likely did: the largest that went in that moment. */
  readonly killed?: KilledProcess
}

/** How a command ended, as its parent knows it. */
export interface CommandEnding extends Pick<Ending, 'exitCode' | 'signal'> {
  /** Minor page faults of the command and of all its descendants that were waited for. */
  readonly minorFaults?: number
}

/** A process at the last sample that saw it, in bytes. */
export interface KilledProcess {
  readonly pid: number
  readonly name: string
  /** Milliseconds after the start of the run. */
  readonly atMs: number
  readonly anonymous: number | undefined
  readonly rss: number | undefined
}

/** Everything that a report knows: the content of a `.json` file. */
export interface RunData {
  /** What was run, or a name for it. */
  readonly command: string | undefined
  /** Milliseconds since 1970; all other times of a run are milliseconds after this moment. */
  readonly startEpochMs: number
  readonly durationMs: number
  /** How many samples were taken; long runs keep fewer, but every peak. */
  readonly samples: number
  /** Milliseconds after the start, strictly rising, one for each sample that was kept. */
  readonly times: Column
  readonly total: Columns<TotalFigure>
  readonly processes: readonly ProcessLine[]
  /** Small processes that ended and were not kept one by one. */
  readonly otherProcesses: number
  /** The isolates that published their heaps. */
  readonly isolates?: readonly IsolateLine[]
  readonly segments: readonly SegmentLine[]
  readonly phases: readonly Phase[]
  /** Processes whose figures are missing in part or whole: the totals are lower bounds then. */
  readonly unreadable: readonly number[]
  readonly start: MemoryTotals
  readonly peak: MemoryPeak
  /**
   * What hard memory was at most, in bytes, of a run that was over before a second sample saw its
   * memory: as many pages as there were page faults.
   */
  readonly atMost?: number
  /** The limit that the kernel set for the run (cgroup), in bytes. */
  readonly limit?: number
  readonly ending?: Ending
}

/**
 * The figure that represents the whole run: hard memory; or resident memory for a file of mprof,
 * which has nothing else.
 */
export function mainFigure(data: RunData): 'hard' | 'rss' {
  return data.total.hard ? 'hard' : 'rss'
}

/** The values of the figure that represents the whole run. */
export function mainColumn(data: RunData): Column {
  return data.total[mainFigure(data)] ?? new Float64Array(data.times.length).fill(NaN)
}

/** Whether any figure is known; without /proc none is. */
export function hasFigures(data: RunData): boolean {
  return largest(mainColumn(data)) !== undefined
}

/** The highest values of that figure, including between samples. */
export function highestColumn(data: RunData): Column {
  return data.total.hard ? (data.total.hardPeak ?? data.total.hard) : mainColumn(data)
}

/** The bounds of hard memory at a sample; both are `hard` where it is exact. */
export function hardRange({ total }: RunData, sample: number): Range {
  const hard = total.hard?.[sample] ?? NaN
  return {
    least: known(total.hardLeast?.[sample]) ?? hard,
    most: known(total.hardMost?.[sample]) ?? hard,
  }
}

/**
 * The sample at which a spike is shown that ended at some sample: the larger one of the two that it
 * came between.
 */
export function spikeSample(data: RunData, sample: number): number {
  const main = mainColumn(data)
  return sample > 0 && main[sample - 1]! > main[sample]! ? sample - 1 : sample
}

/** One figure of a process at a sample of the run: 0 before and after its life. */
export function processValue(line: ProcessLine, figure: ProcessFigure, sample: number): number {
  if (!livesAt(line, sample)) return 0
  const value = line.columns[figure]?.[sample - line.first]
  if (figure !== 'rss') return value ?? NaN
  // While it shares nothing with forks, its kinds add up.
  if (value !== undefined && !Number.isNaN(value)) return value
  const [first, ...others] = (['anonymous', 'shmem', 'fileBacked'] as const).map((kind) =>
    processValue(line, kind, sample),
  )
  return others.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), first!)
}

/** Whether a sample saw a process. */
export function livesAt({ columns, first }: ProcessLine, sample: number): boolean {
  return sample >= first && sample < first + (Object.values(columns)[0]?.length ?? 0)
}

/** The largest value that is known, or `undefined`. */
export function largest(column: Column): number | undefined {
  let found = -Infinity
  for (const value of column) if (value > found) found = value
  return found === -Infinity ? undefined : found
}

/** A value that was read, or `undefined`. */
export function known(value: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : value
}
