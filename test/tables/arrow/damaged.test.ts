/** Damaged Arrow files are refused, or read within their bounds. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as flechette from '@uwdata/flechette'
import * as fc from 'fast-check'
import { isOneCopyError } from '../../../src/errors.ts'
import { openArrow } from '../../../src/tables/index.ts'
import { randomRuns } from '../../random-runs.ts'
import { arrowBytes, forms, viewColumn, wideCodeColumn } from './arrow-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'onecopy-damaged-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const texts = ['a', 'bc', null, '', 'long text of more than 12', 'x', 'y', 'z', 'w', 'v']
const lists = flechette.tableFromArrays(
  {
    numbers: [1, 2, null, 4, 5, 6, 7, 8, 9, 10],
    texts,
    codes: ['a', 'b', null, 'a', 'b', 'c', 'a', 'a', 'a', 'c'],
    bits: [true, false, null, true, true, true, true, true, true, true],
    lists: [[1], [2, 3], [], [4], [], [], [], [], [], []],
    constant: Array<number>(10).fill(3),
  },
  {
    types: {
      codes: flechette.dictionary(flechette.utf8()),
      lists: flechette.list(flechette.int32()),
    },
  },
)
const table = flechette.tableFromColumns([
  ...lists.names.map((name, i) => [name, lists.getChildAt(i)] as const),
  ['views', viewColumn(texts)],
  ['wide', wideCodeColumn(texts, [...texts, 'a'])],
] as never)

const columns = ['numbers', 'texts', 'views', 'codes', 'bits', 'constant', 'wide']

/** Reads every cell; what is refused must be refused with a code. */
function readAll(path: string): 'read' | 'refused' {
  try {
    const opened = openArrow(path, { columns })
    const rows = Math.min(opened.rows, 100)
    for (const column of opened.columns)
      for (let row = 0; row < rows; row++) {
        void column.get(row)
        void column.isMissing(row)
      }
    return 'read'
  } catch (error) {
    const codes = ['ERR_FORMAT', 'ERR_INDEX', 'ERR_MEMORY', 'ERR_SHAPE', 'ERR_OPTION']
    if (isOneCopyError(error) && codes.includes(error.code)) return 'refused'
    throw error
  }
}

for (const form of forms) {
  const name = `a ${form.format}${form.codec === undefined ? '' : ` of ${form.codec}`}`
  const whole = arrowBytes(table, form)
  const path = join(folder, `${form.format}-${form.codec ?? 'plain'}.arrow`)

  test(`${name} with damaged bytes is refused by code, or read within its bounds`, () => {
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    })
    const found = { read: 0, refused: 0 }
    const property = fc.property(damage, (changes) => {
      const bytes = whole.slice()
      for (const [at, byte] of changes) bytes[at] = byte
      writeFileSync(path, bytes)
      found[readAll(path)]++
    })
    fc.assert(property, { numRuns: randomRuns(300, 2_000), seed: 5 })
    assert.ok(found.read > 0 && found.refused > 0, JSON.stringify(found))
  })

  test(`${name} that is cut off is refused, or holds whole batches`, () => {
    const step = randomRuns(7, 1)
    for (let end = 0; end < whole.length; end += step) {
      writeFileSync(path, whole.subarray(0, end))
      const result = readAll(path)
      if (form.format === 'file') assert.equal(result, 'refused', `${end} of ${whole.length}`)
    }
  })
}
