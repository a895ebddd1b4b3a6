/** Loads the parser of JavaScript when something is first parsed. */

import { createRequire } from 'node:module'
import { packageFile } from '../../../package-file.ts'

let parser: typeof import('acorn').parse | undefined

/** `parse` of acorn; loading it takes about 5 ms, which a program whose functions are named doesn't need. */
export const parse: typeof import('acorn').parse = (source, options) =>
  (parser ??= loadParser())(source, options)

/** From the package's own place, also when this code is part of a bundle. */
function loadParser(): typeof import('acorn').parse {
  const require = createRequire(packageFile('package.json'))
  return (require('acorn') as typeof import('acorn')).parse
}
