/** Turns errors into answers: a status, headers, and a text. */

import { isOneCopyError } from '../../errors.ts'
import { RequestError } from './request-error.ts'

/** How a request that failed is answered. */
export interface ErrorAnswer {
  readonly statusCode: number
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
  /** Whether it is the fault of the server, whose operator should hear of it. */
  readonly isFault: boolean
}

/** Codes of errors about the rows that were sent. */
const aboutRows = new Set(['ERR_VALUE', 'ERR_SHAPE', 'ERR_INDEX', 'ERR_ROWS', 'ERR_DTYPE'])

/** A fault is answered without its text: that may tell of what no client should see. */
export function answerTo(error: unknown): ErrorAnswer {
  if (error instanceof RequestError) {
    const { statusCode, message: text, headers } = error
    return { statusCode, text, headers, isFault: false }
  }
  if (isOneCopyError(error) && aboutRows.has(error.code))
    return { statusCode: 400, text: error.message, headers: {}, isFault: false }
  const { statusCode, message } = (error ?? {}) as { statusCode?: unknown; message?: unknown }
  // Fastify's own refusals.
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return { statusCode, text: String(message), headers: {}, isFault: false }
  const text = 'The server has failed at this request. Its log says why.'
  return { statusCode: 500, text, headers: {}, isFault: true }
}
