/** Acceptance cases A14–A18, A42, A43: where shared memory is, and that it goes. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { array, shared } from '../../../src/arrays/index.ts'
import { delayed } from '../../../src/parallel/index.ts'
import { refusal } from '../../arrays/refusal.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { doubleAt } from '../../fixtures/tasks/arrays.ts'
import { everyBackend, onBackends, workerBackends } from '../backends.ts'
import { addAndLook, countMaps, ends, giveHuge, giveHugePrivate } from './tasks/arrays.ts'

const isLinux = process.platform === 'linux'

/** What a program holds of the system, as `programs/remains.ts` prints it. */
type Remains = Record<'files' | 'maps' | 'segments' | 'processes' | 'names', number>

/** Runs a scenario of `programs/remains.ts`, with an empty folder for temporary files. */
function remainsOf(
  context: TestContext,
  ...args: string[]
): Record<'before' | 'during' | 'after', Remains> {
  const program = join(import.meta.dirname, 'programs/remains.ts')
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', program, ...args], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: temporaryFolder(context) },
  })
  assert.equal(stderr, '')
  return JSON.parse(stdout) as Record<'before' | 'during' | 'after', Remains>
}

for (const backend of workerBackends) {
  test(
    `A14, A16: runs, failures and readers that leave write no file, leave nothing, print nothing (${backend})`,
    { skip: !isLinux, timeout: 60_000 },
    (context) => {
      const { before, during, after } = remainsOf(context, 'once', backend)
      assert.ok(during.segments > 0, 'large arrays were in shared memory')
      assert.equal(during.names, before.names, 'which has no name')
      assert.deepEqual({ ...after, files: 0 }, { ...before, files: 0 })
      assert.ok(after.files <= before.files + 3, `${after.files} of ${before.files} files open`)
    },
  )

  test(
    `A16: pools that are closed with results on their way leave nothing (${backend})`,
    { skip: !isLinux, timeout: 120_000 },
    (context) => {
      const { before, after } = remainsOf(context, 'closed', backend)
      assert.deepEqual({ ...after, files: 0 }, { ...before, files: 0 })
    },
  )

  test(
    `A18: a thousand runs leave nothing while the program lives (${backend})`,
    { skip: !isLinux, timeout: 120_000 },
    (context) => {
      const { before, after } = remainsOf(context, 'thousand', backend)
      assert.deepEqual({ ...after, files: 0 }, { ...before, files: 0 })
      assert.ok(after.files <= before.files + 3, `${before.files} files, then ${after.files}`)
    },
  )

  test(
    `A18: pools that are opened and closed leave nothing (${backend})`,
    { skip: !isLinux, timeout: 120_000 },
    (context) => {
      const { before, after } = remainsOf(context, 'pools', backend)
      assert.deepEqual({ ...after, files: 0 }, { ...before, files: 0 })
      assert.ok(after.files <= before.files + 3, `${before.files} files, then ${after.files}`)
    },
  )
}

onBackends(
  everyBackend,
  'A15: two pools at once on one array, and its later contents, never see what the other does',
  async (make) => {
    const [one, two] = [make(), make()]
    const n = 200_000
    const values = array<'float64'>(new Float64Array(n).fill(1))
    const run = (parallel: typeof one, value: number): Promise<number[]> =>
      parallel.run([1, 2, 3].map(() => delayed(addAndLook)(values, value)))
    const seen = await Promise.all([run(one, 10), run(two, 20)])
    assert.deepEqual(seen, [
      [11, 11, 11],
      [21, 21, 21],
    ])
    values.data.fill(2)
    assert.deepEqual(await Promise.all([run(one, 10), run(two, 20)]), [
      [12, 12, 12],
      [22, 22, 22],
    ])
    assert.ok(values.data.every((x) => x === 2))
  },
)

onBackends(
  everyBackend,
  'A43: scratch memory lies in the folder that its own call names, whatever an earlier one said',
  async (make, _, context) => {
    const parallel = make()
    const parent = temporaryFolder(context)
    const folders = [1, 2].map(() => mkdtempSync(join(parent, 'scratch-')))
    for (const scratch of folders) {
      const values = shared([1000], 'float64', { scratch })
      values.set(21, 5)
      const [maps] = await parallel.run([delayed(countMaps)(scratch, [values])])
      assert.ok(maps >= 1, `a worker sees no memory in ${scratch}`)
      await parallel.run([delayed(doubleAt)(values, 5)])
      assert.equal(values.get(5), 42)
      if (isLinux) assert.ok(readlinkSync(`/proc/self/fd/${values.mapping!.fd}`).includes(scratch))
      assert.deepEqual(readdirSync(scratch), [], 'A14: without a name')
    }
  },
)

test('A14: a folder that is too small or missing is refused, and nothing else taken instead', () => {
  assert.throws(
    () => shared([1000], 'float64', { scratch: '/nowhere/at/all' }),
    refusal('ERR_FILE', '/nowhere/at/all'),
  )
  if (isLinux) {
    assert.throws(
      () => shared([2 ** 45], 'float64', { scratch: '/dev/shm' }),
      refusal(
        'ERR_MEMORY',
        /^Could not make scratch memory in \/dev\/shm: Could not reserve \d+ bytes/,
      ),
    )
  }
})

onBackends(everyBackend, 'A42: more than 2 GiB go and come as one array', async (make) => {
  const parallel = make({ workers: 1 })
  const bytes = 2 ** 31 + 3
  const [result] = await parallel.run([delayed(giveHuge)(bytes)])
  assert.deepEqual([result.size, result.get(0), result.get(bytes - 1)], [bytes, 1, 2])
  assert.deepEqual(await parallel.run([delayed(ends)(result)]), [[1, 2]])
})

onBackends(
  everyBackend,
  'A42: more than 2 GiB of private memory come as one array',
  async (make) => {
    const parallel = make({ workers: 1 })
    const bytes = 2 ** 31 + 3
    const [result] = await parallel.run([delayed(giveHugePrivate)(bytes)])
    assert.deepEqual([result.length, result[0], result[bytes - 1]], [bytes, 1, 2])
  },
)
