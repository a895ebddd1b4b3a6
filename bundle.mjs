/** Makes one file of each module of dist/ that is only imported as a whole. */

import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

// Node takes 0.7 ms of CPU for every file that it imports, in every process and every worker.
// Modules with files that are imported by themselves, such as a worker's, must stay as they are:
// their state would be there twice.
const dist = process.argv[2]
for (const module of ['native', 'arrays', 'tables']) {
  const folder = join(dist, module)
  const index = join(folder, 'index.js')
  await build({
    entryPoints: [index],
    outfile: index,
    allowOverwrite: true,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    sourcemap: true,
    logLevel: 'warning',
    plugins: [{ name: 'other modules', setup: keepOthers }],
  })
  for (const file of readdirSync(folder))
    if (/\.js(\.map)?$/.test(file) && !file.startsWith('index.')) rmSync(join(folder, file))
}

/** Leaves imports of other modules as they are; esbuild does so with those of Node. */
function keepOthers({ onResolve }) {
  onResolve({ filter: /^\.\.\// }, ({ path }) => ({ path, external: true }))
}
