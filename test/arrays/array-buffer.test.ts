/** Everything works the same where Node can't make SharedArrayBuffers of mapped memory. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const suites = [
  'files/files',
  'files/open-converted',
  'memory/mapping',
  'references/references',
  'ndarray/scratch',
  'references/share',
]

const { NODE_TEST_CONTEXT: _, ...environment } = process.env

test('the suites of mapped memory pass with external ArrayBuffers', () => {
  const files = suites.map((name) => join(import.meta.dirname, `${name}.test.ts`))
  const { status, stdout } = spawnSync(process.execPath, ['--test', ...files], {
    encoding: 'utf8',
    env: { ...environment, ONECOPY_BUFFER: 'arraybuffer' },
  })
  assert.equal(status, 0, stdout)
  assert.match(stdout, /pass \d\d/)
})

test('the switch of this test does switch', () => {
  const program = `
    import { shared } from '${new URL('../../src/arrays/index.ts', import.meta.url).href}'
    console.log(shared([1], 'int8').buffer instanceof ArrayBuffer)`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: { ...environment, ONECOPY_BUFFER: 'arraybuffer' },
  })
  assert.equal(stdout, 'true\n')
})
