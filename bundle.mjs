/** Makes few files of dist/, since Node takes CPU time for each file that it imports. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import * as esbuild from 'esbuild'

// Node takes 0.7 ms of CPU for every file that it imports, in every process and every worker.
// Modules with files that are imported by themselves, such as a worker's, must stay as they are:
// their state would be there twice.
const dist = resolve(process.argv[2])
for (const module of ['native', 'arrays', 'tables']) {
  const folder = join(dist, module)
  const doors = ['index.js', 'internal.js'].map((name) => join(folder, name)).filter(existsSync)
  const { metafile } = await bundle(doors, folder)
  const made = new Set(Object.keys(metafile.outputs).map((file) => resolve(file)))
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.js') && !made.has(join(folder, file))) rmSync(join(folder, file))
}
// A thread of its own has its own state; what it shares with the monitor stays for that.
const sampler = join(dist, 'monitor/watch/sampler-worker.js')
await bundle([sampler], dirname(sampler), join(dist, 'monitor'))

await bundlePages()
keepPublicTypes()

/** Writes what pages need in a browser: for each a script and a style sheet. */
async function bundlePages() {
  const { bundleForBrowser } = await import(join(dist, 'monitor/plot/page/bundle-for-browser.js'))
  const folder = join(dist, 'monitor/browser')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const page of ['report', 'live']) {
    const source = join(import.meta.dirname, `src/monitor/browser/${page}.ts`)
    const { script, style } = bundleForBrowser(esbuild, source)
    writeFileSync(join(folder, `${page}.js`), script)
    writeFileSync(join(folder, `${page}.css`), style)
  }
}

/** Removes declarations that no public door leads to: users can't import them. */
function keepPublicTypes() {
  const { exports } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
  const types = Object.values(exports).flatMap(({ types: path }) => path ?? [])
  const kept = new Set(types.map((path) => join(dist, relative('dist', path))))
  for (const file of kept) {
    const text = readFileSync(file, 'utf8')
    // Examples in comments match too, and lead nowhere.
    for (const [, path] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)\.[jt]s'/g)) {
      const declared = `${resolve(dirname(file), path)}.d.ts`
      if (existsSync(declared)) kept.add(declared)
    }
  }
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.d.ts') && !kept.has(join(dist, file))) rmSync(join(dist, file))
}

/** Puts all that these files import of their own module into them, and what they share into one file. */
function bundle(files, folder, module = folder) {
  return esbuild.build({
    entryPoints: files,
    outdir: folder,
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    metafile: true,
    logLevel: 'warning',
    chunkNames: 'shared-[hash]',
    plugins: [{ name: 'other modules', setup: (build) => keepOthers(build, module, folder) }],
  })
}

/** Leaves imports of other modules as they are; esbuild does so with those of Node. */
function keepOthers({ onResolve }, module, folder) {
  onResolve({ filter: /^\.\.\// }, ({ path, resolveDir }) => {
    const target = resolve(resolveDir, path)
    if (target.startsWith(`${module}/`)) return undefined
    return { path: relative(folder, target), external: true }
  })
}
