/** Finds the entry file of this thread or process. */

import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * URL of the entry file, which a worker must not import: that would run the program a second time.
 * Undefined in a REPL and under `--eval`.
 */
export const entryUrl: string | undefined = findEntry()

/** Whether a URL or path is that of the entry file, however its extension is written. */
export function isEntry(place: string): boolean {
  if (entryUrl === undefined) return false
  return withoutEnding(place) === withoutEnding(entryUrl)
}

/** The URL of a file, given as URL or path, without its extension: `./main.js` may stand for `main.ts`. */
export function withoutEnding(place: string): string {
  const url = place.startsWith('/') ? pathToFileURL(place).href : place
  return url.replace(/[?#].*$/, '').replace(/\.[cm]?[jt]sx?$/, '')
}

function findEntry(): string | undefined {
  const [, path] = process.argv
  if (path === undefined || path === '') return undefined
  const absolute = resolve(path)
  try {
    // Adds what Node adds to a main path: `.js`, `/index.js`, and the target of a symbolic link.
    return pathToFileURL(createRequire(absolute).resolve(absolute)).href
  } catch {
    return pathToFileURL(absolute).href
  }
}
