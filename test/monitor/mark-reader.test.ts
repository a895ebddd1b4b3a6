/** Marks are read whole, however their file is cut up. */

import assert from 'node:assert/strict'
import { writeSync } from 'node:fs'
import { test } from 'node:test'
import { MarkReader } from '../../src/monitor/marks/mark-reader.ts'
import { encodeMark } from '../../src/monitor/marks/mark-file.ts'

test('a letter of several bytes on the border of two reads stays whole', () => {
  for (const shift of [0, 1, 2]) {
    const reader = new MarkReader(() => undefined)
    try {
      const names = Array.from(
        { length: 60 },
        (_, i) => `${'x'.repeat(shift)}${i}${'€'.repeat(900)}`,
      )
      names.forEach((name, i) => {
        const mark = {
          source: 'a',
          number: i + 1,
          pid: 1,
          thread: 0,
          ancestors: [],
          epochMs: i,
          name,
        }
        writeSync(reader.monitorFile!, encodeMark(mark))
      })
      assert.deepEqual(
        reader.read([]).map(({ name }) => name),
        names,
      )
    } finally {
      reader.close()
    }
  }
})
