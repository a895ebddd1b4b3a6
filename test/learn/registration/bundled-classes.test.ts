/** A bundler keeps the registration of a class that is imported, and no other. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = resolve(import.meta.dirname, '../../..')
mkdirSync(join(root, 'build'), { recursive: true })
const folder = mkdtempSync(join(root, 'build', 'bundled-classes-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const program = `
  import { KFold, Ridge } from './src/learn/index.ts'
  import { classOfName, registrationOf } from './src/objects/internal.ts'
  export const [ridge, folds] = [Ridge, KFold].map((Class) => registrationOf(Class))
  export const isRegistered = (name) => classOfName(name) !== undefined
`

interface Bundle {
  readonly ridge: { readonly name: string; readonly module: string }
  readonly folds: { readonly name: string }
  isRegistered(name: string): boolean
}

for (const minify of [false, true])
  test(`in a bundle${minify ? ' that is minified' : ''}`, async () => {
    const outfile = join(folder, `${minify ? 'small' : 'plain'}.mjs`)
    await build({
      stdin: { contents: program, resolveDir: root, loader: 'ts' },
      bundle: true,
      treeShaking: true,
      minify,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'error',
      outfile,
    })
    const bundle = (await import(pathToFileURL(outfile).href)) as Bundle
    assert.equal(bundle.ridge.name, 'onecopy.Ridge')
    assert.equal(bundle.ridge.module, pathToFileURL(outfile).href)
    assert.equal(bundle.folds.name, 'onecopy.KFold')
    assert.ok(!bundle.isRegistered('onecopy.KMeans'))
    assert.ok(!bundle.isRegistered('onecopy.AutoEnsemble'))
  })
