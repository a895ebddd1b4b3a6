/** Loads the JavaScript parser on first use. */

import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { OneCopyError, show } from '../../../errors.ts'
import { packageFile } from '../../../package-file.ts'
import { limitBehind } from '../../../system-limits.ts'

let parser: typeof import('acorn').parse | undefined

/**
 * `parse` of acorn; loading it takes about 5 ms, which a program whose functions are named doesn't need.
 *
 * @throws OneCopyError `ERR_SYSTEM`, `ERR_DEPENDENCY` when it can't be loaded; then the next call tries again
 */
export const parse: typeof import('acorn').parse = (source, options) =>
  (parser ??= loadParser())(source, options)

/** From the package's own place, also when this code is part of a bundle. */
function loadParser(): typeof import('acorn').parse {
  const require = createRequire(packageFile('package.json'))
  try {
    return (require('acorn') as typeof import('acorn')).parse
  } catch (cause) {
    throw refuseLoading(cause)
  }
}

function refuseLoading(cause: unknown): OneCopyError {
  const reason = (cause instanceof Error ? cause.message.split('\n')[0]! : show(cause)).replace(
    /\.$/,
    '',
  )
  // Node 22 says of a file that it can't open that there is none.
  const limit = limitBehind(cause) ?? limitBehind(openProblem())
  const why = limit === undefined ? '' : `, since ${limit[0]}`
  const advice = limit === undefined ? 'Install onecopy anew: `npm install onecopy`.' : limit[1]
  return new OneCopyError(
    limit === undefined ? 'ERR_DEPENDENCY' : 'ERR_SYSTEM',
    `The parser of functions' sources (acorn) could not be loaded${why} (${reason}). ${advice}`,
    { cause },
  )
}

/** Why no file of this package can be opened; undefined when one can. */
function openProblem(): unknown {
  try {
    closeSync(openSync(packageFile('package.json'), 'r'))
    return undefined
  } catch (error) {
    return error
  }
}
