/** ML-Ensemble's tutorial: one layer and a meta learner, then two layers, on the irises. */

import {
  accuracy,
  LogisticRegression,
  RandomForestClassifier,
  SuperLearner,
  SVC,
} from 'onecopy/learn'
import { splitIrises } from './iris.ts'

// ml-ensemble.com, "Getting started": ML-Ensemble also learns from 75 rows, drawn otherwise. It prints a score of 0.960 for one
// layer, and none for two. Its layers hand on labels, these hand on probabilities; `add(learners, { proba: false })` hands on labels.

const seed = 2017
const { train, test } = await splitIrises({ testSize: 75, seed })

const ensemble = await new SuperLearner({ seed })
  .add([new RandomForestClassifier({ seed }), new SVC()])
  .addMeta(new LogisticRegression())
  .fit(train.X, train.species)

console.log('one layer')
console.log(String(ensemble.scores))
console.log(`accuracy ${accuracy(test.species, await ensemble.predict(test.X)).toFixed(3)}`)

const deeper = await new SuperLearner({ seed })
  .addLayer([new RandomForestClassifier({ seed }), new LogisticRegression()])
  .addLayer([new LogisticRegression(), new SVC()])
  .addMeta(new SVC())
  .fit(train.X, train.species)

console.log('\ntwo layers')
console.log(String(deeper.scores))
console.log(`accuracy ${accuracy(test.species, await deeper.predict(test.X)).toFixed(3)}`)
