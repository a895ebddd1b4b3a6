/** Trees, forests and boosted trees of scikit-learn as ours. */

import { array } from '../../arrays/index.ts'
import {
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  type Estimator,
  ExtraTreesClassifier,
  ExtraTreesRegressor,
  type LearnedState,
  RandomForestClassifier,
  RandomForestRegressor,
  restore,
} from '../../learn/index.ts'
import { packTrees } from '../../learn/internal.ts'
import type { Converter, FittedObject } from './converter.ts'
import { ObjectFields } from './object-fields.ts'
import { showSkops, SkopsObject, type SkopsValue } from './skops-values.ts'
import { readSplitTree, type ReadTree } from './split-nodes.ts'

/** What makes our trees and forests of objects of these classes. */
export const treeConverters: Readonly<Record<string, Converter>> = {
  'tree.DecisionTreeRegressor': (fields) =>
    ofNumbers(fields, new DecisionTreeRegressor(), [fields]),
  'tree.ExtraTreeRegressor': (fields) => ofNumbers(fields, new DecisionTreeRegressor(), [fields]),
  'tree.DecisionTreeClassifier': (fields) =>
    ofClasses(fields, new DecisionTreeClassifier(), [fields]),
  'tree.ExtraTreeClassifier': (fields) => ofClasses(fields, new DecisionTreeClassifier(), [fields]),
  'ensemble.RandomForestRegressor': (fields) => forest(fields, ofNumbers, RandomForestRegressor),
  'ensemble.ExtraTreesRegressor': (fields) => forest(fields, ofNumbers, ExtraTreesRegressor),
  'ensemble.RandomForestClassifier': (fields) => forest(fields, ofClasses, RandomForestClassifier),
  'ensemble.ExtraTreesClassifier': (fields) => forest(fields, ofClasses, ExtraTreesClassifier),
}

type MakeModel = (
  fields: ObjectFields,
  model: Estimator,
  trees: readonly ObjectFields[],
) => FittedObject

function forest(
  fields: ObjectFields,
  make: MakeModel,
  Forest: new (options: { trees: number; bootstrap: boolean }) => Estimator,
): FittedObject {
  const list = fields.list('estimators_')
  const trees = list.map((one, i) => treeFields(fields, one, `estimators_[${i}]`))
  if (trees.length === 0) throw fields.refuse('estimators_', 'at least one tree', 'none')
  const bootstrap = fields.booleanOr('bootstrap', true)
  return make(fields, new Forest({ trees: trees.length, bootstrap }), trees)
}

/** The fields of a tree that stands in an attribute of `fields`. */
export function treeFields(fields: ObjectFields, value: SkopsValue, name: string): ObjectFields {
  const known = /^sklearn\.tree\.\w+\.(?:DecisionTree|ExtraTree)(?:Regressor|Classifier)$/
  if (value instanceof SkopsObject && known.test(value.className))
    return new ObjectFields(value, fields.path, fields.placeOf(name))
  throw fields.refuse(name, 'a tree of scikit-learn', showSkops(value))
}

function ofNumbers(
  fields: ObjectFields,
  model: Estimator,
  trees: readonly ObjectFields[],
): FittedObject {
  const columns = fields.count('n_features_in_', 1)
  const read = trees.map((tree) => readSplitTree(tree, columns))
  const list = read.map(({ leafNodes, valueOf, ...tree }, t) => {
    if (tree.width !== 1) throw trees[t]!.refuse('tree_', 'a tree of numbers', 'one of classes')
    return { ...tree, leaves: leafNodes.map((node) => valueOf(node, 0)) }
  })
  return restored(fields, model, columns, packTrees(list, columns))
}

function ofClasses(
  fields: ObjectFields,
  model: Estimator,
  trees: readonly ObjectFields[],
): FittedObject {
  const columns = fields.count('n_features_in_', 1)
  const classes_ = fields.labels('classes_')
  const shares: number[] = []
  const starts = [0]
  const list = trees.map((tree) => {
    const read = readSplitTree(tree, columns)
    if (read.width !== classes_.length)
      throw tree.refuse('tree_', `a tree of ${classes_.length} classes`, `one of ${read.width}`)
    const first = shares.length
    const leaves = read.leafNodes.map((node) => {
      const own = sharesOf(read, node, tree)
      const only = own.indexOf(1)
      if (only >= 0) return only
      for (const share of own) shares.push(share)
      return -1 - (shares.length - own.length - first)
    })
    starts.push(shares.length)
    return { ...read, leaves }
  })
  return restored(fields, model, columns, {
    ...packTrees(list, columns),
    classes_,
    leafShares_: array(Float64Array.from(shares)),
    leafShareStarts_: Float64Array.from(starts),
  })
}

/** Shares of the classes in a leaf: scikit-learn keeps sums of weights before version 1.3, then shares. */
function sharesOf({ width, valueOf }: ReadTree, node: number, tree: ObjectFields): number[] {
  const values = Array.from({ length: width }, (_, k) => valueOf(node, k))
  const total = values.reduce((sum, value) => sum + value, 0)
  if (values.every((value) => value >= 0) && total > 0) return values.map((value) => value / total)
  throw tree.refuse('tree_', 'weights of classes that are not negative in each leaf', 'others')
}

function restored(
  fields: ObjectFields,
  model: Estimator,
  columns: number,
  state: object,
): FittedObject {
  const learned = {
    className_: model.constructor.name,
    ...state,
    featureGains_: new Float64Array(columns),
    featureImportances_: new Float64Array(columns),
    targetShape_: [],
  } as LearnedState
  return { model: restore(model, learned), columns, fields }
}
