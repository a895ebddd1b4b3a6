/** Pulls tasks from an iterable, sync or async, only when asked. */

import { show } from '../../errors.ts'
import { lengthOf } from './calls.ts'
import { openAsyncIterator, openIterator, requireStep } from './iterators.ts'
import { Queue } from './queue.ts'
import { Task } from './task.ts'

/** What a run can be made of: an array, a generator, an async generator … */
export type Tasks<R = unknown> = Iterable<Task<R>> | AsyncIterable<Task<R>>

/** Who reads a source, and what it makes of tasks. */
export interface SourceReader<T> {
  wake(): void
  /**
   * Takes a task as it is when the source gives it: before the source is asked for the next one, and may write to what it
   * has given. Never throws.
   */
  admit(task: Task<unknown>, index: number): T
  /** Drops what was admitted, and will never be pulled. */
  dismiss(admitted: T): void
}

/** The tasks that a run still has to take, as its reader has admitted them. */
export interface TaskSource<T> {
  /** Whether every task was taken. */
  readonly isEnded: boolean
  /** The most tasks that there may still be. */
  readonly remaining: number
  /**
   * Takes the next task.
   *
   * @param room - how many may be taken now, this one included; an async source is read no further
   * @param ahead - how many an async source is read ahead at most
   * @returns undefined at the end (see `isEnded`), and while an async source has none
   * @throws what the source throws
   */
  pull(room: number, ahead: number): T | undefined
  /**
   * Tells the source that nothing more will be taken: `return()` of its iterator. An async one is not waited for,
   * since it may wait for what never comes; when its `return()` rejects, a warning says so.
   *
   * @throws what `return()` throws
   */
  close(): void
}

/**
 * Opens a source; nothing is pulled yet.
 *
 * @param reader - admits each task as it comes, and is woken when an async source has something new: a task, its end,
 *   or an error
 * @throws TypeError when `tasks` can't be iterated
 */
export function openSource<T>(tasks: Tasks, reader: SourceReader<T>): TaskSource<T> {
  if (typeof tasks === 'object' && tasks !== null) {
    if (Symbol.iterator in tasks) return new SyncSource(tasks, reader)
    if (Symbol.asyncIterator in tasks) return new AsyncSource(tasks, reader)
  }
  throw new TypeError(
    `Expected an iterable of tasks such as an array or a generator, got ${show(tasks)}.${advise(tasks)}`,
  )
}

/** What somebody may have meant who gave something else. */
function advise(tasks: unknown): string {
  if (tasks instanceof Task) return ' Put it into an array.'
  if (tasks instanceof Promise) return ' Await it first.'
  return typeof tasks === 'function' ? ' Call it, and pass its result.' : ''
}

class SyncSource<T> implements TaskSource<T> {
  readonly #iterator: Iterator<unknown>
  readonly #reader: SourceReader<T>
  readonly #length: number
  #taken = 0
  isEnded = false

  constructor(tasks: Iterable<unknown>, reader: SourceReader<T>) {
    this.#iterator = openIterator(tasks)
    this.#reader = reader
    this.#length = lengthOf(tasks)
    this.isEnded = this.#length === 0
  }

  get remaining(): number {
    return this.isEnded ? 0 : this.#length - this.#taken
  }

  pull(): T | undefined {
    if (this.isEnded) return undefined
    const { done, value } = requireStep(this.#iterator.next())
    // A collection is known to end with its last task, so that its run can settle without asking again.
    this.isEnded = done === true || this.#taken + 1 >= this.#length
    if (done === true) return undefined
    const index = this.#taken++
    return this.#reader.admit(requireTask(value, index), index)
  }

  close(): void {
    if (this.isEnded) return
    this.isEnded = true
    this.#iterator.return?.()
  }
}

class AsyncSource<T> implements TaskSource<T> {
  readonly #iterator: AsyncIterator<unknown>
  readonly #reader: SourceReader<T>
  readonly #arrived = new Queue<T>()
  #admitted = 0
  #wanted = 0
  #isPulling = false
  #isExhausted = false
  #failure: { error: unknown } | undefined

  constructor(tasks: AsyncIterable<unknown>, reader: SourceReader<T>) {
    this.#iterator = openAsyncIterator(tasks)
    this.#reader = reader
  }

  get isEnded(): boolean {
    return this.#isExhausted && this.#arrived.length === 0 && this.#failure === undefined
  }

  get remaining(): number {
    // A failure counts as a task: it has to be pulled.
    return this.#isExhausted && this.#failure === undefined ? this.#arrived.length : Infinity
  }

  pull(room: number, ahead: number): T | undefined {
    this.#wanted = Math.min(room, ahead)
    if (this.#arrived.length === 0) {
      void this.#pullAhead()
      // At once when `next()` itself throws: then there is nobody to be woken yet.
      if (this.#failure !== undefined) throw this.#failure.error
      return undefined
    }
    const task = this.#arrived.shift()
    this.#wanted = Math.min(room - 1, ahead)
    void this.#pullAhead()
    return task
  }

  close(): void {
    while (this.#arrived.length > 0) this.#reader.dismiss(this.#arrived.shift()!)
    if (this.#isExhausted) return
    this.#isExhausted = true
    void Promise.resolve(this.#iterator.return?.()).catch(warnUnclosed)
  }

  /** Reads until enough tasks wait; never rejects, since an error is what the next `pull` throws. */
  async #pullAhead(): Promise<void> {
    if (this.#isPulling || this.#failure !== undefined) return
    this.#isPulling = true
    try {
      while (!this.#isExhausted && this.#arrived.length < this.#wanted) {
        const step = requireStep(await this.#iterator.next())
        if (this.#isExhausted) return
        if (!this.#take(step)) return
      }
    } catch (error) {
      if (this.#isExhausted) return
      this.#isExhausted = true
      this.#fail(error)
    } finally {
      this.#isPulling = false
    }
  }

  /** Whether the source may be asked for more. */
  #take({ done, value }: IteratorResult<unknown, unknown>): boolean {
    if (done === true) {
      this.#isExhausted = true
      this.#reader.wake()
      return false
    }
    let task
    try {
      task = requireTask(value, this.#admitted)
    } catch (error) {
      this.#fail(error) // the source itself goes on: it is closed with the run
      return false
    }
    this.#arrived.push(this.#reader.admit(task, this.#admitted++))
    this.#reader.wake()
    return true
  }

  #fail(error: unknown): void {
    this.#failure = { error }
    this.#reader.wake()
  }
}

function warnUnclosed(error: unknown): void {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : show(error)
  process.emitWarning(
    `The input of a run that ended early could not be closed: its return() failed with ${reason}.`,
    { code: 'ONECOPY_INPUT_NOT_CLOSED' },
  )
}

function requireTask(value: unknown, index: number): Task<unknown> {
  if (value instanceof Task) return value
  const advice = typeof value === 'function' ? 'not fn or delayed(fn)' : 'not fn(x)'
  throw new TypeError(
    `Expected tasks made by delayed(fn)(…args), got ${show(value)} at index ${index}. Write delayed(fn)(x), ${advice}.`,
  )
}
