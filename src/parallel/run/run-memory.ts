/** Records the memory of a run and of each task. */

import type { MemoryMonitor, MemoryReport } from '../../monitor/index.ts'

/** Minimum and maximum, in bytes. */
export interface TaskRange {
  readonly min: number
  readonly max: number
}

/** The memory during one task, from the samples taken while it ran. */
export interface TaskMemory {
  /** Its position in the input. */
  readonly index: number
  /** The name of its function. */
  readonly name: string
  /** Its worker, such as `thread 2` or `process 4711`. */
  readonly worker: string
  /** When it ran, in milliseconds after the start of the report. */
  readonly startMs: number
  readonly endMs: number
  /** Hard memory of the whole process tree while it ran; `undefined` if no sample was taken in that time. */
  readonly tree: TaskRange | undefined
  /**
   * Anonymous memory of its worker process; `undefined` for threads, which share the memory of their process.
   */
  readonly own: TaskRange | undefined
}

/** The memory of a run. */
export interface RunMemory {
  /** The report of this process and its descendants during the run. */
  readonly report: MemoryReport
  /** In the order of their index; at most the 10,000 tasks that took longest. */
  readonly tasks: readonly TaskMemory[]
}

/** A task that has ended, by `performance.now()`. */
interface TaskTime {
  readonly index: number
  readonly name: string
  readonly worker: string
  readonly pid: number | undefined
  readonly startMs: number
  readonly endMs: number
}

const maxTasks = 10_000

/** Records the memory of one run, from its start to its end. */
export class RunWatch {
  readonly #monitor = startMonitor()
  #tasks: TaskTime[] = []
  readonly #isOver = Promise.withResolvers<RunMemory>()

  /** Resolves when recording has begun; its run waits for that. Rejects when the monitor can't start. */
  get begun(): Promise<unknown> {
    return this.#monitor
  }

  /** The memory of the run, once it is over. */
  get memory(): Promise<RunMemory> {
    return this.#isOver.promise
  }

  /**
   * Notes when a task ran.
   *
   * @param worker - `pid`: the process whose memory is the worker's alone, if it has one
   * @param endMs - by `performance.now()`
   * @param ms - how long it took
   */
  add(
    task: { readonly index: number; readonly name: string },
    { label, pid }: { readonly label: string; readonly pid: number | undefined },
    endMs: number,
    ms: number,
  ): void {
    this.#tasks.push({ ...task, worker: label, pid, startMs: endMs - ms, endMs })
    if (this.#tasks.length >= 2 * maxTasks) this.#forgetShort()
  }

  /** Ends recording. */
  end(): void {
    this.#isOver.resolve(this.#end())
    this.#isOver.promise.catch(() => undefined) // whoever reads `memory` gets the error
  }

  async #end(): Promise<RunMemory> {
    const monitor = await this.#monitor
    const report = await monitor.stop()
    this.#forgetShort()
    const offset = performance.timeOrigin - report.startEpochMs
    const tasks = this.#tasks
      .sort((a, b) => a.index - b.index)
      .map(({ pid, ...task }): TaskMemory => {
        const startMs = Math.max(0, task.startMs + offset)
        const endMs = Math.max(startMs, task.endMs + offset)
        return {
          ...task,
          startMs,
          endMs,
          tree: report.range(startMs, endMs),
          own: pid === undefined ? undefined : report.range(startMs, endMs, pid),
        }
      })
    return { report, tasks }
  }

  #forgetShort(): void {
    if (this.#tasks.length <= maxTasks) return
    this.#tasks.sort((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs))
    this.#tasks = this.#tasks.slice(0, maxTasks)
  }
}

/** Loads the monitor on first use, since that takes as long as loading everything else. */
async function startMonitor(): Promise<MemoryMonitor> {
  const monitor = await import('../../monitor/index.ts')
  return monitor.startMonitor()
}
