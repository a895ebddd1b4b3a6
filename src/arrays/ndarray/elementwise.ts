/** Arithmetic on arrays element by element, and choice between them. */

import { OneCopyError, show } from '../../errors.ts'
import { requireKnown } from '../../options.ts'
import { type DType, isBigInt } from '../layout/dtype.ts'
import {
  chooseElements,
  computeBigInts,
  computeNumbers,
  type Operation,
} from '../math/arithmetic.ts'
import { broadcastShapes } from '../math/broadcast.ts'
import { quotientDType } from '../math/promotion.ts'
import { NDArray } from './ndarray.ts'
import {
  elementsOf,
  joinDTypes,
  type Operand,
  requireOperand,
  requireWeakScalar,
  type ResultDType,
} from './operands.ts'
import { inputFor, type OutOptions, requireOut } from './output.ts'
import { requireArray } from './require-array.ts'

/**
 * Adds element by element. Shapes broadcast and dtypes are joined as in NumPy; a scalar takes the dtype of the array beside it.
 * Results that an integer dtype can't hold are refused; floats follow IEEE 754.
 *
 * @param a - an array or a scalar; one of the two is an array
 * @param b - an array or a scalar
 * @param options - `out`: takes the results; it may be an input, and of a wider dtype
 * @returns `out`, or a new array in private memory
 * @throws OneCopyError `ERR_SHAPE` for shapes that don't broadcast, or an `out` of another one; `ERR_DTYPE` for a result that the
 *   dtype can't hold, for 64-bit integers beside floats, for a fraction beside integers, and for bools alone; `ERR_DETACHED`;
 *   TypeError for other operands
 *
 * @example
 * ```ts
 * const X = array([[1, 2], [3, 4]])
 * add(X, array([10, 20])).toArray() // [[11, 22], [13, 24]]
 * add(X, 1, { out: X }) // in place
 * ```
 */
export function add<Out extends NDArray>(
  a: Operand,
  b: Operand,
  options: { readonly out: Out },
): Out
export function add<A extends Operand, B extends Operand>(
  a: A,
  b: B,
  options?: OutOptions<undefined>,
): NDArray<ResultDType<A, B>>
export function add(a: Operand, b: Operand, options: OutOptions = {}): NDArray {
  return compute('add', [a, b], options)
}

/** Subtracts `b` from `a` element by element; else as {@link add}. */
export function subtract<Out extends NDArray>(
  a: Operand,
  b: Operand,
  options: { readonly out: Out },
): Out
export function subtract<A extends Operand, B extends Operand>(
  a: A,
  b: B,
  options?: OutOptions<undefined>,
): NDArray<ResultDType<A, B>>
export function subtract(a: Operand, b: Operand, options: OutOptions = {}): NDArray {
  return compute('subtract', [a, b], options)
}

/** Multiplies element by element; else as {@link add}. */
export function multiply<Out extends NDArray>(
  a: Operand,
  b: Operand,
  options: { readonly out: Out },
): Out
export function multiply<A extends Operand, B extends Operand>(
  a: A,
  b: B,
  options?: OutOptions<undefined>,
): NDArray<ResultDType<A, B>>
export function multiply(a: Operand, b: Operand, options: OutOptions = {}): NDArray {
  return compute('multiply', [a, b], options)
}

/** The dtype of a quotient, where both operands have one. */
type QuotientDType<D extends DType> = [D] extends ['float32']
  ? 'float32'
  : [D] extends ['float64']
    ? 'float64'
    : 'float32' | 'float64'

/**
 * Divides `a` by `b` element by element. The quotient is a float: float32 of float32 and integers of up to 16 bits, else float64.
 * Division by 0 gives an infinity or NaN. Else as {@link add}.
 */
export function divide<Out extends NDArray>(
  a: Operand,
  b: Operand,
  options: { readonly out: Out },
): Out
export function divide<A extends Operand, B extends Operand>(
  a: A,
  b: B,
  options?: OutOptions<undefined>,
): NDArray<QuotientDType<ResultDType<A, B>>>
export function divide(a: Operand, b: Operand, options: OutOptions = {}): NDArray {
  return compute('divide', [a, b], options)
}

/**
 * Takes each element of `a` where the condition is true, else of `b`. Shapes broadcast and dtypes are joined as by {@link add};
 * two scalars give float64, two bigints int64.
 *
 * @param condition - usually bool; of another dtype every number but 0 is true
 * @param a - an array or a scalar
 * @param b - an array or a scalar
 * @param options - `out`: takes the results
 * @returns `out`, or a new array in private memory
 * @throws as {@link add}
 */
export function where<Out extends NDArray>(
  condition: NDArray,
  a: Operand,
  b: Operand,
  options: { readonly out: Out },
): Out
export function where<A extends Operand, B extends Operand>(
  condition: NDArray,
  a: A,
  b: B,
  options?: OutOptions<undefined>,
): NDArray<ResultDType<A, B>>
export function where(
  condition: NDArray,
  a: Operand,
  b: Operand,
  options: OutOptions = {},
): NDArray {
  requireKnown('where', options, outNames)
  const name = 'where()'
  const operands = [requireOperand(a, name), requireOperand(b, name)] as const
  requireOperand(requireArray(condition, 'the condition of where()'), name)
  const dtype = joinDTypes(...operands, name)
  const [left, right] = operands.map((each) => weaken(each, dtype, name)) as [Operand, Operand]
  const shape = broadcastShapes([condition, ...operands].map(shapeOf), name)
  const out = requireOut(options.out, { shape, dtype }, name)
  const text = { name, advice: 'Convert the arrays first, for example with astype().' }
  chooseElements(
    inputFor(condition, out),
    [elementsOf(left, out), elementsOf(right, out)],
    out,
    text,
  )
  return out
}

const outNames = { out: true } as const

function compute(
  operation: Operation,
  [first, second]: readonly [Operand, Operand],
  options: OutOptions,
): NDArray {
  const name = `${operation}()`
  requireKnown(operation, options, outNames)
  const operands = [requireOperand(first, name), requireOperand(second, name)] as const
  if (!operands.some((each) => each instanceof NDArray))
    throw new TypeError(
      `Expected at least one NDArray for ${name}, got ${operands.map(show).join(' and ')}.`,
    )
  const joined = joinDTypes(...operands, name)
  const isQuotient = operation === 'divide'
  if (joined === 'bool' && !isQuotient)
    throw new OneCopyError(
      'ERR_DTYPE',
      `Expected numbers for ${name}, got bool. Convert one of them first, for example with astype('uint8').`,
    )
  const [a, b] = operands.map((each) =>
    weaken(each, isQuotient && !isBigInt(joined) ? 'float64' : joined, name),
  ) as [Operand, Operand]
  const dtype = isQuotient ? dtypeOfQuotient(operands) : joined
  const shape = broadcastShapes(operands.map(shapeOf), name)
  const out = requireOut(options.out, { shape, dtype }, name)
  const inputs = [elementsOf(a, out), elementsOf(b, out)] as const
  const advice =
    'Convert the arrays first, for example with astype(), or give an `out` that holds the results.'
  if (!isQuotient && (isBigInt(dtype) || isBigInt(out.dtype)))
    computeBigInts(operation, inputs, out, { name, advice })
  else computeNumbers(operation, inputs, out, { name, advice })
  return out
}

function weaken(operand: Operand, dtype: DType, name: string): Operand {
  return operand instanceof NDArray ? operand : requireWeakScalar(operand, dtype, name)
}

function dtypeOfQuotient([a, b]: readonly [Operand, Operand]): DType {
  const [left, right] = [a, b].map((each) => (each instanceof NDArray ? each.dtype : undefined))
  return quotientDType((left ?? right)!, (right ?? left)!)
}

function shapeOf(operand: Operand): readonly number[] {
  return operand instanceof NDArray ? operand.shape : []
}
