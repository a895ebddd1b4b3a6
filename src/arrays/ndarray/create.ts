/** Creates arrays in private memory. */

import { OneCopyError, show } from '../../errors.ts'
import { type OptionNames, requireKnown, requireNumber } from '../../options.ts'
import {
  type DType,
  dtypeOf,
  type DTypeOf,
  isBigInt,
  requireDType,
  type TypedArrayOf,
  typedArrayMaker,
} from '../layout/dtype.ts'
import { zeroElements } from '../layout/elements.ts'
import { cStrides, requireOrder, requireShape } from '../layout/layout.ts'
import { mappingOf } from '../memory/mapping.ts'
import { arrayHint } from '../layout/numpy-names.ts'
import { requireScalar } from '../layout/scalars.ts'
import { NDArray } from './ndarray.ts'

/** Nested lists of equal lengths, or a bare element. */
export type Nested = number | bigint | boolean | readonly Nested[]

/** Options of {@link array}. */
export interface ArrayOptions<D extends DType = DType> {
  /** Type of the elements; default: of the typed array, else by the values. */
  readonly dtype?: D
  /** Length of each axis; default: of the nesting, or one axis. One may be -1. */
  readonly shape?: readonly number[]
}

/**
 * Makes an array of values.
 *
 * @param values - a typed array (wrapped without a copy, also a part of a larger buffer) or nested
 * lists (copied); bigints become int64, booleans bool, other numbers float64
 * @param options - `dtype` and `shape`
 * @throws OneCopyError `ERR_SHAPE` for lists of unequal lengths or a shape of another size, `ERR_DTYPE` for a number
 * in a list that an integer dtype can't hold; TypeError for values of the wrong type
 */
export function array<T extends TypedArrayOf>(
  values: T,
  options?: Omit<ArrayOptions, 'dtype'>,
): NDArray<DTypeOf<T>>
export function array<D extends DType>(
  values: TypedArrayOf<D>,
  options?: ArrayOptions<D>,
): NDArray<D>
export function array<D extends DType = 'float64'>(
  values: Nested,
  options?: ArrayOptions<D>,
): NDArray<D>
export function array(values: Nested | TypedArrayOf, options: ArrayOptions = {}): NDArray {
  refuseArguments(values, options)
  requireKnown('array', options, arrayNames, arrayHint(arrayNames))
  const made = ArrayBuffer.isView(values)
    ? wrap(values, options.dtype)
    : fromNested(values, options.dtype)
  return options.shape === undefined ? made : made.reshape(...options.shape)
}

/** Refuses what other libraries take as the second argument: a dtype, a shape, another element. */
function refuseArguments(values: unknown, second: unknown): void {
  const isSwapped = typeof values === 'string'
  const [dtype, other] = isSwapped ? [values, second] : [second, values]
  if (typeof dtype === 'string') {
    const name = Array.isArray(other) || ArrayBuffer.isView(other) ? 'values' : '[1, 2]'
    throw new TypeError(
      `Expected ${isSwapped ? 'the values first' : 'options'}, as in array(${name}, { dtype: ${show(dtype)} }), got ${show(dtype)}.`,
    )
  }
  if (Array.isArray(second))
    throw new TypeError(
      `Expected options, as in array(values, { shape: [${second.join(', ')}] }), got ${show(second)}.`,
    )
  if (typeof values === 'number' && typeof second === 'number')
    throw new TypeError(
      `Expected the values as one list, as in array([${values}, ${second}]), got ${values} and ${second} as arguments of their own.`,
    )
}

/**
 * An array of zeros in private memory.
 *
 * @param shape - length of each axis
 * @param dtype - type of the elements; default float64
 * @throws OneCopyError `ERR_SHAPE`, `ERR_DTYPE`; TypeError when they are swapped
 */
export function zeros<D extends DType = 'float64'>(
  shape: readonly number[],
  dtype: D = 'float64' as D,
): NDArray<D> {
  requireOrder('zeros', shape, { dtype })
  const { data } = zeroElements(requireDType(dtype) as D, requireShape(shape))
  return new NDArray(shape, dtype, data)
}

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

const arrayNames: OptionNames<ArrayOptions> = { dtype: true, shape: true }
const rangeNames = { step: true, dtype: true }

function wrap(values: ArrayBufferView, dtype: DType | undefined): NDArray {
  const found = dtypeOf(values)
  const { buffer, byteOffset, byteLength } = values
  if (dtype !== undefined && dtype !== found && !(dtype === 'bool' && found === 'uint8')) {
    throw new OneCopyError(
      'ERR_DTYPE',
      `Expected memory of ${dtype}, got ${found}. Convert it first, for example with ${typedArrayMaker(dtype).name}.from(…).`,
    )
  }
  const maker = typedArrayMaker(found)
  const size = maker.BYTES_PER_ELEMENT
  const whole = byteOffset === 0 && byteLength === buffer.byteLength
  const data = whole
    ? (values as TypedArrayOf)
    : new maker(buffer, 0, Math.floor(buffer.byteLength / size))
  return new NDArray([byteLength / size], dtype ?? found, data, {
    offset: byteOffset / size,
    mapping: mappingOf(buffer),
  })
}

function fromNested(values: Nested, dtype: DType | undefined): NDArray {
  const shape = nestedShape(values)
  const result = zeros(shape, dtype ?? dtypeOfScalar(firstScalar(values)))
  let position = 0
  const where = (): string => {
    const index = cStrides(shape).map((step, axis) => Math.floor(position / step) % shape[axis]!)
    return shape.length === 0 ? '' : ` at [${index.join(', ')}]`
  }
  const fill = (level: Nested, axis: number): void => {
    if (!Array.isArray(level) && axis === shape.length) {
      result.data[position] = requireScalar(result.dtype, level, where)
      position++
      return
    }
    if (!Array.isArray(level) || axis === shape.length || level.length !== shape[axis]) {
      throw new OneCopyError(
        'ERR_SHAPE',
        `Expected lists of equal lengths [${shape.join(', ')}], got ${show(level)} on axis ${axis}.`,
      )
    }
    for (const part of level as readonly Nested[]) fill(part, axis + 1)
  }
  fill(values, 0)
  return result
}

/** The most axes of an array of nested lists, as in NumPy. */
const mostAxes = 64

/** Lengths of the first list on each level. */
function nestedShape(values: Nested): number[] {
  const lists: (readonly Nested[])[] = []
  for (let level: Nested | undefined = values; Array.isArray(level); level = lists.at(-1)![0]) {
    const list = level as readonly Nested[]
    const place = '[0]'.repeat(lists.length)
    if (lists.includes(list)) {
      throw new OneCopyError(
        'ERR_SHAPE',
        `Expected nested lists of numbers, got a list that contains itself: \`values${place}\` is \`values${'[0]'.repeat(lists.indexOf(list))}\`.`,
      )
    }
    if (lists.push(list) <= mostAxes) continue
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected lists nested at most ${mostAxes} deep, got a list at \`values${place}\`.`,
    )
  }
  return lists.map(({ length }) => length)
}

function firstScalar(values: Nested): unknown {
  let first: Nested | undefined = values
  while (Array.isArray(first)) first = (first as readonly Nested[])[0]
  return first
}

function dtypeOfScalar(value: unknown): DType {
  if (typeof value === 'bigint') return 'int64'
  return typeof value === 'boolean' ? 'bool' : 'float64'
}
