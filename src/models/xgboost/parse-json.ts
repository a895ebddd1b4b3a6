/** Parses XGBoost's JSON, which has numbers that JSON lacks. */

import { OneCopyError } from '../../errors.ts'

/**
 * Parses a model file. NaN and infinities, which XGBoost writes as such, become null.
 *
 * @throws OneCopyError `ERR_FORMAT`
 */
export function parseJson(path: string, bytes: Buffer): unknown {
  const isJson = /^\s*\{\s*("|\})/.test(bytes.toString('latin1', 0, 64))
  if (!isJson) {
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected ${path} to be XGBoost's JSON or UBJSON model, got another format. Save it by \`booster.save_model('model.json')\`.`,
      { details: { path } },
    )
  }
  const text = bytes.toString('utf8')
  try {
    return JSON.parse(/NaN|Infinity/.test(text) ? withoutSpecial(text) : text)
  } catch (cause) {
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected ${path} to be XGBoost's JSON model, got text that is no JSON: ${(cause as Error).message}. The file is damaged.`,
      { cause, details: { path } },
    )
  }
}

/** Replaces NaN and infinities outside texts. */
function withoutSpecial(text: string): string {
  const parts: string[] = []
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at)
    const end = quote === -1 ? text.length : quote
    parts.push(text.slice(at, end).replaceAll(/\bNaN\b|-?\bInfinity\b/g, 'null'))
    at = quote === -1 ? end : endOfText(text, quote)
    parts.push(text.slice(end, at))
  }
  return parts.join('')
}

/** Where a quoted text ends, behind its quote. */
function endOfText(text: string, quote: number): number {
  for (let at = quote + 1; ;) {
    const end = text.indexOf('"', at)
    if (end === -1) return text.length
    let slashes = 0
    while (text[end - 1 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return end + 1
    at = end + 1
  }
}
