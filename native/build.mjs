/** Builds the C++ core for this machine, into native/build/Release/onecopy.node. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeInterfaceVersion } from './interface.mjs'

const native = dirname(fileURLToPath(import.meta.url))
/** Compilers at a time; each needs some 350 MB. */
const jobs = Math.min(availableParallelism(), 8)

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missingOnly = process.argv.includes('--if-missing')
  if (!missingOnly || !existsSync(join(native, 'build/Release/onecopy.node'))) {
    writeInterfaceVersion(dirname(native))
    const problem = buildCore(native, { sanitize: process.env.ONECOPY_SANITIZE })
    if (problem !== undefined) {
      console.error(
        `Could not build the C++ core of onecopy${problem}. It needs g++ 12 or newer (or clang 16), make, python3 ` +
          `and permission to write to ${join(native, 'build')}.`,
      )
      process.exit(1)
    }
  }
}

/**
 * Builds the core of the sources in `folder` with node-gyp, Node-API's headers and the few build
 * settings of `node/`, so that nothing is downloaded and the result is the same on any Node.
 *
 * @param settings - variables of binding.gyp
 * @param env - further environment, such as another compiler
 * @param options - further options of node-gyp
 * @returns undefined, or what went wrong in words that go on after "could not build"
 */
export function buildCore(folder, settings, env = {}, options = []) {
  const headers = nodeApiHeaders()
  const defines = Object.entries({ ...headers, ...settings })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `'${name}=${value}'`)
  const [command, ...first] = nodeGyp()
  const { status, error } = spawnSync(
    command,
    [
      ...first,
      'configure',
      'build',
      `--nodedir=${native}/node`,
      `--jobs=${jobs}`,
      '--loglevel=error',
      ...options,
    ],
    {
      cwd: folder,
      env: { ...process.env, ...env, GYP_DEFINES: defines.join(' ') },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  return status === 0 ? undefined : error ? ` (${error.message})` : ''
}

/** The headers of the development dependency in a clone, where warnings are errors; else those that are packed. */
function nodeApiHeaders() {
  try {
    const { include_dir: path } = createRequire(import.meta.url)('node-api-headers')
    return { node_api: path, strict: 1 }
  } catch {
    return { node_api: join(native, 'node/include/node') }
  }
}

/** How to start node-gyp: by the PATH, as in npm's scripts, else the one that lies within npm. */
function nodeGyp() {
  const bins = [dirname(process.execPath), ...(process.env.PATH ?? '').split(':')]
  if (bins.some((bin) => existsSync(join(bin, 'node-gyp')))) return ['node-gyp']
  const found = bins
    .map((bin) => join(bin, '../lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js'))
    .find((path) => existsSync(path))
  return found === undefined ? ['npx', '--yes', 'node-gyp@12.4.0'] : [process.execPath, found]
}
