/** Writes reports as JSON files, and reads and checks them. */

import { show } from '../../errors.ts'
import { damaged, maxDateMs } from './damaged-report.ts'
import { isDetails } from '../marks/mark-file.ts'
import { isolateFigures, processFigures, totalFigures } from '../record/run-data.ts'
import type {
  Column,
  Columns,
  Ending,
  IsolateLine,
  KilledProcess,
  Phase,
  ProcessLine,
  RunData,
} from '../record/run-data.ts'

const format = 'onecopy memory report'
const version = 1

/** The text of a `.json` file; unknown values are `null`, columns are lists of numbers. */
export function toReportJson(data: RunData): string {
  const plain = JSON.stringify({ format, version, ...data }, (_, value: unknown) => {
    if (value === undefined) return null
    return value instanceof Float64Array ? toList(value) : value
  })
  // One line a member keeps the file readable for people and for diff.
  return `${plain.replaceAll(/,"(times|total|processes|isolates|segments|phases|start|peak)":/g, ',\n"$1":')}\n`
}

/**
 * Reads the text of a `.json` file.
 *
 * @param path - for error texts
 * @throws OneCopyError `ERR_FORMAT` when it is not a report, or damaged
 */
export function parseReportJson(text: string, path: string): RunData {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw damaged(`Expected ${path} to hold JSON. ${String(cause)}`, { path }, cause)
  }
  return new Reader(path).report(value)
}

function toList(column: Column): (number | null)[] {
  return Array.from(column, (value) => (Number.isNaN(value) ? null : value))
}

type Plain = Readonly<Record<string, unknown>>

/** Reads the members of a value; every error names the member and the file. */
class Reader {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  report(value: unknown): RunData {
    const file = this.#object(value, 'the file')
    if (file['format'] !== format) this.#refuse('format', `'${format}'`, file['format'])
    if (file['version'] !== version) this.#refuse('version', String(version), file['version'])
    const times = this.#column(file['times'], 'times')
    if (times.some((time, i) => !(time > (times[i - 1] ?? -1)))) {
      this.#refuse('times', 'numbers that rise', file['times'])
    }
    const limit = this.#optional(file['limit'], 'limit')
    const atMost = this.#optional(file['atMost'], 'atMost')
    const ending = file['ending'] ?? undefined
    return {
      command: file['command'] == null ? undefined : this.#text(file['command'], 'command'),
      startEpochMs: this.#date(file['startEpochMs'], 'startEpochMs'),
      durationMs: this.#duration(file['durationMs'], times),
      samples: this.#number(file['samples'], 'samples'),
      times,
      total: this.#columns(file['total'], 'total', totalFigures, times.length),
      processes: this.#list(file['processes'], 'processes').map((line, i) =>
        this.#process(line, `processes[${i}]`, times.length),
      ),
      otherProcesses: this.#number(file['otherProcesses'], 'otherProcesses'),
      segments: this.#list(file['segments'], 'segments').map((line, i) => ({
        ...this.#span(line, `segments[${i}]`),
        ...this.#numbers(line, `segments[${i}]`, ['peakBytes', 'holders']),
      })),
      phases: this.#list(file['phases'], 'phases').map((line, i) =>
        this.#phase(line, `phases[${i}]`),
      ),
      unreadable: this.#list(file['unreadable'], 'unreadable').map((pid, i) =>
        this.#number(pid, `unreadable[${i}]`),
      ),
      start: this.#optionals(file['start'], 'start', totals),
      peak: {
        ...this.#optionals(file['peak'], 'peak', totals),
        ...this.#numbers(file['peak'], 'peak', ['atMs', 'spike']),
        ...(this.#object(file['peak'], 'peak')['isBound'] === true ? { isBound: true } : {}),
      },
      ...(file['isolates'] == null ? {} : { isolates: this.#isolates(file, times.length) }),
      ...(limit === undefined ? {} : { limit }),
      ...(atMost === undefined ? {} : { atMost }),
      ...(ending === undefined ? {} : { ending: this.#ending(ending) }),
    }
  }

  #process(value: unknown, where: string, samples: number): ProcessLine {
    const line = this.#object(value, where)
    const ending = line['ending'] ?? undefined
    return {
      ...this.#span(line, where),
      pid: this.#number(line['pid'], `${where}.pid`),
      parent: this.#optional(line['parent'], `${where}.parent`),
      peak: this.#optionals(line['peak'], `${where}.peak`, ['anonymous', 'rss']),
      cpuMs: this.#optional(line['cpuMs'], `${where}.cpuMs`),
      ...(ending === undefined ? {} : { ending: this.#ending(ending, `${where}.ending`) }),
      ...this.#line(line, where, processFigures, samples),
    }
  }

  #isolates(file: Plain, samples: number): IsolateLine[] {
    return this.#list(file['isolates'], 'isolates').map((value, i) => {
      const where = `isolates[${i}]`
      const line = this.#object(value, where)
      return {
        ...this.#span(line, where),
        ...this.#numbers(line, where, ['pid', 'thread']),
        peak: this.#optionals(line['peak'], `${where}.peak`, isolateFigures),
        ...this.#line(line, where, isolateFigures, samples),
      }
    })
  }

  /** Columns that lie within the run. */
  #line<F extends string>(
    line: Plain,
    where: string,
    figures: readonly F[],
    samples: number,
  ): { first: number; columns: Columns<F> } {
    const first = this.#number(line['first'], `${where}.first`)
    const columns = this.#columns(line['columns'], `${where}.columns`, figures)
    const length = Object.values<Column | undefined>(columns)[0]?.length ?? 0
    if (!Number.isInteger(first) || first < 0 || first + length > samples) {
      this.#refuse(`${where}.first`, `a sample of ${samples} with ${length} after it`, first)
    }
    return { first, columns }
  }

  #phase(value: unknown, where: string): Phase {
    const line = this.#object(value, where)
    const thread = this.#optional(line['thread'], `${where}.thread`)
    const details = line['details'] ?? undefined
    if (details !== undefined && !isDetails(details)) {
      this.#refuse(`${where}.details`, 'texts, numbers, booleans and nulls by name', details)
    }
    return {
      ...this.#span(line, where),
      pid: this.#optional(line['pid'], `${where}.pid`),
      level: this.#number(line['level'], `${where}.level`),
      ...(thread === undefined ? {} : { thread }),
      ...(details === undefined ? {} : { details }),
    }
  }

  #ending(value: unknown, where = 'ending'): Ending {
    const { exitCode, signal, oomKilled, killed } = this.#object(value, where)
    return {
      ...(exitCode == null ? {} : { exitCode: this.#number(exitCode, `${where}.exitCode`) }),
      ...(signal == null ? {} : { signal: this.#text(signal, `${where}.signal`) }),
      ...(typeof oomKilled === 'boolean' ? { oomKilled } : {}),
      ...(killed == null ? {} : { killed: this.#killed(killed, `${where}.killed`) }),
    }
  }

  #killed(value: unknown, where: string): KilledProcess {
    return {
      name: this.#text(this.#object(value, where)['name'], `${where}.name`),
      ...this.#numbers(value, where, ['pid', 'atMs']),
      ...this.#optionals(value, where, ['anonymous', 'rss']),
    }
  }

  #span(value: unknown, where: string): { name: string; startMs: number; endMs: number } {
    const line = this.#object(value, where)
    const name = this.#text(line['name'], `${where}.name`)
    const { startMs, endMs } = this.#numbers(line, where, ['startMs', 'endMs'])
    if (endMs < startMs) this.#refuse(`${where}.endMs`, `${startMs} or more`, endMs)
    return { name, startMs, endMs }
  }

  #columns<F extends string>(
    value: unknown,
    where: string,
    figures: readonly F[],
    length?: number,
  ): Columns<F> {
    const members = this.#object(value, where)
    const found: { [figure in F]?: Column } = {}
    let expected = length
    for (const figure of figures) {
      if (members[figure] == null) continue
      const column = this.#column(members[figure], `${where}.${figure}`)
      expected ??= column.length
      if (column.length !== expected) {
        this.#refuse(`${where}.${figure}`, `${expected} values`, members[figure])
      }
      found[figure] = column
    }
    return found
  }

  #column(value: unknown, where: string): Column {
    const list = this.#list(value, where)
    const column = new Float64Array(list.length)
    for (let i = 0; i < list.length; i++) {
      column[i] = list[i] === null ? NaN : this.#number(list[i], `${where}[${i}]`)
    }
    return column
  }

  #numbers<K extends string>(value: unknown, where: string, names: readonly K[]) {
    const object = this.#object(value, where)
    return byName(names, (name) => this.#number(object[name], `${where}.${name}`))
  }

  #optionals<K extends string>(value: unknown, where: string, names: readonly K[]) {
    const object = this.#object(value, where)
    return byName(names, (name) => this.#optional(object[name], `${where}.${name}`))
  }

  #object(value: unknown, where: string): Plain {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Plain
    return this.#refuse(where, 'an object', value)
  }

  #list(value: unknown, where: string): readonly unknown[] {
    return Array.isArray(value) ? value : this.#refuse(where, 'a list', value)
  }

  #text(value: unknown, where: string): string {
    return typeof value === 'string' ? value : this.#refuse(where, 'text', value)
  }

  #number(value: unknown, where: string): number {
    if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value
    return this.#refuse(where, 'a number, 0 or more', value)
  }

  /** Times are kept to a tenth of a millisecond, and the last one is in the run. */
  #duration(value: unknown, times: Column): number {
    const ms = Math.round(10 * this.#number(value, 'durationMs')) / 10
    const last = times.at(-1) ?? 0
    return ms >= last - 0.1 ? ms : this.#refuse('durationMs', `${last} or more, as its times`, ms)
  }

  #date(value: unknown, where: string): number {
    const ms = this.#number(value, where)
    return ms <= maxDateMs
      ? ms
      : this.#refuse(where, 'a moment, in milliseconds since 1970, before the year 275760', ms)
  }

  #optional(value: unknown, where: string): number | undefined {
    return value == null ? undefined : this.#number(value, where)
  }

  #refuse(where: string, expected: string, value: unknown): never {
    const text = `Expected ${where} in ${this.#path} to be ${expected}, got ${show(value)}.`
    throw damaged(
      `${text} The file is not a report of onecopy, is from a newer version, or is damaged.`,
      {
        path: this.#path,
        where,
      },
    )
  }
}

const totals = ['anonymous', 'shmem', 'fileBacked', 'hard'] as const

function byName<K extends string, V>(names: readonly K[], value: (name: K) => V): Record<K, V> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<K, V>
}
