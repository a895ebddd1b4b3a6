/** scikit-learn's example of StackingClassifier, on the irises. */

import {
  accuracy,
  LinearSVC,
  LogisticRegression,
  RandomForestClassifier,
  StandardScaler,
  SuperLearner,
} from 'onecopy/learn'
import { splitIrises } from './iris.ts'

// scikit-learn.org/stable/modules/generated/sklearn.ensemble.StackingClassifier.html: scikit-learn 1.2.1 prints a score of
// 0.947. Its seed draws other rows to test.

const { train, test } = await splitIrises({ seed: 42, stratified: true })

const ensemble = await new SuperLearner({ folds: 5 })
  .add({ forest: new RandomForestClassifier({ trees: 10, seed: 42 }) })
  .add({ machine: new LinearSVC({ seed: 42 }) }, { preprocess: new StandardScaler() })
  .addMeta(new LogisticRegression())
  .fit(train.X, train.species)

console.log(String(ensemble.scores))
console.log(`accuracy ${accuracy(test.species, await ensemble.predict(test.X)).toFixed(3)}`)
