/** Creates arrays of evenly spaced numbers. */

import { OneCopyError, show } from '../../errors.ts'
import { requireKnown, requireNumber } from '../../options.ts'
import { type DType, isBigInt, typedArrayMaker } from '../layout/dtype.ts'
import { arrayHint } from '../layout/numpy-names.ts'
import { requireScalar } from '../layout/scalars.ts'
import { zeros } from './create.ts'
import type { NDArray } from './ndarray.ts'

/**
 * The numbers from `start` up to, not including, `stop`.
 *
 * @param start - first number
 * @param stop - end, not included
 * @param options - `step` (default 1, may be negative) and `dtype` (default float64)
 * @throws OneCopyError `ERR_SHAPE` when the step is 0 or not finite, `ERR_DTYPE` when an integer dtype does
 * not hold the numbers; TypeError for other types
 */
export function arange<D extends DType = 'float64'>(
  start: number,
  stop: number,
  options: { readonly step?: number; readonly dtype?: D } = {},
): NDArray<D> {
  if (typeof options === 'string' || typeof options === 'number') {
    const way = `${typeof options === 'string' ? 'dtype' : 'step'}: ${show(options)}`
    throw new TypeError(
      `Expected options, as in arange(${start}, ${stop}, { ${way} }), got ${show(options)}.`,
    )
  }
  requireKnown('arange', options, rangeNames, arrayHint(rangeNames))
  const { step = 1, dtype = 'float64' as D } = options
  requireNumber('start', start)
  // NumPy's arange(5) is a frequent slip.
  if (stop === undefined && typeof start === 'number')
    throw new TypeError(
      `Expected \`start\` and \`stop\`, as in arange(0, ${start}), got only ${start}.`,
    )
  requireNumber('stop', stop)
  requireNumber('step', step)
  const length = Math.max(0, Math.ceil((stop - start) / step))
  if (!Number.isSafeInteger(length)) {
    throw new OneCopyError('ERR_SHAPE', `No finite range from ${start} to ${stop} by ${step}.`)
  }
  const result = zeros([length], dtype)
  if (length === 0) return result
  const last = start + (length - 1) * step
  requireHeld(dtype, start, start)
  requireHeld(dtype, start, step)
  requireHeld(dtype, last, last)
  if (isBigInt(dtype)) {
    const [first, by] = [BigInt(start), BigInt(step)]
    for (let i = 0; i < length; i++) result.data[i] = first + BigInt(i) * by
  } else {
    for (let i = 0; i < length; i++) result.data[i] = requireScalar(dtype, start + i * step)
  }
  return result
}

/**
 * Refuses numbers that an integer dtype would cut or wrap around.
 *
 * @param value - a member of the range, or would-be member
 * @param given - what the error names: the start, step or last number
 */
function requireHeld(dtype: DType, value: number, given: number): void {
  if (dtype === 'bool' || dtype.startsWith('float')) return
  const one = new (typedArrayMaker(dtype))(1)
  if (Number.isInteger(given)) one[0] = isBigInt(dtype) ? BigInt(value) : value
  const isHeld = Number.isInteger(given) && Number(one[0]) === value
  if (isHeld) return
  throw new OneCopyError(
    'ERR_DTYPE',
    `Expected numbers that ${dtype} holds, got ${given}. Choose another dtype for this range, such as float64.`,
  )
}

const rangeNames = { step: true, dtype: true }

/**
 * Numbers at equal distances from `start` to `stop`.
 *
 * @param start - first number
 * @param stop - last number, or the end without `endpoint`
 * @param count - how many
 * @param options - `endpoint` (default true: `stop` is the last number) and `dtype` (default float64)
 * @throws OneCopyError `ERR_SHAPE` when `count` is no whole number or a bound is not finite, `ERR_DTYPE` when an integer dtype does
 *   not hold the numbers; TypeError for other types
 * @see numpy.org/doc/stable/reference/generated/numpy.linspace.html
 */
export function linspace<D extends DType = 'float64'>(
  start: number,
  stop: number,
  count: number,
  options: { readonly endpoint?: boolean; readonly dtype?: D } = {},
): NDArray<D> {
  if (typeof options === 'string')
    throw new TypeError(
      `Expected options, as in linspace(${start}, ${stop}, ${count}, { dtype: ${show(options)} }), got ${show(options)}.`,
    )
  requireKnown('linspace', options, spaceNames, arrayHint(spaceNames))
  const { endpoint = true, dtype = 'float64' as D } = options
  if (typeof endpoint !== 'boolean')
    throw new TypeError(`Expected \`endpoint\` to be true or false, got ${show(endpoint)}.`)
  for (const [name, value] of Object.entries({ start, stop, count })) requireNumber(name, value)
  const span = stop - start
  if (!Number.isSafeInteger(count) || count < 0 || !Number.isFinite(span))
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected a finite range and a whole number of elements for linspace(), got ${count} from ${start} to ${stop}.`,
    )
  const result = zeros([count], { dtype })
  const parts = endpoint ? count - 1 : count
  const step = span / parts
  for (let i = 0; i < count; i++) {
    // As NumPy does it, so that the bits are the same; a step that underflows to 0 is applied in two steps.
    const way = parts < 1 ? i * span : step === 0 ? (i / parts) * span : i * step
    const value = endpoint && i > 0 && i === count - 1 ? stop : start + way
    result.data[i] = requireScalar(dtype, isBigInt(dtype) ? requireWhole(value) : value)
  }
  return result
}

const spaceNames = { endpoint: true, dtype: true }

function requireWhole(value: number): bigint {
  if (Number.isInteger(value)) return BigInt(value)
  throw new OneCopyError(
    'ERR_DTYPE',
    `Expected whole numbers for a 64-bit integer dtype in linspace(), got ${value}. Choose float64.`,
  )
}
