/** Which dtype an operation on two dtypes has. */

import { OneCopyError } from '../../errors.ts'
import { type DType, isBigInt, itemSize } from '../layout/dtype.ts'

/** The dtype of an operation on elements of two dtypes: the same when both agree. */
export type Promoted<A extends DType, B extends DType> = [A] extends [B]
  ? [B] extends [A]
    ? A
    : DType
  : DType

/**
 * The smallest dtype that holds the values of both, as in NumPy. Where NumPy would round 64-bit integers to float64, this
 * refuses.
 *
 * @param name - the function, for the error's text
 * @throws OneCopyError `ERR_DTYPE`
 * @see numpy.org/doc/stable/reference/generated/numpy.promote_types.html
 */
export function promote(a: DType, b: DType, name: string): DType {
  if (a === b || b === 'bool') return a
  if (a === 'bool') return b
  if (isBigInt(a) || isBigInt(b)) return joinBigInts(a, b, name)
  if (a.startsWith('float') || b.startsWith('float')) {
    const holdsAll = [a, b].every((dtype) => dtype === 'float32' || itemSize(dtype) <= 2)
    return holdsAll ? 'float32' : 'float64'
  }
  return integerOf(a, b)
}

/** int64 goes with every smaller integer dtype, uint64 with the unsigned ones. */
function joinBigInts(a: DType, b: DType, name: string): DType {
  const [big, other] = isBigInt(a) ? [a, b] : [b, a]
  if (!other.startsWith('float') && !isBigInt(other) && (big === 'int64' || other.startsWith('u')))
    return big
  throw new OneCopyError(
    'ERR_DTYPE',
    `Expected dtypes that ${name} can join without rounding, got ${a} and ${b}. Convert one of them first, for example with astype('float64').`,
  )
}

function integerOf(a: DType, b: DType): DType {
  const [isUnsignedA, isUnsignedB] = [a.startsWith('u'), b.startsWith('u')]
  const [larger, smaller] = itemSize(a) >= itemSize(b) ? [a, b] : [b, a]
  if (isUnsignedA === isUnsignedB) return larger
  if (itemSize(larger) > itemSize(smaller) && larger.startsWith('i')) return larger
  const unsigned = isUnsignedA ? a : b
  return ({ uint8: 'int16', uint16: 'int32', uint32: 'int64' } as const)[
    unsigned as 'uint8' | 'uint16' | 'uint32'
  ]
}

/** The dtype of a quotient: float32 of float32 and small integers, else float64. */
export function quotientDType(a: DType, b: DType): 'float32' | 'float64' {
  const isSingle = [a, b].includes('float32')
  const fits = [a, b].every((dtype) => dtype === 'float32' || itemSize(dtype) <= 2)
  return isSingle && fits ? 'float32' : 'float64'
}
