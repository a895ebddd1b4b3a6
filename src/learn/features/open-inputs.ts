/** Holds data that a method was given, and opens paths. */

import type { RowSelection } from '../../arrays/index.ts'
import { Table } from '../../tables/index.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import type { FitOptions } from '../contract/estimator.ts'
import type { FeatureSource, TargetSource } from '../inputs/data-source.ts'
import type { FeatureInput, TargetInput, WeightInput } from '../inputs/feature-input.ts'
import { openFeatures, openTarget } from '../inputs/open-data.ts'

/** What a method was given, not yet checked. */
interface GivenInputs {
  readonly X: FeatureSource
  readonly y: TargetSource
  /** Rows and weights, which are held too; default: none. */
  readonly options?: {
    readonly rows?: RowSelection | undefined
    readonly weights?: WeightInput | undefined
  }
}

/**
 * Runs the work of a method, with the memory of its inputs held from the call on: in the same tick, so that a shared array may be disposed of
 * right after the call. Paths are opened first.
 *
 * @param method - for error texts
 * @throws OneCopyError `ERR_DETACHED` naming the input whose memory was taken away; what opening a path throws, and `work`
 */
export function openInputs<T>(
  method: string,
  { X, y, options = {} }: GivenInputs,
  work: (X: FeatureInput, y: TargetInput) => Promise<T>,
): Promise<T> {
  const held = X instanceof Table ? X.columns.flatMap(({ arrays }) => arrays) : []
  return keepInputs(
    { X, y, options: options as FitOptions, held },
    async () => {
      const features = typeof X === 'string' ? await openFeatures(X) : X
      return work(features, openTarget(features, y))
    },
    method,
  )
}
