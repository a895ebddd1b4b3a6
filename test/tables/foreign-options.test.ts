/** Options of pandas, polars and NumPy are answered with ours. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { csvHint, tableHint } from '../../src/tables/csv/foreign-options.ts'
import { designMatrix, TableEncoder } from '../../src/tables/index.ts'
import { readText } from './csv-file.ts'

const csvOptions = {
  sep: 'onecopy calls it `delimiter`',
  separator: 'onecopy calls it `delimiter`',
  dtype: 'onecopy calls it `schema`',
  na_values: 'onecopy calls it `missing`',
  null_values: 'onecopy calls it `missing`',
  usecols: 'onecopy calls it `columns`',
  has_header: 'onecopy calls it `header`',
  skiprows: 'onecopy calls it `skipRows`',
  nrows: 'onecopy calls it `rowLimit`',
  raggedRows: 'onecopy calls it `shortRows`',
}

const encoderOptions = {
  handle_unknown: 'onecopy calls it `unknown`',
  drop_first: 'every category has a column; linear models need none dropped',
  max_categories: 'onecopy calls it `maxCategories`',
  label: 'onecopy calls it `target`',
  features: 'onecopy calls it `columns`',
}

describe('readCsv', () => {
  for (const [name, clause] of Object.entries(csvOptions)) {
    test(name, async () => {
      await assert.rejects(readText('a\n1\n', { [name]: 'x' }), (error: Error) =>
        error.message.startsWith(
          `readCsv has no option \`${name}\`; ${clause}. It has: delimiter,`,
        ),
      )
    })
  }
})

describe('TableEncoder and designMatrix', () => {
  for (const [name, clause] of Object.entries(encoderOptions)) {
    test(name, async () => {
      const table = await readText('a\n1\n')
      const told = (what: string) => (error: Error) =>
        error.message.startsWith(`${what} has no option \`${name}\`; ${clause}. It has: target,`)
      assert.throws(() => new TableEncoder({ [name]: 1 }), told('TableEncoder'))
      assert.throws(() => designMatrix(table, { target: 'a', [name]: 1 }), told('designMatrix'))
    })
  }
})

test('names that nobody uses get no hint', () => {
  assert.equal(csvHint({ delimiter: true })('colour'), undefined)
  assert.equal(tableHint({ target: true })('colour'), undefined)
})
