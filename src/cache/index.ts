/** Results of functions kept on disk: computed once, mapped afterwards. */

export { type Cached, cached } from './cached.ts'
export type { CacheEvent } from './cache-events.ts'
export {
  cacheInfo,
  type CachedFunctionInfo,
  type CacheInfo,
  type CacheItem,
  clearCache,
  type ClearOptions,
  listCache,
} from './cache-info.ts'
export type { CacheOptions } from './cache-options.ts'
export type { LastCall } from './cached-function.ts'
