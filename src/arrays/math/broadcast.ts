/** The shape that several shapes broadcast to. */

import { OneCopyError } from '../../errors.ts'

/**
 * The shape of an operation on arrays of these shapes: axes are matched from the last one on, and an axis of length 1 is
 * repeated.
 *
 * @param name - the function, for the error's text
 * @throws OneCopyError `ERR_SHAPE`
 * @see numpy.org/doc/stable/user/basics.broadcasting.html
 */
export function broadcastShapes(
  shapes: readonly (readonly number[])[],
  name: string,
): readonly number[] {
  const ndim = Math.max(0, ...shapes.map(({ length }) => length))
  return Array.from({ length: ndim }, (_, axis) => {
    let length = 1
    for (const shape of shapes) {
      const own = shape[axis - ndim + shape.length]
      if (own === undefined || own === 1 || own === length) continue
      if (length === 1) length = own
      else
        throw new OneCopyError(
          'ERR_SHAPE',
          `Expected shapes for ${name} whose axes from the last one on have equal lengths or length 1, got ${shapes
            .map((each) => `[${each.join(', ')}]`)
            .join(' and ')}.`,
        )
    }
    return length
  })
}
