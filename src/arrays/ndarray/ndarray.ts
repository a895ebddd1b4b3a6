/** NDArray: typed elements with a shape, and views that share them. */

import { inspect } from 'node:util'
import { OneCopyError, show } from '../../errors.ts'
import {
  type DType,
  itemSize,
  requireDType,
  type ScalarOf,
  type TypedArrayOf,
} from '../layout/dtype.ts'
import { requireOptions } from '../../options.ts'
import { copyElements } from '../layout/copy-elements.ts'
import {
  detachedError,
  type Elements,
  flatElements,
  isAttached,
  nestElements,
  requireAttached,
  zeroElements,
} from '../layout/elements.ts'
import { showElements } from '../layout/elements-text.ts'
import { requireScalar } from '../layout/scalars.ts'
import {
  broadcastStrides,
  completeShape,
  countElements,
  cStrides,
  isCContiguous,
  type Layout,
  requireOrder,
  requireShape,
  reshapeStrides,
} from '../layout/layout.ts'
import { convertElements } from '../math/convert-elements.ts'
import { extremeElements, placeElements } from '../math/extremes.ts'
import { fillElements } from '../math/fill-elements.ts'
import { isWhole, type ReduceOptions } from '../math/reduction.ts'
import { stdElements } from '../math/deviations.ts'
import { meanElements, type Reduced, type SumDType, sumElements } from '../math/sums.ts'
import type { Mapping } from '../memory/mapping.ts'
import {
  type AxisRange,
  positionOf,
  requireAxis,
  requireIndex,
  resolveRange,
  wrongCount,
} from '../layout/slices.ts'
import { type ArrayPlace, requireInside } from './array-place.ts'
import {
  type AxisOptions,
  type ConvertOptions,
  convertTypes,
  type DdofOption,
  reduceTypes,
  stdTypes,
  type WholeOptions,
} from './compute-options.ts'
import { requirePlace, valueAfterIndex } from './place-errors.ts'

/**
 * An array of numbers with a shape, like NumPy's. Views (`slice`, `rows`, `transpose` …) share
 * its memory and copy nothing; `copy()` copies.
 *
 * @example
 * ```ts
 * const X = array([[1, 2, 3], [4, 5, 6]])
 * X.column(1).set(20, 0)
 * X.toArray() // [[1, 20, 3], [4, 5, 6]]
 * X.transpose().shape // [3, 2]
 * ```
 */
export class NDArray<D extends DType = DType> implements Elements<D> {
  readonly dtype: D
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  readonly offset: number
  /** Typed array over the whole buffer; element `i, j` is `data[offset + i * strides[0] + j * strides[1]]`. */
  readonly data: TypedArrayOf<D>
  /** The mapped file or scratch memory that the elements lie in; undefined for private memory. */
  readonly mapping: Mapping | undefined
  readonly #isOwner: boolean

  /**
   * @param shape - length of each axis
   * @param dtype - type of the elements
   * @param data - memory that holds them, over a whole buffer; kept, not copied
   * @param place - strides, offset and mapping
   * @throws OneCopyError `ERR_SHAPE` when an element would lie outside `data`
   */
  constructor(shape: readonly number[], dtype: D, data: TypedArrayOf<D>, place: ArrayPlace = {}) {
    requireOrder('new NDArray', shape, { dtype, rest: ', data' })
    this.dtype = dtype
    this.data = data
    this.shape = [...requireShape(shape)]
    this.strides = place.strides ? [...place.strides] : cStrides(this.shape)
    this.offset = place.offset ?? 0
    this.mapping = place.mapping
    this.#isOwner = place.isOwner === true
    requireInside(this)
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length
  }

  /** Number of elements. */
  get size(): number {
    return countElements(this.shape)
  }

  /** Bytes of all elements, counted without gaps or repetition. */
  get nbytes(): number {
    return this.size * itemSize(this.dtype)
  }

  /** Whether the elements lie without gaps in C order. */
  get isContiguous(): boolean {
    return isCContiguous(this)
  }

  /** The buffer of `data`. */
  get buffer(): ArrayBufferLike {
    return this.data.buffer
  }

  /**
   * One element.
   *
   * @param index - one index for each axis; a negative one counts from the end
   * @throws OneCopyError `ERR_INDEX`, `ERR_DETACHED`
   */
  get(...index: readonly number[]): ScalarOf<D> {
    const value = this.data[positionOf(this, index, 'get(')]
    if (value === undefined || this.mapping?.isGone === true) throw detachedError(this)
    return value as ScalarOf<D>
  }

  /**
   * Writes one element.
   *
   * @param value - a bigint for 64-bit integers, else a number
   * @param index - one index for each axis; a negative one counts from the end
   * @throws OneCopyError `ERR_INDEX`, `ERR_DETACHED`, `ERR_DTYPE` for a number that an integer dtype can't hold;
   * TypeError when `value` has the wrong type
   */
  set(value: ScalarOf<D> | boolean, ...index: readonly number[]): void {
    if (Array.isArray(value)) throw valueAfterIndex(value, index)
    const position = positionOf(this, index, 'set(value, ')
    if (position >= this.data.length || this.mapping?.isGone === true) throw detachedError(this)
    this.data[position] = requireScalar(this.dtype, value)
  }

  /**
   * A part of the array; a view.
   *
   * @param ranges - for each axis an index (drops the axis), `[start, stop, step]`, or null for
   * all of it; axes left out are taken whole
   * @throws OneCopyError `ERR_INDEX`
   */
  slice(...ranges: readonly AxisRange[]): NDArray<D> {
    if (ranges.length > this.ndim) throw wrongCount(this.shape, ranges.length)
    const shape: number[] = []
    const strides: number[] = []
    let { offset } = this
    for (const [axis, length] of this.shape.entries()) {
      const stride = this.strides[axis]!
      const range = ranges[axis]
      if (typeof range === 'number') {
        offset += requireIndex(range, length, axis) * stride
        continue
      }
      const { start, step, count } = resolveRange(range, length)
      offset += start * stride
      shape.push(count)
      strides.push(stride * step)
    }
    // An empty view may start anywhere, but not outside the memory.
    if (countElements(shape) === 0) offset = this.offset
    return this.#view({ shape, strides, offset })
  }

  /** Rows `start` up to `stop` in steps of `step`; a view. Negative numbers count from the end. */
  rows(start?: number | null, stop?: number | null, step?: number | null): NDArray<D> {
    return this.slice([start, stop, step])
  }

  /**
   * Row `i`, without the first axis; a view.
   *
   * @throws TypeError when `i` is no number
   * @throws OneCopyError `ERR_INDEX`
   */
  row(i: number): NDArray<D> {
    return this.slice(requirePlace(i, 'row'))
  }

  /**
   * Column `j`, without the second axis; a view.
   *
   * @throws TypeError when `j` is no number
   * @throws OneCopyError `ERR_INDEX`
   */
  column(j: number): NDArray<D> {
    return this.slice(null, requirePlace(j, 'column'))
  }

  /**
   * The array with its axes in another order; a view.
   *
   * @param axes - for each new axis the old one; default: reversed
   * @throws TypeError when `axes` is no list
   * @throws OneCopyError `ERR_SHAPE` when `axes` doesn't name every axis once
   */
  transpose(
    axes: readonly number[] = this.shape.map((_, axis) => this.ndim - 1 - axis),
  ): NDArray<D> {
    if (!Array.isArray(axes))
      throw new TypeError(
        `Expected the axes as one list, as in transpose([1, 0]), got ${show(axes)}.`,
      )
    const from = axes.map((axis) => requireAxis(axis, this.ndim))
    if (from.length !== this.ndim || new Set(from).size !== this.ndim) {
      throw new OneCopyError(
        'ERR_SHAPE',
        `Expected each of ${this.ndim} axes once, got [${axes.join(', ')}].`,
      )
    }
    const shape = from.map((axis) => this.shape[axis]!)
    return this.#view({
      shape,
      strides: from.map((axis) => this.strides[axis]!),
      offset: this.offset,
    })
  }

  /**
   * The same elements, in C order, in another shape; a view.
   *
   * @param shape - lengths of the new axes; one may be -1, which takes what is left
   * @throws OneCopyError `ERR_SHAPE` when the size differs, or when only a copy could have that
   * shape (then `copy().reshape(…)`)
   */
  reshape(...shape: readonly number[]): NDArray<D> {
    const [first]: readonly unknown[] = shape
    if (Array.isArray(first))
      throw new TypeError(
        `Expected one argument for each axis, as in reshape(${first.join(', ')}), got ${show(first)}.`,
      )
    const complete = completeShape(this.shape, shape)
    const strides = reshapeStrides(this, complete)
    if (strides !== undefined) return this.#view({ shape: complete, strides, offset: this.offset })
    throw new OneCopyError(
      'ERR_SHAPE',
      `A view of shape [${this.shape.join(', ')}] and strides [${this.strides.join(', ')}] ` +
        `can't become [${complete.join(', ')}] without a copy. Use copy().reshape(…).`,
    )
  }

  /** The array with one axis running backwards; a view. */
  reversed(axis = 0): NDArray<D> {
    const turned = requireAxis(axis, this.ndim)
    return this.slice(
      ...this.shape.map((_, i): AxisRange => (i === turned ? [null, null, -1] : null)),
    )
  }

  /**
   * The array repeated to a larger shape, with stride 0; a view.
   *
   * @throws OneCopyError `ERR_SHAPE` when an axis has neither that length nor length 1
   * @see numpy.org/doc/stable/user/basics.broadcasting.html
   */
  broadcastTo(shape: readonly number[]): NDArray<D> {
    return this.#view({ shape, strides: broadcastStrides(this, shape), offset: this.offset })
  }

  /** The elements in private memory of their own, in C order. */
  copy(): NDArray<D> {
    requireAttached(this)
    const target = zeroElements(this.dtype, this.shape)
    copyElements(this, target)
    return new NDArray(this.shape, this.dtype, target.data)
  }

  /**
   * The elements as another dtype, in private memory of their own. What the dtype doesn't hold is refused; float64 to float32
   * rounds, and to bool everything but 0 is 1.
   *
   * @param dtype - of the copy
   * @param options - `rounding`
   * @throws OneCopyError `ERR_DTYPE` for a value that the dtype doesn't hold: a fraction, NaN or a number out of range for an
   *   integer; a number that overflows float32; an integer that a float holds only rounded. `ERR_DETACHED`
   */
  astype<E extends DType>(dtype: E, options: ConvertOptions = {}): NDArray<E> {
    requireOptions('astype', options, convertTypes)
    requireAttached(this)
    const to = zeroElements(requireDType(dtype) as E, this.shape)
    const advice =
      "Choose a dtype that holds every value; `rounding: 'nearest'` or 'truncate' rounds fractions."
    convertElements(this, to, { name: 'astype()', advice }, options.rounding)
    return new NDArray(this.shape, dtype, to.data)
  }

  /**
   * Writes one value to every element.
   *
   * @param value - as for {@link set}
   * @returns this array
   * @throws OneCopyError `ERR_DETACHED`, `ERR_DTYPE` for a number that an integer dtype can't hold; TypeError when `value` has
   *   the wrong type
   */
  fill(value: ScalarOf<D> | boolean): this {
    requireAttached(this)
    fillElements<D>(this, requireScalar(this.dtype, value))
    return this
  }

  /**
   * The sum of all elements, or along an axis. Integers are summed exactly: of up to 32 bits to a number, of 64 bits to a bigint.
   * Floats are summed pairwise in float64; equal values give equal bits, whatever the layout. The sum of no elements is 0.
   *
   * @param options - `axis`, `keepDims`
   * @returns a scalar, or an array (float64, or the 64-bit dtype) without the axis, in private memory
   * @throws OneCopyError `ERR_DTYPE` for a sum of integers beyond 2^53 - 1, or beyond the range of its 64-bit dtype;
   *   `ERR_SHAPE` when there is no such axis; `ERR_DETACHED`
   */
  sum(options?: WholeOptions): ScalarOf<SumDType<D>>
  sum(options: AxisOptions): NDArray<SumDType<D>>
  sum(options: ReduceOptions = {}): unknown {
    return this.#reduce('sum', options, () => sumElements(this, options))
  }

  /**
   * The mean of all elements, or along an axis, in float64; computed from the sum as {@link sum} does.
   *
   * @param options - `axis`, `keepDims`
   * @throws OneCopyError `ERR_SHAPE` for no elements, or when there is no such axis; `ERR_DETACHED`
   */
  mean(options?: WholeOptions): number
  mean(options: AxisOptions): NDArray<'float64'>
  mean(options: ReduceOptions = {}): unknown {
    return this.#reduce('mean', options, () => meanElements(this, options))
  }

  /**
   * The standard deviation of all elements, or along an axis, in float64.
   *
   * @param options - `axis`, `keepDims`, `ddof`
   * @throws OneCopyError `ERR_SHAPE` for no more elements than `ddof`, or when there is no such axis; `ERR_DETACHED`
   */
  std(options?: WholeOptions & DdofOption): number
  std(options: AxisOptions & DdofOption): NDArray<'float64'>
  std(options: ReduceOptions & DdofOption = {}): unknown {
    requireOptions('std', options, stdTypes)
    requireAttached(this)
    return this.#wrap(options, stdElements(this, options, options.ddof ?? 0))
  }

  /**
   * The least of all elements, or along an axis; NaN where there is one.
   *
   * @param options - `axis`, `keepDims`
   * @throws OneCopyError `ERR_SHAPE` for no elements, or when there is no such axis; `ERR_DETACHED`
   */
  min(options?: WholeOptions): ScalarOf<D>
  min(options: AxisOptions): NDArray<D>
  min(options: ReduceOptions = {}): unknown {
    return this.#reduce('min', options, () => extremeElements(this, options, 'min'))
  }

  /** The largest of all elements, or along an axis; else as {@link min}. */
  max(options?: WholeOptions): ScalarOf<D>
  max(options: AxisOptions): NDArray<D>
  max(options: ReduceOptions = {}): unknown {
    return this.#reduce('max', options, () => extremeElements(this, options, 'max'))
  }

  /**
   * Where the least element is: its number in C order, or along an axis, as int32. The first one of equals; the first NaN where
   * there is one.
   *
   * @param options - `axis`, `keepDims`
   * @throws OneCopyError `ERR_SHAPE` for no elements, or when there is no such axis; `ERR_DETACHED`
   */
  argmin(options?: WholeOptions): number
  argmin(options: AxisOptions): NDArray<'int32'>
  argmin(options: ReduceOptions = {}): unknown {
    return this.#reduce('argmin', options, () => placeElements(this, options, 'min'))
  }

  /** Where the largest element is; else as {@link argmin}. */
  argmax(options?: WholeOptions): number
  argmax(options: AxisOptions): NDArray<'int32'>
  argmax(options: ReduceOptions = {}): unknown {
    return this.#reduce('argmax', options, () => placeElements(this, options, 'max'))
  }

  /** All elements in C order: the memory itself when they lie without gaps, else a copy. */
  toTypedArray(): TypedArrayOf<D> {
    requireAttached(this)
    return flatElements<D>(this) ?? this.copy().data
  }

  /** All elements as nested JavaScript arrays; the bare element for no axes. */
  toArray(): unknown {
    requireAttached(this)
    return nestElements(this)
  }

  /** Goes along the first axis: rows as views, or the elements of a one-axis array. */
  *[Symbol.iterator](): Generator<NDArray<D> | ScalarOf<D>, void, undefined> {
    if (this.ndim === 0)
      throw new OneCopyError('ERR_SHAPE', "An array without axes can't be iterated.")
    for (let i = 0; i < this.shape[0]!; i++) yield this.ndim === 1 ? this.get(i) : this.row(i)
  }

  /** Dtype, shape and elements, long axes cut in the middle. */
  toString(): string {
    // Visible in a debugger or log.
    if (!isAttached(this)) return `NDArray ${this.dtype} [${this.shape.join(', ')}] (memory gone)`
    return showElements(this)
  }

  /** What `console.log` shows. */
  [inspect.custom](): string {
    return this.toString()
  }

  /**
   * Frees the memory of an array that owns it: one made by `shared()`, or a task's result that fills its shared memory.
   * The pages are freed for all threads and processes: at once, or when jobs, `saveArray()` and tasks that use the array
   * have ended. From then on this thread refuses to use the array and its views (`ERR_DETACHED`); in `data`, and
   * elsewhere, they read zeros. Does nothing on a view, an argument of a task, a file or private memory.
   */
  [Symbol.dispose](): void {
    if (this.#isOwner) this.mapping?.discard()
  }

  #reduce(name: string, options: ReduceOptions, reduce: () => Reduced): unknown {
    requireOptions(name, options, reduceTypes)
    requireAttached(this)
    return this.#wrap(options, reduce())
  }

  #wrap(options: ReduceOptions, { dtype, data, shape }: Reduced): unknown {
    return isWhole(options) ? data[0] : new NDArray(shape, dtype, data)
  }

  #view({ shape, strides, offset }: Layout): NDArray<D> {
    requireAttached(this)
    return new NDArray(shape, this.dtype, this.data, { strides, offset, mapping: this.mapping })
  }
}
