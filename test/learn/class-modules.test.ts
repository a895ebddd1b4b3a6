/** Each class that a file can name is found in the module that registers it. */

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { importClass } from '../../src/learn/class-modules.ts'
import { classOfName } from '../../src/objects/internal.ts'

const learn = join(import.meta.dirname, '../../src/learn')
const table = readFileSync(join(learn, 'class-modules.ts'), 'utf8')

/** What registers classes, by their names. */
const registered = globSync(join(learn, '**/*.ts')).flatMap((file) =>
  Array.from(readFileSync(file, 'utf8').matchAll(/'onecopy\.([A-Z]\w+)'/g), ([, name]) => ({
    name: name!,
    file: `./${relative(learn, file)}`,
  })),
)

test('every class of learn is imported by its name, from its own module', async () => {
  assert.ok(registered.length > 80, `${registered.length} classes`)
  for (const { name, file } of registered) {
    assert.ok(table.includes(`  ${name}: () => import('${file}'),\n`), `${name} of ${file}`)
    assert.equal(await importClass(name), true, name)
    assert.ok(classOfName(`onecopy.${name}`), name)
  }
})

test('names that no class has import nothing', async () => {
  for (const name of ['Nothing', '', '__proto__', 'toString', '../index', 'linear/ridge'])
    assert.equal(await importClass(name), false)
})
