/** The error for a model that ONNX can't hold. */

import { OneCopyError } from '../../errors.ts'

/** @param place - of the part in the model: `` `ridge` of SuperLearner `` */
export function refuseExport(place: string, found: string, advice: string): OneCopyError {
  return new OneCopyError(
    'ERR_EXPORT',
    `Expected a model with a counterpart in ONNX, got ${found} as ${place}. ${advice}`,
    { details: { place } },
  )
}
