/** Tasks: calls of a function that run later. */

import { show } from '../../errors.ts'
import { RecentMap } from '../../recent-map.ts'
import { isCallback, requireWanted } from './delayed-in-map.ts'
import type { FunctionOrReference } from '../functions/bundles/function-cache.ts'
import type { SendableArguments } from './sendable.ts'

declare const result: unique symbol

/** A call to be made later, as `delayed(fn)(…args)` returns it. `R` is the type of its result. */
export class Task<R> {
  /** Only for the compiler: no such value exists. */
  declare readonly [result]: R
  /** @internal */
  readonly callee: Callee
  /** @internal */
  readonly args: readonly unknown[]

  /** @internal */
  constructor(callee: Callee, args: readonly unknown[]) {
    this.callee = callee
    this.args = args
  }
}

/** The type of a task's result. */
export type ResultOf<T> = T extends Task<infer R> ? R : never

/**
 * Keeps the compiler from taking a list of parameters apart, so that it compares it as a whole with what a callback is
 * given: `xs.map(delayed(f))`, which would send index and list to every task, is an error.
 */
interface Undivided {
  readonly length: number
}

let lastId = 0

/** The function of tasks, packed when a run takes the first of them. */
export class Callee {
  /** Number of the function, by which its times are kept. */
  readonly id = ++lastId
  /** What error texts call it. */
  readonly name: string
  readonly target: FunctionOrReference

  constructor(name: string, target: FunctionOrReference) {
    this.name = name
    this.target = target
  }
}

const callees = new WeakMap<object, Callee>()
/** By URL and name. One that is forgotten is another function to pools: it is only sent again. */
const named = new RecentMap<string, Callee>(1000)

/**
 * Makes tasks of a function: `delayed(fn)(…args)` describes the call `fn(…args)`, which {@link Parallel} makes later.
 * The task function has the parameter types of `fn`, and TypeScript rejects arguments that can't be sent to a worker.
 *
 * The worker imports a function that a module exports. Any other function is sent as source, with the values that it
 * has captured: data is cloned, arrays are sent as references to one copy, functions and classes are sent in the same
 * way as `fn`, and imports become references to their module (plain data that a module exports is sent as it is now).
 * These values are read when a run takes its first task of `fn`; all tasks of the run see them, and the next run reads
 * them again. If a worker writes to a captured value, the value in this thread does not change.
 *
 * Nothing is copied yet: arguments are read when the task is sent.
 *
 * @param fn - any function; sync or async
 * @returns a function that takes `fn`'s arguments, functions among them, and returns the task
 * @throws TypeError when `fn` is not a function, or has its arguments beside it
 *
 * @example
 * ```ts
 * const power = 2
 * await parallel.run([1, 2, 3].map((x) => delayed((x: number) => x ** power)(x))) // [1, 4, 9]
 * ```
 */
export function delayed<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
): (...args: A & SendableArguments<A> & Undivided) => Task<Awaited<R>>
export function delayed<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  ...others: readonly unknown[]
): (...args: A) => Task<Awaited<R>> {
  // `functions.map(delayed)` is right.
  if (others.length > 0 && !isCallback([fn, ...others])) throw misplacedArguments(fn, others)
  if (typeof fn !== 'function') {
    throw new TypeError(
      `Expected \`delayed\` to get a function, got ${show(fn)}. Write delayed(fn)(…args), not delayed(fn(…args)).`,
    )
  }
  let callee = callees.get(fn)
  if (callee === undefined) {
    callee = new Callee(fn.name || '(anonymous)', { fn })
    callees.set(fn, callee)
  }
  const known = callee
  return (...args) => {
    if (isCallback(args)) requireWanted(fn, args.length)
    return new Task(known, args)
  }
}

/** The error for `delayed(fn, 1)`, as `submit` of other libraries takes arguments. */
function misplacedArguments(fn: unknown, args: readonly unknown[]): TypeError {
  const name = (typeof fn === 'function' && fn.name) || 'fn'
  const shown = args.map((arg) =>
    typeof arg === 'object' || typeof arg === 'function' ? '…' : show(arg),
  )
  return new TypeError(
    `Expected \`delayed\` to get a function alone, got ${args.length === 1 ? 'an argument' : `${args.length} arguments`} beside it. Write delayed(${name})(${shown.join(', ')}).`,
  )
}

/**
 * Makes tasks of a function by the name of its export. Use it where `delayed` can't send the function: under
 * `--permission`, or in a bundle when the function needs its module's state. The worker imports the module and so
 * evaluates it: an entry file must not start its work when a worker imports it.
 *
 * @param url - of the module, usually `import.meta.url`
 * @param name - of the export; `default` for the default export
 * @returns a function that takes the arguments and returns the task
 * @throws TypeError when `url` is not an absolute URL or `name` is not a string
 *
 * @example
 * ```ts
 * export function square(x: number) { return x * x }
 * const squares = [1, 2, 3].map((x) => task<typeof square>(import.meta.url, 'square')(x))
 * ```
 */
export function task<F extends (...args: never[]) => unknown = (...args: unknown[]) => unknown>(
  url: string | URL,
  name: string,
): (...args: Parameters<F> & Undivided) => Task<Awaited<ReturnType<F>>>
export function task<F extends (...args: never[]) => unknown>(
  url: string | URL,
  name: string,
  ...others: readonly unknown[]
): (...args: Parameters<F>) => Task<Awaited<ReturnType<F>>> {
  if (others.length > 0)
    throw new TypeError(
      `Expected \`task\` to get a module and a name alone, got more arguments. Write task(import.meta.url, ${show(name)})(…args).`,
    )
  const href = url instanceof URL ? url.href : url
  if (typeof href !== 'string' || !URL.canParse(href)) {
    throw new TypeError(
      `Expected \`url\` to be the URL of a module such as import.meta.url, got ${show(url)}. To make a URL from a path, write new URL('./tasks.ts', import.meta.url).`,
    )
  }
  if (typeof name !== 'string' || name === '') {
    throw new TypeError(`Expected \`name\` to be the name of an export, got ${show(name)}.`)
  }
  const key = `${name} ${href}`
  const callee = named.get(key) ?? new Callee(name, { reference: { url: href, name } })
  named.set(key, callee)
  return (...args) => new Task(callee, args)
}
