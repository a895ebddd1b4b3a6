/** Makes functions whose results are kept on disk. */

import { show } from '../errors.ts'
import { requireOptions } from '../options.ts'
import { packageModule } from '../package-file.ts'
import { rememberMaker } from '../parallel/internal.ts'
import { type AnyFunction, CachedFunction, type LastCall } from './cached-function.ts'
import { type CacheOptions, cacheOptionTypes } from './cache-options.ts'

/** A function whose results are kept in a folder. Arguments are those of the function. */
export interface Cached<Args extends unknown[], Result> {
  /** The result: found in the folder, or computed and stored. */
  (...args: Args): Promise<Result>
  /** Whether the result of these arguments is stored. */
  has(...args: Args): Promise<boolean>
  /** The stored result; undefined when there is none. Nothing is computed. */
  get(...args: Args): Promise<Result | undefined>
  /** Deletes the stored result. Returns whether there was one. Who has it open keeps it. */
  delete(...args: Args): Promise<boolean>
  /** The key of a call: 32 hexadecimal digits, equal in every process for equal arguments and an equal function. */
  key(...args: Args): Promise<string>
  /** What the call did that ended last in this thread; undefined before the first. */
  readonly last: LastCall | undefined
}

/**
 * Keeps the results of a function on disk. A call whose arguments, function and everything that the function uses are as before opens the stored
 * result, in any thread and process; arrays of it are mapped, so that all of them share one copy. Other calls compute, and only one of
 * several that ask at once.
 *
 * Arguments count by their values, arrays by their elements whatever their strides. The function counts by its source without comments, by
 * the values that it has captured, and by the functions of your own modules that it calls; packages by name and version.
 *
 * @param fn - must depend on nothing else, such as the time, other files or random numbers; is called without `this`. Its result must be
 * data that `saveModel` takes
 * @param options - `folder` must be given
 * @returns a function that can be called, captured, and sent to workers of a `Parallel`
 * @throws TypeError for a wrong type; OneCopyError `ERR_OPTION` for a name in `ignore` that the function doesn't have. Calls reject with what
 * `fn` throws; with `ERR_FUNCTION` when the function uses something that no key can be made of, `ERR_UNSENDABLE` for such an argument,
 * `ERR_UNSAVABLE` for a result that can't be stored, `ERR_CACHE_CYCLE` when a call needs its own result
 *
 * @example
 * ```ts
 * const similarity = cached(computeSimilarity, { folder: '.cache', maxBytes: 20e9 })
 * const S = await similarity(openArray('X.npy'), { k: 10 })
 * ```
 */
export function cached<Args extends unknown[], Result>(
  fn: (...args: Args) => Result,
  options: CacheOptions,
): Cached<Args, Awaited<Result>> {
  if (typeof fn !== 'function')
    throw new TypeError(`Expected a function whose results are kept, got ${show(fn)}.`)
  requireOptions('cached', options, cacheOptionTypes)
  if (options.folder === undefined)
    throw new TypeError(
      "Expected `folder`, where results are kept, such as cached(fn, { folder: '.cache' }).",
    )
  return makeCached(new CachedFunction(fn as AnyFunction, { ...options }))
}

/** The function for users. */
export function makeCached<Args extends unknown[], Result>(
  own: CachedFunction,
): Cached<Args, Result> {
  const call = (...args: Args) => own.call(args)
  const methods = {
    has: (...args: Args) => own.has(args),
    get: (...args: Args) => own.get(args),
    delete: (...args: Args) => own.delete(args),
    key: (...args: Args) => own.key(args),
  }
  Object.defineProperty(call, 'name', { value: own.name, configurable: true })
  Object.defineProperty(call, 'last', { get: () => own.last })
  rememberMaker(call, {
    maker: { url: packageModule('cache/cached-tasks').href, name: 'remakeCached' },
    parts: () => [own.fn, sentOptions(own.options), own.identify()],
    identity: () => `${own.name} ${own.identify()}`,
  })
  return Object.assign(call, methods) as Cached<Args, Result>
}

/** What other threads and processes keep to; events and signals are of this one. */
function sentOptions({ folder, ...options }: CacheOptions): CacheOptions {
  const { onEvent: _, signal: __, ...rest } = options
  // A worker process may have another working folder.
  return { ...rest, folder: process.getBuiltinModule('node:path').resolve(folder) }
}
