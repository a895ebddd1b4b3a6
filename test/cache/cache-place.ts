/** Folders for tests of the cache, and modules that are written for them. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'node:test'
import { pathToFileURL } from 'node:url'
import { cached } from '../../src/cache/index.ts'

const places: string[] = []
after(() => {
  for (const place of places) rmSync(place, { recursive: true, force: true })
})

/** A new empty folder, removed at the end. */
export function makePlace(): string {
  const place = mkdtempSync(join(tmpdir(), 'onecopy-cache-'))
  places.push(place)
  return place
}

/** Writes files in a new folder, and imports `main.mjs` of them. */
export async function importFiles<T>(files: Readonly<Record<string, string>>): Promise<T> {
  const place = makePlace()
  for (const [name, text] of Object.entries(files)) {
    const path = join(place, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return (await import(pathToFileURL(join(place, 'main.mjs')).href)) as T
}

/** The key of a call of `fn`, the export of a module that is made of `files`. */
export async function keyOfFiles(
  files: Readonly<Record<string, string>>,
  ...args: readonly unknown[]
): Promise<string> {
  const { fn } = await importFiles<{ fn: (...args: readonly unknown[]) => unknown }>(files)
  return cached(fn, { folder: makePlace() }).key(...args)
}

/** The key of arguments, of a function that doesn't matter. */
export async function keyOfArguments(...args: readonly unknown[]): Promise<string> {
  return cached(probe, { folder: 'never-made', version: 1, name: 'probe' }).key(...args)
}

function probe(...args: readonly unknown[]): number {
  return args.length
}

/** All files below a folder, by their paths in it. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}
