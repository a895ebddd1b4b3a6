/** Makes cached functions in workers, which import this file by its name. */

import { makeCached } from './cached.ts'
import { type AnyFunction, CachedFunction } from './cached-function.ts'
import type { CacheOptions } from './cache-options.ts'

/**
 * The cached function of another thread or process.
 *
 * @param identity - what the function was there
 */
export function remakeCached(fn: AnyFunction, options: CacheOptions, identity: string): unknown {
  return makeCached(new CachedFunction(fn, options, identity))
}
