/** Reads and writes the files of mprof, Python's memory profiler. */

import { damaged, maxDateMs } from './damaged-report.ts'
import { peakOf } from '../record/phase-peaks.ts'
import { highestColumn, known, largest, mainColumn, processValue } from '../record/run-data.ts'
import type { Column, Phase, ProcessLine, RunData } from '../record/run-data.ts'

const bytesPerMiB = 1_048_576

/** More is no size in MiB that bytes can count, and no second that a date can have. */
const mostNumber = Math.min(Number.MAX_SAFE_INTEGER / bytesPerMiB, maxDateMs / 1000)

/**
 * Writes a run the way mprof does, so that `mprof plot` shows it: hard memory as `MEM`, the
 * private memory of each other process as `CHLD`, phases as `FUNC`. mprof skips the line `KIND`;
 * without it {@link parseMprof} takes the figures for what mprof's own are, RSS.
 */
export function toMprof(data: RunData): string {
  const { times, processes, startEpochMs } = data
  const [main, highest] = [mainColumn(data), highestColumn(data)]
  const figure = data.total.hard ? 'anonymous' : 'rss'
  const lines = [`CMDLINE ${oneLine(data.command ?? 'unknown')}`]
  if (data.total.hard) lines.push('KIND hard')
  for (const phase of data.phases) lines.push(functionLine(data, phase))
  for (let sample = 0; sample < times.length; sample++) {
    const time = seconds(startEpochMs + times[sample]!)
    // What rose and fell between two samples becomes one between them, so that peaks agree.
    if (highest[sample]! > main[sample]! && sample > 0) {
      const between = (times[sample - 1]! + times[sample]!) / 2
      lines.push(`MEM ${highest[sample]! / bytesPerMiB} ${seconds(startEpochMs + between)}`)
    }
    // A value that could not be read is left out, as mprof does.
    if (!Number.isNaN(main[sample])) lines.push(`MEM ${main[sample]! / bytesPerMiB} ${time}`)
    for (const line of processes.slice(data.total.hard ? 1 : 0)) {
      const value = processValue(line, figure, sample)
      if (value > 0) lines.push(`CHLD ${line.pid} ${value / bytesPerMiB} ${time}`)
    }
  }
  return `${lines.join('\n')}\n`
}

/**
 * Reads a file of `mprof run`, with any of its options. mprof appends to a file that is there
 * already: the last run counts. `MEM` is the RSS of the first process, or with `-C` the sum over
 * the tree, `CHLD` (of `-M`) that of one process, which is added unless `MEM` holds it already. Nothing
 * tells private, shared and file-backed memory apart.
 *
 * @param path - for error texts
 * @throws OneCopyError `ERR_FORMAT` when a line is damaged or there is no sample
 * @see https://github.com/pythonprofilers/memory_profiler
 */
export function parseMprof(text: string, path: string): RunData {
  const lines = new MprofLines(path)
  // A process that was killed leaves its last line unfinished.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  whole.forEach((line, i) => lines.add(line, i + 1))
  return lines.data()
}

function functionLine(data: RunData, { name, startMs, endMs, level }: Phase): string {
  const main = mainColumn(data)
  const at = (ms: number): number => {
    const sample = data.times.findLastIndex((time) => time <= ms)
    return (known(main[sample]) ?? 0) / bytesPerMiB
  }
  const time = (ms: number): string => seconds(data.startEpochMs + ms)
  const word = oneLine(name).replaceAll(' ', '_')
  return `FUNC ${word} ${at(startMs)} ${time(startMs)} ${at(endMs)} ${time(endMs)} ${level}`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(4)
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** Collects the lines of a file. */
class MprofLines {
  readonly #path: string
  #command: string | undefined
  #isHard = false
  #times: number[] = []
  #memory: number[] = []
  #children = new Map<number, { sample: number; bytes: number }[]>()
  readonly #functions: { name: string; start: number; end: number; level: number }[] = []

  constructor(path: string) {
    this.#path = path
  }

  add(line: string, number: number): void {
    const [field, ...words] = line.split(' ')
    const refuse = (): never => {
      const text = `Expected line ${number} of ${this.#path} to be a line of mprof, got '${line.slice(0, 80)}'.`
      const details = { path: this.#path, line: number }
      throw damaged(`${text} The file is damaged or not from mprof.`, details)
    }
    const numbers = (from: number): number[] => words.slice(from).map(Number)
    const valid = (values: number[], count: number): boolean =>
      values.length >= count && values.every((value) => value >= 0 && value <= mostNumber)
    if (field === 'CMDLINE') this.#startRun(words.join(' '))
    else if (field === 'KIND') this.#isHard = words[0] === 'hard'
    else if (field === 'MEM') {
      const values = numbers(0)
      if (!valid(values, 2)) refuse()
      this.#addMemory(values[0]!, values[1]!)
    } else if (field === 'CHLD') {
      const values = numbers(0)
      if (!valid(values, 3)) refuse()
      this.#addChild(values[0]!, values[1]!)
    } else if (field === 'FUNC') {
      const [, start, , end, level = 0] = numbers(1)
      if (!valid(numbers(1), 4)) refuse()
      this.#functions.push({ name: words[0]!, start: start!, end: end!, level })
    }
  }

  #startRun(command: string): void {
    this.#command = command
    this.#isHard = false
    this.#times = []
    this.#memory = []
    this.#children = new Map()
  }

  #addMemory(mebibytes: number, time: number): void {
    // The clock of a machine can be set back; a line has to go on.
    if (time <= (this.#times.at(-1) ?? -1)) return
    this.#times.push(time)
    this.#memory.push(toBytes(mebibytes))
  }

  /** mprof looks at a child a little after the sample that it belongs to. */
  #addChild(pid: number, mebibytes: number): void {
    const sample = this.#times.length - 1
    if (sample < 0) return
    const values = this.#children.get(pid) ?? []
    if (values.at(-1)?.sample !== sample) values.push({ sample, bytes: toBytes(mebibytes) })
    this.#children.set(pid, values)
  }

  data(): RunData {
    if (this.#times.length === 0) {
      throw damaged(
        `Expected ${this.#path} to hold samples (lines that begin with MEM), found none. The command may have ended before the first.`,
        { path: this.#path },
      )
    }
    const start = this.#times[0]!
    const times = Float64Array.from(this.#times, (time) => toMs(time - start))
    const memory = this.#isHard ? Float64Array.from(this.#memory) : this.#withChildren()
    const kind = this.#isHard ? 'hard' : 'rss'
    const nothing = { anonymous: undefined, shmem: undefined, fileBacked: undefined }
    const data: RunData = {
      command: this.#command,
      startEpochMs: start * 1000,
      durationMs: times.at(-1)!,
      samples: times.length,
      times,
      total: { [kind]: memory },
      processes: [...this.#children].map(([pid, values]) =>
        childLine(pid, values, times, this.#isHard ? 'anonymous' : 'rss'),
      ),
      otherProcesses: 0,
      segments: [],
      phases: this.#phases(start, times.at(-1)!),
      unreadable: [],
      start: { ...nothing, hard: this.#isHard ? memory[0] : undefined },
      peak: { ...nothing, hard: undefined, atMs: 0, spike: 0 },
    }
    return { ...data, peak: peakOf(data, [{ startMs: 0, endMs: data.durationMs }]).peak }
  }

  /**
   * The first process and its children together. With `-C` and `-M` both they stand in `MEM` too: it is
   * never less than their sum then, and follows it.
   */
  #withChildren(): Column {
    const main = Float64Array.from(this.#memory)
    const children = new Float64Array(main.length)
    for (const values of this.#children.values()) {
      for (const { sample, bytes } of values) children[sample]! += bytes
    }
    const rest = main.map((bytes, sample) => bytes - children[sample]!)
    const isWithin = rest.every((bytes) => bytes >= 0) && variation(rest) < variation(main)
    return isWithin ? main : main.map((bytes, sample) => bytes + children[sample]!)
  }

  /** A file of several runs holds the functions of all of them, before their command. */
  #phases(start: number, durationMs: number): Phase[] {
    return this.#functions
      .map(({ name, start: from, end, level }) => ({
        name,
        startMs: Math.max(0, toMs(from - start)),
        endMs: Math.min(durationMs, toMs(end - start)),
        pid: undefined,
        level,
      }))
      .filter(({ startMs, endMs }) => endMs >= startMs)
      .sort((a, b) => a.startMs - b.startMs || a.level - b.level)
  }
}

/** How far values move up and down, all steps together. */
function variation(values: Column): number {
  return values.reduce((sum, value, i) => sum + Math.abs(value - values[Math.max(0, i - 1)]!), 0)
}

function childLine(
  pid: number,
  values: readonly { sample: number; bytes: number }[],
  times: Column,
  figure: 'anonymous' | 'rss',
): ProcessLine {
  const [first, last] = [values[0]!.sample, values.at(-1)!.sample]
  const column = new Float64Array(last - first + 1).fill(NaN)
  for (const { sample, bytes } of values) column[sample - first] = bytes
  return {
    pid,
    name: 'child',
    parent: undefined,
    startMs: times[first]!,
    endMs: times[last]!,
    peak: { anonymous: undefined, rss: undefined, [figure]: largest(column) },
    cpuMs: undefined,
    first,
    columns: { [figure]: column },
  }
}

/** Times in these files have four digits after the point: a tenth of a millisecond. */
function toMs(seconds: number): number {
  return Math.round(seconds * 10_000) / 10
}

function toBytes(mebibytes: number): number {
  return Math.round(mebibytes * bytesPerMiB)
}
