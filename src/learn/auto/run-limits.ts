/** Time and memory that a fit may take. */

import { readFileSync } from 'node:fs'
import { OneCopyError } from '../../errors.ts'

/** Which limit ended a piece of work. */
export type ReachedLimit = 'time' | 'memory'

/** What limits are measured by; tests have clocks of their own. */
export interface Meters {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** Bytes that the process holds. */
  readonly bytes: () => number
}

/** How often memory is looked at while work runs. */
const lookMs = 20

/** Share of the memory limit at which work is stopped: native threads end within milliseconds, and may take more meanwhile. */
const stopShare = 0.97

/** The limits of one fit. */
export class RunLimits {
  readonly #meters: Meters
  readonly #startMs: number
  readonly #timeLimitMs: number
  readonly #memoryLimit: number
  readonly #signal: AbortSignal | undefined

  /**
   * Starts the time.
   *
   * @param signal - of the caller, which aborts all work
   */
  constructor(
    limits: { readonly timeLimitMs: number; readonly memoryLimit: number },
    signal: AbortSignal | undefined,
    meters: Meters = { now: () => performance.now(), bytes: privateBytes },
  ) {
    this.#meters = meters
    this.#startMs = meters.now()
    this.#timeLimitMs = limits.timeLimitMs
    this.#memoryLimit = limits.memoryLimit
    this.#signal = signal
  }

  get elapsedMs(): number {
    return this.#meters.now() - this.#startMs
  }

  /** Milliseconds that are left; Infinity without a limit. */
  get leftMs(): number {
    return this.#timeLimitMs - this.elapsedMs
  }

  get timeLimitMs(): number {
    return this.#timeLimitMs
  }

  /** Bytes that may still be taken; Infinity without a limit. */
  get leftBytes(): number {
    if (this.#memoryLimit === Infinity) return Infinity
    return this.#memoryLimit * stopShare - this.#meters.bytes()
  }

  /**
   * Refuses a limit that the process exceeds before any work.
   *
   * @param bytes - what every fit takes
   * @throws OneCopyError `ERR_OPTION`
   */
  requireRoom(bytes: number): void {
    if (bytes <= this.leftBytes) return
    const held = this.#meters.bytes()
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`memoryLimit\` to allow ${Math.ceil(held + bytes)} bytes, which the process holds (${held}) and predictions of one learner take, got ${this.#memoryLimit}. ` +
        'Raise it, or keep `X` in a file: mapped files don’t count.',
      { details: { memoryLimit: this.#memoryLimit, held } },
    )
  }

  /**
   * Runs work until it ends or a limit is reached.
   *
   * @param reserveMs - time that must be left afterwards
   * @param work - ends soon after its signal aborts; what it throws then is not looked at
   * @returns the result, or the limit that has stopped it
   * @throws what the work throws; the reason of the caller's signal
   */
  async run<T>(
    reserveMs: number,
    work: (signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<{ readonly result: T } | { readonly reached: ReachedLimit }> {
    this.#signal?.throwIfAborted()
    const isLimited = this.#timeLimitMs !== Infinity || this.#memoryLimit !== Infinity
    if (!isLimited) {
      try {
        return { result: await work(this.#signal) }
      } catch (error) {
        this.#signal?.throwIfAborted()
        throw error
      }
    }
    const stop = new AbortController()
    let reached: ReachedLimit | undefined
    const end = (limit: ReachedLimit): void => {
      reached ??= limit
      stop.abort(new Error(`The limit of ${limit} is reached.`))
    }
    const leftMs = this.leftMs - reserveMs
    const timer =
      leftMs > mostTimerMs ? undefined : setTimeout(() => end('time'), Math.max(0, leftMs))
    const look =
      this.#memoryLimit === Infinity
        ? undefined
        : setInterval(() => {
            if (this.leftBytes < 0) end('memory')
          }, lookMs)
    const signals = this.#signal === undefined ? [stop.signal] : [stop.signal, this.#signal]
    try {
      return { result: await work(AbortSignal.any(signals)) }
    } catch (error) {
      this.#signal?.throwIfAborted()
      if (reached !== undefined) return { reached }
      throw error
    } finally {
      clearTimeout(timer)
      clearInterval(look)
    }
  }
}

/** Node.js ends a longer timer at once. A single piece of work does not take 24 days. */
const mostTimerMs = 2 ** 31 - 1

/** Anonymous memory and shared arrays of this process; where Linux doesn't say, all its memory. */
export function privateBytes(): number {
  try {
    const status = readFileSync('/proc/self/status', 'latin1')
    const kiB = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)![1])
    return (kiB('RssAnon') + kiB('RssShmem')) * 1024
  } catch {
    return process.memoryUsage.rss()
  }
}
