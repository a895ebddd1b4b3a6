/** Holds the imports of `src/` against the floors of the house. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'
import { parse } from 'acorn'
import { stripTypeScriptTypes } from 'node:module'

const source = resolve(import.meta.dirname, '../src')

/** Who may import whom; a name is a folder or a file of `src/`. */
const mayImport: Record<string, readonly string[]> = {
  errors: [],
  'terminal-line': [],
  'collect-garbage': [],
  'scratch-file': [],
  'pending-file': ['errors', 'scratch-file'],
  'nearest-names': [],
  'number-units': [],
  'plain-name': [],
  format: [],
  'text-table': [],
  pictures: ['plain-name'],
  charts: ['format', 'pictures'],
  'cgroup-folders': [],
  'recent-map': [],
  'system-limits': [],
  options: ['errors', 'nearest-names', 'number-units'],
  'foreign-options': ['options'],
  'package-file': ['errors'],
  'optional-peer': ['errors'],
  native: ['errors', 'package-file'],
  monitor: [
    'errors',
    'format',
    'text-table',
    'pictures',
    'cgroup-folders',
    'options',
    'foreign-options',
    'plain-name',
    'collect-garbage',
    'scratch-file',
    'pending-file',
    'package-file',
    'optional-peer',
    'native',
  ],
  arrays: [
    'errors',
    'options',
    'foreign-options',
    'collect-garbage',
    'scratch-file',
    'pending-file',
    'system-limits',
    'native',
  ],
  tables: [
    'errors',
    'plain-name',
    'options',
    'foreign-options',
    'nearest-names',
    'scratch-file',
    'pending-file',
    'native',
    'arrays',
    'objects',
  ],
  objects: ['errors', 'options', 'plain-name', 'arrays'],
  zip: ['errors', 'pending-file'],
  container: [
    'errors',
    'options',
    'foreign-options',
    'scratch-file',
    'pending-file',
    'system-limits',
    'native',
    'arrays',
    'objects',
    'zip',
  ],
  parallel: [
    'errors',
    'format',
    'cgroup-folders',
    'options',
    'foreign-options',
    'recent-map',
    'terminal-line',
    'collect-garbage',
    'package-file',
    'system-limits',
    'native',
    'monitor',
    'arrays',
    'objects',
  ],
  learn: [
    'errors',
    'nearest-names',
    'pictures',
    'options',
    'foreign-options',
    'native',
    'arrays',
    'objects',
    'tables',
    'parallel',
  ],
  models: [
    'errors',
    'options',
    'foreign-options',
    'nearest-names',
    'format',
    'scratch-file',
    'pending-file',
    'optional-peer',
    'native',
    'arrays',
    'objects',
    'zip',
    'container',
    'tables',
    'parallel',
    'learn',
  ],
  cache: [
    'errors',
    'options',
    'recent-map',
    'package-file',
    'native',
    'arrays',
    'objects',
    'container',
    'parallel',
    'models',
  ],
  cluster: ['errors', 'arrays', 'objects', 'parallel'],
  serve: [
    'errors',
    'nearest-names',
    'options',
    'foreign-options',
    'format',
    'pictures',
    'package-file',
    'optional-peer',
    'system-limits',
    'native',
    'monitor',
    'arrays',
    'objects',
    'tables',
    'parallel',
    'learn',
    'models',
  ],
  cli: [
    'errors',
    'format',
    'text-table',
    'plain-name',
    'nearest-names',
    'pictures',
    'charts',
    'package-file',
    'terminal-line',
    'collect-garbage',
    'pending-file',
    'native',
    'monitor',
    'arrays',
    'objects',
    'container',
    'tables',
    'parallel',
    'learn',
    'models',
    'cache',
    'serve',
    'cluster',
    'index',
  ],
  index: ['errors', 'arrays', 'objects', 'parallel', 'monitor'],
}

/**
 * The rooms of a module, lowest first: a file imports from its own room and from those before it.
 * A name is a folder, or a file beside the folders; the doors stand above all rooms.
 */
const rooms: Record<string, readonly string[]> = {
  arrays: ['layout', 'math', 'memory', 'ndarray', 'files', 'references'],
  objects: ['values', 'class-registry', 'trees', 'encode', 'decode'],
  tables: ['numbers', 'columns', 'blocks', 'table', 'rows', 'csv', 'matrix', 'genotypes', 'arrow'],
  parallel: [
    'is-parallel',
    'machine',
    'payload',
    'functions',
    'protocol',
    'tasks',
    'worker',
    'backends',
    'run',
    'pool-worker',
    'pool',
    'parallel',
  ],
  'parallel/functions': [
    'scopes',
    'contract',
    'names',
    'source',
    'classes',
    'identity',
    'bundles',
    'revive',
  ],
  monitor: [
    'proc',
    'marks',
    'sampling',
    'record',
    'text',
    'browser',
    'plot',
    'report',
    'watch',
    'budget',
    'heap',
    'live',
  ],
  'monitor/plot': ['figure', 'terminal', 'page'],
  learn: [
    'inputs',
    'statistics',
    'row-parts',
    'contract',
    'registration',
    'features',
    'splits',
    'linear',
    'logistic',
    'robust',
    'svm',
    'preprocessing',
    'bayes',
    'neighbors',
    'cluster',
    'scores',
    'calibration',
    'selection',
    'inspection',
    'cross-validated',
    'combiners',
    'trees',
    'neural',
    'encoders',
    'pipelines',
    'outputs',
    'ensembles',
    'validation',
    'search',
    'auto',
    'checks',
    'transformers',
    'splitters',
    'estimators',
    'metrics',
    'evaluation',
    'class-modules',
  ],
  models: [
    'model-file',
    'named-arrays',
    'json',
    'zip',
    'npz',
    'safetensors',
    'boosted',
    'lightgbm',
    'xgboost',
    'skops',
    'onnx',
  ],
  'learn/scores': [
    'score-options',
    'sorted-order',
    'weighted-mean',
    'scored-rows',
    'numbers',
    'labels',
    'probabilities',
    'take-scored',
    'scorer',
    'require-score',
    'scorer-method',
    'scorer-names',
    'coded-scorer',
  ],
  'learn/ensembles': [
    'calls',
    'folds',
    'members',
    'shared',
    'fits',
    'layer',
    'plan',
    'super-learner',
    'kinds',
  ],
  serve: [
    'http',
    'model',
    'batches',
    'tensors',
    'protocol',
    'rows',
    'observe',
    'page',
    'browser',
    'server',
    'fleet',
  ],
  cli: [
    'output',
    'input',
    'ensemble-file',
    'fit-report',
    'fit-page',
    'fit',
    'model-files',
    'profile',
    'serve',
    'vcf',
    'commands',
    'program',
    'main',
  ],
}

/** A room has at most this many files of its own. */
const largestRoom = 20

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(source, name))

/** Relative imports of a file, type-only ones included, as absolute paths. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"](\.[^'"]+)['"]|\bimport\s*\(?\s*['"](\.[^'"]+)['"]/g
  return [...text.matchAll(pattern)].map((m) => resolve(dirname(file), (m[1] ?? m[2])!))
}

/** The module that a file belongs to: its folder under `src/`, or its own name. */
function moduleOf(file: string): string {
  return relative(source, file).split('/')[0]!.replace(/\.ts$/, '')
}

/** The files of a module that others may import: its public face, and what only modules of ours use. */
function doorsOf(module: string): readonly string[] {
  return ['index.ts', 'internal.ts'].map((name) => join(source, module, name))
}

test('every import points to a lower floor, through one of its doors', () => {
  const wrong: string[] = []
  for (const file of files) {
    const from = moduleOf(file)
    assert.ok(from in mayImport, `${from} has no floor; add it to the table`)
    for (const target of importsOf(file)) {
      const to = moduleOf(target)
      const arrow = `${relative(source, file)} -> ${relative(source, target)}`
      if (from === to) {
        if (doorsOf(to).includes(target) && !doorsOf(to).includes(file))
          wrong.push(`${arrow}: own door`)
      } else if (!mayImport[from]!.includes(to)) wrong.push(`${arrow}: not a lower floor`)
      else if (target !== join(source, `${to}.ts`) && !doorsOf(to).includes(target))
        wrong.push(`${arrow}: not through a door`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('inside a module every import points to the same room or a lower one', () => {
  const wrong: string[] = []
  for (const [house, floors] of Object.entries(rooms)) {
    const folder = join(source, house)
    const roomOf = (file: string) => relative(folder, file).split('/')[0]!.replace(/\.ts$/, '')
    for (const file of files.filter((name) => name.startsWith(`${folder}/`))) {
      if (doorsOf(house).includes(file)) continue
      const from = floors.indexOf(roomOf(file))
      assert.ok(from >= 0, `${house}: ${roomOf(file)} has no floor; add it to the table`)
      for (const target of importsOf(file)) {
        if (!target.startsWith(`${folder}/`) || doorsOf(house).includes(target)) continue
        if (floors.indexOf(roomOf(target)) > from)
          wrong.push(`${relative(source, file)} -> ${relative(source, target)}`)
      }
    }
  }
  assert.deepEqual(wrong, [])
})

test('no room has outgrown itself', () => {
  const sizes = new Map<string, number>()
  for (const file of files) sizes.set(dirname(file), (sizes.get(dirname(file)) ?? 0) + 1)
  for (const [folder, size] of sizes)
    assert.ok(size <= largestRoom, `${relative(source, folder)} has ${size} files; split it`)
})

test('no circle of imports, type-only ones included', () => {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(
      !path.includes(file),
      `circle: ${[...path, file].map((f) => relative(source, f)).join(' -> ')}`,
    )
    if (done.has(file)) return
    for (const target of importsOf(file)) if (files.includes(target)) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
})

test('every source parses as a module and says on its first line what it is for', () => {
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    const name = relative(source, file)
    parse(stripTypeScriptTypes(text), {
      ecmaVersion: 2024,
      sourceType: 'module',
      allowHashBang: true,
    })
    const first = text.replace(/^#!.*\n/, '').split('\n')[0]!
    assert.match(first, /^\/\*\* .+ \*\/$/, `${name} must start with /** one sentence */`)
    const words = first.split(/\s+/).length - 2
    assert.ok(words <= 12, `${name}: its first line has ${words} words, at most 12`)
  }
})

test('no room is called utils, helpers or types', () => {
  for (const file of files) assert.doesNotMatch(file, /\/(utils|helpers|types)\.ts$/)
})

test('no file has a `using` declaration, which Node 22 can not parse', () => {
  const root = resolve(source, '..')
  const found = ['src', 'test', 'bench', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.m?[jt]s$/.test(name) && !name.includes('node_modules'))
      .map((name) => join(root, folder, name))
      .filter((file) => /^ *(await )?using \w+ =/m.test(readFileSync(file, 'utf8'))),
  )
  assert.deepEqual(found, [])
})

test('the core and the code have the number of its declarations', async () => {
  const { outdatedFiles } = (await import(
    new URL('../native/interface.mjs', import.meta.url).href
  )) as {
    readonly outdatedFiles: (folder: string) => { file: string }[]
  }
  assert.deepEqual(
    outdatedFiles(resolve(source, '..')).map(({ file }) => file),
    [],
    'run `npm run build:native`',
  )
})
