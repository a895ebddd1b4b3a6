/** The line that says how a run stands. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statusText } from '../../../src/cli/profile/status-text.ts'
import { MemoryReport } from '../../../src/monitor/index.ts'
import { makeRun, MB } from '../../monitor/runs.ts'

test('the status line cleans the name of a phase, which any process may have chosen', () => {
  const data = makeRun({
    durationMs: 1000,
    samples: 2,
    processes: [{ name: 'node', anonymous: () => 8 * MB }],
    phases: [['fit\u001B[2J\u001B]0;owned\u0007', 0, 1000]],
  })
  const line = statusText(new MemoryReport(data))
  assert.equal(
    line,
    '1.0 s   8.00 MB hard   peak 8.00 MB   1 process   fit\ufffd[2J\ufffd]0;owned\ufffd',
  )
})
