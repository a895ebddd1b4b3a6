/** Tables of options in docs/ have every option, where it belongs. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { cached } from '../src/cache/index.ts'
import { Parallel } from '../src/parallel/index.ts'
import { readCsv } from '../src/tables/index.ts'

const docs = resolve(import.meta.dirname, '../docs')

/** The options of a function, as its refusal of an unknown one lists them. */
async function listOptions(call: (options: object) => unknown): Promise<string[]> {
  let text = 'the option was not refused'
  try {
    await call({ unknownOption: 1 })
  } catch (error) {
    text = String(error)
  }
  const [, names] = /It has: (.*)\.$/.exec(text) ?? []
  assert.ok(names, text)
  return names.split(', ').toSorted()
}

test('parallel.md lists every option of a pool, a run and a stream', async (t) => {
  const text = readFileSync(join(docs, 'parallel.md'), 'utf8')
  const [, section = ''] = /\n## All options\n([\s\S]*?)\n### /.exec(text) ?? []
  const rows = [...section.matchAll(/^\|( `.*)\|$/gm)].map(([, row]) => row!.split('|'))
  const markedIn = (column: number): string[] =>
    rows
      .filter((cells) => cells[column]!.trim() === 'yes')
      .flatMap(([names]) => [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => name!))
      .toSorted()
  const parallel = new Parallel({ workers: 1 })
  t.after(() => parallel.close())
  assert.deepEqual(markedIn(3), await listOptions((options) => new Parallel(options)))
  assert.deepEqual(markedIn(4), await listOptions((options) => parallel.run([], options)))
  assert.deepEqual(markedIn(5), await listOptions((options) => parallel.stream([], options)))
})

test('tables.md names every option of readCsv', async () => {
  const text = readFileSync(join(docs, 'tables.md'), 'utf8')
  const named = new Set([...text.matchAll(/`(\w+)(?:`|: )/g)].map(([, name]) => name))
  for (const name of await listOptions((options) => readCsv('none.csv', options)))
    assert.ok(named.has(name), name)
})

test('cache.md lists every option of cached', async () => {
  const text = readFileSync(join(docs, 'cache.md'), 'utf8')
  const [, section = ''] = /\n## Options\n([\s\S]*?)\n## /.exec(text) ?? []
  const named = [...section.matchAll(/^\|( `[^|]*)\|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
  )
  const call = (options: object): unknown => cached(() => 1, { folder: 'none', ...options })
  assert.deepEqual(named.toSorted(), await listOptions(call))
})
