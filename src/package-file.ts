/** Finds files of this package, also from inside a bundle. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { OneCopyError } from './errors.ts'

// A bundle in CommonJS has no import.meta.url, and its own file name instead.
const here: string =
  import.meta.url ??
  pathToFileURL(typeof __filename === 'string' ? __filename : `${process.cwd()}/bundle.js`).href

/** Loads CommonJS modules and addons as this file would. */
export const requireFromHere = createRequire(here)

/**
 * A file of the package, such as `native/build.mjs`.
 *
 * @throws OneCopyError `ERR_DEPENDENCY` when this code was bundled and the package is not installed
 *   where the bundle runs
 */
export function packageFile(path: string): URL {
  root ??= findRoot()
  return new URL(path, root)
}

/** A module that is started by its file, such as a worker: named without folder and extension. */
export function packageModule(name: string): URL {
  return here.endsWith('.ts') ? packageFile(`src/${name}.ts`) : packageFile(`dist/${name}.js`)
}

let root: URL | undefined

/** The folder above this file, or the installed package when this file is part of a bundle. */
function findRoot(): URL {
  for (const up of ['../', '../../', '../../../']) {
    const folder = new URL(up, here)
    if (isOurs(folder)) return folder
  }
  try {
    return new URL('.', pathToFileURL(requireFromHere.resolve('onecopy/package.json')))
  } catch (cause) {
    throw new OneCopyError(
      'ERR_DEPENDENCY',
      `onecopy is part of the bundle ${here} and can't find its own package from there, which holds its C++ core and its workers. ` +
        'Install it where the bundle runs: `npm install onecopy`.',
      { cause },
    )
  }
}

function isOurs(folder: URL): boolean {
  try {
    const text = readFileSync(new URL('package.json', folder), 'utf8')
    return (JSON.parse(text) as { name?: unknown }).name === 'onecopy'
  } catch {
    return false
  }
}
