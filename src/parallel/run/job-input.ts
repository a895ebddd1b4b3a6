/** Reads the tasks of a run and encodes them as jobs. */

import type { PackedFunction } from '../functions/bundles/function-cache.ts'
import type { RunStart } from '../functions/names/run-start.ts'
import { type Encoded, needsEncoding } from '../payload/encode.ts'
import { requireOutputsApart } from '../payload/exclusive-outputs.ts'
import { releaseAll } from '../payload/holds.ts'
import { areOfCollection } from '../tasks/calls.ts'
import { openSource, type SourceReader, type Tasks, type TaskSource } from '../tasks/task-source.ts'
import type { Task } from '../tasks/task.ts'
import type { Job, JobRun } from './job.ts'
import { type EncodingOptions, type Found, TaskEncoder } from './task-encoder.ts'

/** Calls a function in the AsyncLocalStorage context in which the run was started. */
export type Scope = <R, A extends unknown[]>(fn: (...args: A) => R, ...args: A) => R

/** A task that can't be sent: it fails when it is taken. */
export class RefusedTask {
  readonly index: number
  readonly error: unknown

  constructor(index: number, error: unknown) {
    this.index = index
    this.error = error
  }
}

/** What a {@link JobInput} works with. */
export interface JobInputOptions {
  readonly encoding: EncodingOptions
  /** The context to read the tasks in; undefined for tasks that exist already. */
  readonly scope: Scope | undefined
  /** The stack on which the run starts. */
  readonly start: RunStart | undefined
  /** Called when an async input has something new. */
  readonly wake: () => void
}

/** The input of a run: each task is encoded as the input gives it. */
export class JobInput implements SourceReader<Job | RefusedTask> {
  readonly #run: JobRun
  readonly #scope: Scope | undefined
  readonly #source: TaskSource<Job | RefusedTask>
  readonly #encoder: TaskEncoder
  readonly wake: () => void

  /**
   * Opens the input; nothing is read yet.
   *
   * @param run - the run that its jobs belong to
   * @throws TypeError when `tasks` can't be iterated
   * @throws OneCopyError `ERR_OVERLAP` when two tasks of a list have exclusive views of one element
   */
  constructor(tasks: Tasks, run: JobRun, { encoding, scope, start, wake }: JobInputOptions) {
    const isMadeBefore = Array.isArray(tasks)
    if (isMadeBefore) requireOutputsApart(tasks as readonly Task<unknown>[])
    this.#run = run
    this.#scope = scope
    this.wake = wake
    this.#source = openSource(tasks, this)
    this.#encoder = new TaskEncoder(
      encoding,
      { isMadeBefore, isCollection: areOfCollection(tasks) },
      start,
    )
  }

  /** Whether every task was taken. */
  get isEnded(): boolean {
    return this.#source.isEnded
  }

  /** The most tasks that there may still be; infinite while that is unknown. */
  get remaining(): number {
    return this.#source.remaining
  }

  /** Whether the arguments of the last task took long to copy. */
  get takesLong(): boolean {
    return this.#encoder.takesLong
  }

  /**
   * Takes the next task.
   *
   * @param room - how many may be taken now, this one included
   * @param ahead - how many an async input is read ahead at most
   * @returns undefined at the end (see `isEnded`), and while an async input has none
   * @throws what the input throws
   */
  pull(room: number, ahead: number): Job | RefusedTask | undefined {
    return this.#scope === undefined
      ? this.#source.pull(room, ahead)
      : this.#scope(pullFrom<Job | RefusedTask>, this.#source, room, ahead)
  }

  /** Encodes a task that the input has given. */
  admit(task: Task<unknown>, index: number): Job | RefusedTask {
    try {
      const fn = this.#encoder.packFunction(task)
      const found: Found = needsEncoding(task.args)
        ? { functions: [], classes: new Set(), outputs: [] }
        : noneFound
      const encoded =
        found === noneFound ? undefined : this.#encoder.packArguments(task, index, found)
      return {
        run: this.#run,
        index,
        task,
        encoded,
        fn: encoded?.hasClasses === true ? this.#addClasses(fn, task, found, encoded) : fn,
        others: found.functions,
        outputs: found.outputs,
        number: 0,
        takenMs: 0,
        losses: 0,
        isOver: false,
      }
    } catch (error) {
      return new RefusedTask(index, error)
    }
  }

  #addClasses(
    fn: PackedFunction,
    task: Task<unknown>,
    found: Found,
    encoded: Encoded,
  ): PackedFunction {
    try {
      return this.#encoder.addClasses(fn, task, found)
    } catch (error) {
      releaseAll(encoded.kept)
      throw error
    }
  }

  /** Releases what a task refers to that will not be taken. */
  dismiss(admitted: Job | RefusedTask): void {
    if ('encoded' in admitted && admitted.encoded !== undefined) releaseAll(admitted.encoded.kept)
  }

  /**
   * Reads no more tasks.
   *
   * @throws what `return()` of the input throws
   */
  close(): void {
    if (this.#scope === undefined) this.#source.close()
    else this.#scope(closeOf, this.#source)
  }

  /** Releases the memory that functions have captured. All tasks must have ended. */
  release(): void {
    this.#encoder.close()
  }
}

const noneFound: Found = { functions: [], classes: new Set(), outputs: [] }

// Named once, so that no call makes a function of its own.
const pullFrom = <T>(source: TaskSource<T>, room: number, ahead: number): T | undefined =>
  source.pull(room, ahead)
const closeOf = (source: TaskSource<unknown>): void => source.close()
