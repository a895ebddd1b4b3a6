/** Finds the C++ core, checks it and loads it. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isOneCopyError, OneCopyError } from '../errors.ts'
import { packageFile, requireFromHere } from '../package-file.ts'
import type { NativeCore } from './core.ts'
import { interfaceVersion } from './interface-version.ts'
import { withOwnErrors } from './own-errors.ts'

/** The C++ core of this process. */
export const native: NativeCore = loadCore()

function loadCore(): NativeCore {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 22 || (major === 22 && minor < 18)) {
    return refuse(
      'ERR_PLATFORM',
      `onecopy needs Node.js 22.18 or newer, this is ${process.version}.`,
    )
  }
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    return refuse(
      'ERR_PLATFORM',
      `onecopy runs on Linux and macOS, this is ${process.platform}. On Windows use WSL 2.`,
    )
  }
  const path = (name: string): string => fileURLToPath(packageFile(name))
  // A core that was built on this machine comes first: it exists because the packaged one did not fit.
  const cores = [
    path('native/build/Release/onecopy.node'),
    path(`prebuilds/${process.platform}-${process.arch}/onecopy.node`),
  ]
  const problems: string[] = []
  let cause: unknown
  for (const core of cores.filter((file) => existsSync(file))) {
    try {
      const loaded = withOwnErrors(requireFromHere(core) as NativeCore)
      if (loaded.interfaceVersion !== interfaceVersion) {
        problems.push(`can't use ${core}, which was built from other sources`)
        continue
      }
      loaded.simdLevel()
      return loaded
    } catch (error) {
      if (isOneCopyError(error) && error.code === 'ERR_OPTION') {
        return refuse(error.code, error.message)
      }
      if ((error as NodeJS.ErrnoException).code === 'ERR_DLOPEN_DISABLED') {
        return refuse(
          'ERR_PLATFORM',
          'onecopy needs its C++ core, which Node.js may not load here. Add `--allow-addons` to `--permission`, or leave out `--no-addons`.',
          error,
        )
      }
      cause ??= error
      const [reason] = (error instanceof Error ? error.message : String(error)).split('\n')
      problems.push(`could not load ${core}: ${reason}`)
    }
  }
  if (problems.length === 0) {
    problems.push(`has no C++ core for ${process.platform}-${process.arch} in ${path('.')}`)
  }
  return refuse(
    'ERR_PLATFORM',
    `onecopy ${problems.join('; it ')}. Build a core for this machine with ` +
      `\`node ${path('native/build.mjs')}\` (it needs g++ 12 or newer, make and python3).`,
    cause,
  )
}

/**
 * Throws an error that a caller of `import()` can catch. If nobody does, the process prints the message without a stack,
 * which would only show our own files, and exits.
 */
function refuse(code: string, message: string, cause?: unknown): never {
  const error = new OneCopyError(code, message, cause === undefined ? {} : { cause })
  error.stack = `OneCopyError [${code}]: ${message}`
  const say = (thrown: unknown): void => {
    process.stderr.write(
      `${thrown === error ? message : thrown instanceof Error ? thrown.stack : String(thrown)}\n`,
    )
    process.exit(1)
  }
  process.once('uncaughtException', say)
  setImmediate(() => process.off('uncaughtException', say))
  throw error
}
