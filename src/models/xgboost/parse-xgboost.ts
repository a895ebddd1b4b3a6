/** Makes models of XGBoost's JSON and UBJSON. */

import { show } from '../../errors.ts'
import type { GradientBoostingClassifier, GradientBoostingRegressor } from '../../learn/index.ts'
import type { SplitTree } from '../../learn/internal.ts'
import { makeBoosted, mostColumns } from '../boosted/boosted-model.ts'
import { type BoostedFileOptions, chooseRounds } from '../boosted/boosted-options.ts'
import { ModelField } from './model-field.ts'
import { readObjective } from './objective.ts'
import { parseJson } from './parse-json.ts'
import { parseUbjson } from './parse-ubjson.ts'
import { treeOfFields } from './tree-of-fields.ts'

/** Makes a model of the bytes of a file. @throws as `openXGBoost` does */
export function parseXGBoost(
  path: string,
  bytes: Buffer,
  options: BoostedFileOptions = {},
): GradientBoostingRegressor | GradientBoostingClassifier {
  const learner = new ModelField(path, parse(path, bytes)).get('learner')
  const { task, baselines } = readObjective(learner)
  const columns = learner.get('learner_model_param').get('num_feature').count(1, mostColumns)
  const booster = treesOf(learner.get('gradient_booster'))
  const groups = baselines.length
  const order = orderTrees(booster.model, groups)
  const kept = chooseRounds(options, path, order.rounds, bestRounds(learner, order.rounds))
  const gains = new Float64Array(columns)
  const read = booster.model
    .get('trees')
    .fields()
    .map((field, t): SplitTree => {
      const { tree, gains: own } = treeOfFields(field, columns, booster.weights?.[t] ?? 1)
      if (order.roundOf(t) < kept)
        for (const [i, { column }] of tree.splits.entries())
          gains[column]! += own[i]! > 0 ? own[i]! : 0
      return tree
    })
  const trees = order.trees(kept).map((t) => read[t]!)
  const names = readNames(learner, columns)
  return makeBoosted({ path, task, trees, baselines, rounds: kept, names, gains }, options)
}

/** Parses JSON, or UBJSON, where the type of a length follows the first brace. */
function parse(path: string, bytes: Buffer): unknown {
  const isBinary = /^\{[iUIlL]/.test(bytes.toString('latin1', 0, 2))
  return isBinary ? parseUbjson(path, bytes) : parseJson(path, bytes)
}

/** The trees of a booster, and the weight of each where it has them. */
function treesOf(booster: ModelField): { model: ModelField; weights: Float64Array | undefined } {
  const name = booster.get('name')
  if (name.value === 'gbtree') return { model: booster.get('model'), weights: undefined }
  if (name.value === 'dart') {
    const model = booster.get('gbtree').get('model')
    const weights = booster.get('weight_drop').floats(model.get('trees').list().length)
    return { model, weights }
  }
  const isLinear = name.value === 'gblinear'
  const advice = isLinear ? 'Fit a linear model of onecopy on the same data.' : undefined
  throw name.refuse("'gbtree' or 'dart'", show(name.value), advice)
}

/** Where trees stand: in the file the trees of a class in a round are together, with us those of a round. */
interface TreeOrder {
  readonly rounds: number
  roundOf(tree: number): number
  /** Numbers of the trees of the first rounds, class by class. */
  trees(rounds: number): readonly number[]
}

function orderTrees(model: ModelField, groups: number): TreeOrder {
  const trees = model.get('trees')
  const count = trees.list().length
  const parallelField = model.get('gbtree_model_param').get('num_parallel_tree')
  const parallel = parallelField.value === undefined ? 1 : parallelField.count(0, 2 ** 31) || 1
  const perRound = parallel * groups
  if (count === 0 || count % perRound !== 0)
    throw trees.refuse(`whole rounds of ${perRound} trees`, `${count} trees`)
  const info = model.get('tree_info')
  const groupOf = info.integers(count, 0, groups - 1)
  for (const [t, group] of groupOf.entries()) {
    const expected = Math.floor((t % perRound) / parallel)
    if (group !== expected) throw info.refuseAt(t, `${expected}`, `${group}`)
  }
  return {
    rounds: count / perRound,
    roundOf: (tree) => Math.floor(tree / perRound),
    trees: (rounds) =>
      Array.from({ length: rounds * perRound }, (_, i) => {
        const [round, place] = [Math.floor(i / perRound), i % perRound]
        return round * perRound + (place % groups) * parallel + Math.floor(place / groups)
      }),
  }
}

/** Rounds up to the best one, where XGBoost has noted it. */
function bestRounds(learner: ModelField, rounds: number): number {
  if (!learner.has('attributes')) return rounds
  const best = learner.get('attributes').get('best_iteration')
  return best.value === undefined ? rounds : best.count(0, rounds - 1) + 1
}

/** Names of the columns; undefined when the model was trained without. */
function readNames(learner: ModelField, columns: number): readonly string[] | undefined {
  if (!learner.has('feature_names')) return undefined
  const field = learner.get('feature_names')
  if (field.list().length === 0) return undefined
  const names = field.fields(columns).map((name) => name.text())
  if (new Set(names).size === columns) return names
  throw field.refuse(`${columns} different names`, 'others')
}
