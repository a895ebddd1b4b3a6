/** Writers and readers of one path never see half a file, and leave none. */

import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeModel, saveModel } from '../../../src/models/index.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { arange } from '../../../src/arrays/index.ts'

const isLong = process.env['ONECOPY_TEST_LONG'] === '1'

/** Longer: `ONECOPY_RACE_SECONDS=60 node --test test/models/model-file/race.test.ts`. */
const seconds = Number(process.env['ONECOPY_RACE_SECONDS'] ?? (isLong ? 10 : 1))
const [writing, reading] = isLong ? [4, 6] : [2, 3]

/** The numbers from 1 to `count`. */
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

interface Racer {
  readonly child: ChildProcess
  readonly output: { text: string }
}

async function startRacer(t: TestContext, program: string, words: string[]): Promise<Racer> {
  const file = join(import.meta.dirname, `programs/${program}.ts`)
  const child = fork(file, words, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  t.after(() => child.kill('SIGKILL'))
  const output = { text: '' }
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (bytes: Buffer) => (output.text += bytes.toString()))
  await once(child, 'message')
  return { child, output }
}

/** Ends a racer; returns how often it went round. */
async function stopRacer({ child, output }: Racer): Promise<number> {
  const ended = once(child, 'close')
  if (child.exitCode === null) child.send('stop')
  const [code] = (await ended) as [number]
  assert.equal(code, 0, output.text)
  return Number(output.text)
}

test(
  'writers and readers race on one path: no bad read, no file left',
  { timeout: 60_000 + seconds * 4000 },
  async (t) => {
    const folder = temporaryFolder(t)
    const path = join(folder, 'model.onecopy')
    const part = arange(0, 2).copy()
    part.data.fill(1)
    await saveModel({ value: 1, length: 2, part }, path)
    const writers = await Promise.all(
      range(writing).map((value) => startRacer(t, 'save-forever', [path, String(value)])),
    )
    const readers = await Promise.all(
      range(reading).map(() => startRacer(t, 'open-forever', [path])),
    )
    await sleep(seconds * 1000)
    const opened = await Promise.all(readers.map(stopRacer))
    const saved = await Promise.all(writers.map(stopRacer))
    t.diagnostic(`saved ${saved.join(', ')}; opened ${opened.join(', ')}`)
    for (const count of [...opened, ...saved]) assert.ok(count > 0)
    assert.deepEqual(readdirSync(folder), ['model.onecopy'])
    await describeModel(path)
  },
)
