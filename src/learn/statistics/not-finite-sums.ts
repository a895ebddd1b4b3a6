/** The error for values whose sums float64 can't hold. */

import { OneCopyError } from '../../errors.ts'

/** An error `ERR_VALUE` for sums that are not finite though all values are. */
export function notFinite(): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    'Expected values whose squares float64 can hold, got sums that are not finite. Rescale `X` or `y` first.',
  )
}
