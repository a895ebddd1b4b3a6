/** The `AbortSignal` of a running task. */

import { AsyncLocalStorage } from 'node:async_hooks'

/** What an executor tells of the task that it is in. */
export class TaskScope {
  /** Asks memory shared with the pool, which says so before any message can. */
  readonly #isAborted: (task: number) => boolean
  #task = -1
  #controller: AbortController | undefined

  constructor(isAborted: (task: number) => boolean) {
    this.#isAborted = isAborted
  }

  /** Made when the task asks for it, so that others cost nothing. */
  get signal(): AbortSignal {
    const task = this.#task
    this.#controller ??= watch(() => this.#isAborted(task))
    return this.#controller.signal
  }

  /** Number of the task. */
  get task(): number {
    return this.#task
  }

  /** A task begins. */
  begin(task: number): void {
    this.#task = task
    this.#controller = undefined
  }

  /** Has the listeners of the task's signal called, when it is to let go. */
  check(): void {
    void this.#controller?.signal.aborted
  }
}

/** In a worker one task runs at a time. */
let current: TaskScope | undefined

/** In the calling thread tasks of several pools may take turns. */
const scopes = new AsyncLocalStorage<TaskScope>()

/** Makes `scope` the one of this thread's tasks. */
export function enterScope(scope: TaskScope): void {
  current = scope
}

/** Number of the task that calls, in a thread that has others; -1 outside of all. */
export function taskInScope(): number {
  return scopes.getStore()?.task ?? -1
}

/** Calls `fn` as a task of a thread that has others. */
export function callInScope<R>(scope: TaskScope, fn: () => R): R {
  return scopes.run(scope, fn)
}

/**
 * The signal by which a task learns that nobody wants its result any more: its run was aborted, left by `break`,
 * or has failed. The run's `graceMs` later its worker is killed, which costs the pool a new one; so a long task
 * should look at it.
 *
 * Asking `aborted`, or `throwIfAborted()`, also works in a loop that never awaits. Outside of a task the
 * signal never aborts, so that a function may be called directly as well.
 *
 * @returns the task's own signal, always the same for one task
 *
 * @example
 * ```ts
 * import { taskSignal } from 'onecopy/parallel'
 *
 * export async function load(url: string) {
 *   const response = await fetch(url, { signal: taskSignal() })
 *   return response.json()
 * }
 *
 * export function search(from: number, to: number) {
 *   const signal = taskSignal()
 *   for (let i = from; i < to; i++) {
 *     if (i % 1000 === 0) signal.throwIfAborted()
 *     // …
 *   }
 * }
 * ```
 */
export function taskSignal(): AbortSignal {
  return (scopes.getStore() ?? current)?.signal ?? new AbortController().signal
}

/** A controller whose signal looks for itself when it is asked. */
function watch(isAborted: () => boolean): AbortController {
  const controller = new AbortController()
  const { signal } = controller
  let isOver = false
  const look = (): boolean => {
    if (isOver || !isAborted()) return isOver
    isOver = true
    controller.abort(new DOMException('The run of this task is over.', 'AbortError'))
    return true
  }
  Object.defineProperties(signal, {
    aborted: { get: look },
    throwIfAborted: {
      value: () => {
        if (look()) throw signal.reason
      },
    },
  })
  return controller
}
