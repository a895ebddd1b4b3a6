/** The learners that an automatic ensemble tries. */

import type { Estimator, Transformer } from '../../contract/estimator.ts'
import { isSharingEstimator } from '../../contract/fold-sharing.ts'
import { Ridge } from '../../linear/ridge.ts'
import { LogisticRegression } from '../../logistic/logistic-regression.ts'
import { KNeighborsClassifier } from '../../neighbors/k-neighbors-classifier.ts'
import { KNeighborsRegressor } from '../../neighbors/k-neighbors-regressor.ts'
import { MLPClassifier } from '../../neural/mlp-classifier.ts'
import { MLPRegressor } from '../../neural/mlp-regressor.ts'
import type { EnsembleTask } from '../../outputs/ensemble-task.ts'
import { StandardScaler } from '../../preprocessing/standard-scaler.ts'
import { ExtraTreesClassifier } from '../../trees/forests/extra-trees-classifier.ts'
import { ExtraTreesRegressor } from '../../trees/forests/extra-trees-regressor.ts'
import { RandomForestClassifier } from '../../trees/forests/random-forest-classifier.ts'
import { RandomForestRegressor } from '../../trees/forests/random-forest-regressor.ts'
import {
  GradientBoostingClassifier,
  type GradientBoostingClassifierOptions,
} from '../../trees/gradient-boosting-classifier.ts'
import { GradientBoostingRegressor } from '../../trees/gradient-boosting-regressor.ts'
import type { AutoLearner, AutoPreset, SettledAuto } from '../auto-options.ts'

/** A learner to try. */
export interface Candidate {
  readonly name: string
  readonly kind: AutoLearner | 'own'
  readonly learner: Estimator
  /** Whether it takes columns as they are, or numbers without gaps. */
  readonly input: 'raw' | 'encoded'
  readonly preprocess: readonly Transformer[]
  /**
   * Where final models come from: one more fit of all rows (`'refit'`), the models of the folds (`'bag'`), or a forest of all rows, which predicts each by
   * the trees that have not drawn it (`'outOfBag'`).
   */
  readonly mode: 'refit' | 'bag' | 'outOfBag'
  /** How much it is worth to an ensemble, beside others. */
  readonly value: number
}

/** Rows and columns that learners are chosen for. */
export interface PortfolioData {
  readonly rows: number
  readonly columns: number
  readonly task: EnsembleTask
  readonly allowsOutOfBag: boolean
}

/** The learners of a preset, or those that were given, in no order. Those of scaled numbers share one list of steps. */
export function listCandidates(settled: SettledAuto, data: PortfolioData): Candidate[] {
  const { learners } = settled
  if (learners === null || Array.isArray(learners)) {
    const kinds = learners as readonly AutoLearner[] | null
    const all = portfolio(settled, data, kinds !== null)
    return kinds === null ? all : all.filter(({ kind }) => kinds.includes(kind as AutoLearner))
  }
  return Object.entries(learners).map(([name, learner]): Candidate => {
    const own = learner as Estimator
    const takesAll = 'takesCategories' in own && own.takesCategories
    const isQuick = isSharingEstimator(own) && own.foldSharing(2)?.inThread === true
    return {
      name,
      kind: 'own',
      learner: own,
      input: takesAll ? 'raw' : 'encoded',
      preprocess: [],
      mode: isQuick ? 'refit' : 'bag',
      value: 5,
    }
  })
}

function portfolio(
  { preset, seed }: SettledAuto,
  { rows, task, allowsOutOfBag }: PortfolioData,
  isChosen: boolean,
): Candidate[] {
  const ofNumbers = task === 'regression'
  const steps: readonly Transformer[] = [new StandardScaler()]
  const scaled = { input: 'encoded', preprocess: steps, mode: 'refit' } as const
  const trees = { input: 'raw', preprocess: [] } as const
  const forest = { ...trees, mode: allowsOutOfBag ? 'outOfBag' : 'bag' } as const
  const ranks = { quick: 0, good: 1, best: 2 }
  const level = ranks[preset]
  const leaves = forestLeaves(rows)
  const found: (Candidate & { readonly level: number })[] = []
  const add = (
    least: number,
    name: string,
    kind: AutoLearner,
    value: number,
    learner: unknown,
    how: Pick<Candidate, 'input' | 'preprocess' | 'mode'>,
  ): void => {
    const one = { level: least, name, kind, value, learner: learner as Estimator, ...how }
    if (least <= level || isChosen) found.push(one)
  }
  if (ofNumbers) {
    add(0, 'ridge', 'linear', 5, new Ridge({ alpha: 1 }), scaled)
    add(1, 'ridge-strong', 'linear', 2, new Ridge({ alpha: 30 }), scaled)
  } else {
    add(0, 'logistic', 'linear', 5, new LogisticRegression({ C: 1 }), scaled)
    add(1, 'logistic-strong', 'linear', 2, new LogisticRegression({ C: 0.05 }), scaled)
  }
  const boosted = boostings(rows, seed, preset)
  for (const { least, name, value, options } of boosted) {
    const learner = ofNumbers
      ? new GradientBoostingRegressor(options)
      : new GradientBoostingClassifier(options)
    add(least, name, 'boosting', value, learner, { ...trees, mode: 'bag' })
  }
  const Forest = ofNumbers ? RandomForestRegressor : RandomForestClassifier
  const Extra = ofNumbers ? ExtraTreesRegressor : ExtraTreesClassifier
  const oob = allowsOutOfBag
  const drawn = { seed, oob, bootstrap: true, maxLeafNodes: leaves }
  const trees0 = preset === 'quick' ? 50 : preset === 'good' ? 100 : 200
  const maxFeatures = ofNumbers ? 0.5 : 'sqrt'
  add(
    0,
    'random-forest',
    'randomForest',
    6,
    new Forest({ ...drawn, trees: trees0, maxFeatures }),
    forest,
  )
  add(
    1,
    'extra-trees',
    'extraTrees',
    6,
    new Extra({ ...drawn, trees: trees0, maxFeatures: ofNumbers ? 1 : 'sqrt' }),
    forest,
  )
  const Neighbors = ofNumbers ? KNeighborsRegressor : KNeighborsClassifier
  const near = (neighbors: number): unknown => new Neighbors({ neighbors, weights: 'distance' })
  add(1, 'neighbors', 'neighbors', 3, near(10), scaled)
  add(2, 'neighbors-few', 'neighbors', 1, near(4), scaled)
  const Network = ofNumbers ? MLPRegressor : MLPClassifier
  const network = new Network({ seed, earlyStopping: true })
  add(2, 'network', 'network', 4, network, { ...scaled, mode: 'bag' })
  return found
}

/** Learners of predictions of the first layer and of the columns of `X`: few splits, as these predictions are good already. */
export function listStackers(
  { preset, seed, learners }: SettledAuto,
  data: PortfolioData,
): Candidate[] {
  const { task, allowsOutOfBag } = data
  const ofNumbers = task === 'regression'
  const options = {
    seed: (seed + 3) % 2 ** 32,
    earlyStopping: true,
    validationRows: 'heldOut',
    learningRate: 0.05,
    maxIter: 300,
    maxLeafNodes: 8,
    minSamplesLeaf: 30,
    l2Regularization: 1,
    maxFeatures: 0.7,
  } as const
  const forest = {
    seed: (seed + 4) % 2 ** 32,
    oob: allowsOutOfBag,
    bootstrap: true,
    trees: preset === 'best' ? 200 : 100,
    minSamplesLeaf: 5,
    maxLeafNodes: 15_000,
  }
  const trees = { input: 'raw', preprocess: [] } as const
  const all: Candidate[] = [
    {
      ...trees,
      name: 'boosting-layer2',
      kind: 'boosting',
      mode: 'bag',
      value: 8,
      learner: ofNumbers
        ? new GradientBoostingRegressor(options)
        : new GradientBoostingClassifier(options),
    },
    {
      ...trees,
      name: 'extra-trees-layer2',
      kind: 'extraTrees',
      mode: allowsOutOfBag ? 'outOfBag' : 'bag',
      value: 6,
      learner: ofNumbers ? new ExtraTreesRegressor(forest) : new ExtraTreesClassifier(forest),
    },
  ]
  return Array.isArray(learners)
    ? all.filter(({ kind }) => (learners as readonly string[]).includes(kind))
    : all
}

/** Most leaves of a forest's tree: fully grown ones of many rows would take more memory than the rows. */
function forestLeaves(rows: number): number | null {
  return rows <= 20_000 ? null : 15_000
}

interface Boosting {
  /** Presets from which on it is tried. */
  readonly least: number
  readonly name: string
  readonly value: number
  readonly options: GradientBoostingClassifierOptions
}

/** Boosted models that differ much. The rows that a fold holds out tell when to stop. */
function boostings(rows: number, seed: number, preset: AutoPreset): Boosting[] {
  const isQuick = preset === 'quick'
  const patience = isQuick ? 10 : Math.round(Math.max(10, Math.min(40, 4e5 / rows)))
  const common = {
    seed,
    earlyStopping: true,
    validationRows: 'heldOut',
    iterNoChange: patience,
  } as const
  const isSmall = rows < 2000
  return [
    {
      least: 0,
      name: 'boosting',
      value: 10,
      options: {
        ...common,
        learningRate: isSmall && !isQuick ? 0.05 : 0.1,
        maxIter: isQuick ? 200 : 500,
        maxLeafNodes: isSmall ? 8 : 31,
        minSamplesLeaf: isSmall ? 5 : 20,
      },
    },
    {
      least: 1,
      name: 'boosting-sampled',
      value: 8,
      options: {
        ...common,
        learningRate: 0.04,
        maxIter: 1500,
        maxLeafNodes: isSmall ? 6 : 24,
        minSamplesLeaf: isSmall ? 8 : 30,
        maxFeatures: 0.5,
        subsample: 0.8,
        seed: (seed + 2) % 2 ** 32,
      },
    },
    {
      least: 2,
      name: 'boosting-wide',
      value: 5,
      options: {
        ...common,
        learningRate: 0.05,
        maxIter: 1000,
        maxLeafNodes: isSmall ? 4 : 63,
        minSamplesLeaf: isSmall ? 3 : 10,
        maxFeatures: 0.7,
        l2Regularization: 1,
        seed: (seed + 1) % 2 ** 32,
      },
    },
  ]
}
