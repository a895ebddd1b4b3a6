/** The test helper: memory that a piece of work takes, held against a size. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { isOneCopyError } from '../../../src/errors.ts'
import { array, openArray, saveArray, shared } from '../../../src/arrays/index.ts'
import { expectPeakBelow } from '../../../src/monitor/index.ts'

/** What a rejection says, with its figures taken out. */
async function refusal(promise: Promise<unknown>): Promise<{ text: string; details: object }> {
  try {
    await promise
  } catch (error) {
    assert.ok(isOneCopyError(error))
    assert.equal(error.code, 'ERR_BUDGET')
    const text = error.message
      .replaceAll(/[\d.]+ (?:MB|kB|GB)/g, 'SIZE')
      .replaceAll(/[\d.]+ m?s\b/g, 'TIME')
      .replace(/\(\d+\)/, '(PID)')
    return { text, details: error.details }
  }
  return assert.fail('expected a rejection')
}

test('work within its budget gives its result, whatever was there before', async () => {
  const before = Buffer.alloc(100e6, 1)
  assert.equal(await expectPeakBelow('60MB', () => Buffer.alloc(5e6, 1).length), 5e6)
  assert.equal(await expectPeakBelow('60MB', async () => 'done'), 'done')
  assert.equal(before.length, 100e6)
})

test("the monitor's own thread does not count, however late it comes up", async () => {
  await expectPeakBelow('4MB', () => sleep(500))
})

test('memory that was let go before anybody looked counts', async () => {
  const { text, details } = await refusal(
    expectPeakBelow('50MB', () => {
      Buffer.alloc(120e6, 1)
    }),
  )
  // The monitor's own thread may look in the middle of it, or when most of it is gone.
  assert.match(
    text,
    /^Expected a peak of at most SIZE of hard memory above the start, got SIZE after TIME: (?:node budget-expect\.test\.ts \(PID\) grew by SIZE of private memory|SIZE of it rose and fell between two samples, beside node budget-expect\.test\.ts \(PID\))\.$/,
  )
  const { budget, growth, start, peak } = details as {
    [name in 'budget' | 'growth' | 'start' | 'peak']: number
  }
  assert.equal(budget, 50e6)
  assert.equal(growth, peak - start)
  assert.ok(growth > 119e6 && growth < 160e6, String(growth))
})

const folder = mkdtempSync(join(tmpdir(), 'onecopy-'))
after(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'forty-megabytes.npy')
await saveArray(file, array(new Float64Array(5e6)))

/** Work that drops some 40 MB, of each kind of memory that a process keeps for later use. */
const droppers: Readonly<Record<string, () => unknown>> = {
  'a shared array': () => void shared([5e6]).data.fill(1),
  'written pages of a file': () => void openArray<'float64'>(file, { mode: 'c' }).data.fill(1),
  'a buffer': () => Buffer.alloc(40e6, 1).length,
  'a buffer of less than 32 MB, which the C library allocates on its heap': () =>
    Buffer.alloc(30e6, 1).length,
  'small buffers': () => Array.from({ length: 4000 }, () => new Uint8Array(1e4).fill(1)).length,
  objects: () => Array.from({ length: 4e5 }, (_, i) => ({ i, list: [i] })).length,
}

for (const [what, work] of Object.entries(droppers)) {
  test(`the verdict is the same after earlier work has dropped ${what}`, async () => {
    work()
    for (let i = 0; i < 2; i++) await refusal(expectPeakBelow('20MB', work))
  })
}

test('memory of child processes counts', async () => {
  const script = 'const b = Buffer.alloc(90e6, 1); setTimeout(() => b.length, 500)'
  await refusal(
    expectPeakBelow('60MB', async () => {
      await once(spawn(process.execPath, ['-e', script], { stdio: 'ignore' }), 'exit')
    }),
  )
})

test('what the work throws goes through, also when it took too much', async () => {
  const failure = new Error('of the work')
  const fail = (): void => {
    Buffer.alloc(90e6, 1)
    throw failure
  }
  await assert.rejects(expectPeakBelow('10MB', fail), failure)
})

test("what the work throws goes through when the monitor's thread has died, too", async () => {
  const failure = new Error('of the work')
  const killMonitor = async (): Promise<void> => {
    assert.ok(monitorThread)
    await monitorThread.terminate()
  }
  let monitorThread: Worker | undefined
  process.on('worker', (worker: Worker) => (monitorThread = worker))
  await assert.rejects(
    expectPeakBelow('10MB', async () => {
      await killMonitor()
      throw failure
    }),
    failure,
  )
  await assert.rejects(expectPeakBelow('10MB', killMonitor), {
    code: 'ERR_MONITOR',
    message: "The monitor's thread ended unexpectedly.",
  })
})

test('wrong arguments are refused before the work begins', async () => {
  let calls = 0
  const work = (): void => {
    calls++
  }
  await assert.rejects(expectPeakBelow('lots', work), {
    code: 'ERR_OPTION',
    message: "Expected a size such as '500MB', '1.5GB' or '64MiB', got 'lots'.",
  })
  await assert.rejects(expectPeakBelow('1MB', 'work' as never), {
    name: 'TypeError',
    message: "Expected `work` to be a function, got 'work'.",
  })
  await assert.rejects(expectPeakBelow('1MB', work, { intervalMs: 0 }), { code: 'ERR_OPTION' })
  assert.equal(calls, 0)
})
