/** Under Node's permission model: the flags that are documented do, and those that are missing are named. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const library = new URL('../../src/parallel/index.ts', import.meta.url).href
const tasks = new URL('../fixtures/tasks/plain.ts', import.meta.url).href

/** Runs a task on a backend with these flags, and gives what is printed. */
async function run(backend: string, ...flags: string[]): Promise<string> {
  const text = `import { delayed, Parallel } from '${library}'
    import { square } from '${tasks}'
    const parallel = new Parallel({ workers: 1, backend: '${backend}' })
    console.log(await parallel.run([delayed(square)(3)]).catch((error) => error.code + ' ' + error.message))
    await parallel.close()`
  const always = ['--no-warnings', '--permission', '--allow-fs-read=*', '--allow-addons']
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...always,
    ...flags,
    '--input-type=module',
    '--eval',
    text,
  ])
  return stdout
}

const needed = {
  serial: [],
  threads: ['--allow-worker'],
  processes: ['--allow-child-process', '--allow-fs-write=/proc/*'],
}

for (const [backend, flags] of Object.entries(needed)) {
  test(`${backend}: the flags that are documented do`, { timeout: 60_000 }, async () => {
    assert.equal(await run(backend, ...flags), '[ 9 ]\n')
  })

  for (const missing of flags) {
    test(`${backend}: ${missing} is named when it is missing`, { timeout: 60_000 }, async () => {
      assert.equal(
        await run(backend, ...flags.filter((flag) => flag !== missing)),
        `ERR_WORKER_START A worker could not be started: under --permission the backend '${backend}' also needs ${missing}.\n`,
      )
    })
  }
}
