/** Builds the C++ core, unless the package came with one for this machine. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const prebuilt = `${root}prebuilds/${process.platform}-${process.arch}/onecopy.node`
if (!existsSync(prebuilt) || process.argv.includes('--build')) build()

/**
 * Runs node-gyp (npm puts its own on the PATH of a script) with Node-API's headers from npm and
 * the few build settings of `native/node`, so that nothing is downloaded whatever Node runs it.
 */
function build() {
  const { status, error } = spawnSync(
    'node-gyp',
    ['rebuild', `--nodedir=${root}native/node`, '--loglevel=error'],
    { cwd: root, stdio: 'inherit' },
  )
  if (status === 0) return
  console.error(
    'onecopy could not build its C++ core' +
      `${error ? ` (${error.message})` : ''}. It needs g++ 12 or newer (or clang 16), make and python3.`,
  )
  process.exit(1)
}
