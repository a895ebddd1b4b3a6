/** Writes one value to all elements. */

import type { DType, ScalarOf, TypedArrayOf } from '../layout/dtype.ts'
import type { Elements } from '../layout/elements.ts'
import { countElements } from '../layout/layout.ts'
import { mergeAxes } from './merge-axes.ts'

/** Writes a value, which the dtype holds, to every element. */
export function fillElements<D extends DType>(elements: Elements<D>, value: ScalarOf<D>): void {
  const { shape, strides, offset } = mergeAxes(elements)
  if (countElements(shape) > 0) fillAxes(elements.data, value, { shape, strides, offset })
}

function fillAxes(
  data: TypedArrayOf,
  value: number | bigint,
  {
    shape,
    strides,
    offset,
  }: {
    readonly shape: readonly number[]
    readonly strides: readonly number[]
    readonly offset: number
  },
): void {
  const [length = 1, ...inner] = shape
  const [stride = 1, ...innerStrides] = strides
  if (inner.length > 0) {
    for (let i = 0; i < length; i++)
      fillAxes(data, value, { shape: inner, strides: innerStrides, offset: offset + i * stride })
  } else if (stride === 1) {
    ;(data as Float64Array).fill(value as number, offset, offset + length)
  } else {
    for (let i = 0; i < length; i++) data[offset + i * stride] = value
  }
}
