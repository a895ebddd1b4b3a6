/** Arrays of every dtype in every layout, and their elements as plain lists. */

import * as fc from 'fast-check'
import {
  array,
  type AxisRange,
  type DType,
  dtypes,
  NDArray,
  shared,
  type TypedArrayOf,
} from '../../../src/arrays/index.ts'
import { typedArrayMaker } from '../../../src/arrays/internal.ts'
import { coordinatesOf } from '../view-oracle.ts'

/** The least and largest element of each integer dtype. */
export const ranges: Readonly<Partial<Record<DType, readonly [bigint, bigint]>>> = {
  bool: [0n, 1n],
  int8: [-128n, 127n],
  int16: [-32768n, 32767n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint8: [0n, 255n],
  uint16: [0n, 65535n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
}

/** Elements of a dtype: small ones, the ends of its range, and for floats NaN, infinities and -0. */
export function elementsFor(dtype: DType): fc.Arbitrary<number | bigint> {
  const range = ranges[dtype]
  const form = (value: bigint): number | bigint => (dtype.endsWith('64') ? value : Number(value))
  if (range !== undefined) {
    const [low, high] = range
    const small = { min: low < -9n ? -9n : low, max: high > 9n ? 9n : high }
    return fc
      .oneof(
        { weight: 4, arbitrary: fc.bigInt(small) },
        fc.bigInt({ min: low, max: high }),
        fc.constantFrom(low, high),
      )
      .map(form)
  }
  const special = fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 0.5, 2.5, -1.5)
  const plain = fc.double({ noNaN: true, min: -1e6, max: 1e6 })
  const values = fc.oneof(
    { weight: 6, arbitrary: plain },
    { weight: 3, arbitrary: fc.integer({ min: -300, max: 300 }) },
    special,
  )
  return dtype === 'float32' ? values.map(Math.fround) : values
}

const step = fc.record({
  kind: fc.constantFrom('transpose', 'reversed', 'stepped', 'cut', 'repeat', 'none'),
  axis: fc.nat(3),
})

/** A view of fresh elements: transposed, reversed, stepped, cut or repeated with stride 0; private or shared memory. */
export function viewsOf(
  dtype: DType,
  {
    shapes = anyShape,
    values = elementsFor(dtype),
  }: {
    readonly shapes?: fc.Arbitrary<number[]>
    readonly values?: fc.Arbitrary<number | bigint>
  } = {},
): fc.Arbitrary<NDArray> {
  return fc
    .record({
      shape: shapes,
      values: fc.array(values, { minLength: 1, maxLength: 64 }),
      steps: fc.array(step, { maxLength: 3 }),
      isShared: fc.boolean(),
    })
    .map(({ shape, values: some, steps, isShared }) => {
      const size = shape.reduce((a, b) => a * b, 1)
      const data = new (typedArrayMaker(dtype))(size) as TypedArrayOf
      for (let i = 0; i < size; i++) data[i] = some[(i * 7 + (i >> 3)) % some.length]!
      let base: NDArray = new NDArray(shape, dtype, data)
      if (isShared) {
        const copy = shared(shape, dtype)
        for (const index of coordinatesOf(shape)) copy.set(base.get(...index), ...index)
        base = copy
      }
      return steps.reduce(applyStep, base)
    })
}

const anyShape = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 })

function applyStep(
  view: NDArray,
  { kind, axis: number }: { readonly kind: string; readonly axis: number },
): NDArray {
  if (view.ndim === 0) return view
  const axis = number % view.ndim
  const only = (range: AxisRange): AxisRange[] =>
    view.shape.map((_, i) => (i === axis ? range : null))
  if (kind === 'transpose') return view.transpose()
  if (kind === 'reversed') return view.reversed(axis)
  if (kind === 'stepped') return view.slice(...only([null, null, 2]))
  if (kind === 'cut') return view.slice(...only([1]))
  if (kind === 'repeat')
    return view.slice(...only([0, 1])).shape[axis] === 1
      ? view.slice(...only([0, 1])).broadcastTo(view.shape.with(axis, 3))
      : view
  return view
}

/** Any dtype. */
export const anyDType = fc.constantFrom(...dtypes)

/** Views of any dtype. */
export const anyView = anyDType.chain((dtype) => viewsOf(dtype))

/** All elements in C order. */
export function listOf(view: NDArray): (number | bigint)[] {
  return coordinatesOf(view.shape).map((index) => view.get(...index))
}

/** For each result of a reduction along an axis, in C order, the elements that are joined. */
export function groupsOf(view: NDArray, axis: number | undefined): (number | bigint)[][] {
  if (axis === undefined) return [listOf(view)]
  return coordinatesOf(view.shape.toSpliced(axis, 1)).map((index) =>
    Array.from({ length: view.shape[axis]! }, (_, i) => view.get(...index.toSpliced(axis, 0, i))),
  )
}

/** The elements of an array, or of a bare scalar. */
export function resultsOf(result: unknown): (number | bigint)[] {
  return result instanceof NDArray ? listOf(result) : [result as number]
}

/** A vector of many elements, which begins at an odd place in memory. */
export function longVector(length: number, value: (i: number) => number): NDArray<'float64'> {
  const data = new Float64Array(length + 1)
  for (let i = 0; i < length; i++) data[i + 1] = value(i)
  return array(data).slice([1])
}
