/** Checks what saved columns are made of. */

import { type DType, NDArray } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { Validity } from './validity.ts'

/** What a column is made of. How many of its values are missing is counted again. */
export interface ColumnState {
  readonly name: unknown
  readonly values: unknown
  readonly categories?: unknown
  readonly validity?: unknown
}

/** The bitmap of a column, if it has one, as part of its state. */
export function saveValidity({ validity }: { readonly validity: Validity | undefined }): {
  readonly validity?: Validity
} {
  return validity === undefined ? {} : { validity }
}

/** @throws OneCopyError `ERR_FORMAT`; whoever knows the number of rows checks the length */
export function loadValidity({ validity }: { readonly validity?: unknown }): Validity | undefined {
  if (validity === undefined) return undefined
  if (validity instanceof NDArray && validity.dtype === 'uint8') return validity as Validity
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected the bitmap of a column as uint8, got ${describeArray(validity)}.`,
  )
}

/** @throws OneCopyError `ERR_FORMAT` */
export function requireSavedName({ name }: { readonly name: unknown }): string {
  if (typeof name === 'string') return name
  throw new OneCopyError('ERR_FORMAT', `Expected the name of a column, got ${show(name)}.`)
}

/** @throws OneCopyError `ERR_FORMAT` */
export function requireSavedValues<D extends DType>(
  { values }: { readonly values: unknown },
  dtypes: readonly D[],
): NDArray<D> {
  if (values instanceof NDArray && dtypes.includes(values.dtype as D) && values.ndim === 1)
    return values as NDArray<D>
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected values of a column, ${listTypes(dtypes)} of shape [n], got ${describeArray(values)}.`,
  )
}

/** Dtypes for people: all of numbers are `numbers`. */
export function listTypes(dtypes: readonly DType[]): string {
  return dtypes.length > 6 ? 'numbers' : dtypes.join(' or ')
}

function describeArray(values: unknown): string {
  return values instanceof NDArray
    ? `${values.dtype} of shape [${values.shape.join(', ')}]`
    : show(values)
}
