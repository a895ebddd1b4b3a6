/** Names the classes of errors, and makes errors of a class. */

import { isOneCopyError, OneCopyError, type ErrorDetails } from '../../errors.ts'

/** What an error is made of; its other members are set afterwards. */
export interface ErrorParts {
  /** A class that {@link errorKind} named; `Error` for any other text. */
  readonly kind: string
  readonly name: string
  readonly message: string
  /** Own fields; `code` and `details` are those of a OneCopyError. */
  readonly fields: Readonly<Record<string, unknown>>
}

const classes = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }

/** The nearest class above the error's own that is the language's own, or `OneCopyError`. */
export function errorKind(error: Error): string {
  if (isOneCopyError(error)) return 'OneCopyError'
  if (error instanceof AggregateError) return 'AggregateError'
  if (error instanceof DOMException) return 'DOMException'
  if ('code' in error && error.code === 'ERR_ASSERTION') return 'AssertionError'
  const found = Object.entries(classes).find(
    ([name, type]) => name !== 'Error' && error instanceof type,
  )
  return found?.[0] ?? 'Error'
}

/** Whether a text names a class of errors. */
export function isErrorKind(kind: string): boolean {
  return Object.hasOwn(classes, kind) || otherKinds.includes(kind)
}

const otherKinds = ['OneCopyError', 'AggregateError', 'DOMException', 'AssertionError']

/** Makes an error of a class, with the stack of this call. */
export function createError({ kind, message, name, fields }: ErrorParts): Error {
  switch (kind) {
    case 'OneCopyError':
      return new OneCopyError(typeof fields['code'] === 'string' ? fields['code'] : '', message, {
        details: (fields['details'] ?? {}) as ErrorDetails,
      })
    case 'AggregateError':
      return new AggregateError([], message)
    case 'DOMException':
      return new DOMException(message, name)
    case 'AssertionError':
      return new (process.getBuiltinModule('node:assert').AssertionError)({ message })
    default: {
      const Class = Object.hasOwn(classes, kind) ? classes[kind as keyof typeof classes] : Error
      return new Class(message)
    }
  }
}
