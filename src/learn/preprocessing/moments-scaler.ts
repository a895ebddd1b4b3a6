/** Base of scalers that learn from moments. */

import { requireFitOptions } from '../contract/base-estimator.ts'
import {
  clone,
  collectLearned,
  forget,
  type TableFitOptions,
  type LearnedState,
} from '../contract/estimator.ts'
import type { AffineTransformer } from '../contract/moments-estimator.ts'
import { isRounding } from '../statistics/lost-digits.ts'
import type { Moments } from '../statistics/moments.ts'
import { readColumnBlocks } from './column-blocks.ts'
import { ColumnScaler } from './column-scaler.ts'
import { readOptions } from '../statistics/read-moments.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'

/** A scaler that learns from moments, so that linear models in ensembles and pipelines scale moments in its place. */
export abstract class MomentsScaler extends ColumnScaler implements AffineTransformer {
  abstract fitMoments(moments: Moments): this

  /**
   * Learns from rows of `X` in one pass over them for every 256 columns.
   *
   * @param X - values, shape (n, d), any real dtype; read in place, lists are copied once
   * @param _y - ignored
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  override async fit(
    X: FeatureInput,
    _y?: TargetInput,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitInputs(this, { X, but: _y, options }, async (X, _, options) => {
      requireFitOptions(this, options)
      forget(this)
      const parts: LearnedState[] = []
      for await (const moments of readColumnBlocks(X, readOptions(options)))
        parts.push(collectLearned(clone(this).fitMoments(moments)))
      return Object.assign(this, parts.length === 1 ? parts[0] : joinColumns(parts))
    })
  }

  /** Keeps columns whose values differ only by rounding; scaling would magnify the rounding errors. */
  protected keepRounding({ columns, minimum, maximum }: Moments): void {
    for (let j = 0; j < columns; j++) {
      if (!isRounding(minimum[j]!, maximum[j]!)) continue
      this.shift_[j] = 0
      this.scale_[j] = 1
    }
  }
}

/** Joins the learned values of blocks of columns. */
function joinColumns(parts: readonly LearnedState[]): LearnedState {
  const join = (name: string): Float64Array => {
    const blocks = parts.map((part) => part[name] as Float64Array)
    const joined = new Float64Array(blocks.reduce((sum, { length }) => sum + length, 0))
    let filled = 0
    for (const block of blocks) {
      joined.set(block, filled)
      filled += block.length
    }
    return joined
  }
  return Object.fromEntries(Object.keys(parts[0] ?? {}).map((name) => [name, join(name)]))
}
