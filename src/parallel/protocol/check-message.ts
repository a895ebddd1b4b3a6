/** Checks a worker's message before any of it is used. */

import { show } from '../../errors.ts'
import { failed, type FromWorker, withPlaceholders, plain } from './messages.ts'

/** What a result takes in a message: form, value, milliseconds. */
export const resultLength = 3

/** Says of a message what is wrong with it; undefined when nothing is. */
type Check = (message: readonly unknown[]) => string | undefined

const isByteCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0
const isDuration = (value: unknown): boolean => Number.isFinite(value)

const checks: { readonly [kind in FromWorker[0]]: Check } = {
  ready: ([, heapLimit, outgrown]) =>
    expect('a heap limit', heapLimit, heapLimit === undefined || isDuration(heapLimit)) ??
    expect('private bytes', outgrown, outgrown === undefined || isByteCount(outgrown)),
  initialized: () => undefined,
  uninitialized: () => undefined,
  results: checkResults,
  available: () => undefined,
  output: ([, stream, task, bytes]) =>
    expect('1 or 2', stream, stream === 1 || stream === 2) ??
    expect('the number of a task', task, Number.isInteger(task)) ??
    expect('bytes', bytes, bytes instanceof Uint8Array),
  outgrown: ([, bytes]) => expect('private bytes', bytes, isByteCount(bytes)),
  uncaught: () => undefined,
}

/**
 * Checks kind and parts of a message; values of results are checked as they are decoded.
 *
 * @returns the message itself
 * @throws Error that says what was expected and what came
 */
export function requireFromWorker(message: unknown): FromWorker {
  if (!Array.isArray(message)) throw new Error(`Expected a message, got ${show(message)}.`)
  const [kind] = message as unknown[]
  const check = typeof kind === 'string' && Object.hasOwn(checks, kind) ? kind : undefined
  if (check === undefined) throw new Error(`Expected a kind of message, got ${show(kind)}.`)
  const fault = checks[check as FromWorker[0]](message)
  if (fault !== undefined) throw new Error(`Expected ${fault} in a message \`${check}\`.`)
  return message as unknown as FromWorker
}

function checkResults([, first, results, holds, startMs]: readonly unknown[]): string | undefined {
  const fault =
    expect('the number of a task', first, Number.isInteger(first)) ??
    expect('true or false', holds, typeof holds === 'boolean') ??
    expect('a time', startMs, isDuration(startMs))
  if (fault !== undefined) return fault
  if (!Array.isArray(results) || results.length === 0 || results.length % resultLength > 0)
    return 'results in threes'
  if (holds === true && results.length > resultLength) return 'one result that is held'
  for (let at = 0; at < results.length; at += resultLength) {
    const form: unknown = results[at]
    const ms: unknown = results[at + 2]
    if (form !== plain && form !== withPlaceholders && form !== failed)
      return expect('the form of a result', form, false)
    if (!isDuration(ms)) return expect('milliseconds', ms, false)
  }
  return undefined
}

function expect(what: string, value: unknown, isRight: boolean): string | undefined {
  return isRight ? undefined : `${what}, got ${show(value)},`
}
