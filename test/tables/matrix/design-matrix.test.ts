/** Matrices out of tables. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GaussianNB } from '../../../src/learn/index.ts'
import { type DesignOptions, designMatrix } from '../../../src/tables/index.ts'
import { readText } from '../csv-file.ts'

const text = 'a,kind,y,b\n1,pear,10,5\n2,apple,20,6\n3,fig,30,7\n4,apple,40,8\n'

/** The text and options as plain values. */
async function design(csv: string, options: DesignOptions) {
  const { X, y, names, rows, droppedRows } = designMatrix(await readText(csv), options)
  return { X: X.toArray(), y: y.toArray(), names, rows, droppedRows }
}

test('each category becomes a column of 0 and 1, sorted by its text', async () => {
  assert.deepEqual(await design(text, { target: 'y' }), {
    X: [
      [1, 0, 0, 1, 5],
      [2, 1, 0, 0, 6],
      [3, 0, 1, 0, 7],
      [4, 1, 0, 0, 8],
    ],
    y: [10, 20, 30, 40],
    names: ['a', 'kind=apple', 'kind=fig', 'kind=pear', 'b'],
    rows: undefined,
    droppedRows: 0,
  })
})

test('ordinal categories are their place among all, and columns stand as asked for', async () => {
  const { X, names } = await design(text, {
    target: 'y',
    columns: ['kind', 'a'],
    categories: 'ordinal',
  })
  assert.deepEqual(names, ['kind', 'a'])
  assert.deepEqual(X, [
    [2, 1],
    [0, 2],
    [1, 3],
    [0, 4],
  ])
})

test('X and y lie in scratch memory in the order of rows', async () => {
  const { X, y } = designMatrix(await readText(text), { target: 'a' })
  assert.deepEqual([X.mapping?.kind, y.mapping?.kind], ['scratch', 'scratch'])
  assert.equal(X.isContiguous, true)
  assert.equal(X.dtype, 'float64')
})

test('more rows than a block come out right', async () => {
  const lines = Array.from({ length: 3000 }, (_, i) => `${i},${'xyz'[i % 3]},${2 * i}`)
  const { X, y } = designMatrix(await readText(`a,k,y\n${lines.join('\n')}\n`), { target: 'y' })
  for (let i = 0; i < 3000; i++) {
    const indicators = [0, 1, 2].map((code) => (i % 3 === code ? 1 : 0))
    assert.deepEqual(X.row(i).toArray(), [i, ...indicators])
    assert.equal(y.get(i), 2 * i)
  }
})

const gaps = 'a,k,y\n1,p,10\n,q,20\n3,,30\n4,p,\n5,q,50\n'

test('missing values are refused, with their numbers by column', async () => {
  const table = await readText(gaps)
  assert.throws(() => designMatrix(table, { target: 'y' }), {
    code: 'ERR_VALUE',
    message:
      'Expected a value in every row of the columns used, got 3 of 5 rows without: y (1), a (1), k (1). ' +
      "Leave these rows out with `designMatrix(table, { target, missing: 'drop' })` or " +
      "`new TableEncoder({ missing: 'drop' })`, or choose other columns.",
    details: { rows: 3, columns: { y: 1, a: 1, k: 1 } },
  })
  assert.throws(() => designMatrix(table, { target: 'y', columns: ['a'] }), /got 2 of 5 rows/)
})

test('rows with missing values are left out, and the others known by number', async () => {
  assert.deepEqual(await design(gaps, { target: 'y', missing: 'drop' }), {
    X: [
      [1, 1, 0],
      [5, 0, 1],
    ],
    y: [10, 50],
    names: ['a', 'k=p', 'k=q'],
    rows: Int32Array.of(0, 4),
    droppedRows: 3,
  })
})

test('missing values are kept as NaN, but no row without a target', async () => {
  assert.deepEqual(await design(gaps, { target: 'y', missing: 'keep' }), {
    X: [
      [1, 1, 0],
      [NaN, 0, 1],
      [3, NaN, NaN],
      [5, 0, 1],
    ],
    y: [10, 20, 30, 50],
    names: ['a', 'k=p', 'k=q'],
    rows: Int32Array.of(0, 1, 2, 4),
    droppedRows: 1,
  })
  const { X } = await design(gaps, { target: 'y', missing: 'keep', categories: 'ordinal' })
  assert.deepEqual((X as number[][])[2], [3, NaN])
})

test('a column of texts gives labels, as classifiers take them', async () => {
  const table = await readText('a,kind,y\n1,pear,10\n2,,20\n,fig,30\n4,apple,40\n')
  const { X, y, names, rows, encoder } = designMatrix(table, { labels: 'kind', missing: 'drop' })
  assert.deepEqual([names, y, rows], [['a', 'y'], ['pear', 'apple'], Int32Array.of(0, 3)])
  const model = await new GaussianNB().fit(X, y)
  const predicted: string[] = await model.predict(X)
  assert.deepEqual(predicted, ['pear', 'apple'])
  const kept = designMatrix(table, { labels: 'kind', missing: 'keep' })
  assert.deepEqual(kept.y, ['pear', 'fig', 'apple'])
  assert.deepEqual(designMatrix(table, { labels: 'kind', encoder }).y, y)
  const whole = await readText('a,kind\n1,x\n2,y\n')
  assert.deepEqual(designMatrix(whole, { labels: 'kind' }).y, ['x', 'y'])
  assert.throws(() => designMatrix(table, { labels: 'y' }), {
    code: 'ERR_INDEX',
    message:
      "Expected `labels` to name a column of texts, got column 'y' of numbers. Pass `target: 'y'`: classifiers take numbers, too.",
  })
  assert.throws(() => designMatrix(table, { target: 'y', labels: 'kind' } as DesignOptions), {
    code: 'ERR_OPTION',
    message: "Expected one of `target` and `labels`, got both: 'y' and 'kind'.",
  })
})

test('columns that make no sense are refused', async () => {
  const table = await readText('a,none,k,y\n1,,p,1\n2,,q,2\n')
  const refusals: [DesignOptions, string, string][] = [
    [
      { target: 'k' },
      'ERR_INDEX',
      "Expected a target of numbers, got column 'k' of texts such as 'p', 'q'. For a classifier pass `labels: 'k'` in place of `target`. Columns of numbers: 'a', 'none', 'y'.",
    ],
    [{ target: 'yy' }, 'ERR_INDEX', "Expected the name of a column, got 'yy'. Did you mean 'y'?"],
    [
      { target: 'y', columns: ['a', 'c'] },
      'ERR_INDEX',
      "Expected the name of a column, got 'c'. There are 'a', 'none', 'k', 'y'.",
    ],
    [
      { target: 'y', columns: ['a', 'y'] },
      'ERR_INDEX',
      "Expected `columns` without the target 'y'. Leave it out.",
    ],
    [
      { target: 'y', columns: ['a', 'a'] },
      'ERR_INDEX',
      "Expected each of `columns` once, got 'a' twice.",
    ],
    [
      { target: 'y', columns: [] },
      'ERR_INDEX',
      "Expected at least one column to predict 'y' from, got none.",
    ],
    [
      { target: 'y', missing: 'keep' },
      'ERR_VALUE',
      "Expected values in column 'none', got none in all 2 rows. Leave it out through `columns`.",
    ],
    [
      { target: 'y', columns: ['k'], maxCategories: 1 },
      'ERR_INDEX',
      "Expected at most 1 different texts in column 'k' for one-hot columns, got 2. Leave it out " +
        "through `columns`, choose categories: 'ordinal', or raise `maxCategories`.",
    ],
    [
      { target: 'y', missing: 'mean' as 'drop' },
      'ERR_OPTION',
      "Expected `missing` to be 'error', 'drop' or 'keep', got 'mean'.",
    ],
    [
      { target: 'y', categories: 'hash' as 'ordinal' },
      'ERR_OPTION',
      "Expected `categories` to be 'one-hot' or 'ordinal', got 'hash'.",
    ],
  ]
  for (const [options, code, message] of refusals)
    assert.throws(() => designMatrix(table, options), { code, message })
})

test('columns of a matrix with the same name are refused, with the columns they come from', async () => {
  const table = await readText('x=a,x,y\nb,a=b,1\nc,d,2\n')
  assert.throws(() => designMatrix(table, { target: 'y' }), {
    code: 'ERR_INDEX',
    message:
      "Expected different names for the columns of the matrix, got 'x=a=b' from both 'x=a' and 'x'. " +
      "Rename one of them, leave one out, or pass categories: 'ordinal'.",
  })
  const { names } = designMatrix(table, { target: 'y', categories: 'ordinal' })
  assert.deepEqual(names, ['x=a', 'x'])
  const mixed = await readText('cut=ideal,cut,y\n1,ideal,1\n2,fair,2\n')
  assert.throws(
    () => designMatrix(mixed, { target: 'y' }),
    /'cut=ideal' from both 'cut=ideal' and 'cut'/,
  )
  assert.equal(designMatrix(mixed, { target: 'y', columns: ['cut'] }).X.shape[1], 2)
})

test('a table or options that are none are refused', async () => {
  const table = await readText(text)
  const given = (options: unknown, of: unknown = table): void => {
    designMatrix(of as typeof table, options as DesignOptions)
  }
  assert.throws(() => given(undefined), {
    name: 'TypeError',
    message: 'Expected options such as { target: … }, got undefined.',
  })
  assert.throws(() => given({}), {
    code: 'ERR_OPTION',
    message:
      "Expected `target` to name the column to be predicted, got undefined. There are 'a', 'kind', 'y', 'b'.",
  })
  assert.throws(() => given({ target: 'y', columns: 'a' }), {
    name: 'TypeError',
    message: "Expected `columns` to be a list of names of columns, got 'a'.",
  })
  assert.throws(() => given({ target: 'y' }, Promise.resolve(table)), {
    name: 'TypeError',
    message:
      'Expected `table` to be a Table, got an object of class Promise. Did you forget `await`?',
  })
  assert.throws(() => given({ target: 'y' }, 'data.csv'), {
    name: 'TypeError',
    message: "Expected `table` to be a Table, got 'data.csv'. Read one with `await readCsv(path)`.",
  })
  const words = await readText('w,v\nx,y\n')
  assert.throws(() => given({ target: 'w' }, words), {
    message:
      "Expected a target of numbers, got column 'w' of texts such as 'x'. For a classifier pass `labels: 'w'` in place of `target`. No column of this table has only numbers.",
  })
})

test('a table without rows, or without any whole one, is refused', async () => {
  const empty = await readText('a,y\n')
  assert.throws(() => designMatrix(empty, { target: 'y' }), {
    code: 'ERR_ROWS',
    message: 'Expected rows to fit on, the table has none.',
  })
  const holes = await readText('a,b,y\n1,,1\n,2,2\n')
  assert.throws(() => designMatrix(holes, { target: 'y', missing: 'drop' }), {
    code: 'ERR_VALUE',
    message:
      'Expected rows with a value in every column, got none: a (1), b (1). Choose other columns.',
  })
})
