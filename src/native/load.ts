/** Finds the C++ core, checks it and loads it. */

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isOneCopyError, OneCopyError } from '../errors.ts'
import type { NativeCore } from './core.ts'

/** The C++ core of this process. */
export const native: NativeCore = loadCore()

function loadCore(): NativeCore {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 22 || (major === 22 && minor < 18)) {
    return refuse('ERR_NODE', `onecopy needs Node.js 22.18 or newer, this is ${process.version}.`)
  }
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    return refuse(
      'ERR_PLATFORM',
      `onecopy runs on Linux and macOS, this is ${process.platform}. On Windows use WSL 2.`,
    )
  }
  const folder = new URL('../../', import.meta.url)
  const candidates = [
    new URL('build/Release/onecopy.node', folder),
    new URL(`prebuilds/${process.platform}-${process.arch}/onecopy.node`, folder),
  ].map((url) => fileURLToPath(url))
  const found = candidates.find((path) => existsSync(path))
  if (found === undefined) {
    return refuse(
      'ERR_NATIVE',
      `onecopy has no built core for ${process.platform}-${process.arch} in ${fileURLToPath(folder)}. ` +
        'Build it with `npm rebuild onecopy` (it needs g++, make and python3).',
    )
  }
  try {
    const core = createRequire(import.meta.url)(found) as NativeCore
    core.simdLevel()
    return core
  } catch (cause) {
    if (isOneCopyError(cause) && cause.code === 'ERR_SIMD') return refuse(cause.code, cause.message)
    return refuse(
      'ERR_NATIVE',
      `onecopy could not load its core ${found}: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}. ` +
        'Build it anew with `npm rebuild onecopy`.',
      cause,
    )
  }
}

/**
 * Throws an error that a caller of `import()` can catch; when nobody does, the process ends with
 * the one sentence and no stack, which would only show our own files.
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
