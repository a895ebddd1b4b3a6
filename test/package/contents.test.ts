/** What is in the package, and what is not. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const packed = new Set(listPacked())

test('every file that the README or a page of the docs links to is in the package', () => {
  const pages = [...packed].filter((path) => /^(README|CONTRIBUTING|docs\/.*)\.md$/.test(path))
  const missing = pages.flatMap((page) =>
    linksOf(page)
      .filter((path) => !packed.has(path) && ![...packed].some((it) => it.startsWith(`${path}/`)))
      .map((path) => `${page} -> ${path}`),
  )
  assert.ok(pages.length > 4)
  assert.deepEqual(missing, [])
})

test('the package has no source map, no test and no tool of its own development', () => {
  const foreign = [...packed].filter((path) =>
    /\.map$|^(src|test|bench(?!\/records)|node_modules)\/|(^|\/)build\/|native\/(test|prebuild)\/|docs\/(\.vitepress|api|node_modules)/.test(
      path,
    ),
  )
  assert.deepEqual(foreign, [])
})

test('the package has few dependencies, and the licenses of what is bundled', () => {
  const { dependencies } = readPackage()
  assert.deepEqual(Object.keys(dependencies), ['acorn', 'commander', 'ml-matrix', 'pure-rand'])
  const licenses = readFileSync(join(root, 'dist/LICENSES.txt'), 'utf8')
  for (const name of ['d3-scale', 'd3-shape', 'd3-path', 'uplot'])
    assert.match(licenses, new RegExp(`^${name} \\d`, 'm'))
  assert.ok(packed.has('dist/LICENSES.txt'))
})

test('the schema of ensembles is in the package, under a name of its own', () => {
  assert.ok(packed.has('dist/ensemble.schema.json'))
  const { resolve } = createRequire(join(root, 'package.json'))
  const schema = JSON.parse(readFileSync(resolve('onecopy/ensemble.schema.json'), 'utf8')) as {
    required: string[]
    $defs: { learner: { anyOf: { enum?: string[] }[] } }
  }
  assert.deepEqual(schema.required, ['layers'])
  assert.ok(schema.$defs.learner.anyOf[0]!.enum!.includes('gradient-boosting-classifier'))
})

test('no installer finds anything to run in the package', () => {
  const { scripts } = readPackage()
  // `prepare` would not run there, but npm 11 warns of it.
  const run = ['preinstall', 'install', 'postinstall', 'prepare'].filter((name) => name in scripts)
  assert.deepEqual(run, [])
  assert.ok(!packed.has('binding.gyp'), 'npm and pnpm build a package with binding.gyp in its root')
})

test('the core can be built from the package', () => {
  for (const path of ['native/build.mjs', 'native/binding.gyp', 'native/border/onecopy.cc']) {
    assert.ok(packed.has(path), path)
  }
})

function listPacked(): string[] {
  const command = ['pack', '--dry-run', '--ignore-scripts', '--json']
  const text = execFileSync('npm', command, { cwd: root, encoding: 'utf8', stdio: 'pipe' })
  const [{ files }] = JSON.parse(text) as [{ files: { path: string }[] }]
  return files.map(({ path }) => path)
}

/** Relative targets of a page's links and pictures, from the root of the package. */
function linksOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(([, path]) =>
    normalize(join(dirname(page), path!)).replace(/\/$/, ''),
  )
}

function readPackage(): Record<'scripts' | 'dependencies', Record<string, string>> {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as ReturnType<
    typeof readPackage
  >
}
