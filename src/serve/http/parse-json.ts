/** Parses JSON of strangers. */

import { badRequest } from './request-error.ts'

/** Lists and objects in one another; the protocol needs ten. */
const mostDepth = 32

/** Shorter texts can't nest deeply enough to matter. */
const scannedFrom = 4096

/**
 * Parses a body.
 *
 * @throws RequestError 400 for anything but JSON, and for lists in more than 32 others
 */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw badRequest('Expected a body of JSON, got none.')
  if (body.length > scannedFrom) requireShallow(body)
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error)
    throw badRequest(`Expected a body of JSON: ${reason.slice(0, 200)}.`)
  }
}

/** Each list in a list takes much more memory than its two brackets. */
function requireShallow(body: Buffer): void {
  let depth = 0
  let isText = false
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]!
    if (isText) {
      if (byte === backslash) i++
      else if (byte === quote) isText = false
    } else if (byte === quote) isText = true
    else if (byte === openList || byte === openObject) {
      if (++depth > mostDepth)
        throw badRequest(`Expected JSON of at most ${mostDepth} levels, got more.`)
    } else if (byte === closeList || byte === closeObject) depth--
  }
}

const quote = 0x22
const backslash = 0x5c
const openList = 0x5b
const closeList = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/** Tells whether a parsed value is an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a parsed value is, for error texts. */
export function showJson(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number beyond float64'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
