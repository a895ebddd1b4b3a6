/** Builds the C++ core, unless the package came with one for this machine. */

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const built = `${root}build/Release/onecopy.node`
const prebuilt = `${root}prebuilds/${process.platform}-${process.arch}/onecopy.node`
const [order] = process.argv.slice(2)

if (order === '--build' || (order === undefined && !existsSync(prebuilt))) build()
if (order === '--prebuild') keepForPackage()

/**
 * Runs node-gyp (npm puts its own on the PATH of a script) with Node-API's headers from npm and
 * the few build settings of `native/node`, so that nothing is downloaded whatever Node runs it.
 */
function build() {
  const { status, error } = spawnSync(
    'node-gyp',
    ['configure', 'build', `--nodedir=${root}native/node`, '--loglevel=error'],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  if (status === 0) return
  console.error(
    'onecopy could not build its C++ core' +
      `${error ? ` (${error.message})` : ''}. It needs g++ 12 or newer (or clang 16), make and python3.`,
  )
  process.exit(1)
}

/** Puts the built core where `npm pack` takes it along, without its symbols. */
function keepForPackage() {
  mkdirSync(dirname(prebuilt), { recursive: true })
  cpSync(built, prebuilt)
  spawnSync('strip', ['--strip-debug', prebuilt], { stdio: 'inherit' })
}
