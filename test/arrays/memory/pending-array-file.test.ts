/** Files that appear whole or not at all, also when writers die or race. */

import assert from 'node:assert/strict'
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { array, openArray, saveArray } from '../../../src/arrays/index.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const saver = join(import.meta.dirname, '../programs/save-forever.ts')

test('a full disk is an error that leaves the old file', (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a.npy')
  writeFileSync(path, 'old')
  const program = `
    import { saveArray, zeros } from '${new URL('../../../src/arrays/index.ts', import.meta.url).href}'
    await saveArray('${path}', zeros([100000], 'float64')).catch((error) => console.log(error.code, error.cause.code))`
  // The limit of the size of a file stands for a full disk; it gives EFBIG instead of ENOSPC.
  const shell = 'trap "" XFSZ; ulimit -f 64; exec "$0" --input-type=module -e "$1"'
  const { stdout, stderr } = spawnSync('bash', ['-c', shell, process.execPath, program], {
    encoding: 'utf8',
  })
  assert.equal(stdout, 'ERR_FILE EFBIG\n', stderr)
  assert.equal(readFileSync(path, 'utf8'), 'old')
  assert.deepEqual(readdirSync(folder), ['a.npy'])
})

test('a writer killed while it writes leaves nothing', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a.npy')
  const child = fork(saver, [path, String(4 << 20), '1'])
  await once(child, 'message')
  await sleep(5)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const left = readdirSync(folder)
  // Killed in the moment between naming and renaming, the whole file may stay under its temporary name.
  assert.ok(
    left.every((name) => name === 'a.npy' || name.endsWith('.tmp')),
    left.join(),
  )
  assert.ok(left.filter((name) => name.endsWith('.tmp')).length <= 1)
})

test(
  'readers never see a half file while two processes replace it',
  { timeout: 120_000 },
  async (t) => {
    const folder = temporaryFolder(t)
    const path = join(folder, 'a.npy')
    await saveArray(path, array(new Float64Array(50_000).fill(1)))
    const writers = [1, 2].map((value) => fork(saver, [path, '50000', String(value)]))
    await Promise.all(writers.map((writer) => once(writer, 'message')))
    const seen = new Set<number>()
    // A writer that has to wait for the disk may take seconds until its first file is there.
    for (let i = 0; i < 1000 || (seen.size < 2 && !t.signal.aborted); i++) {
      const X = openArray(path, { dtype: 'float64' })
      const [first, last] = [X.get(0), X.get(-1)]
      assert.equal(X.size, 50_000)
      assert.equal(first, last)
      seen.add(first)
      if (i % 100 === 0) await sleep(1)
    }
    assert.equal(seen.size, 2)
    for (const writer of writers) writer.send('stop')
    await Promise.all(writers.map((writer) => once(writer, 'exit')))
    assert.deepEqual(readdirSync(folder), ['a.npy'])
  },
)
