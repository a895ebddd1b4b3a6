/** Texts that mean "no value", found by their bytes. */

import { Dictionary, hashBytes, unknown } from '../columns/dictionary.ts'
import { parseNumberText } from '../numbers/number-parser.ts'
import { isBlank } from './split-row.ts'

/** Tells which fields have no value. */
export class MissingTexts {
  /** Whether some of them read as numbers, so that a number may be no value. */
  readonly hasNumbers: boolean
  readonly #texts = new Dictionary()

  /**
   * @param texts - without blanks around them
   * @param decimal - the byte between whole number and fraction
   */
  constructor(texts: Iterable<string>, decimal: number) {
    let hasNumbers = false
    for (const text of texts) {
      const bytes = Buffer.from(text)
      this.#texts.add(bytes, 0, bytes.length, hashBytes(bytes, 0, bytes.length))
      if (!Number.isNaN(parseNumberText(text, decimal) ?? NaN)) hasNumbers = true
    }
    this.hasNumbers = hasNumbers
  }

  /** Whether a field means "no value"; blanks around it don't count. */
  includes(bytes: Uint8Array, start: number, stop: number): boolean {
    let from = start
    let to = stop
    while (from < to && isBlank(bytes[from]!)) from++
    while (from < to && isBlank(bytes[to - 1]!)) to--
    return this.#texts.find(bytes, from, to, hashBytes(bytes, from, to)) !== unknown
  }
}
