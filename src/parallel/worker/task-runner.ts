/** Runs single tasks and passes their results to the outbox. */

import type { Callable } from '../functions/contract/reference.ts'
import type { WorkerFunctions } from '../functions/revive/known-functions.ts'
import { openClasses } from '../functions/revive/open-classes.ts'
import { decode } from '../payload/decode.ts'
import type { ArrayRules } from '../payload/encode-arrays.ts'
import { awaitTask, callTask } from '../payload/task-frames.ts'
import type { Claims } from '../protocol/claims.ts'
import { calling, type Form, withPlaceholders } from '../protocol/messages.ts'
import type { Outbox, Post } from './outbox.ts'
import { callInScope, enterScope, TaskScope } from './task-signal.ts'

/** What tasks need from their thread or process. */
export interface Surroundings {
  readonly rules: ArrayRules
  readonly claims: Claims
  readonly post: Post
  /** Called after each task, before its result is posted; without an argument after the initializer. */
  readonly onTaskEnd?: (task?: number) => void
  /** Whether the thread also does other things than this worker's tasks. */
  readonly isShared?: boolean
}

/** One task to run. */
interface Call {
  readonly task: number
  readonly args: unknown[]
  readonly hasPlaceholders: boolean
}

/** Runs tasks, each in its own scope. */
export class TaskRunner {
  readonly #surroundings: Surroundings
  readonly #outbox: Outbox
  readonly #functions: WorkerFunctions
  /** The scope of all tasks, where they run one at a time. */
  readonly #scope: TaskScope
  /** The scopes of the tasks in progress, where several run at a time. */
  readonly #scopes = new Map<number, TaskScope>()
  readonly #concurrency: number
  #finished = 0

  /** @param functions - those that tasks call, by their numbers */
  constructor(surroundings: Surroundings, outbox: Outbox, functions: WorkerFunctions) {
    this.#surroundings = surroundings
    this.#outbox = outbox
    this.#functions = functions
    this.#concurrency = surroundings.claims.concurrency
    this.#scope = this.#makeScope()
    if (surroundings.isShared !== true && this.#concurrency === 1) enterScope(this.#scope)
  }

  /** How many tasks have finished, failed ones included. */
  get finished(): number {
    return this.#finished
  }

  /** Aborts the signals of tasks that the pool has asked to end. */
  checkScopes(): void {
    this.#scope.check()
    for (const scope of this.#scopes.values()) scope.check()
  }

  /**
   * Runs a task that was claimed.
   *
   * @returns a promise only for an async task; it never rejects
   *
   * @param id - number of its function
   * @param value - its arguments, as `form` says
   */
  run(task: number, id: number, form: Form, value: unknown): Promise<void> | undefined {
    const fn = this.#functions.get(id)
    if (form === calling) return this.#runWithFunctions(fn, id, task, value)
    const call = { task, hasPlaceholders: form === withPlaceholders, args: value as unknown[] }
    return typeof fn === 'function' ? this.#run(fn, call) : this.#runWhenKnown(fn, call)
  }

  #makeScope(): TaskScope {
    return new TaskScope((task) => this.#surroundings.claims.isAborted(task))
  }

  async #runWhenKnown(fn: Promise<Callable>, call: Call): Promise<void> {
    const { claims } = this.#surroundings
    try {
      claims.pause(call.task)
      const known = await fn.finally(() => claims.resume(call.task))
      await this.#run(known, call)
    } catch (error) {
      await this.#fail(call.task, error, performance.now())
    }
  }

  /** Functions and classes among the arguments may have modules to load first. */
  async #runWithFunctions(
    fn: Callable | Promise<Callable>,
    id: number,
    task: number,
    value: unknown,
  ): Promise<void> {
    const start = performance.now()
    try {
      const [ids, encoded] = value as [number[], unknown]
      const [callable] = await Promise.all([fn, this.#functions.allReady(ids)])
      const classes = await openClasses(encoded, this.#functions.classesOf(id))
      const args = decode(encoded, this.#functions.take, classes) as unknown[]
      await this.#run(callable, { task, hasPlaceholders: false, args })
    } catch (error) {
      await this.#fail(task, error, start)
    }
  }

  #run(fn: Callable, { task, args, hasPlaceholders }: Call): Promise<void> | undefined {
    const start = performance.now()
    let value: unknown
    let waits: boolean
    try {
      const given = hasPlaceholders ? (decode(args) as unknown[]) : args
      const scope = this.#begin(task)
      value =
        this.#surroundings.isShared === true || this.#concurrency > 1
          ? callInScope(scope, () => callTask(fn, given))
          : callTask(fn, given)
      waits = isThenable(value)
    } catch (error) {
      return this.#fail(task, error, start)
    }
    // Apart from the task's own failures: whatever fails from here on must not answer the task a second time.
    if (waits) return this.#settle(value as PromiseLike<unknown>, task, start)
    return this.#succeed(task, value, start)
  }

  #begin(task: number): TaskScope {
    const scope = this.#concurrency === 1 ? this.#scope : this.#makeScope()
    scope.begin(task)
    if (this.#concurrency > 1) this.#scopes.set(task, scope)
    return scope
  }

  async #settle(pending: PromiseLike<unknown>, task: number, start: number): Promise<void> {
    let value: unknown
    try {
      value = await awaitTask(pending)
    } catch (error) {
      return this.#fail(task, error, start)
    }
    // Alone, since a message says only when the first of its tasks began.
    if (this.#concurrency > 1) this.#outbox.flush()
    await this.#succeed(task, value, start)
  }

  /** @returns a promise only where classes in the value have to be found first */
  #succeed(task: number, value: unknown, start: number): Promise<void> | undefined {
    const ms = performance.now() - start
    this.#surroundings.onTaskEnd?.(task)
    return this.#endAfter(task, this.#outbox.addValue(task, value, ms))
  }

  /** @returns a promise only where classes in the error have to be found first */
  #fail(task: number, error: unknown, start: number): Promise<void> | undefined {
    const ms = performance.now() - start
    this.#surroundings.onTaskEnd?.(task)
    if (this.#concurrency > 1) this.#outbox.flush()
    return this.#endAfter(task, this.#outbox.addFailure(task, error, ms))
  }

  #endAfter(task: number, added: Promise<void> | undefined): Promise<void> | undefined {
    if (added !== undefined) return added.then(() => this.#end(task))
    this.#end(task)
    return undefined
  }

  #end(task: number): void {
    this.#scopes.delete(task)
    this.#surroundings.claims.finish(task)
    this.#finished++
  }
}

/** Whether a task's value has to be waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}
