/** A reading that is killed leaves nothing behind, whenever it happens. */

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openTable, readCsv } from '../../src/tables/index.ts'
import { withFolder } from './csv-file.ts'

const program = join(import.meta.dirname, 'programs/read-until.ts')
const linux = { skip: process.platform === 'linux' ? false : 'needs unnamed files' }
const rows = 100_000

/** Numbers, categories, and numbers that become text in the last row. */
function writeTable(folder: string): string {
  const path = join(folder, 'data.csv')
  const lines = Array.from({ length: rows }, (_, i) => `${i},t${i % 999},${i < rows - 1 ? i : 'x'}`)
  writeFileSync(path, `a,b,c\n${lines.join('\n')}\n`)
  return path
}

test('killed at any part of the reading, it leaves nothing', linux, async () => {
  await withFolder(async (folder) => {
    const path = writeTable(folder)
    const out = join(folder, 'table')
    for (const part of ['0', '0.5', '1', '1.5', '2']) {
      const { signal } = spawnSync(process.execPath, [program, path, out, part])
      assert.equal(signal, 'SIGKILL')
      assert.deepEqual(readdirSync(folder), ['data.csv'], `killed at ${part}`)
    }
    assert.equal((await readCsv(path, { out })).rows, rows)
  })
})

test(
  'killed while the files get their names, it leaves what the next reading removes',
  linux,
  async () => {
    await withFolder(async (folder) => {
      const path = writeTable(folder)
      const out = join(folder, 'table')
      const [abandoned, young] = ['.table.12-k3x.tmp', '.table.12-9d.tmp']
      const others = ['.tab.a.tmp', '.table.a.b.tmp']
      for (const name of [abandoned, young, ...others]) mkdirSync(join(folder, name))
      for (const name of [abandoned, ...others]) utimesSync(join(folder, name), 0, 0)
      await readCsv(path, { out })
      assert.deepEqual(readdirSync(folder), [...others, young, 'data.csv', 'table'].toSorted())
    })
  },
)

test('killed at any time, it leaves the whole table or nothing', linux, async () => {
  await withFolder(async (folder) => {
    const path = writeTable(folder)
    const out = join(folder, 'table')
    for (let wait = 200; !readdirSync(folder).includes('table'); wait *= 1.4) {
      const child = spawn(process.execPath, [program, path, out, '9'])
      const ended = once(child, 'exit')
      await Promise.race([ended, sleep(wait)])
      child.kill('SIGKILL')
      await ended
      const left = readdirSync(folder).filter((name) => !/^\.table\.[\w-]+\.tmp$/.test(name))
      assert.deepEqual(left, left.length === 1 ? ['data.csv'] : ['data.csv', 'table'])
    }
    assert.equal(
      openTable(out)
        .column('c')
        .get(rows - 1),
      'x',
    )
  })
})
