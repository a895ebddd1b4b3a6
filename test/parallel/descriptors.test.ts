/** Descriptors that workers take from this process, and when they are back. */

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { after, mock, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import { limitBehind } from '../../src/system-limits.ts'
import { square } from '../fixtures/tasks/plain.ts'

const skip = process.platform === 'linux' ? false : 'descriptors are counted in /proc'

/** Descriptors that are open after so many worker processes have come and gone. */
async function openAfter(count: number): Promise<number> {
  const parallel = new Parallel({ workers: 2, backend: 'processes', maxTasksPerWorker: 1 })
  const numbers = Array.from({ length: count }, (_, i) => i)
  const results = await parallel.run(numbers.map((x) => delayed(square)(x)))
  assert.deepEqual(
    results,
    numbers.map((x) => x * x),
  )
  await parallel.close()
  return readdirSync('/proc/self/fd').length
}

test('X6: a worker process leaves no descriptor behind', { skip, timeout: 120_000 }, async () => {
  const before = await openAfter(2)
  assert.equal(await openAfter(24), before)
})

/** What a program prints that may have 60 descriptors. */
async function runLimited(name: string, args: string): Promise<string[]> {
  const program = fileURLToPath(new URL(`programs/${name}`, import.meta.url))
  const command = `ulimit -n 60; exec "$0" "$1" ${args}`
  const { stdout } = await promisify(execFile)('bash', ['-c', command, process.execPath, program])
  return stdout.trim().split('\n')
}

/** What tasks give while `free` descriptors are left for their pool. */
function runShort(
  backend: string,
  free: number,
  kind: 'warm' | 'inline' | 'export',
): Promise<string[]> {
  return runLimited('no-descriptors.ts', `${backend} ${free} ${kind}`)
}

const tooMany =
  /since this process has too many files open \(.*\)\. Close some, or allow more of them/

test(
  'without free descriptors runs fail by name, leave none behind, and work again later',
  { skip, timeout: 60_000 },
  async () => {
    const cases = [
      ['processes', 0, 'inline', 'ERR_SYSTEM The parser'],
      ['processes', 0, 'export', 'ERR_WORKER_START A worker could not be started, '],
      ['processes', 4, 'export', 'ERR_WORKER_START A worker could not be started, '],
      ['threads', 0, 'inline', 'ERR_SYSTEM The parser'],
      ['threads', 4, 'export', 'ERR_WORKER_START A worker could not be started, '],
    ] as const
    for (const [backend, free, kind, start] of cases) {
      const [first, second, more, last] = await runShort(backend, free, kind)
      for (const line of [first!, second!]) {
        assert.ok(line.startsWith(start), line)
        assert.match(line, tooMany)
        assert.match(line, /cause: true$/)
      }
      assert.equal(more, '0')
      assert.equal(last, '[ 1, 4, 9 ]')
    }
  },
)

test(
  'a pool whose second worker can not start runs all tasks on the first, and warns once',
  { skip, timeout: 60_000 },
  async () => {
    const [first, ...rest] = await runShort('processes', 0, 'warm')
    assert.equal(first, '[ 1, 4, 9 ]')
    const warnings = rest.filter((line) => line.startsWith('warning: '))
    assert.ok(warnings.length <= 1, rest.join('\n'))
    for (const line of warnings) {
      assert.match(line, tooMany)
      assert.match(line, /The tasks run on one worker meanwhile/)
    }
    const results = rest.filter((line) => line.startsWith('['))
    assert.deepEqual(
      results,
      Array.from({ length: 3 }, () => '[ 1, 4, 9 ]'),
    )
  },
)

test(
  'a result that no descriptor is left for fails by the limit, and later ones come',
  { skip, timeout: 60_000 },
  async () => {
    // Its memory can't be opened, or can't be kept open.
    for (const free of [0, 1]) {
      const [before, without, after] = await runLimited('no-descriptors-for-results.ts', `${free}`)
      assert.equal(before, '200000')
      assert.match(
        without!,
        /^ERR_MEMORY Could not .*too many (files open|open files).*`ulimit -n`/i,
      )
      assert.equal(after, '200000')
    }
  },
)

test("the machine's limit of open files is told from that of this process", () => {
  const said = (message: string) => limitBehind(new Error(message))?.[0]
  assert.equal(said('Could not keep it: Too many open files.'), limitBehind({ code: 'EMFILE' })![0])
  assert.equal(
    said('Could not keep it: Too many open files in system.'),
    limitBehind({ code: 'ENFILE' })![0],
  )
})

test('what spawn throws at once is the reason that no worker starts', async () => {
  const childProcess = process.getBuiltinModule('node:child_process')
  const code = 'ENOMEM'
  mock.method(childProcess, 'spawn', () => {
    throw Object.assign(new Error('spawn ENOMEM'), { code })
  })
  after(() => mock.restoreAll())
  const parallel = new Parallel({ workers: 2, backend: 'processes' })
  await assert.rejects(parallel.run([delayed(square)(1)]), {
    code: 'ERR_WORKER_START',
    message:
      'A worker could not be started, since the system has no memory left for this (spawn ENOMEM). Give less memory to other programs or more to this one (`ulimit -v`, or `memory.max` of a container). Or use fewer workers.',
  })
  mock.restoreAll()
  assert.deepEqual(await parallel.run([delayed(square)(3)]), [9])
  await parallel.close()
})

test('a process that can not be made is the reason that no worker starts', async () => {
  const path = process.execPath
  after(() => (process.execPath = path))
  const parallel = new Parallel({ workers: 1, backend: 'processes' })
  process.execPath = '/nowhere/at/all'
  const run = parallel.run([delayed(square)(1)])
  await assert.rejects(run, {
    code: 'ERR_WORKER_START',
    message: /spawn \/nowhere\/at\/all ENOENT/,
  })
  process.execPath = path
  assert.deepEqual(await parallel.run([delayed(square)(3)]), [9])
  await parallel.close()
})
