/** The error class: what it keeps, and that every code is documented. */

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { OneCopyError, isOneCopyError, show } from '../src/errors.ts'

const root = resolve(import.meta.dirname, '..')

test('an error keeps its code, cause and details', () => {
  const cause = new Error('inner')
  const error = new OneCopyError('ERR_SHAPE', 'Expected 2', { cause, details: { got: 3 } })
  assert.equal(error.code, 'ERR_SHAPE')
  assert.equal(error.cause, cause)
  assert.deepEqual(error.details, { got: 3 })
  assert.ok(isOneCopyError(error))
})

test('an error is printed with its code and details, and no more', () => {
  const [, ...fields] = inspect(new OneCopyError('ERR_SHAPE', 'x', { details: { got: 3 } })).split(
    ' {',
  )
  assert.equal(fields.join(' {').replace(/\s+/g, ' '), " code: 'ERR_SHAPE', details: { got: 3 } }")
})

test('an error without a cause has none', () => {
  assert.ok(!('cause' in new OneCopyError('ERR_SHAPE', 'x')))
})

test('an error that went through structured clone by its fields is still known', () => {
  const error = new OneCopyError('ERR_SHAPE', 'Expected 2')
  const copy = structuredClone({ name: error.name, code: error.code, message: error.message })
  assert.ok(isOneCopyError(copy))
  assert.ok(!isOneCopyError(new Error('x')))
  assert.ok(!isOneCopyError(undefined))
})

test('values are shown short and with their kind', () => {
  assert.equal(show('a'), "'a'")
  assert.equal(show('x'.repeat(100)), `'${'x'.repeat(77)}...'`)
  assert.equal(show(12n), '12n')
  assert.equal(show(null), 'null')
  assert.equal(show([1, 2]), 'an array of length 2')
  assert.equal(show(new Map()), 'an object of class Map')
  // Data from anybody may have members with the names of methods.
  const hostile = JSON.parse('{"constructor":{"name":{"toString":1}},"toString":null}') as unknown
  assert.equal(show(hostile), 'an object of class null')
  assert.equal(
    show(() => 1),
    'function (anonymous)',
  )
})

test('every error code of the sources stands in docs/errors.md, and no other', () => {
  const nodes = [
    'ERR_ASSERTION',
    'ERR_DLOPEN_DISABLED',
    'ERR_HTTP_REQUEST_TIMEOUT',
    'ERR_INVALID_ARG_TYPE',
    'ERR_MODULE_NOT_FOUND',
    'ERR_UNKNOWN_FILE_EXTENSION',
    'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
    'ERR_WORKER_OUT_OF_MEMORY',
  ]
  const codes = new Set<string>()
  for (const place of ['src', 'native'])
    for (const name of readdirSync(join(root, place), { recursive: true, encoding: 'utf8' }))
      if (/\.(ts|cc|h)$/.test(name))
        for (const [code] of readFileSync(join(root, place, name), 'utf8').matchAll(
          /(?<=['"])ERR_[A-Z_]+(?=['"])/g,
        ))
          if (!nodes.includes(code)) codes.add(code)
  const documented = [
    ...readFileSync(join(root, 'docs/errors.md'), 'utf8').matchAll(/^\| `(ERR_[A-Z_]+)` \|/gm),
  ].map((m) => m[1]!)
  assert.deepEqual([...documented].sort(), [...codes].sort())
})
