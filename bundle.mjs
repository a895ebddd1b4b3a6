/** Makes one file of what is only imported as a whole in dist/. */

import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

// Node takes 0.7 ms of CPU for every file that it imports, in every process and every worker.
// Modules with files that are imported by themselves, such as a worker's, must stay as they are:
// their state would be there twice.
const dist = process.argv[2]
for (const module of ['native', 'arrays', 'tables']) {
  const folder = join(dist, module)
  await bundle(join(folder, 'index.js'))
  for (const file of readdirSync(folder))
    if (/\.js(\.map)?$/.test(file) && !file.startsWith('index.')) rmSync(join(folder, file))
}
// A thread of its own has its own state; what it shares with the monitor stays for that.
await bundle(join(dist, 'monitor', 'sampler-worker.js'))

/** Puts all that a file imports of its own module into it. */
function bundle(file) {
  return build({
    entryPoints: [file],
    outfile: file,
    allowOverwrite: true,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    sourcemap: true,
    logLevel: 'warning',
    plugins: [{ name: 'other modules', setup: keepOthers }],
  })
}

/** Leaves imports of other modules as they are; esbuild does so with those of Node. */
function keepOthers({ onResolve }) {
  onResolve({ filter: /^\.\.\// }, ({ path }) => ({ path, external: true }))
}
