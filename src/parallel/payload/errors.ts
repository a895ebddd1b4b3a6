/** Errors as data: class, code, cause, children, own fields and stack. */

import { isOneCopyError, OneCopyError, type ErrorDetails } from '../../errors.ts'
import { type ErrorMark, markKey } from './marks.ts'
import { cutStack } from './task-frames.ts'

const classes = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }
const knownFields = new Set(['name', 'message', 'stack', 'cause', 'errors'])

/** Encodes one member of an error; undefined when it can't be sent. */
type Attempt = (value: unknown) => { value: unknown } | undefined

/**
 * Starts the mark of an error.
 *
 * @returns the mark, and a function that fills in its members, called when the mark is known as the
 *   copy of `error`, which may stand among them
 */
export function encodeError(error: Error): { mark: ErrorMark; fill: (attempt: Attempt) => void } {
  const mark: ErrorMark = {
    [markKey]: 'error',
    kind: kindOf(error),
    name: error.name,
    message: error.message,
    stack: error.stack === undefined ? `${error.name}: ${error.message}` : cutStack(error.stack),
    fields: {},
    hasCause: 'cause' in error,
  }
  const fill = (attempt: Attempt): void => {
    if (mark.hasCause) mark.cause = attempt(error.cause)?.value
    if (error instanceof AggregateError) mark.errors = attempt(error.errors)?.value ?? []
    for (const [key, value] of Object.entries(error) as [string, unknown][]) {
      const sent = knownFields.has(key) ? undefined : attempt(value)
      if (sent !== undefined) mark.fields[key] = sent.value
    }
  }
  return { mark, fill }
}

/**
 * Makes the error of a mark: an instance of the same built-in class, or of the nearest one above the
 * error's own.
 *
 * @returns the error, and a function that fills in its members, called with how to decode them
 */
export function decodeError(mark: ErrorMark): {
  error: Error
  fill: (decode: (value: unknown) => unknown) => void
} {
  const error = createError(mark)
  if (error.name !== mark.name) hide(error, 'name', mark.name)
  hide(error, 'stack', mark.stack)
  const fill = (decode: (value: unknown) => unknown): void => {
    if (mark.hasCause) hide(error, 'cause', decode(mark.cause))
    if (error instanceof AggregateError) error.errors = decode(mark.errors) as unknown[]
    for (const [key, value] of Object.entries(mark.fields)) {
      Object.defineProperty(error, key, {
        value: decode(value),
        enumerable: true,
        writable: true,
        configurable: true,
      })
    }
  }
  return { error, fill }
}

function kindOf(error: Error): string {
  if (isOneCopyError(error)) return 'OneCopyError'
  if (error instanceof AggregateError) return 'AggregateError'
  if (error instanceof DOMException) return 'DOMException'
  if ('code' in error && error.code === 'ERR_ASSERTION') return 'AssertionError'
  const found = Object.entries(classes).find(
    ([name, type]) => name !== 'Error' && error instanceof type,
  )
  return found?.[0] ?? 'Error'
}

function createError({ kind, message, name, fields }: ErrorMark): Error {
  switch (kind) {
    case 'OneCopyError':
      return new OneCopyError(String(fields['code']), message, {
        details: (fields['details'] ?? {}) as ErrorDetails,
      })
    case 'AggregateError':
      return new AggregateError([], message)
    case 'DOMException':
      return new DOMException(message, name)
    case 'AssertionError':
      return new (process.getBuiltinModule('node:assert').AssertionError)({ message })
    default:
      return new classes[kind as keyof typeof classes](message)
  }
}

function hide(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: false,
    writable: true,
    configurable: true,
  })
}
