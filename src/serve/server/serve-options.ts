/** Options of servers of models. */

import { availableParallelism } from 'node:os'
import {
  type OptionTypes,
  byteCount,
  callback,
  isString,
  milliseconds,
  requireOptions,
  wholeNumber,
} from '../../options.ts'
import { OneCopyError } from '../../errors.ts'

/** Options of {@link servePlugin} and {@link createServer}. */
export interface ServeOptions {
  /** Name of a single model, as its address has it: `/v2/models/NAME`. Default: `'model'`. */
  readonly name?: string | undefined
  /** Version of the models, for clients that ask for one. Default: `'1'`. */
  readonly version?: string | undefined
  /**
   * Answer only requests with this key, as `Authorization: Bearer KEY` or `X-API-Key: KEY`. Health checks and the page without data need
   * none. Default: no key.
   */
  readonly apiKey?: string | undefined
  /** Most bytes of one body. Default: 16 MiB. Bodies of all requests together may have eight times as many. */
  readonly maxBody?: number | undefined
  /** Most requests that wait for a prediction at a time; others get status 429. Default: 1024. */
  readonly maxQueue?: number | undefined
  /** Milliseconds until a request without a prediction gets status 503. Default: 30,000. */
  readonly timeoutMs?: number | undefined
  /** Called with errors that are the fault of the server or the model; clients get status 500 without the text. Default: written to stderr. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** Options with nothing left open. */
export interface SettledServeOptions {
  readonly name: string
  readonly version: string
  readonly apiKey: string | undefined
  readonly maxBody: number
  readonly maxTotal: number
  readonly maxQueue: number
  readonly timeoutMs: number
  readonly parallel: number
  readonly onError: (error: unknown) => void
}

const types: OptionTypes<ServeOptions> = {
  name: [isString, 'a string'],
  version: [isString, 'a string'],
  apiKey: [isString, 'a string'],
  maxBody: byteCount(1),
  maxQueue: wholeNumber(1),
  timeoutMs: milliseconds(1),
  onError: callback,
}

const bodiesInMemory = 8

/** Milliseconds until a request without a prediction is given up, where no option says so. */
export const usualTimeoutMs = 30_000

/**
 * Checks options and completes them.
 *
 * @param what - the function that was called, for error texts
 * @throws TypeError, OneCopyError `ERR_OPTION`
 */
export function settleServeOptions(what: string, options: ServeOptions): SettledServeOptions {
  requireOptions(what, options, types)
  const { apiKey, maxBody = 16 * 2 ** 20 } = options
  if (apiKey === '')
    throw new OneCopyError('ERR_OPTION', 'Expected `apiKey` to be a key, got an empty text.')
  return {
    name: options.name ?? 'model',
    version: options.version ?? '1',
    apiKey,
    maxBody,
    maxTotal: maxBody * bodiesInMemory,
    maxQueue: options.maxQueue ?? 1024,
    timeoutMs: options.timeoutMs ?? usualTimeoutMs,
    parallel: availableParallelism(),
    onError: options.onError ?? ((error) => console.error(error)),
  }
}
