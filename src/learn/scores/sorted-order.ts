/** The order of numbers by size. */

import { bitsOf, lowerKey, upperKey } from '../statistics/float-keys.ts'

/** Bits that are sorted by in one pass, and their number of values. */
const digitBits = 11
const digits = 1 << digitBits
const mask = digits - 1

/** Where each digit begins in the lower or upper 32 bits; the last one of each has 10 bits. */
const shifts = [0, digitBits, 2 * digitBits] as const

/** Keys of values by their places, and the positions of the values. */
interface Keyed {
  readonly lower: Uint32Array
  readonly upper: Uint32Array
  readonly positions: Uint32Array
}

/**
 * Positions of values from the least to the greatest; equal ones keep their order, and minus zero is zero. A radix sort of the bits:
 * up to six passes, fewer where digits are all the same, in scratch of 24 bytes for each value.
 *
 * @param values - without NaN; read only
 */
export function sortedOrder(values: Float64Array): Uint32Array {
  const n = values.length
  let from = withKeys(n)
  const counts = readKeys(values, from)
  let to = withKeys(n)
  for (let pass = 0; pass < 2 * shifts.length; pass++) {
    const places = counts.subarray(pass * digits, (pass + 1) * digits)
    const shift = shifts[pass % shifts.length]!
    const keys = pass < shifts.length ? from.lower : from.upper
    if (n === 0 || places[(keys[0]! >>> shift) & mask] === n) continue
    startPlaces(places)
    // Lower keys are not needed any more after their last pass.
    if (pass < shifts.length) moveWithLower(from, to, shift, places)
    else moveWithUpper(from, to, shift, places)
    ;[from, to] = [to, from]
  }
  return from.positions
}

function withKeys(n: number): Keyed {
  return {
    lower: new Uint32Array(n),
    upper: new Uint32Array(n),
    positions: new Uint32Array(n),
  }
}

/** Writes the keys of all values; returns how often each digit has each value, of all digits. */
function readKeys(values: Float64Array, { lower, upper, positions }: Keyed): Uint32Array {
  const bits = bitsOf(values)
  const counts = new Uint32Array(2 * shifts.length * digits)
  for (let i = 0; i < values.length; i++) {
    const low = lowerKey(bits, i)
    const high = upperKey(bits, i)
    lower[i] = low
    upper[i] = high
    positions[i] = i
    counts[low & mask]!++
    counts[digits + ((low >>> digitBits) & mask)]!++
    counts[2 * digits + (low >>> (2 * digitBits))]!++
    counts[3 * digits + (high & mask)]!++
    counts[4 * digits + ((high >>> digitBits) & mask)]!++
    counts[5 * digits + (high >>> (2 * digitBits))]!++
  }
  return counts
}

/** Turns counts into the places where each digit begins. */
function startPlaces(counts: Uint32Array): void {
  let sum = 0
  for (let digit = 0; digit < digits; digit++) {
    const count = counts[digit]!
    counts[digit] = sum
    sum += count
  }
}

function moveWithLower(from: Keyed, to: Keyed, shift: number, places: Uint32Array): void {
  const { lower, upper, positions } = from
  const { lower: lowerTo, upper: upperTo, positions: positionsTo } = to
  for (let i = 0; i < lower.length; i++) {
    const low = lower[i]!
    const place = places[(low >>> shift) & mask]!++
    lowerTo[place] = low
    upperTo[place] = upper[i]!
    positionsTo[place] = positions[i]!
  }
}

function moveWithUpper(from: Keyed, to: Keyed, shift: number, places: Uint32Array): void {
  const { upper, positions } = from
  const { upper: upperTo, positions: positionsTo } = to
  for (let i = 0; i < upper.length; i++) {
    const high = upper[i]!
    const place = places[(high >>> shift) & mask]!++
    upperTo[place] = high
    positionsTo[place] = positions[i]!
  }
}
