/** The error class of onecopy, with stable codes. */

import { isProxy } from 'node:util/types'

const mark = Symbol.for('onecopy.error')

/** Facts behind an error as plain data, so that they survive structured clone. */
export type ErrorDetails = Readonly<Record<string, unknown>>

/**
 * The error of every refusal of onecopy's. Its text says what was expected, what came, where,
 * and what to do; `code` is stable and made for programs.
 *
 * @example
 * ```ts
 * try {
 *   openArray('missing.npy')
 * } catch (error) {
 *   if (isOneCopyError(error) && error.code === 'ERR_FILE') console.log(error.details)
 * }
 * ```
 */
export class OneCopyError extends Error {
  override readonly name = 'OneCopyError'
  /** A stable name such as `ERR_SHAPE`; see docs/errors.md. */
  readonly code: string
  /** Facts as plain data: paths, row numbers, limits. */
  readonly details: ErrorDetails
  /**
   * @param code - stable code, `ERR_…`
   * @param message - expected what, got what, where, and what to do
   * @param options - `cause` (kept as it is) and `details` (plain data, kept as it is)
   */
  constructor(
    code: string,
    message: string,
    options: { cause?: unknown; details?: ErrorDetails } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.details = options.details ?? {}
  }

  /** Marks the error across realms and copies of the library; no field, so that nobody sees it printed. */
  get [mark](): true {
    return true
  }
}

/**
 * Tells whether a value is an error of onecopy's, also one that came from another thread, process
 * or copy of the library.
 */
export function isOneCopyError(value: unknown): value is OneCopyError {
  if (typeof value !== 'object' || value === null) return false
  if (mark in value) return true
  return (
    'name' in value &&
    value.name === 'OneCopyError' &&
    'code' in value &&
    typeof value.code === 'string' &&
    value.code.startsWith('ERR_')
  )
}

interface Named {
  readonly constructor: unknown
  readonly [Symbol.toStringTag]: unknown
}

/** Shows a value in an error text: short, quoted when it is a string, with its type. */
export function show(value: unknown): string {
  if (typeof value === 'string')
    return `'${value.length > 80 ? `${value.slice(0, 77)}...` : value}'`
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return String(value)
  if (isProxy(value)) return 'a proxy' // reading it may throw
  if (Array.isArray(value)) return `an array of length ${value.length}`
  // The constructor of a generator has no name; data may have a member of this name, which is no class.
  const { constructor: Class, [Symbol.toStringTag]: given } = value as Partial<Named>
  const tag = typeof given === 'string' ? given : ''
  const name: unknown = typeof Class === 'function' ? Class.name : ''
  if (Class === Object && tag !== '') return `the object ${tag}`
  return `an object of class ${(typeof name === 'string' && name) || tag || 'null'}`
}

/** A sentence about a promise in place of its value, with a space before it; empty for other values. */
export function awaitAdvice(value: unknown): string {
  const isPromise =
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  return isPromise ? ' Did you forget `await`?' : ''
}
