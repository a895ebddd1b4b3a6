/** Options of cached functions. */

import type { CacheEvent } from './cache-events.ts'
import {
  boolean,
  byteCount,
  callback,
  isString,
  isStringList,
  milliseconds,
  oneOf,
  type OptionTypes,
  signal,
  wholeNumber,
} from '../options.ts'

/** Options of `cached`. */
export interface CacheOptions {
  /** Where results are kept. It is made when it is missing; many functions and processes may share one. */
  readonly folder: string
  /** The name of the function in the folder and in events; default: its own. */
  readonly name?: string
  /**
   * Says which results belong together in place of the function's source. With it nothing of the source and of what it uses counts: results
   * stay until you change the version. Default: the source and all that it uses count.
   */
  readonly version?: number | string
  /**
   * Parameters that results don't depend on, by name: `'log'`, a member as `'options.log'`, or a name in a parameter that takes an object
   * apart. Default: none.
   */
  readonly ignore?: readonly string[]
  /** The most bytes of all results in the folder. Above them those that were not used for longest are deleted. Default: Infinity. */
  readonly maxBytes?: number
  /** The most results in the folder, likewise. Default: Infinity. */
  readonly maxItems?: number
  /** Computes a result anew that was computed longer ago, in milliseconds. Default: Infinity. */
  readonly maxAgeMs?: number
  /** Brings each result to the disk before it is used. Default false: a crash of the machine may cost results, never damage one. */
  readonly durable?: boolean
  /** What becomes of a result that can't be stored: an error, or the result itself (`'pass'`). Default: `'error'`. */
  readonly onUnstorable?: 'error' | 'pass'
  /**
   * Remembers digests of mapped files whose size, inode and times are as before. Default true. Without it they are hashed at each call, which
   * also notices what another process writes through a mapping.
   */
  readonly trustFileTimes?: boolean
  /** Called with each hit, miss, wait, store and eviction of this thread; what it throws is an uncaught exception. */
  readonly onEvent?: (event: CacheEvent) => void
  /** Ends waiting of calls: for another process, for hashing, and for the computation, which goes on and is stored. */
  readonly signal?: AbortSignal
}

/** How each is checked. */
export const cacheOptionTypes: OptionTypes<CacheOptions> = {
  folder: [(value) => isString(value) && value !== '', 'the path of a folder'],
  name: [(value) => isString(value) && value !== '', 'a name'],
  version: [
    (value) => isString(value) || (typeof value === 'number' && Number.isFinite(value)),
    'a number or a text',
  ],
  ignore: [isStringList, 'a list of names of parameters'],
  maxBytes: byteCount(1),
  maxItems: wholeNumber(1),
  maxAgeMs: milliseconds(1),
  durable: boolean,
  onUnstorable: oneOf('error', 'pass'),
  trustFileTimes: boolean,
  onEvent: callback,
  signal,
}
