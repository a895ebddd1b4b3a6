/** scikit-learn's example of StackingRegressor, on the diabetes data. */

import { parseArgs } from 'node:util'
import {
  type CrossValidation,
  crossValidate,
  GradientBoostingRegressor,
  KFold,
  LassoCV,
  Pipeline,
  RandomForestRegressor,
  RidgeCV,
  StandardScaler,
  SuperLearner,
} from 'onecopy/learn'
import { designMatrix, readCsv } from 'onecopy/tables'

// scikit-learn.org/stable/auto_examples/ensemble/plot_stack_predictors.html, which downloads house prices. `diabetes.csv` holds the 442
// rows of scikit-learn's `load_diabetes(scaled=False)`, from Efron et al.: Least Angle Regression (2004). The last two columns are what
// scikit-learn 1.2.1 says of the same learners on the same rows and folds.

const { values } = parseArgs({ options: { trees: { type: 'string', default: '100' } } })
const trees = Number(values.trees)
const table = await readCsv(new URL('diabetes.csv', import.meta.url))
const { X, y } = designMatrix(table, { target: 'progression' })

const folds = new KFold({ folds: 5 })
const learners = {
  lasso: new Pipeline({ steps: [new StandardScaler(), new LassoCV()] }),
  forest: new RandomForestRegressor({ trees, seed: 42 }),
  boosting: new GradientBoostingRegressor({ maxIter: trees }),
}
const stacked = new SuperLearner({ folds }).add(learners).addMeta(new RidgeCV())

const theirs: Readonly<Record<string, string>> = {
  lasso: '0.482 ± 0.047  44.45 ± 1.94',
  forest: '0.418 ± 0.056  47.23 ± 2.41',
  boosting: '0.375 ± 0.067  47.02 ± 2.29',
  stacked: '0.478 ± 0.041  44.37 ± 1.85',
}

const describe = ({ scores }: CrossValidation): string => {
  const { r2, mae } = scores
  return `${r2!.mean.toFixed(3)} ± ${r2!.spread.toFixed(3)}  ${mae!.mean.toFixed(2)} ± ${mae!.spread.toFixed(2)}`
}

console.log('          R²             mean error    scikit-learn')
for (const [name, learner] of Object.entries({ ...learners, stacked })) {
  const found = await crossValidate(learner, X, y, { folds, scorer: ['r2', 'mae'] })
  console.log(`${name.padEnd(9)} ${describe(found)}  ${theirs[name]}`)
}
