/** Bundles the program with webpack: onecopy external, and within the bundle; for production and development. */

import { resolve } from 'node:path'
import webpack from 'webpack'

const asModule = { experiments: { outputModule: true }, output: { module: true } }
const bundles = {
  'external/main.mjs': {
    ...asModule,
    mode: 'production',
    externals: { onecopy: 'module onecopy' },
  },
  'development/main.mjs': {
    ...asModule,
    mode: 'development',
    externals: { onecopy: 'module onecopy' },
  },
  'development/main.cjs': { mode: 'development', externals: { onecopy: 'commonjs onecopy' } },
  'bundled/main.mjs': { ...asModule, mode: 'development' },
  'bundled/main.cjs': { mode: 'production' },
}

for (const [filename, { output, ...settings }] of Object.entries(bundles)) {
  const path = resolve('out/webpack')
  const common = { entry: './app/main.js', target: 'node22', performance: false }
  const { promise, resolve: end, reject } = Promise.withResolvers()
  webpack({ ...common, ...settings, output: { ...output, filename, path } }, (error, stats) => {
    if (error) reject(error)
    else if (stats.hasErrors() || stats.hasWarnings()) reject(new Error(stats.toString()))
    else end()
  })
  await promise
}
