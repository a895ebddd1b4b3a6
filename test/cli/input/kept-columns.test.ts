/** Columns of a file that learners get as they are. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readOtherTable, readTable } from '../../../src/cli/input/read-table.ts'
import { UsageError } from '../../../src/cli/output/failure.ts'
import { AutoEnsemble } from '../../../src/learn/index.ts'
import { Table } from '../../../src/tables/index.ts'
import { tableLines, Workplace } from '../run-command.ts'

let place: Workplace
before(() => {
  place = new Workplace()
})
after(() => place.remove())

/** Three rows of ten have a size, one has no price, and `mark` is always missing. */
const gaps = tableLines(120)
  .slice(1)
  .map((line, i) => {
    const [size, kind, weight, price] = line.split(',')
    return [i % 10 < 3 ? size : '', kind, weight, i === 5 ? '' : price, ''].join()
  })

function request(name: string, target: string) {
  const file = `${place.path}/${name}`
  return { file, target, keepsColumns: true, table: { header: true } }
}

test('only rows without a target and columns without values are left out', async () => {
  place.file('gaps.csv', ['size,kind,weight,price,mark', ...gaps])
  place.file('later.csv', [
    'price,kind,weight,size',
    ...gaps.map((line, i) => {
      const [size, kind, weight, price] = line.split(',')
      return [price, i === 9 ? 'strange' : kind, weight, size].join()
    }),
  ])
  const input = await readTable(request('gaps.csv', 'price'), () => {})
  const { X, rows, features, sources, notes, task } = input
  assert.deepEqual([features, task], [['size', 'kind', 'weight'], 'regression'])
  assert.deepEqual(sources.at(-1), { name: 'weight', range: [2, 3] })
  assert.deepEqual(notes, [
    "Column 'mark' was left out: it has no value in 120 of 120 rows.",
    "1 of 120 rows has no value in 'price' and was left out.",
  ])
  assert.deepEqual([rows!.length, rows![4], rows![5]], [119, 4, 6])
  assert.ok(X instanceof Table)
  assert.deepEqual([X.names, X.rows, X.column('size').missing], [features, 119, 83])
  assert.deepEqual(X.row(5), { size: NaN, kind: 'plain', weight: Number(gaps[6]!.split(',')[2]) })

  const other = await readOtherTable(request('later.csv', 'price'), input, () => {})
  assert.deepEqual((other.X as Table).names, features)
  assert.deepEqual(other.notes, [
    "Column 'kind' of later.csv has 1 text that the models have not seen and ignore: 'strange'.",
    "1 of 120 rows of later.csv has no value in 'price' and was left out.",
  ])
  const model = new AutoEnsemble({ preset: 'quick', learners: ['linear', 'boosting'] })
  const { leaderboard } = await model.fit(X, input.y)
  assert.ok(leaderboard.ensemble.score < 18, String(leaderboard))
  const score = await model.score(other.X, other.y)
  assert.ok(score < 18, String(score))
})

test('texts are classes, and a file without them or their columns is refused', async () => {
  place.file('kinds.csv', ['weight,kind', '1,a', '2,b', '3,', '4,a'])
  place.file('other.csv', ['kind,size', 'a,1'])
  place.file('none.csv', ['weight,kind', '1,', '2,'])
  const input = await readTable(request('kinds.csv', 'kind'), () => {})
  assert.deepEqual(
    [input.y, input.task, [...input.rows!]],
    [['a', 'b', 'a'], 'classification', [0, 1, 3]],
  )
  await assert.rejects(
    readOtherTable(request('other.csv', 'kind'), input, () => {}),
    {
      constructor: UsageError,
      message: /^Expected .* 'weight'/,
    },
  )
  await assert.rejects(
    readTable(request('none.csv', 'kind'), () => {}),
    {
      constructor: UsageError,
      message:
        "Expected a value of 'kind' in some row, got none in 2. Name another column with --target.",
    },
  )
})
