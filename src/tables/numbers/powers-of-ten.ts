/** Powers of ten as sums of two doubles, good to 106 bits. */

/** The largest exponent in the table, of either sign; no product with it leaves the normal range. */
export const largestPower = 250

/** 10^(index - largestPower), rounded to a double; 0 until {@link preparePower} was called. */
export const powerHigh = new Float64Array(2 * largestPower + 1)

/** What {@link powerHigh} lacks. */
export const powerLow = new Float64Array(2 * largestPower + 1)

/** Powers that a double holds exactly: 10^0 to 10^22. */
export const exactPowers = Float64Array.from({ length: 23 }, (_, exponent) =>
  Number(`1e${exponent}`),
)

/** Fills the entry of 10^exponent; a file needs only a few, so they are made on first use. */
export function preparePower(exponent: number): void {
  const high = Number(`1e${exponent}`)
  powerHigh[exponent + largestPower] = high
  powerLow[exponent + largestPower] =
    exponent < 0
      ? shortfallOfFraction(high, -exponent)
      : Number(10n ** BigInt(exponent) - BigInt(high))
}

/** 10^-exponent - high. With high = m / 2^s this is (2^s - m·10^exponent) / (2^s·10^exponent). */
function shortfallOfFraction(high: number, exponent: number): number {
  const [bits = 0n] = new BigUint64Array(Float64Array.of(high).buffer)
  const shift = 1075n - (bits >> 52n)
  const mantissa = (bits & ((1n << 52n) - 1n)) | (1n << 52n)
  const power = 10n ** BigInt(exponent)
  const numerator = (1n << shift) - mantissa * power
  return Number((numerator << 64n) / power) * 2 ** -64 * 2 ** -Number(shift)
}
