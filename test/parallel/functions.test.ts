/** How functions are found by those who import them. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { NDArray } from '../../src/arrays/index.ts'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import { describeFunction, reviveFunction } from '../../src/parallel/internal.ts'
import { exportAt } from '../../src/parallel/functions/names/exports.ts'
import { writtenExport } from '../../src/parallel/functions/names/written-export.ts'
import { refusal } from '../arrays/refusal.ts'
import * as exported from '../fixtures/tasks/exports.ts'

const require = createRequire(import.meta.url)
const fixture = (name: string): string => new URL(`../fixtures/tasks/${name}`, import.meta.url).href

test('every way to export a function or class gives its name, and the function back', async () => {
  const refused = new Set(['made', 'changing', 'object'])
  const names: string[] = []
  for (const [name, fn] of Object.entries(exported)) {
    if (refused.has(name)) continue
    names.push(name)
    const reference = describeFunction(fn)
    assert.deepEqual(reference, { url: fixture('exports.ts'), name })
    assert.equal(await reviveFunction(reference), fn)
  }
  const kinds = [
    'arrow',
    'asyncArrow',
    'cast',
    'declared',
    'default',
    'expression',
    'generated',
    'renamed',
  ]
  for (const name of [...kinds, 'Plain', 'Built', 'Expression'])
    assert.ok(names.includes(name), name)
})

test('functions that no importer could get are refused by name, place and way out', () => {
  const { made, object, changing, makeClosure } = exported
  for (const fn of [object.method, changing, makeClosure(2), made]) {
    assert.throws(
      () => describeFunction(fn),
      refusal('ERR_FUNCTION', fn === made ? '' : 'Export it there'),
    )
  }
  assert.throws(() => describeFunction(object.method), {
    message:
      /^`method` \(exports\.ts:\d+\) is not exported by its module, so a worker can't import it\. Export it there under its own name, or call an exported function that does the work\.$/,
  })
  assert.throws(() => describeFunction(makeClosure(2)), {
    message: /^An anonymous function \(exports\.ts:\d+\) is not exported/,
  })
  for (const fn of [Math.max, exported.arrow.bind(null, 1)]) {
    assert.throws(() => describeFunction(fn), {
      message: `\`${fn.name}\` is a bound or native function: it has no source that a worker could import. Wrap it in an exported function.`,
    })
  }
  assert.throws(() => describeFunction(5 as never), {
    name: 'TypeError',
    message: 'Expected a function, got 5.',
  })
})

test('functions of CommonJS modules and of Node are found', async () => {
  const { cube, Named } = require('../fixtures/tasks/common.cjs') as Record<
    'cube' | 'Named',
    (x: number) => number
  >
  const half = require('../fixtures/tasks/common-function.cjs') as (x: number) => number
  const pairs = [
    [cube, { url: fixture('common.cjs'), name: 'cube', isCommonJs: true }],
    [Named, { url: fixture('common.cjs'), name: 'Named', isCommonJs: true }],
    [half, { url: fixture('common-function.cjs'), name: 'default', isCommonJs: true }],
    [gzipSync, { url: 'node:zlib', name: 'gzipSync' }],
  ] as const
  for (const [fn, reference] of pairs) {
    assert.deepEqual(describeFunction(fn), reference)
    assert.equal(await reviveFunction(reference), fn)
  }
  const parallel = new Parallel({ workers: 1 })
  const values = await parallel.run([delayed(cube)(3), delayed(half)(8), delayed(basename)('/a/b')])
  assert.deepEqual(values, [27, 4, 'b'])
  await parallel.close()
})

test('a class of our own source is found', () => {
  const { url, name } = describeFunction(NDArray)
  assert.deepEqual([basename(url), name], ['ndarray.ts', 'NDArray'])
})

test('positions are read as V8 gives them', () => {
  const at = (source: string, mark: string): string | undefined => {
    const before = source.slice(0, source.indexOf(mark)).split('\n')
    return exportAt(source, before.length - 1, before.at(-1)!.length)
  }
  assert.equal(at('\nexport const a = (x = (y) => y) => x', '(x'), 'a')
  assert.equal(at('export const a = (x = (y) => y) => x', '(y'), undefined)
  assert.equal(at('const a = x => x; export { a as "any name" }', 'x =>'), 'any name')
  assert.equal(at('export const a = __name(async (x) => x, "a")', 'async'), 'a')
  assert.equal(at('export default class { m() {} }', 'class'), 'default')
  assert.equal(at('const a = () => 1; export default a', '()'), 'default')
  assert.equal(at('export let a = () => 1; a = () => 2', '() => 1'), undefined)
  assert.equal(at('export function a() {} a++', '()'), undefined)
  assert.equal(at('#!/usr/bin/env node\nexport function a() {}', '()'), 'a')
  assert.equal(at('export * from "x"; export { b } from "x"; function b() {}', '()'), undefined)
  assert.equal(at('export const a = class { static m() {} }.m', 'class'), undefined)
  assert.equal(at('syntax error', 'error'), undefined)
})

test('an export is read without the parser where it shows who it is', () => {
  const at = (source: string, mark: string): string | undefined =>
    writtenExport(source, source.indexOf(mark))
  assert.equal(at('// one\nexport function a(x) { return a(x - 1) + a.length }', '(x)'), 'a')
  assert.equal(at('export  async function  a   (x) {}', '(x)'), 'a')
  assert.equal(at('export function* a(x) {}', '(x)'), 'a')
  assert.equal(at('let b; export const a = async (x) => x', 'async'), 'a')
  assert.equal(at('export const a = x => x', 'x =>'), 'a')
  const unknown = {
    'export function a(x) {} a = 1': '(x)',
    'export function a(x) {} [...a] = [1]': '(x)',
    'export function a(x) {} ({ b: a } = {})': '(x)',
    'export function a(x) {} for (a of []);': '(x)',
    'export function a(x) {} ++a': '(x)',
    'export function a(x) {} \\u0061 = 1': '(x)',
    'export default function (x) {}': '(x)',
    'export\nfunction a(x) {}': '(x)',
    '/* export */ function a(x) {}': '(x)',
    'function a(x) {} export { a }': '(x)',
    'export let a = (x) => x': '(x)',
    'export const a = b((x) => x)': '(x)',
    'export const a = b = (x) => x': '(x)',
    'export const { a = (x) => x } = {}': '(x)',
    'export const a = class {}': 'class',
  }
  for (const [source, mark] of Object.entries(unknown))
    assert.equal(at(source, mark), undefined, source)
})

test(
  'functions of the entry file travel by their source: the file runs once',
  { timeout: 60_000 },
  () => {
    const path = fileURLToPath(new URL('./programs/entry.ts', import.meta.url))
    const output = execFileSync(process.execPath, [path], { encoding: 'utf8' })
    const why =
      "is in the program's entry file, which a worker can't import because that would run the program again. Export it from a module of its own."
    const guard =
      " Or guard the program's work with `if (process.argv[1] === import.meta.filename)` and name the function with task(import.meta.url, 'name')."
    assert.equal(
      output,
      `started\n\`Learner\` (entry.ts:13) ${why}\n\`triple\` (entry.ts:9) ${why}${guard}\nthreads 21 22\nprocesses 21 22\n`,
    )
  },
)
