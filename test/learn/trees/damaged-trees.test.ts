/** Damaged models of trees are refused, or predict inside their memory. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, NDArray } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import * as learn from '../../../src/learn/index.ts'
import { randomProblem } from '../random-problem.ts'

const { X, y } = randomProblem(300, 3)
const labels = array(Float64Array.from({ length: 300 }, (_, row) => (row * 7 + (row % 5)) % 3))

interface Trees extends learn.Configurable {
  nodes_: NDArray<'uint64'>
  treeStarts_: Float64Array
  leafShares_?: NDArray<'float64'>
  fit(X: NDArray, y: NDArray): Promise<this>
  predict(X: NDArray): Promise<NDArray>
  predictProba?(X: NDArray): Promise<NDArray>
}

const small = { minSamplesLeaf: 20 }
const models: Record<string, () => Trees> = {
  DecisionTreeClassifier: () => new learn.DecisionTreeClassifier(small),
  RandomForestClassifier: () => new learn.RandomForestClassifier({ ...small, trees: 4 }),
  ExtraTreesClassifier: () => new learn.ExtraTreesClassifier({ ...small, trees: 4 }),
  DecisionTreeRegressor: () => new learn.DecisionTreeRegressor(small),
  RandomForestRegressor: () => new learn.RandomForestRegressor({ ...small, trees: 4 }),
  ExtraTreesRegressor: () => new learn.ExtraTreesRegressor({ ...small, trees: 4 }),
  GradientBoostingClassifier: () => new learn.GradientBoostingClassifier({ maxIter: 3 }),
  GradientBoostingRegressor: () => new learn.GradientBoostingRegressor({ maxIter: 3 }),
}

const isClassifier = (name: string): boolean => name.endsWith('Classifier')
const hasShares = (name: string): boolean => isClassifier(name) && !name.startsWith('Gradient')

/** Where leaves stand; every other node has a column in its upper half, which a child's bits tell apart. */
function leavesOf({ nodes_, treeStarts_ }: Trees): number[] {
  const words = nodes_.toTypedArray()
  const leaves: number[] = []
  for (let tree = 0; tree + 1 < treeStarts_.length; tree++) {
    const [first, stop] = [treeStarts_[tree]!, treeStarts_[tree + 1]!]
    const isLeaf = new Set(stop === first + 1 ? [first] : [])
    for (let node = first; node < stop; node++) {
      if (isLeaf.has(node)) continue
      const word = words[node]!
      if ((word & (1n << 30n)) !== 0n) isLeaf.add(node + 1)
      if ((word & (1n << 31n)) !== 0n) isLeaf.add(node + Number(word & ((1n << 30n) - 1n)))
    }
    leaves.push(...isLeaf)
  }
  return leaves
}

function withNode(model: Trees, node: number, change: (view: DataView) => void): NDArray {
  const nodes = model.nodes_.copy()
  change(new DataView(nodes.data.buffer, 8 * node, 8))
  return nodes
}

async function damagedPredictions(model: Trees, nodes_: NDArray): Promise<void> {
  // As a change by hand does it, which `restore` doesn't see.
  const changed = Object.assign(learn.clone(model), learn.learnedState(model), { nodes_ })
  for (const method of ['predict', 'predictProba'] as const)
    await changed[method]?.(X).catch((error: unknown) =>
      assert.ok(isOneCopyError(error) && error.code === 'ERR_FORMAT', String(error)),
    )
}

describe('restore refuses leaves that no fit gives, and predictions stay inside', () => {
  for (const [name, make] of Object.entries(models)) {
    test(name, async () => {
      const model = await make().fit(X, isClassifier(name) ? labels : y)
      const state = learn.learnedState(model)
      learn.restore(learn.clone(model), state)
      const values = [Number.NaN, Infinity, -Infinity]
      if (model.treeStarts_.length > 2) values.push(1.7e308)
      if (hasShares(name)) values.push(-1e-265, 0.5, -0.5, 3, -1e9, 1e9, -1.5)
      const leaves = leavesOf(model)
      for (const leaf of [leaves[0]!, leaves.at(-1)!]) {
        for (const value of values) {
          const nodes = withNode(model, leaf, (view) => view.setFloat64(0, value, true))
          const heir = learn.clone(model)
          assert.throws(
            () => learn.restore(heir, { ...state, nodes_: nodes }),
            { code: 'ERR_FORMAT', message: /^Expected `nodes_` of \w+ to be trees whose leaves/ },
            String(value),
          )
          await damagedPredictions(model, nodes)
        }
      }
    })
  }
})

test('restore refuses trees whose nodes are not in order', async () => {
  const model = await new learn.RandomForestClassifier({ ...small, trees: 4 }).fit(X, labels)
  const state = learn.learnedState(model)
  const changes: Record<string, (view: DataView) => void> = {
    'a right child at the node itself': (view) => view.setUint8(0, 0),
    'a right child in place of the left one': (view) => view.setUint8(0, 1),
    'a right child outside': (view) => view.setUint8(2, 255),
    'a column outside': (view) => view.setUint8(7, 255),
    'a leaf that is none': (view) => view.setUint8(3, view.getUint8(3) ^ 0xc0),
  }
  for (const [what, change] of Object.entries(changes)) {
    const nodes = withNode(model, 0, change)
    assert.throws(
      () => learn.restore(learn.clone(model), { ...state, nodes_: nodes }),
      { code: 'ERR_FORMAT', message: /^Expected `nodes_` of RandomForestClassifier/ },
      what,
    )
    await damagedPredictions(model, nodes)
  }
})

test('restore refuses shares of a leaf that are negative or don’t sum to 1', async () => {
  const model = await new learn.DecisionTreeClassifier(small).fit(X, labels)
  const state = learn.learnedState(model)
  for (const value of [-0.1, Number.NaN, Infinity, 0.9999, 2]) {
    const shares = model.leafShares_.copy()
    shares.set(value, 4)
    assert.throws(() => learn.restore(learn.clone(model), { ...state, leafShares_: shares }), {
      code: 'ERR_FORMAT',
      message:
        /^Expected `leafShares_` of DecisionTreeClassifier to be shares of 3 classes, not negative, that sum to 1, got .* from position 3 on\. /,
    })
  }
})
