/** Many runs on one pool, and many pools: nothing grows. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** `ONECOPY_GROWTH=long node --test test/processes/growth.test.ts`: 10 000 runs, as many names and functions, 1 000 pools. */
const isLong = process.env['ONECOPY_GROWTH'] === 'long'
const counts = isLong
  ? { runs: 10_000, names: 10_000, pools: 1000 }
  : { runs: 500, names: 400, pools: 10 }
const timeout = isLong ? 3_600_000 : 180_000
const program = fileURLToPath(new URL('./programs/growth.ts', import.meta.url))

interface Holdings {
  readonly files: number
  readonly threads: number
  readonly maps: number
  readonly privateMiB: number
  readonly buffersMiB: number
  readonly heapMiB: number
}

/**
 * By how much private memory may differ from one moment to the next: young generations of V8 in this thread and two workers, and what
 * malloc keeps. 500 runs add 50 to 93 MiB, or 14 to 35 with `--max-semi-space-size=1`; with that, 4,000 runs stay at 113 to 146.
 */
const youngMiB = { threads: 128, processes: 32 } as const

for (const backend of ['threads', 'processes'] as const) {
  for (const [what, count] of Object.entries(counts)) {
    test(
      `${count} ${what} on ${backend} leave no files, threads, maps or memory behind`,
      { skip: process.platform !== 'linux', timeout },
      async (context) => {
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ['--expose-gc', program, what, backend, String(count)],
          { timeout, signal: context.signal },
        )
        const lines = stdout.trim().split('\n')
        const [, warm, ...later] = lines.map((line) => JSON.parse(line) as Holdings)
        const last = later.at(-1)!
        console.log(`${count} ${what} on ${backend}: ${JSON.stringify({ warm, last })}`)
        assert.ok(last.files <= warm!.files + 6, 'open files')
        assert.ok(last.threads <= warm!.threads + 1, 'threads')
        assert.ok(last.maps <= warm!.maps + 8, 'maps')
        assert.ok(
          last.privateMiB <= warm!.privateMiB + youngMiB[backend],
          `private memory: ${warm!.privateMiB} MiB, then ${last.privateMiB}`,
        )
        assert.ok(last.buffersMiB <= warm!.buffersMiB + 3, 'array buffers')
        assert.ok(last.heapMiB <= warm!.heapMiB + 4, 'heap')
      },
    )
  }
}
