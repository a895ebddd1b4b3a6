/** The ensembles that `onecopy fit` fits. */

import {
  type AnyLearner,
  ElasticNet,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  Lasso,
  LogisticRegression,
  RandomForestClassifier,
  RandomForestRegressor,
  Ridge,
  SuperLearner,
  type SuperLearnerOptions,
} from '../../learn/index.ts'
import {
  addLearners,
  type DescribedEnsemble,
  makeDescribed,
  makeLearners,
} from '../ensemble-file/make-ensemble.ts'
import type { EnsembleFile } from '../ensemble-file/read-ensemble-file.ts'
import { type Input, type InputTask, shapeOf } from '../input/input.ts'

/** The learners when none are named. */
const defaultLearners: Readonly<Record<InputTask, readonly string[]>> = {
  regression: ['linear-regression', 'ridge', 'lasso', 'elastic-net', 'k-neighbors-regressor'],
  classification: [
    'logistic-regression',
    'k-neighbors-classifier',
    'random-forest-classifier',
    'gradient-boosting-classifier',
  ],
}

/** Rows up to which trees are few, so that a small table takes a moment. */
const fewRows = 2000

/** How strong penalties are, as parts of the variances that they act against. */
const strength = 0.001

/** What an ensemble is made for. */
export interface EnsembleRequest {
  readonly input: Input
  /** Standard deviation of a target of numbers. */
  readonly deviation: number
  /** Names of learners; undefined: those of the command. */
  readonly learners: readonly string[] | undefined
  /** A description in place of these, and the file that it stands in. */
  readonly described: { readonly file: string; readonly ensemble: EnsembleFile } | undefined
  readonly options: SuperLearnerOptions
}

/**
 * Puts an ensemble together: that of a file, or learners by name and a linear model that combines them. There, a learner
 * that can't be fitted to a table is left out and named in the scores.
 *
 * Penalties follow the target's scale: a fixed one would do nothing to prices, and wipe out every
 * coefficient for a target between 0 and 1. That of the meta learner keeps learners which predict
 * nearly the same from getting weights such as 120 and -119, which one odd row turns into nonsense.
 *
 * @throws UsageError for a learner of another kind than the target
 */
export function makeEnsemble(request: EnsembleRequest): DescribedEnsemble {
  const { input, learners, described, options } = request
  const { task } = input
  const scale = { rows: shapeOf(input.X)[0], deviation: request.deviation }
  const meta = defaultMeta(task, scale)
  if (described !== undefined) {
    const { file, ensemble } = described
    return makeDescribed(ensemble, { file, input, options, defaultMeta: meta })
  }
  const ensemble = new SuperLearner({ ...options, onError: 'skip' })
  const make = (name: string): AnyLearner | undefined => defaultLearner(name, scale)
  addLearners(ensemble, { names: learners ?? defaultLearners[task], input, make })
  return { ensemble: ensemble.addMeta(meta), places: new Map() }
}

/**
 * Learners by name, for an ensemble that weighs them itself.
 *
 * @throws as {@link makeEnsemble} does
 */
export function namedLearners(
  names: readonly string[],
  { input, deviation }: Pick<EnsembleRequest, 'input' | 'deviation'>,
): Readonly<Record<string, AnyLearner>> {
  const scale = { rows: shapeOf(input.X)[0], deviation }
  return makeLearners({ names, input, make: (name) => defaultLearner(name, scale) })
}

/** What penalties are measured by. */
interface TargetScale {
  readonly rows: number
  readonly deviation: number
}

function defaultMeta(task: InputTask, { rows, deviation }: TargetScale): AnyLearner {
  return task === 'classification'
    ? new LogisticRegression()
    : new Ridge({ alpha: strength * rows * deviation ** 2 })
}

/** A learner whose options depend on the table; undefined: one without options. */
function defaultLearner(name: string, { rows, deviation }: TargetScale): AnyLearner | undefined {
  const count = rows <= fewRows ? 30 : 100
  switch (name) {
    case 'lasso':
      return new Lasso({ alpha: strength * deviation })
    case 'elastic-net':
      // `strength * deviation` on |w| as in the lasso, and `strength` on w², which has no unit.
      return new ElasticNet({
        alpha: strength * (deviation + 1),
        l1Ratio: deviation / (deviation + 1),
      })
    case 'random-forest-classifier':
      return new RandomForestClassifier({ trees: count })
    case 'random-forest-regressor':
      return new RandomForestRegressor({ trees: count })
    case 'gradient-boosting-classifier':
      return new GradientBoostingClassifier({ maxIter: count })
    case 'gradient-boosting-regressor':
      return new GradientBoostingRegressor({ maxIter: count })
    default:
      return undefined
  }
}
