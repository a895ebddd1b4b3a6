/** Scores of trees on known data sets, beside those of scikit-learn. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type NDArray, openArray } from '../../../src/arrays/index.ts'
import {
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  type Estimator,
  ExtraTreesClassifier,
  ExtraTreesRegressor,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  RandomForestClassifier,
  RandomForestRegressor,
} from '../../../src/learn/index.ts'

/** A score by cross-validation, and its standard error over rows. */
interface Score {
  readonly score: number
  readonly standardError: number
}

const folder = join(import.meta.dirname, '../../fixtures/sklearn')
const { scores } = JSON.parse(readFileSync(join(folder, 'trees.json'), 'utf8')) as {
  scores: Record<string, Record<string, Score>>
}
const makers: Record<string, (seed: number) => Estimator> = {
  RandomForestClassifier: (seed) => new RandomForestClassifier({ seed }),
  ExtraTreesClassifier: (seed) => new ExtraTreesClassifier({ seed }),
  DecisionTreeClassifier: (seed) => new DecisionTreeClassifier({ seed }),
  GradientBoostingClassifier: (seed) => new GradientBoostingClassifier({ seed }),
  RandomForestRegressor: (seed) => new RandomForestRegressor({ seed }),
  ExtraTreesRegressor: (seed) => new ExtraTreesRegressor({ seed }),
  DecisionTreeRegressor: (seed) => new DecisionTreeRegressor({ seed }),
  GradientBoostingRegressor: (seed) => new GradientBoostingRegressor({ seed }),
}
/** Seeds of models that draw; the others are the same for every seed. */
const seeds = 3
const drawing = /Forest|ExtraTrees/

for (const [name, models] of Object.entries(scores)) {
  const X = openArray(join(folder, `data/${name}-X.npy`))
  const y = openArray(join(folder, `data/${name}-y.npy`))
  for (const [model, { score, standardError }] of Object.entries(models)) {
    test(`${model} on ${name} scores as scikit-learn does, within a standard error`, async () => {
      const count = drawing.test(model) ? seeds : 1
      let mean = 0
      for (let seed = 0; seed < count; seed++)
        mean += (await crossValidate(X, y, () => makers[model]!(seed))) / count
      // scikit-learn's single trees draw among equal splits, so that one tree lies farther from the mean of ten.
      const limit = model.startsWith('DecisionTree') ? 2 * standardError : standardError
      assert.ok(Math.abs(mean - score) <= limit, `${mean}, scikit-learn ${score}`)
    })
  }
}

/** The accuracy, or R², of out-of-fold predictions; row i is in fold (7919 i mod n) mod 5. */
async function crossValidate(X: NDArray, y: NDArray, make: () => Estimator): Promise<number> {
  const n = X.shape[0]!
  const truth = Float64Array.from({ length: n }, (_, i) => Number(y.get(i)))
  const predicted = new Float64Array(n)
  for (let fold = 0; fold < 5; fold++) {
    const isHeld = (i: number): boolean => ((7919 * i) % n) % 5 === fold
    const numbers = Array.from(truth.keys())
    const rows = numbers.filter((i) => !isHeld(i))
    const held = numbers.filter(isHeld)
    const model = await make().fit(X, y, { rows })
    const answers = await model.predict(X, { rows: held })
    for (const [at, row] of held.entries()) predicted[row] = Number(answers.get(at))
  }
  if (make().predictProba !== undefined)
    return truth.filter((label, i) => label === predicted[i]).length / n
  const mean = truth.reduce((sum, value) => sum + value, 0) / n
  const squares = (about: (i: number) => number): number =>
    truth.reduce((sum, value, i) => sum + (value - about(i)) ** 2, 0)
  return 1 - squares((i) => predicted[i]!) / squares(() => mean)
}
