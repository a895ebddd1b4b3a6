/** Moved memory is right with what an older Node.js needs. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const { NODE_TEST_CONTEXT: _, ...environment } = process.env
const ways = [
  { ONECOPY_HOLD: 'copy' },
  { ONECOPY_BUFFER: 'arraybuffer' },
  { ONECOPY_HOLD: 'copy', ONECOPY_BUFFER: 'arraybuffer' },
]
for (const way of ways) {
  const name = Object.entries(way).join(' and ').replaceAll(',', '=')
  test(`memory stays right with ${name}`, () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--test', join(import.meta.dirname, 'moved-memory.test.ts')],
      { env: { ...environment, ...way }, encoding: 'utf8' },
    )
    assert.equal(status, 0, stdout)
  })
}
