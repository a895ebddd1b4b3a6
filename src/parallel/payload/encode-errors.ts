/** Encodes errors: class, code, cause, own fields and stack. */

import { isOneCopyError } from '../../errors.ts'
import { createError, defineMember, errorKind, setHidden } from '../../objects/internal.ts'
import { type ErrorPlaceholder, placeholderKey } from './placeholders.ts'
import { cutStack } from './task-frames.ts'

const knownFields = new Set(['name', 'message', 'stack', 'cause', 'errors'])

/** Reads and encodes one member of an error; undefined when it can't be read or sent. */
type Attempt = (read: () => unknown) => { value: unknown } | undefined

/**
 * Starts the placeholder of an error.
 *
 * @returns the placeholder, and a function that fills in its members, called when the placeholder is known as the
 *   copy of `error`, which may stand among them
 */
export function encodeError(error: Error): {
  placeholder: ErrorPlaceholder
  fill: (attempt: Attempt) => void
} {
  const placeholder: ErrorPlaceholder = {
    [placeholderKey]: 'error',
    kind: errorKind(error),
    name: asText(error.name),
    message: asText(error.message),
    stack: stackOf(error),
    fields: {},
    hasCause: 'cause' in error,
  }
  const fill = (attempt: Attempt): void => {
    if (placeholder.hasCause) placeholder.cause = attempt(() => error.cause)?.value
    if (error instanceof AggregateError)
      placeholder.errors = attempt(() => error.errors)?.value ?? []
    for (const key of Object.keys(error)) {
      const read = (): unknown => (error as unknown as Readonly<Record<string, unknown>>)[key]
      const sent = knownFields.has(key) ? undefined : attempt(read)
      if (sent !== undefined) placeholder.fields[key] = sent.value
    }
  }
  return { placeholder, fill }
}

/** The stack as text. `Error.prepareStackTrace`, which libraries set, may have made a list of call sites of it. */
function stackOf(error: Error): string {
  const { stack }: { stack?: unknown } = error
  if (typeof stack === 'string') return cutStack(stack)
  const frames = Array.isArray(stack) ? stack.map((site) => `\n    at ${asText(site)}`) : []
  return cutStack(`${asText(error.name)}: ${asText(error.message)}${frames.join('')}`)
}

/** Users may assign any value to the fields of an error. */
function asText(value: unknown): string {
  try {
    return String(value)
  } catch {
    return ''
  }
}

/**
 * Makes the error of a placeholder: an instance of the same built-in class, or of the nearest one above the
 * error's own.
 *
 * @returns the error, and a function that fills in its members, called with how to decode them
 */
export function decodeError(placeholder: ErrorPlaceholder): {
  error: Error
  fill: (decode: (value: unknown) => unknown) => void
} {
  const error = createError(placeholder)
  if (error.name !== placeholder.name) setHidden(error, 'name', placeholder.name)
  setHidden(error, 'stack', placeholder.stack)
  const fill = (decode: (value: unknown) => unknown): void => {
    const attempt = (value: unknown): { value: unknown } | undefined => decodeKnown(decode, value)
    if (placeholder.hasCause) setHidden(error, 'cause', attempt(placeholder.cause)?.value)
    if (error instanceof AggregateError)
      error.errors = (attempt(placeholder.errors)?.value ?? []) as unknown[]
    for (const [key, value] of Object.entries(placeholder.fields)) {
      const decoded = attempt(value)
      if (decoded !== undefined) defineMember(error, key, decoded.value, true)
    }
  }
  return { error, fill }
}

/** Decodes a member; undefined when it is an instance of a class that is not known here, without which the error says enough. */
function decodeKnown(
  decode: (value: unknown) => unknown,
  value: unknown,
): { value: unknown } | undefined {
  try {
    return { value: decode(value) }
  } catch (error) {
    if (isOneCopyError(error) && error.code === 'ERR_UNSENDABLE') return undefined
    throw error
  }
}
