/** The version of the package that this file is part of. */

import { readFileSync } from 'node:fs'
import { packageFile } from '../../package-file.ts'

/** Reads it from `package.json`. */
export function packageVersion(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
