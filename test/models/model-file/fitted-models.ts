/** A small fitted model of every kind, to be kept in files. */

import { array, type NDArray } from '../../../src/arrays/index.ts'
import * as learn from '../../../src/learn/index.ts'
import { saveModel } from '../../../src/models/index.ts'
import { join } from 'node:path'
import { classes, type Model } from '../../learn/contract/every-class.ts'
import { randomProblem } from '../../learn/random-problem.ts'
import { mixedTable } from '../../learn/table-of-mixed-columns.ts'
import { predictionsOf } from './predictions-of.ts'

const n = 60
const { X, y } = randomProblem(n, 3)
const codes = Float64Array.from({ length: n }, (_, row) => (row * 7 + (row % 4)) % 3)
const labels = array(codes)
const texts = Array.from(codes, (code) => ['ash', 'elm', 'oak'][code]!)
const table = mixedTable(60)

/** Options that make small models, or that a class needs. */
const options: Readonly<Record<string, () => object>> = {
  ColumnTransformer: () => ({
    transformers: { scale: { columns: [0, 2], transformer: new learn.StandardScaler() } },
    remainder: 'passthrough',
  }),
  Pipeline: () => ({
    steps: { scale: new learn.StandardScaler(), nearest: new learn.KNeighborsRegressor() },
  }),
  SelectKBest: () => ({ k: 2, score: 'fRegression' }),
  SelectColumns: () => ({ columns: [2, 0] }),
}

function optionsOf(name: string): object {
  if (/^(RandomForest|ExtraTrees)/.test(name)) return { trees: 2, maxDepth: 3 }
  if (name.startsWith('MLP')) return { hiddenLayerSizes: [4], maxIter: 3 }
  if (name.startsWith('Gradient')) return { maxIter: 2, minSamplesLeaf: 5 }
  return options[name]?.() ?? {}
}

const calibrations = [
  learn.IsotonicCalibration,
  learn.SigmoidCalibration,
  learn.TemperatureScaling,
] as const

const learners = (): Record<string, learn.Estimator> => ({
  ridge: new learn.Ridge({ alpha: 2 }),
  near: new learn.KNeighborsRegressor(),
})

/** Models that are put together, and the data that they predict. */
const compound: Readonly<Record<string, () => Promise<readonly [model: object, data: unknown]>>> = {
  'classes-of-texts': async () => [await new learn.LogisticRegression().fit(X, texts), X],
  'trees-of-a-table': async () => [
    await new learn.GradientBoostingRegressor({ maxIter: 2 }).fit(table, 'price'),
    table.without(['price']),
  ],
  'pipeline-of-a-table': async () => {
    const steps = {
      encode: new learn.OneHotEncoder(),
      fill: new learn.SimpleImputer(),
      ridge: new learn.Ridge(),
    }
    return [await new learn.Pipeline({ steps }).fit(table, 'price'), table.without(['price'])]
  },
  'super-learner': async () => [
    await new learn.SuperLearner({ folds: 2, scorer: 'rmse' })
      .add(learners(), { preprocess: [new learn.StandardScaler()] })
      .addMeta(new learn.LinearRegression())
      .fit(X, y),
    X,
  ],
  'super-learner-of-classes': async () => [
    await new learn.SuperLearner<string>({ folds: 2 })
      .addLayer([new learn.GaussianNB(), new learn.LogisticRegression()])
      .addMeta(new learn.CombinedClassifier())
      .fit(X, texts),
    X,
  ],
  blend: async () => [
    await new learn.BlendEnsemble().add(learners()).addMeta(new learn.Ridge()).fit(X, y),
    X,
  ],
  subsemble: async () => [
    await new learn.Subsemble({ partitions: 2, folds: 2 })
      .add(learners())
      .addMeta(new learn.Ridge())
      .fit(X, y),
    X,
  ],
  sequential: async () => [
    await new learn.SequentialEnsemble().addLayer(learners()).addMeta(new learn.Ridge()).fit(X, y),
    X,
  ],
  temporal: async () => [
    await new learn.TemporalEnsemble({ stepSize: 20, burnIn: 20 })
      .add(learners())
      .addMeta(new learn.Ridge())
      .fit(X, y),
    X,
  ],
}

/**
 * Saves a fitted model of every kind, each with its data and its predictions, as `<name>.onecopy`.
 *
 * @returns the names
 */
export async function saveFittedModels(folder: string): Promise<readonly string[]> {
  const names: string[] = []
  const save = async (name: string, model: object, data: unknown): Promise<void> => {
    const predictions = await predictionsOf(model, data)
    await saveModel({ model, data, predictions }, join(folder, `${name}.onecopy`))
    names.push(name)
  }
  for (const [name, Class] of classes) {
    const target: NDArray = /Classifier|Logistic|NB|SVC/.test(name) ? labels : y
    const model: Model = await new Class(optionsOf(name)).fit(X, target)
    await save(name, model, X)
  }
  const scores = array(Float64Array.from({ length: n }, (_, row) => Math.sin(row) / 2 + 0.5))
  const isTrue = Array.from(scores.data, (score, row) => score + Math.cos(7 * row) / 3 > 0.5)
  for (const Class of calibrations)
    await save(Class.name, await new Class().fit(scores, isTrue), scores)
  for (const [name, make] of Object.entries(compound)) await save(name, ...(await make()))
  await save('table', { table }, undefined)
  return names
}
