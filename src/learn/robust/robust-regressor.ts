/** Base of robust linear regressors: how a fit starts and ends. */

import { requireBoolean, requireFitOptions } from '../contract/base-estimator.ts'
import { forget, type TableFitOptions } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { type NotConverged, reportNotConverged } from '../contract/not-converged.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import { LinearPredictor } from '../linear/linear-predictor.ts'
import { RobustRows } from './robust-rows.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'

/** A fitted model, and how its search ended. */
export interface RobustFit extends NotConverged {
  /** Intercept (about the shift) and coefficients, shape (1 + d). */
  readonly theta: Float64Array
  readonly converged: boolean
}

/** A linear model whose coefficients a search finds. */
export abstract class RobustRegressor extends LinearPredictor {
  abstract fitIntercept: boolean
  /** Steps that were made. */
  declare iterations_: number
  /** Whether the search came to its end. */
  declare converged_: boolean

  /** Nothing that is learned holds the list of rows. */
  get freesRows(): true {
    return true
  }

  /**
   * Learns from rows of `X` and `y`.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place, lists are copied once
   * @param y - target, shape (n)
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  async fit(
    X: FeatureInput,
    y: TargetInput<ArrayInput>,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitInputs(this, { X, y, options }, async (X, y, options) => {
      requireFitOptions(this, options)
      forget(this)
      const search = this.requireSearch()
      const fitIntercept = requireBoolean(this, 'fitIntercept')
      const [matrix, target] = [X, toArray(y, '`y`')]
      const rows = await RobustRows.read(this, matrix, target, { ...options, fitIntercept })
      try {
        const { theta, converged, ...note } = await search(rows)
        const intercept = fitIntercept ? rows.intercept(theta) : 0
        this.learn([theta.slice(1)], Float64Array.of(intercept), rows.targetShape)
        this.iterations_ = note.iterations
        this.converged_ = converged
        if (!converged) reportNotConverged(this.constructor.name, note)
        return this
      } finally {
        rows[Symbol.dispose]()
      }
    })
  }

  /** Checks the options but `fitIntercept`; returns the search by them. */
  protected abstract requireSearch(): (rows: RobustRows) => Promise<RobustFit>

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    values.number('iterations_', 0)
    values.oneOf('converged_', [true, false])
  }
}
