/** Checks what saved columns are made of. */

import { type DType, NDArray } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'

/** What a column is made of. How many of its values are missing is counted again. */
export interface ColumnState {
  readonly name: unknown
  readonly values: unknown
  readonly categories?: unknown
}

/** @throws OneCopyError `ERR_FORMAT` */
export function requireSavedName({ name }: ColumnState): string {
  if (typeof name === 'string') return name
  throw new OneCopyError('ERR_FORMAT', `Expected the name of a column, got ${show(name)}.`)
}

/** @throws OneCopyError `ERR_FORMAT` */
export function requireSavedValues<D extends DType>(
  { values }: ColumnState,
  dtypes: readonly D[],
): NDArray<D> {
  if (values instanceof NDArray && dtypes.includes(values.dtype as D) && values.ndim === 1)
    return values as NDArray<D>
  const found =
    values instanceof NDArray
      ? `${values.dtype} of shape [${values.shape.join(', ')}]`
      : show(values)
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected values of a column, ${dtypes.join(' or ')} of shape [n], got ${found}.`,
  )
}
