/** Memory of groups: that of rows and groups that occur, and none for a worker that gets one. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const program = join(import.meta.dirname, '../programs/measure-groups.ts')
const linux = { skip: process.platform === 'linux' ? false : 'needs /proc' }

async function measure(what: string): Promise<Record<string, number>> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, what])
  return JSON.parse(stdout) as Record<string, number>
}

test(
  'T9: groups by six columns of 1,000 categories take memory for the rows, not for 1e18 combinations',
  linux,
  async () => {
    const { groups, bytes } = await measure('product')
    assert.equal(groups, 1000)
    assert.ok(bytes! < 64e6, String(bytes))
  },
)

test(
  'T1: a worker that gets one group of a table takes less than 1 MB of memory for it',
  linux,
  async () => {
    const { sum, grown } = await measure('worker')
    assert.equal(sum, 500_000)
    assert.ok(grown! < 1e6, String(grown))
  },
)
