/** What a cache reports. */

/** Something that happened in a cache. */
export interface CacheEvent {
  /**
   * `'hit'`: a result was found. `'miss'`: it is computed now. `'wait'`: another call, thread or process computes it. `'store'`: it was
   * stored. `'evict'`: older results were deleted to keep a limit. `'problem'`: a result could not be read or stored, and the call goes on
   * without that.
   */
  readonly type: 'hit' | 'miss' | 'wait' | 'store' | 'evict' | 'problem'
  /** The function's name. */
  readonly name: string
  /** 32 hexadecimal digits; undefined of `'evict'`. */
  readonly key?: string
  /** Bytes of the file of a result, or of all that were deleted. */
  readonly bytes?: number
  /** Seconds that the function took, of `'store'`. */
  readonly seconds?: number
  /** Results that were deleted. */
  readonly items?: number
  /** What went wrong. */
  readonly error?: unknown
}
