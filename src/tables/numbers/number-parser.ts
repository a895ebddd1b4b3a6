/** Parses decimal text exactly as `Number()` does, but faster. */

import { exactPowers, largestPower, powerHigh, powerLow, preparePower } from './powers-of-ten.ts'

/**
 * Reads one decimal number out of bytes. Something that is no digit must stand behind its last
 * digit, and at least four more bytes behind that.
 *
 * The first 18 significant digits are gathered in two integers of nine, scaled by a power of ten
 * as a sum of two doubles, and rounded once. Where the error bound does not decide the rounding,
 * or there are more digits, the number is left to `Number()`.
 *
 * @param bytes - text
 * @param view - the same bytes, for four digits at a time
 * @param start - position of the sign or first digit
 * @param out - where the number is put, so that it needs no heap
 * @param index - place in `out`
 * @param point - the byte between whole number and fraction
 * @returns position after the number; `start` when there is none, or `Number()` must decide
 * @see Dekker, "A floating-point technique for extending the available precision" (1971), for the
 * exact products; Clinger, "How to read floating point numbers accurately" (1990), for the idea
 */
export function parseNumber(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  out: Float64Array,
  index: number,
  point: number,
): number {
  let at = start
  let c = bytes[at]!
  const negative = c === minus
  if (negative || c === plus) c = bytes[++at]!

  let first = at
  while (c === zero) c = bytes[++at]!
  let high = 0
  let highDigits = 0
  let low = 0
  let lowDigits = 0
  while ((c - zero) >>> 0 <= 9) {
    if (highDigits < 9) {
      high = Math.imul(high, 10) + (c - zero)
      highDigits++
    } else {
      if (lowDigits === 9) return start
      low = Math.imul(low, 10) + (c - zero)
      lowDigits++
    }
    c = bytes[++at]!
  }

  let power = 0
  if (c === point) {
    first++
    power = ++at
    if (highDigits === 0) while (bytes[at] === zero) at++
    while (highDigits <= 5) {
      const four = fourDigits(view.getInt32(at, true))
      if (four < 0) break
      high = Math.imul(high, 10_000) + four
      highDigits += 4
      at += 4
    }
    c = bytes[at]!
    while ((c - zero) >>> 0 <= 9 && highDigits < 9) {
      high = Math.imul(high, 10) + (c - zero)
      highDigits++
      c = bytes[++at]!
    }
    if ((c - zero) >>> 0 <= 9) {
      while (lowDigits <= 5) {
        const four = fourDigits(view.getInt32(at, true))
        if (four < 0) break
        low = Math.imul(low, 10_000) + four
        lowDigits += 4
        at += 4
      }
      c = bytes[at]!
      while ((c - zero) >>> 0 <= 9) {
        if (lowDigits === 9) return start
        low = Math.imul(low, 10) + (c - zero)
        lowDigits++
        c = bytes[++at]!
      }
    }
    power -= at
  }
  if (at === first) return start

  if ((c | 0x20) === letterE) {
    c = bytes[++at]!
    const down = c === minus
    if (down || c === plus) c = bytes[++at]!
    if ((c - zero) >>> 0 > 9) return start
    let exponent = 0
    while ((c - zero) >>> 0 <= 9) {
      if (exponent < 100_000) exponent = exponent * 10 + (c - zero)
      c = bytes[++at]!
    }
    power += down ? -exponent : exponent
  }

  // 10^9 is 5^9 (21 bits) times a power of two, so nine digits times it fill 51 bits: exact.
  const whole = high * exactPowers[lowDigits]!
  const sum = whole + low
  let value: number
  if (power === 0 || highDigits === 0) value = sum
  else if (lowDigits <= 6 && power >= -22 && power <= 22) {
    value = power < 0 ? sum / exactPowers[-power]! : sum * exactPowers[power]!
  } else {
    value = scaled(sum, low - (sum - whole), power)
    if (value < 0) return start
  }
  out[index] = negative ? -value : value
  return at
}

/**
 * Reads any text that a numeric column may hold, slowly: what `Number()` takes in decimal, and
 * `inf` and `nan` as other programs write them. Hexadecimal and the like are more often identifiers.
 *
 * @param point - the byte between whole number and fraction
 * @returns the number, or undefined when the text is none
 */
export function parseNumberText(text: string, point = fullStop): number | undefined {
  const isComma = point === comma
  if (isComma && text.includes('.')) return undefined
  const trimmed = (isComma ? text.replace(',', '.') : text).trim()
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(trimmed)) return Number(trimmed)
  if (/^[+-]?nan$/i.test(trimmed)) return NaN
  if (!/^[+-]?inf(?:inity)?$/i.test(trimmed)) return undefined
  return trimmed.startsWith('-') ? -Infinity : Infinity
}

/** Whether a text of digits begins with a zero before another digit, as identifiers such as `007` do, and whole numbers don't. */
export function isIdentifier(text: string): boolean {
  return /^0\d+$/.test(text)
}

/** Whether bytes are digits alone. */
export function isDigits(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if ((bytes[at]! - zero) >>> 0 > 9) return false
  return to > from
}

/**
 * A whole number without fraction and exponent, exactly.
 *
 * @returns undefined for anything else, and for one that 64 bits don't hold, or of which the least value stands for none
 */
export function parseInteger(bytes: Uint8Array, from: number, to: number): bigint | undefined {
  const first = bytes[from] === minus || bytes[from] === plus ? from + 1 : from
  // 19 digits hold all, and zeros may stand before them.
  if (to - first > 64 || !isDigits(bytes, first, to)) return undefined
  const digits = BigInt(
    Buffer.from(bytes.buffer, bytes.byteOffset + first, to - first).toString('latin1'),
  )
  const value = bytes[from] === minus ? -digits : digits
  return value > -(2n ** 63n) && value < 2n ** 63n ? value : undefined
}

/** Whether a text is a number only with a comma as its decimal point. */
export function hasDecimalComma(text: string): boolean {
  return text.includes(',') && parseNumberText(text, comma) !== undefined
}

const zero = 0x30
const minus = 0x2d
const plus = 0x2b
/** The decimal point of most files. */
export const fullStop = 0x2e
/** The decimal point of many others. */
export const comma = 0x2c
const letterE = 0x65

/** The number in four bytes of digits (the first in the lowest byte), or -1. */
function fourDigits(word: number): number {
  // A digit is 0x30 to 0x39: its upper half is 3, and still 3 when 6 is added.
  if (((word & 0xf0f0f0f0) | (((word + 0x06060606) & 0xf0f0f0f0) >>> 4)) !== 0x33333333) return -1
  const ones = word & 0x0f0f0f0f
  const pairs = (Math.imul(ones, 10) + (ones >>> 8)) & 0x00ff00ff
  return Math.imul(pairs & 0xff, 100) + (pairs >>> 16)
}

/** 2^27 + 1: a product with it parts a double into halves of 26 bits. */
const splitter = 134_217_729

/**
 * Rounds (high + low)·10^power to the nearest double.
 *
 * @param high - at least 1
 * @param low - at most half a unit in the last place of `high`
 * @returns the nearest double, or -1 when the error bound does not decide it
 */
function scaled(high: number, low: number, power: number): number {
  if (power < -largestPower || power > largestPower) return -1
  const index = power + largestPower
  if (powerHigh[index] === 0) preparePower(power)
  const ten = powerHigh[index]!

  const product = high * ten
  let t = splitter * high
  const highUpper = t - (t - high)
  const highLower = high - highUpper
  t = splitter * ten
  const tenUpper = t - (t - ten)
  const tenLower = ten - tenUpper
  const lost =
    highUpper * tenUpper -
    product +
    highUpper * tenLower +
    highLower * tenUpper +
    highLower * tenLower +
    (high * powerLow[index]! + low * ten)
  const value = product + lost
  const rest = lost - (value - product)
  // The neglected terms stay below 2^-102 of the value: when a change by 2^-98 either way
  // rounds to the same double, so does the exact value.
  const margin = value * 2 ** -98
  return value + (rest + margin) === value && value + (rest - margin) === value ? value : -1
}
