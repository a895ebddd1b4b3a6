/** Acceptance case A20: what a stream holds in memory. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { workerBackends } from '../backends.ts'

for (const backend of workerBackends) {
  for (const order of ['input', 'completion']) {
    test(
      `A20: a slow reader of 60 results of 16 MB holds a window of them (${backend}, ${order})`,
      { skip: process.platform !== 'linux', timeout: 120_000 },
      () => {
        const program = join(import.meta.dirname, 'programs/slow-reader.ts')
        const { stdout, stderr } = spawnSync(process.execPath, [program, backend, order, '20'], {
          encoding: 'utf8',
        })
        assert.equal(stderr, '')
        const { results, ahead, read } = JSON.parse(stdout) as Record<string, number>
        assert.equal(read, 60)
        assert.ok(ahead! <= 8, `${ahead} results ahead of their reader`)
        assert.ok(results! <= 12, `memory of ${results} results`)
      },
    )
  }
}
