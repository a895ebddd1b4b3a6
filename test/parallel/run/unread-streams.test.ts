/** A program hears of streams that it has not read. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

test('a stream that nobody has read is told when its run has failed or waits', () => {
  const program = fileURLToPath(new URL('../programs/unread.ts', import.meta.url))
  const advice = 'Await the stream, read it by `for await`, or end it by `return()`.'
  const printed = execFileSync(process.execPath, ['--no-warnings', program], { encoding: 'utf8' })
  assert.deepEqual(printed.trim().split('\n'), [
    `The stream of the run 'failed' was never read, and the run has failed: 1 is odd. ${advice}`,
    `The stream of the run 'waiting' was never read, and the run has not finished, since its tasks wait until there is room for results. ${advice}`,
  ])
})
