/** Which options of Node a worker is started with. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { threadArguments } from '../../../src/parallel/backends/exec-arguments.ts'

test('limits of memory become those of the thread, and all other options stay', () => {
  const execArgv = ['--max_old_space_size=50', '--import', 'tsx', 'constructor=5', 'toString=1']
  const { execArgv: others, resourceLimits } = threadArguments({ env: {}, execArgv })
  assert.deepEqual(others, execArgv.slice(1))
  assert.deepEqual(resourceLimits, { maxOldGenerationSizeMb: 50 })
})
