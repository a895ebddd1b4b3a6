/** Acceptance case A20: what a stream holds in memory. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { workerBackends } from '../backends.ts'

/** Most results in memory; what is dropped waits until V8 collects it. */
const most = { disposed: 8, dropped: 24 }

for (const backend of workerBackends) {
  for (const [order, end] of [
    ['input', 'dropped'],
    ['completion', 'disposed'],
  ] as const) {
    test(
      `A20: a slow reader of 40 results of 16 MB holds a window of them (${backend}, ${order}, ${end})`,
      { skip: process.platform !== 'linux', timeout: 120_000 },
      () => {
        const program = join(import.meta.dirname, 'programs/slow-reader.ts')
        const { stdout, stderr } = spawnSync(process.execPath, [program, backend, order, end], {
          encoding: 'utf8',
        })
        assert.equal(stderr, '')
        const { results, ahead, read } = JSON.parse(stdout) as Record<string, number>
        assert.equal(read, 40)
        assert.ok(ahead! <= 8, `${ahead} results ahead of their reader`)
        assert.ok(results! <= most[end], `memory of ${results} results`)
      },
    )
  }
}
