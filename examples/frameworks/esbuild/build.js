/** Bundles the program with esbuild: onecopy external, and within the bundle. */

import { build } from 'esbuild'

const common = { entryPoints: ['app/main.js'], bundle: true, platform: 'node', logLevel: 'error' }
const bundled = { ...common, logOverride: { 'empty-import-meta': 'silent' } }

await build({
  ...common,
  format: 'esm',
  external: ['onecopy'],
  outfile: 'out/esbuild/external/main.mjs',
})
await build({ ...bundled, format: 'esm', outfile: 'out/esbuild/bundled/main.mjs' })
await build({ ...bundled, format: 'cjs', minify: true, outfile: 'out/esbuild/bundled/main.cjs' })
