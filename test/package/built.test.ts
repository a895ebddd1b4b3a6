/** What the built package loads, and how it names things. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { default: string }>
}
const doors = Object.entries(exports).flatMap(([name, door]) =>
  typeof door === 'string' ? [] : [name.replace('.', 'onecopy')],
)

test('the front door loads six files, no package, and little of Node', () => {
  const { files, packages } = loadedBy('dist/index.js')
  const chunks = ['common', 'arrays', 'worker', 'parallel', 'watch']
  assert.deepEqual(files.toSorted(), [
    'dist/index.js',
    ...chunks.map((name) => `dist/shared/${name}.js`).toSorted(),
  ])
  assert.deepEqual(packages, [])
  const watch = readFileSync(join(root, 'dist/shared/watch.js'), 'utf8')
  assert.doesNotMatch(watch, /^\/\/ dist\/monitor\/(plot|report|live|heap|budget)\//m)
  const late = ['http', 'crypto', 'zlib', 'inspector', 'child_process']
  const loaded = runProgram(
    "await import('onecopy'); console.log(JSON.stringify(process.moduleLoadList))",
  ) as string[]
  assert.deepEqual(
    late.filter((name) => loaded.includes(`NativeModule ${name}`)),
    [],
  )
})

test('a worker loads three files', () => {
  const { files, packages } = loadedBy('dist/parallel/worker/worker.js')
  assert.deepEqual(files.toSorted(), [
    'dist/parallel/worker/worker.js',
    'dist/shared/common.js',
    'dist/shared/worker.js',
  ])
  assert.deepEqual(packages, [])
})

test("a monitor's thread loads no arrays and no C++ core, which would be part of what it measures", () => {
  const { files, packages } = loadedBy('dist/monitor/watch/sampler-worker.js')
  assert.deepEqual(files.toSorted(), [
    'dist/monitor/watch/sampler-worker.js',
    'dist/shared/common.js',
    'dist/shared/watch.js',
  ])
  assert.deepEqual(packages, [])
})

test('classes and functions have the names that they are exported by', () => {
  const wrong = runProgram(`
    const wrong = []
    for (const door of ${JSON.stringify(doors)})
      for (const [name, value] of Object.entries(await import(door)))
        if (typeof value === 'function' && value.name !== name) wrong.push([door, name, value.name])
    console.log(JSON.stringify(wrong))`)
  assert.deepEqual(wrong, [])
})

test('an ensemble is fitted on workers, and the stack of a failed task ends at the task', () => {
  const { stacks, scores } = runProgram(`
    import { delayed, Parallel, shared } from 'onecopy'
    import { KNeighborsRegressor, LinearRegression, SuperLearner } from 'onecopy/learn'
    const parallel = new Parallel({ workers: 2 })
    const X = shared([60, 2], 'float64')
    for (let i = 0; i < X.size; i++) X.data[i] = (i * 7) % 11
    const ensemble = new SuperLearner({ folds: 3, parallel })
      .add([new LinearRegression(), new KNeighborsRegressor()])
      .addMeta(new LinearRegression())
    await ensemble.fit(X, X.column(0))
    const tasks = [delayed(() => shared([-1]))(), delayed(async () => shared([await -1]))()]
    const failures = await parallel.run(tasks, { onError: 'collect' })
    await parallel.close()
    console.log(JSON.stringify({ stacks: failures.map(({ reason }) => reason.stack), scores: String(ensemble.scores) }))`) as {
    stacks: string[]
    scores: string
  }
  assert.match(scores, /k-neighbors-regressor/)
  for (const [i, stack] of stacks.entries()) {
    assert.match(stack, new RegExp(`in task ${i} \\(`))
    assert.doesNotMatch(stack, /Task \(|Executor/)
  }
})

/** All files that an entry of dist/ imports at once, and the packages that they import. */
function loadedBy(entry: string): { files: string[]; packages: string[] } {
  const files = new Set([join(root, entry)])
  const packages = new Set<string>()
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    for (const [, from] of text.matchAll(
      /^(?:import|\} from|export .*? from)[^'"]*"([^"]+)";$/gm,
    )) {
      if (from!.startsWith('.')) files.add(resolve(dirname(file), from!))
      else packages.add(from!)
    }
  }
  return { files: [...files].map((file) => relative(root, file)), packages: [...packages] }
}

/** Runs a program on the built package; it prints JSON. */
function runProgram(program: string): unknown {
  const flags = ['--input-type=module', '--eval', program]
  return JSON.parse(execFileSync(process.execPath, flags, { cwd: root, encoding: 'utf8' }))
}
