/** What saving, opening and refusing a container takes, in anonymous and shared memory. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../arrays/temporary-folder.ts'
import { craftZip, soundMembers } from './crafted-file.ts'

const skip = process.platform !== 'linux'
const megabyte = 2 ** 20

/** Runs a scenario of `programs/measure.ts` in a process of its own. */
function measure(scenario: string, path: string, size = 0): { bytes: number; size: number } {
  const program = join(import.meta.dirname, 'programs/measure.ts')
  const { stdout, stderr } = spawnSync(process.execPath, [program, scenario, path, String(size)], {
    encoding: 'utf8',
  })
  assert.ok(stdout.startsWith('{'), stderr)
  return JSON.parse(stdout) as { bytes: number; size: number }
}

test('saving takes some megabytes, opening none, a copy the file once', { skip }, (t) => {
  const path = join(temporaryFolder(t), 'a.onecopy')
  const saved = measure('save', path, 96 * megabyte)
  assert.ok(saved.bytes < 32 * megabyte, `saving took ${saved.bytes} bytes`)
  assert.ok(saved.size > 144 * megabyte)
  const { bytes } = measure('open', path)
  assert.ok(bytes < 16 * megabyte, `opening and verifying took ${bytes} bytes`)
  const copied = measure('copy', path)
  assert.ok(copied.bytes < copied.size + 16 * megabyte, `a copy took ${copied.bytes} bytes`)
})

test('refusing takes less than two times the file', { skip }, (t) => {
  const path = join(temporaryFolder(t), 'bad.onecopy')
  const many = (count: number): Parameters<typeof craftZip>[0] => [
    soundMembers()[0]!,
    ...Array.from({ length: count }, (_, i) => ({ ...soundMembers()[1]!, name: `${i}.npy` })),
    { ...soundMembers()[1]!, name: '0.npy' },
  ]
  const files: Record<string, Buffer> = {
    'many members, the last one twice': craftZip(many(4000)),
    'a schema of empty lists': craftZip(
      soundMembers({}, { content: Buffer.from(`[${'[],'.repeat(4e6)}1]`) }),
    ),
    'a schema of texts that is cut': craftZip(
      soundMembers({}, { content: Buffer.from(`[${'"ab",'.repeat(5e6)}`) }),
    ),
  }
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(path, content)
    const { bytes, size } = measure('refuse', path)
    assert.ok(bytes < 2 * size + 16 * megabyte, `${name}: ${bytes} bytes for ${size}`)
  }
})
