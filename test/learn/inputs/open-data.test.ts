/** Data that is given as paths: CSV, .npy, and folders of tables. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type NDArray, saveArray } from '../../../src/arrays/index.ts'
import {
  AutoEnsemble,
  crossValidate,
  crossValPredict,
  DecisionTreeRegressor,
  Evaluator,
  Ridge,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { readCsv, type Table } from '../../../src/tables/index.ts'
import { randomProblem } from '../random-problem.ts'

const folder = mkdtempSync(join(tmpdir(), 'onecopy-open-data-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const csv = join(folder, 'rows.csv')
const tableFolder = join(folder, 'table')
const { X, y, weights } = randomProblem(60, 2)
let table: Table

before(async () => {
  const lines = Array.from({ length: 60 }, (_, row) =>
    [X.get(row, 0), X.get(row, 1), row % 3 === 0 ? 'a' : 'b', weights[row]! + 1, y.get(row)].join(
      ',',
    ),
  )
  writeFileSync(csv, `first,second,kind,weight,y\n${lines.join('\n')}\n`)
  table = await readCsv(csv, { out: tableFolder })
})

const make = (): SuperLearner =>
  new SuperLearner({ folds: 3 })
    .add(new DecisionTreeRegressor({ maxDepth: 4 }))
    .addMeta(new Ridge())
const valuesOf = (values: unknown): number[] =>
  [...(values as NDArray).copy().toTypedArray()] as number[]

describe('a file with commas, and the folder of a table, are the table', () => {
  test('of an ensemble', async () => {
    const expected = await make().fit(table, 'y', { weights: 'weight' })
    const predicted = valuesOf(await expected.predict(table))
    const score = await expected.score(table, 'y')
    for (const path of [csv, tableFolder]) {
      const ensemble = await make().fit(path, 'y', { weights: 'weight' })
      assert.deepEqual(ensemble.featureNamesIn_, ['first', 'second', 'kind'])
      assert.deepEqual(valuesOf(await ensemble.predict(path)), predicted)
      assert.deepEqual(
        valuesOf(await ensemble.transform(path)),
        valuesOf(await expected.transform(table)),
      )
      assert.equal(await ensemble.score(path, 'y'), score)
    }
  })

  test('of validation, a search and an automatic ensemble', async () => {
    const options = { folds: 3, weights: 'weight' }
    const { summaries } = await crossValidate(make(), table, 'y', options)
    assert.deepEqual((await crossValidate(make(), csv, 'y', options)).summaries, summaries)
    assert.deepEqual(
      valuesOf(await crossValPredict(make(), tableFolder, 'y', options)),
      valuesOf(await crossValPredict(make(), table, 'y', options)),
    )
    const search = new Evaluator({ search: 'grid', folds: 3 }).add(
      new DecisionTreeRegressor({ maxDepth: 2 }),
    )
    assert.ok((await search.fit(csv, 'y')).best.summaries[0]!.mean > 0)
    const auto = new AutoEnsemble({
      learners: { tree: new DecisionTreeRegressor({ maxDepth: 2 }) },
    })
    await auto.fit(tableFolder, 'y')
    assert.equal(valuesOf(await auto.predict(csv)).length, 60)
  })
})

test('a path with another ending is that of an array', async () => {
  const [XPath, yPath] = [join(folder, 'X.npy'), join(folder, 'y.npy')]
  await saveArray(XPath, X)
  await saveArray(yPath, y)
  const expected = await make().fit(X, y)
  const ensemble = await make().fit(XPath, yPath)
  assert.deepEqual(valuesOf(await ensemble.predict(XPath)), valuesOf(await expected.predict(X)))
  const features = table.select(['first', 'second', 'kind'])
  const narrow = join(folder, 'features.csv')
  writeFileSync(narrow, readFileSync(csv, 'utf8').replaceAll(/(,[^,\n]*){2}$/gm, ''))
  const apart = await make().fit(narrow, yPath)
  const whole = await make().fit(features, y)
  assert.deepEqual(valuesOf(await apart.predict(narrow)), valuesOf(await whole.predict(features)))
})

test('files that are no data are refused by what is wrong with them', async () => {
  const zip = join(folder, 'X.npz')
  writeFileSync(zip, Buffer.from('PK\u0003\u0004 and so on', 'latin1'))
  await assert.rejects(make().fit(zip, 'y'), {
    code: 'ERR_FORMAT',
    message:
      `Expected a .npy, .csv or .tsv file, or the folder of a table, got '${zip}'. ` +
      `Expected a .npy file, ${zip} doesn't begin like a .npy file, but like a .npz or zip archive: unpack it first.`,
  })
  const advice =
    " Open a file first, as by openArray('rows.npy') or await readCsv('rows.csv'); ensembles take its path."
  await assert.rejects(new Ridge().fit(csv as never, 'y'), {
    name: 'TypeError',
    message: `Expected \`X\` to be an array or a table, got '${csv}'.${advice}`,
  })
  await assert.rejects(new Ridge().fit('X.npy' as never, y), {
    name: 'TypeError',
    message: `Expected \`X\` to be an NDArray, a typed array or a list of numbers or rows, got 'X.npy'.${advice}`,
  })
  await assert.rejects(make().fit('', 'y'), { code: 'ERR_FILE', message: /got an empty text/ })
  await assert.rejects(make().fit(join(folder, 'none.csv'), 'y'), { code: 'ERR_FILE' })
  await assert.rejects(make().fit(folder, 'y'), { code: 'ERR_FORMAT' })
  await assert.rejects(make().fit(csv, 'z'), { code: 'ERR_INDEX', message: /'z'/ })
})
