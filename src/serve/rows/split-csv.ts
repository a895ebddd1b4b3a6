/** Splits the text of a CSV file into fields. */

import { badRequest } from '../http/request-error.ts'

/**
 * Splits rows at line ends and fields at commas; a field in quotes may hold both, and quotes twice. Empty lines are no rows.
 *
 * @throws RequestError 400 for a quote that is not closed, and for text behind one
 * @see RFC 4180
 */
export function splitCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  // A mark of the byte order, as Excel writes it.
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  while (at <= text.length) {
    let field: string
    const isQuoted = text[at] === '"'
    if (isQuoted) {
      const closing = closingQuote(text, at)
      if (closing < 0)
        throw badRequest(`Expected a closing quote in row ${rows.length} of the CSV, got none.`)
      field = text.slice(at + 1, closing).replaceAll('""', '"')
      at = closing + 1
    } else {
      const end = fieldEnd(text, at)
      field = text.slice(at, end)
      at = end
    }
    row.push(field)
    const mark = text[at]
    if (mark === ',') {
      at++
      continue
    }
    if (mark !== undefined && mark !== '\n' && mark !== '\r')
      throw badRequest(
        `Expected a comma or a line end behind the quote in row ${rows.length} of the CSV, got '${mark}'.`,
      )
    if (row.length > 1 || row[0] !== '' || isQuoted) rows.push(row)
    row = []
    at += mark === '\r' && text[at + 1] === '\n' ? 2 : 1
  }
  return rows
}

/** The quote that ends a field: one that is not written twice. */
function closingQuote(text: string, open: number): number {
  let at = open + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0 || text[quote + 1] !== '"') return quote
    at = quote + 2
  }
}

function fieldEnd(text: string, start: number): number {
  let at = start
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === comma || code === lineFeed || code === carriageReturn) break
  }
  return at
}

const comma = 0x2c
const lineFeed = 0x0a
const carriageReturn = 0x0d
