/** Formats floats in columns, as NumPy prints them. */

/** Most digits after the point. */
const precision = 8

/**
 * A function that gives each of `values` a text of one width.
 *
 * @param values - float64, or float32 with `isSingle`, whose digits are as many as tell float32 numbers apart
 * @see `FloatingFormat` of NumPy 2.4, numpy/_core/arrayprint.py; older versions show float32 up to 1e8 without exponents
 */
export function floatFormat(
  values: readonly number[],
  isSingle: boolean,
): (value: number) => string {
  const finite = values.filter(Number.isFinite)
  const isScientific = needsExponent(finite, isSingle)
  const parts = finite.map((value) => partsOf(value, isSingle, isScientific))
  const fraction = Math.max(0, ...parts.map((part) => part.fraction.length))
  const exponent = Math.max(0, ...parts.map((part) => part.exponent.length))
  // `e`, its sign and its digits.
  const right = fraction + (isScientific ? exponent + 2 : 0)
  let left = Math.max(0, ...parts.map((part) => part.whole.length))
  if (finite.length < values.length) {
    const special = Math.max(
      ...values
        .filter((value) => !Number.isFinite(value))
        .map((value) => specialText(value).length),
    )
    left = Math.max(left, special - right - 1)
  }
  return (value) => {
    if (!Number.isFinite(value)) return specialText(value).padStart(left + right + 1)
    const part = partsOf(value, isSingle, isScientific)
    if (!isScientific)
      return `${part.whole.padStart(left)}.${part.fraction}`.padEnd(left + right + 1)
    // Digits beyond those that tell numbers apart are those of the number itself.
    const mantissa =
      part.fraction.length < fraction
        ? toExponentialEven(value, fraction).split('e')[0]!
        : `${part.whole}.${part.fraction}`
    const power = `e${part.sign}${part.exponent.padStart(exponent, '0')}`
    return `${mantissa.padStart(left + fraction + 1)}${power}`
  }
}

/** One float by itself, as NumPy prints a scalar. */
export function floatText(value: number, isSingle: boolean): string {
  if (!Number.isFinite(value)) return specialText(value)
  const size = Math.abs(value)
  const digits = shortestDigits(value, isSingle)
  if (size !== 0 && (size < 1e-4 || size >= (isSingle ? 1e6 : 1e16))) {
    const [mantissa, exponent] = Number(digits).toExponential().split('e') as [string, string]
    return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
  }
  const text = positional(digits)
  return text.includes('.') ? text : `${text}.0`
}

function specialText(value: number): string {
  return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf'
}

/** Exponents are shown for large and small numbers, and where the largest is more than 1000 times the least. */
function needsExponent(finite: readonly number[], isSingle: boolean): boolean {
  const sizes = finite.map(Math.abs).filter((size) => size !== 0)
  if (sizes.length === 0) return false
  const round = isSingle ? Math.fround : Number
  const [least, largest] = [Math.min(...sizes), Math.max(...sizes)]
  return largest >= (isSingle ? 1e6 : 1e8) || least < round(0.0001) || round(largest / least) > 1000
}

/** The digits of a number before and after the point, and of its exponent. */
interface Parts {
  readonly whole: string
  readonly fraction: string
  readonly sign: string
  readonly exponent: string
}

function partsOf(value: number, isSingle: boolean, isScientific: boolean): Parts {
  const digits = shortestDigits(value, isSingle)
  if (!isScientific) {
    const [whole = '', fraction = ''] = positional(digits).split('.')
    const kept = fraction.length > precision ? toFixedEven(value) : `${whole}.${fraction}`
    const [left = '', right = ''] = kept.split('.')
    return { whole: left, fraction: trimZeros(right), sign: '', exponent: '' }
  }
  const shortest = exponential(digits)
  const mantissa = shortest.split('e')[0]!.split('.')[1] ?? ''
  const text = mantissa.length > precision ? toExponentialEven(value, precision) : shortest
  const [number, power] = text.split('e') as [string, string]
  const [left = '', right = ''] = number.split('.')
  return {
    whole: left,
    fraction: trimZeros(right),
    sign: power[0]!,
    exponent: power.slice(1).padStart(2, '0'),
  }
}

function trimZeros(digits: string): string {
  return digits.replace(/0+$/, '')
}

/** The fewest digits that tell a number from its neighbours, as a JavaScript number writes them. */
function shortestDigits(value: number, isSingle: boolean): string {
  if (Object.is(value, -0)) return '-0'
  if (!isSingle || value === 0) return String(value)
  for (let count = 1; count < 9; count++) {
    const digits = toExponentialEven(value, count - 1)
    if (Math.fround(Number(digits)) === value) return String(Number(digits))
  }
  return String(Number(toExponentialEven(value, 8)))
}

/** A number's text without an exponent. */
function positional(text: string): string {
  const [number, power] = text.split('e') as [string, string?]
  if (power === undefined) return number
  const sign = number.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = number.replace('-', '').split('.')
  const point = whole.length + Number(power)
  const digits = whole + fraction
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return sign + digits.padEnd(point, '0')
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

function exponential(text: string): string {
  return text === '-0' ? '-0e+0' : Number(text).toExponential()
}

/** `toFixed(8)`, but a number halfway between two goes to the even digit, as in NumPy. */
function toFixedEven(value: number): string {
  // Halfway numbers have exactly nine digits after the point.
  const exact = Number.isInteger(value * 2 ** 9) ? value.toFixed(precision + 1) : ''
  return halfToEven(exact, '') ?? value.toFixed(precision)
}

/** `toExponential(count)` with halves to even. */
function toExponentialEven(value: number, count: number): string {
  const rounded = `${Object.is(value, -0) ? '-' : ''}${value.toExponential(count)}`
  const text = rounded.includes('.') ? rounded : rounded.replace('e', '.e')
  const [digits, power] = value.toExponential(manyDigits).split('e') as [string, string]
  const stop = digits.indexOf('.') + count + 2
  const isExact = value !== 0 && /^0*$/.test(digits.slice(stop))
  return (isExact ? halfToEven(digits.slice(0, stop), `e${power}`) : undefined) ?? text
}

/** More digits than a number needs that is halfway between two texts. */
const manyDigits = 60

/** The text without its last digit when that is a 5 after an even one, which rounding would make odd; else undefined. */
function halfToEven(exact: string, power: string): string | undefined {
  return /[02468]5$/.test(exact) ? exact.slice(0, -1) + power : undefined
}
