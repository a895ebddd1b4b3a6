/** The learners that `onecopy fit` fits to tell classes apart. */

import {
  GradientBoostingClassifier,
  KNeighborsClassifier,
  LogisticRegression,
  RandomForestClassifier,
  StandardScaler,
  SuperLearner,
  type SuperLearnerOptions,
} from '../../learn/index.ts'

/** Rows up to which trees are few, so that a small table takes a moment. */
const fewRows = 2000

/**
 * Four learners, and a logistic regression that combines their probabilities. A learner that can't be fitted to a table is left out and
 * named in the scores.
 */
export function classEnsemble(rows: number, options: SuperLearnerOptions): SuperLearner {
  const isSmall = rows <= fewRows
  return new SuperLearner({ ...options, task: 'classification', onError: 'skip' })
    .add([new LogisticRegression(), new KNeighborsClassifier()], {
      preprocess: new StandardScaler(),
    })
    .add([
      new RandomForestClassifier({ trees: isSmall ? 30 : 100 }),
      new GradientBoostingClassifier({ maxIter: isSmall ? 30 : 100 }),
    ])
    .addMeta(new LogisticRegression())
}
