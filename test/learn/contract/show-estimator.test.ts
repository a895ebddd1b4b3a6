/** What `console.log` shows of learners and transformers. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import {
  BaseEstimator,
  ColumnTransformer,
  GradientBoostingClassifier,
  KFold,
  Pipeline,
  RandomForestClassifier,
  Ridge,
  SelectColumns,
  StandardScaler,
} from '../../../src/learn/index.ts'
import { mixedTable } from '../table-of-mixed-columns.ts'
import { classes } from './every-class.ts'

const table = mixedTable(200, { missing: false })

describe('console.log of an estimator', () => {
  test('shows options that differ from their defaults', () => {
    assert.equal(inspect(new Ridge()), 'Ridge (not fitted)')
    assert.equal(inspect(new Ridge({ alpha: 2 })), 'Ridge { alpha: 2 } (not fitted)')
    assert.equal(inspect(new KFold({ folds: 3 })), 'KFold { folds: 3 }')
    const alpha = new Ridge({ alpha: 3 })
    assert.equal(
      inspect(new Pipeline({ steps: { scale: new StandardScaler(), ridge: alpha } })),
      'Pipeline { steps: { scale: StandardScaler, ridge: Ridge { alpha: 3 } } } (not fitted)',
    )
    assert.equal(inspect([[alpha]], { depth: 2 }), '[ [ Ridge { alpha: 3 } ] ]')
  })

  test('shows learned values by their shapes, on one screen', async () => {
    const X = table.select(['size', 'age', 'city', 'kind'])
    const model = await new GradientBoostingClassifier({ maxIter: 100 }).fit(X, 'kind')
    const lines = inspect(model).split('\n')
    assert.equal(lines[0], 'GradientBoostingClassifier')
    assert.ok(lines.length < 25 && lines.every((line) => line.length <= 120), lines.join('\n'))
    const text = lines.join('\n')
    assert.match(text, /\n {2}nodes_ +NDArray uint64 \[\d+\]\n/)
    assert.match(text, /\n {2}binEdges_ +Float64Array\(\d+\) \[/)
    assert.match(text, /\n {2}classes_ +\[ 'cheap', 'dear' \]/)
    assert.match(text, /\n {2}featureNamesIn_ +\[ 'size', 'age', 'city' \]/)
    // A model in an object has its own indentation.
    assert.match(inspect({ model }), /^\{\n {2}model: GradientBoostingClassifier\n/)
  })

  test('shows long options cut', async () => {
    const columns = Array.from({ length: 500 }, (_, j) => `column of a long name ${j}`)
    assert.ok(inspect(new SelectColumns({ columns })).length < 500)
    const weights = Object.fromEntries(Array.from({ length: 500 }, (_, j) => [`class ${j}`, j]))
    const shown = inspect(new RandomForestClassifier({ classWeight: weights }))
    assert.ok(shown.length < 500)
    const nested = new ColumnTransformer({
      transformers: { all: { columns, transformer: new StandardScaler({ withMean: false }) } },
    })
    assert.match(inspect(nested), /StandardScaler \{ withMean: false \}/)
  })

  test('shows every class, also after fit', async () => {
    for (const [name, Class] of classes) {
      const model = new Class()
      assert.ok(inspect(model).startsWith(name))
      assert.match(inspect(model), /^\w+( \{.*\})?( \(not fitted\))?$/)
    }
  })

  test('shows all options of a class that has no defaults, and learned values of your own', () => {
    class Own extends BaseEstimator {
      shift: number
      declare shift_?: Float64Array
      constructor({ shift }: { readonly shift: number }) {
        super()
        this.shift = shift
      }
    }
    const own = new Own({ shift: 0 })
    assert.equal(inspect(own), 'Own { shift: 0 }')
    own.shift_ = Float64Array.of(1, 2)
    assert.equal(inspect(own), 'Own { shift: 0 }\n  shift_  Float64Array(2) [ 1, 2 ]')
  })
})
