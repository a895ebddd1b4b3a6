/** The text of `schema.json`: JSON within limits. */

import { OneCopyError } from '../errors.ts'
import { damaged } from '../zip/internal.ts'
import { schemaName } from './member-name.ts'

/** The most bytes of the text. */
export const mostSchemaBytes = 64 * 2 ** 20

/** The most lists and objects inside each other. */
const mostDepth = 1000

/** Lists and objects that any schema may have; then one for each 32 bytes, so that a short text can't need much memory. */
const freeNodes = 2 ** 17
const bytesPerNode = 32

/**
 * Writes a schema as JSON.
 *
 * @throws OneCopyError `ERR_VALUE` when it is larger or deeper than {@link parseSchema} takes
 */
export function formatSchema(schema: unknown): Buffer {
  const bytes = Buffer.from(stringify(schema))
  const fault = bytes.length === 0 ? tooLong : faultOf(bytes)
  if (fault === undefined) return bytes
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected values beside the arrays with ${fault.expected}, got ${fault.got}. Keep long lists of numbers as typed arrays.`,
    { details: fault },
  )
}

const tooLong = { expected: `at most ${mostSchemaBytes} bytes of text`, got: 'more' }

/** A value as JSON; empty when it is longer than any text. */
function stringify(schema: unknown): string {
  try {
    return JSON.stringify(schema)
  } catch (cause) {
    if (cause instanceof RangeError) return ''
    throw cause
  }
}

/**
 * Reads a schema. The text must be the one that `JSON.stringify` writes for its value: no key stands there twice, and no
 * other program can read another value.
 *
 * @throws OneCopyError `ERR_FORMAT`
 */
export function parseSchema(bytes: Buffer, path: string): unknown {
  const refuse = (field: string, expected: string, got: string | number): OneCopyError =>
    damaged({ path, member: schemaName, field, expected, got })
  const fault = faultOf(bytes)
  if (fault !== undefined) throw refuse('the text', `one with ${fault.expected}`, fault.got)
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw refuse('the text', 'JSON', reason)
  }
  if (Buffer.from(JSON.stringify(value)).equals(bytes)) return value
  throw refuse(
    'the text',
    'JSON without spaces, with each key once',
    'JSON that is written in another way',
  )
}

/** Refuses a text by its bytes, before anything of it is parsed. */
function faultOf(bytes: Uint8Array): { expected: string; got: string } | undefined {
  if (bytes.length > mostSchemaBytes)
    return { expected: `at most ${mostSchemaBytes} bytes of text`, got: `${bytes.length}` }
  const mostNodes = freeNodes + bytes.length / bytesPerNode
  let [depth, deepest, nodes] = [0, 0, 0]
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte === 0x22) i = stringEnd(bytes, i + 1)
    else if (byte === 0x5b || byte === 0x7b) {
      nodes++
      if (++depth > deepest) deepest = depth
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
  if (depth !== 0) return { expected: 'an end for each list and object', got: 'others' }
  if (deepest > mostDepth)
    return { expected: `at most ${mostDepth} lists and objects in each other`, got: `${deepest}` }
  if (nodes <= mostNodes) return undefined
  return { expected: `at most ${Math.floor(mostNodes)} lists and objects`, got: `${nodes}` }
}

/** The closing quote of a string whose text begins at `i`. */
function stringEnd(bytes: Uint8Array, i: number): number {
  let at = i
  while (at < bytes.length && bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1
  return at
}
