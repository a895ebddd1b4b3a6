/** Damaged files of estimators are refused, or predict inside their bounds. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import * as learn from '../../../src/learn/index.ts'
import { decode, encode, type Tree } from '../../../src/objects/internal.ts'
import { classes } from '../contract/every-class.ts'
import { randomProblem } from '../random-problem.ts'

/** More of them, such as 5,000: `ONECOPY_FUZZ_RUNS=5000 node --test test/learn/registration/damaged-estimators.test.ts`. */
const runs = Number(process.env['ONECOPY_FUZZ_RUNS'] ?? 60)
const seed = Number(process.env['ONECOPY_FUZZ_SEED'] ?? 20_261_201)

const n = 60
const { X, y } = randomProblem(n, 3)
const labels = array(Float64Array.from({ length: n }, (_, row) => (row * 7 + (row % 4)) % 3))

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
  SimpleImputer: () => ({ addIndicator: true }),
}

function makeOptions(name: string): object {
  if (/^(RandomForest|ExtraTrees)/.test(name)) return { trees: 3 }
  if (name.startsWith('MLP')) return { hiddenLayerSizes: [4, 3], maxIter: 5 }
  if (name.startsWith('Gradient')) return { maxIter: 3, minSamplesLeaf: 5 }
  return options[name]?.() ?? {}
}

const ensemble = async (): Promise<object> =>
  new learn.SuperLearner({ folds: 2 })
    .add({ ridge: new learn.Ridge(), trees: new learn.RandomForestRegressor({ trees: 2 }) })
    .addMeta(new learn.LinearRegression())
    .fit(X, y)

/** Numbers below a bound, the same in every run. */
function draws(start: number): (below: number) => number {
  let state = start
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

interface Slot {
  readonly holder: Record<string, unknown>
  readonly key: string
}

function slotsOf(tree: unknown): Slot[] {
  if (typeof tree !== 'object' || tree === null) return []
  const holder = tree as Record<string, unknown>
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...slotsOf(holder[key])])
}

const odd: readonly unknown[] = [
  [
    0,
    -1,
    1,
    2,
    3,
    0.5,
    255,
    256,
    65_536,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    2 ** 32,
    2 ** 53,
    1e308,
  ],
  ['', 'a', 'uniform', 'distance', 'brute', 'ball-tree', 'kd-tree', 'rbf', 'poly', 'relu', 'auto'],
  [
    null,
    true,
    false,
    [],
    {},
    [[]],
    [1],
    { a: 1 },
    { $: 'number', value: 'NaN' },
    { $: 'undefined' },
  ],
  [
    { $: 'ndarray', array: 0 },
    { $: 'bytes', kind: 'Int32Array', array: 0 },
  ],
  ['Ridge', 'KFold'].map((name) => ({
    $: 'instance',
    type: `onecopy.${name}`,
    version: 1,
    state: {},
  })),
].flat()

/** Changes up to three places of a tree. */
function damage(tree: Tree, arrays: number, next: (below: number) => number): unknown {
  const root = { tree: structuredClone(tree) as unknown }
  for (let count = 1 + next(3); count > 0; count--) {
    const slots = slotsOf((root.tree as { state: unknown }).state)
    if (slots.length === 0) break
    const { holder, key } = slots[next(slots.length)]!
    const other = slots[next(slots.length)]!
    const how = next(5)
    if (key === 'array' && arrays > 0) holder[key] = next(arrays)
    else if (how < 3) holder[key] = structuredClone(odd[next(odd.length)])
    else if (how === 3) holder[key] = structuredClone(other.holder[other.key])
    else if (!Array.isArray(holder)) Reflect.deleteProperty(holder, key)
  }
  return root.tree
}

const methods = ['predict', 'predictProba', 'decisionFunction', 'transform'] as const

type Caller = Partial<Record<(typeof methods)[number], (X: NDArray) => Promise<unknown>>>

/** Options are checked where they are used, so errors of types are errors of options. */
async function tryAll(model: Caller, what: string): Promise<void> {
  for (const method of methods) {
    try {
      await model[method]?.(X)
    } catch (error) {
      assert.ok(isOneCopyError(error) || error instanceof TypeError, `${what}: ${String(error)}`)
    }
  }
}

describe('damaged files of estimators are refused, or predict inside their bounds', () => {
  const makers = classes.map(([name, Class]) => {
    const target = /Classifier|Logistic|NB|SVC/.test(name) ? labels : y
    return [name, (): Promise<object> => new Class(makeOptions(name)).fit(X, target)] as const
  })
  for (const [index, [name, make]] of [...makers, ['SuperLearner', ensemble] as const].entries())
    test(name, async () => {
      const { tree, arrays } = encode(await make())
      let made = 0
      for (let run = 0; run < runs; run++) {
        const next = draws(seed + index * 1_000_003 + run)
        next(2)
        const damaged = damage(tree, arrays.length, next)
        let model: unknown
        try {
          model = decode({ tree: damaged, arrays })
        } catch (error) {
          assert.ok(isOneCopyError(error), `run ${run}: ${String(error)}`)
          assert.ok(['ERR_FORMAT', 'ERR_UNTRUSTED'].includes(error.code))
          continue
        }
        made++
        await tryAll(model as Caller, `run ${run}`)
      }
      assert.ok(made > 0)
    })
})
