/** Computes shapes and strides; touches no memory. */

import { OneCopyError, show } from '../../errors.ts'
import { dtypes } from './dtype.ts'

/** Where the elements of an array lie: element `i, j` is at `offset + i * strides[0] + j * strides[1]`. */
export interface Layout {
  /** Length of each axis. */
  readonly shape: readonly number[]
  /** Step of each axis in elements; may be negative or 0. */
  readonly strides: readonly number[]
  /** Element number of the first element. */
  readonly offset: number
}

/** The most axes that an array may have, as NumPy 1 and its files allow. */
export const maxAxes = 32

/** How many elements a shape has; 1 for no axes. */
export function countElements(shape: readonly number[]): number {
  let count = 1
  for (const length of shape) count *= length
  return count
}

/**
 * Whether a shape has fewer than 2^50 elements, so that their bytes and strides are exact numbers. A
 * length of 0 doesn't hide the others.
 */
export function isCountable(shape: readonly number[]): boolean {
  let count = 1
  for (const length of shape) count *= Math.max(1, length)
  return count < 2 ** 50
}

/** Strides of a shape in C order (last axis fastest). */
export function cStrides(shape: readonly number[]): number[] {
  const strides = [...shape]
  let step = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step
    step *= Math.max(1, shape[axis]!)
  }
  return strides
}

/** Strides of a shape in Fortran order (first axis fastest). */
export function fStrides(shape: readonly number[]): number[] {
  return cStrides(shape.toReversed()).reverse()
}

/** Tells whether elements lie without gaps in C order; axes of length 1 may have any stride. */
export function isCContiguous({ shape, strides }: Layout): boolean {
  if (countElements(shape) === 0) return true
  let step = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis]!
    if (length !== 1 && strides[axis] !== step) return false
    step *= length
  }
  return true
}

/** Tells whether elements lie without gaps in Fortran order. */
export function isFContiguous({ shape, strides, offset }: Layout): boolean {
  return isCContiguous({ shape: shape.toReversed(), strides: strides.toReversed(), offset })
}

/** The smallest range `[start, stop)` of element numbers that holds all elements. */
export function extentOf({ shape, strides, offset }: Layout): [start: number, stop: number] {
  if (countElements(shape) === 0) return [offset, offset]
  let start = offset
  let stop = offset + 1
  for (const [axis, length] of shape.entries()) {
    const reach = (length - 1) * strides[axis]!
    if (reach < 0) start += reach
    else stop += reach
  }
  return [start, stop]
}

/**
 * Returns `shape` when it is a list of axis lengths with fewer than 2^50 elements.
 *
 * @throws TypeError when it is no list of numbers
 * @throws OneCopyError `ERR_SHAPE`
 */
export function requireShape(shape: unknown): readonly number[] {
  const list = typeof shape === 'number' ? [shape] : shape
  if (!Array.isArray(list)) throw new TypeError(`Expected a shape like [3, 4], got ${show(shape)}.`)
  // Not `every`, which leaves out holes.
  for (const length of list)
    if (typeof length !== 'number')
      throw new TypeError(`Expected a shape of numbers like [3, 4], got ${show(length)} in it.`)
  if (!list.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    const text = `[${list.join(', ')}]`
    throw new OneCopyError('ERR_SHAPE', `Expected axis lengths of 0 or more, got shape ${text}.`)
  }
  if (list.length > maxAxes) {
    throw new OneCopyError('ERR_SHAPE', `Expected at most ${maxAxes} axes, got ${list.length}.`)
  }
  if (!isCountable(list as readonly number[])) {
    const text = `[${list.join(', ')}]`
    throw new OneCopyError('ERR_SHAPE', `Shape ${text} has 2^50 elements or more.`)
  }
  return list as readonly number[]
}

/**
 * Refuses arguments in another order: a dtype in the place of the shape; a length or options in the place of the dtype; values,
 * or another array, in the place of the shape. The right order is NumPy's, as in `np.zeros`.
 *
 * @param name - the function that was called
 * @param shape - its first argument
 * @param call - the second argument, and arguments after it that the call needs, as text
 */
export function requireOrder(
  name: string,
  shape: unknown,
  { dtype, rest = '' }: { readonly dtype: unknown; readonly rest?: string },
): void {
  if (typeof shape === 'number' && typeof dtype === 'number')
    throw new TypeError(
      `Expected the shape as one list, as in ${name}([${shape}, ${dtype}]), got ${shape} and ${dtype} as arguments of their own.`,
    )
  if (isDType(shape)) {
    const call = `${name}([3, 4], ${show(shape)}${rest})`
    throw new TypeError(`Expected the shape before the dtype, as in ${call}, got ${show(shape)}.`)
  }
  if (isOptions(dtype)) {
    const options = 'scratch' in dtype ? ', { scratch: … }' : ''
    const call = `${name}(${shapeText(shape)}, ${dtypeText(dtype)}${options || rest})`
    throw new TypeError(`Expected the dtype as a text, as in ${call}, got ${show(dtype)}.`)
  }
  if (isOptions(shape) && 'shape' in shape) {
    const call = `${name}(${shapeText(shape.shape)}, ${dtypeText(shape)}${rest})`
    throw new TypeError(
      `Expected a shape and a dtype as arguments, as in ${call}, got ${show(shape)}.`,
    )
  }
  if (!ArrayBuffer.isView(shape) && !(Array.isArray(shape) && Array.isArray(shape[0]))) return
  throw new TypeError(
    `Expected a shape like [3, 4], got ${show(shape)}${Array.isArray(shape) ? ' that holds lists' : ''}. ` +
      'To make an array of values write array(values).',
  )
}

function isDType(value: unknown): value is string {
  return (dtypes as readonly unknown[]).includes(value)
}

function isOptions(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value)
  )
}

function shapeText(shape: unknown): string {
  return Array.isArray(shape) ? `[${shape.join(', ')}]` : '[3, 4]'
}

function dtypeText(options: object): string {
  return show('dtype' in options && isDType(options.dtype) ? options.dtype : 'float64')
}

/**
 * Strides that show `layout` in another shape without moving an element.
 *
 * @returns the strides, or undefined when only a copy can have that shape
 * @see NumPy's `_attempt_nocopy_reshape`, numpy/_core/src/multiarray/shape.c
 */
export function reshapeStrides(layout: Layout, shape: readonly number[]): number[] | undefined {
  if (isCContiguous(layout)) return cStrides(shape)
  const axes = layout.shape
    .map((length, axis) => ({ length, stride: layout.strides[axis]! }))
    .filter(({ length }) => length !== 1)
  const strides = Array.from<number>({ length: shape.length })
  let old = 0
  let next = 0
  while (next < shape.length && old < axes.length) {
    // The shortest groups of old and of new axes that hold equally many elements.
    let [oldStop, nextStop] = [old + 1, next + 1]
    let [oldCount, nextCount] = [axes[old]!.length, shape[next]!]
    while (oldCount !== nextCount) {
      if (nextCount < oldCount) nextCount *= shape[nextStop++]!
      else oldCount *= axes[oldStop++]!.length
    }
    for (let axis = old; axis < oldStop - 1; axis++) {
      const { stride } = axes[axis]!
      const inner = axes[axis + 1]!
      if (stride !== inner.stride * inner.length) return undefined
    }
    let step = axes[oldStop - 1]!.stride
    for (let axis = nextStop - 1; axis >= next; axis--) {
      strides[axis] = step
      step *= shape[axis]!
    }
    ;[old, next] = [oldStop, nextStop]
  }
  return strides.fill(1, next)
}

/**
 * Completes and checks the shape of a reshape; one axis may be -1, which takes what is left.
 *
 * @throws OneCopyError `ERR_SHAPE` when the number of elements would change
 */
export function completeShape(from: readonly number[], to: readonly number[]): readonly number[] {
  const size = countElements(from)
  const open = to.indexOf(-1)
  const rest = countElements(to.filter((_, axis) => axis !== open))
  const shape = to.map((length, axis) => (axis === open ? size / rest : length))
  if (shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    if (countElements(requireShape(shape)) === size) return shape
  }
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected a shape with ${size} elements like [${from.join(', ')}], got [${to.join(', ')}].`,
  )
}

/**
 * Strides that repeat `layout` to a larger shape, with stride 0 along repeated axes.
 *
 * @throws OneCopyError `ERR_SHAPE` when an axis has neither that length nor length 1
 * @see numpy.org/doc/stable/user/basics.broadcasting.html
 */
export function broadcastStrides(layout: Layout, to: readonly number[]): number[] {
  const shape = requireShape(to)
  const added = shape.length - layout.shape.length
  return shape.map((length, axis) => {
    const own = layout.shape[axis - added]
    if (added >= 0 && (own === undefined || (own === 1 && length !== 1))) return 0
    if (added >= 0 && own === length) return layout.strides[axis - added]!
    throw new OneCopyError(
      'ERR_SHAPE',
      `Shape [${layout.shape.join(', ')}] can't be broadcast to [${shape.join(', ')}].`,
    )
  })
}
