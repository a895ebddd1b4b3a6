/** Errors of tables in the words of the command. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { faultText } from '../../../src/cli/input/table-advice.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import { type CsvOptions, readCsv } from '../../../src/tables/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'onecopy-advice-'))
after(() => rmSync(folder, { recursive: true }))

/** What the command says of a table with the target `y` that can't be read. */
async function textOf(text: string, options: CsvOptions = {}): Promise<string> {
  const file = join(folder, 'table.csv')
  writeFileSync(file, text)
  const error: unknown = await readCsv(file, { schema: { y: 'number' }, ...options }).then(
    () => assert.fail('the table was read'),
    (reason: unknown) => reason,
  )
  assert.ok(isOneCopyError(error))
  return faultText(error).replace(file, 'FILE')
}

const wrongDelimiters = [
  [',', ';', "','"],
  [';', ',', "';'"],
  ['\t', ',', String.raw`'\t'`],
  ['|', ',', "'|'"],
  [' ', undefined, "' '"],
] as const

for (const [delimiter, given, shown] of wrongDelimiters) {
  test(`a target that another delimiter would find: ${JSON.stringify(delimiter)}`, async () => {
    const rows = [['a', 'y'].join(delimiter), ['1', '2'].join(delimiter)].join('\n')
    const told = await textOf(rows, { delimiter: given })
    assert.ok(
      told.endsWith(` If the fields are separated by ${shown}, pass --delimiter ${shown}.`),
      told,
    )
  })
}

test('a row that the given delimiter cuts names the option of the command', async () => {
  assert.equal(
    await textOf('a,y\n1,2\n3;4\n', { delimiter: ';', schema: {} }),
    "FILE: expected 1 field like the first row has, got 2 at line 3. If the fields are separated by ',', pass --delimiter ','.",
  )
})

test('a header that ends with a delimiter names the option of the command', async () => {
  assert.equal(
    await textOf('a,y,\n1,2\n'),
    'FILE: expected 3 fields like the first row has, got 2 at line 2. The header ends with a delimiter. If rows do not, pass --trailing-delimiter.',
  )
})
