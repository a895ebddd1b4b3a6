/** Creates arrays in private memory. */

import { OneCopyError, show } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import {
  type DType,
  dtypeOf,
  type DTypeOf,
  isBigInt,
  requireDType,
  type ScalarOf,
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

/** Options of {@link zeros}, {@link ones} and {@link full}. */
export interface DTypeOption<D extends DType = DType> {
  /** Type of the elements. */
  readonly dtype?: D | undefined
}

/**
 * An array of zeros in private memory.
 *
 * @param shape - length of each axis
 * @param options - `dtype` (default float64); the dtype alone will do
 * @throws OneCopyError `ERR_SHAPE`, `ERR_DTYPE`; TypeError when they are swapped
 */
export function zeros<D extends DType = 'float64'>(
  shape: readonly number[],
  options: DTypeOption<D> | D = {},
): NDArray<D> {
  return makeFilled('zeros', shape, options, 'float64' as D)
}

/**
 * An array of ones in private memory.
 *
 * @param shape - length of each axis
 * @param options - `dtype` (default float64); the dtype alone will do
 * @throws OneCopyError `ERR_SHAPE`, `ERR_DTYPE`; TypeError when they are swapped
 */
export function ones<D extends DType = 'float64'>(
  shape: readonly number[],
  options: DTypeOption<D> | D = {},
): NDArray<D> {
  const made = makeFilled('ones', shape, options, 'float64' as D)
  return made.fill((isBigInt(made.dtype) ? 1n : 1) as ScalarOf<D>)
}

/**
 * An array of one value in private memory.
 *
 * @param shape - length of each axis
 * @param value - every element
 * @param options - `dtype` (default: int64 for a bigint, bool for a boolean, else float64); the dtype alone will do
 * @throws OneCopyError `ERR_SHAPE`, `ERR_DTYPE` also for a number that an integer dtype can't hold; TypeError for a value of the
 *   wrong type
 */
export function full<D extends DType>(
  shape: readonly number[],
  value: ScalarOf<D> | boolean,
  options: (DTypeOption<D> & { readonly dtype: D }) | D,
): NDArray<D>
export function full<V extends number | bigint | boolean>(
  shape: readonly number[],
  value: V,
  options?: { readonly dtype?: undefined },
): NDArray<V extends bigint ? 'int64' : V extends boolean ? 'bool' : 'float64'>
export function full(
  shape: readonly number[],
  value: number | bigint | boolean,
  options: DTypeOption | DType = {},
): NDArray {
  if (!['number', 'bigint', 'boolean'].includes(typeof value))
    throw new TypeError(
      `Expected a value after the shape, as in full([3, 4], 1), got ${show(value)}.`,
    )
  return makeFilled('full', shape, options, dtypeOfScalar(value)).fill(value)
}

function makeFilled<D extends DType>(
  name: string,
  shape: readonly number[],
  options: DTypeOption<D> | D,
  otherwise: D,
): NDArray<D> {
  const isForm = typeof options === 'object' && options !== null && !Array.isArray(options)
  if (isForm) requireKnown<DTypeOption>(name, options, dtypeNames, arrayHint(dtypeNames))
  const dtype = (isForm ? options.dtype : (options as D)) ?? otherwise
  requireOrder(name, shape, { dtype })
  const { data } = zeroElements(requireDType(dtype) as D, requireShape(shape))
  return new NDArray(shape, dtype, data)
}

const dtypeNames: OptionNames<DTypeOption> = { dtype: true }
const arrayNames: OptionNames<ArrayOptions> = { dtype: true, shape: true }

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
