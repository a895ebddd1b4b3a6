/** Puts test files together that can share a process. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** So many files at most share a process: more would leave the last core alone with them. */
const most = 8

/**
 * Writes modules that import some of the files each, into a temporary folder that goes when this process ends. Files of one room share a
 * process: to start it, and to load and compile the package, takes longer than most files do.
 *
 * @param mayShare - whether a file's tests can run beside those of others
 * @returns paths to run: modules that import several files, and files that run alone
 */
export function groupFiles(
  files: readonly string[],
  mayShare: (file: string) => boolean,
): readonly string[] {
  const alone = files.filter((file) => !mayShare(file))
  const rooms = Map.groupBy(files.filter(mayShare), roomOf)
  const parts = [...rooms].flatMap(([room, own]) =>
    chunks(own, Math.ceil(own.length / most)).map((part, i) => ({ room, part, i })),
  )
  if (parts.length === 0) return alone
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-groups-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  const groups = parts.map(({ room, part, i }) => {
    if (part.length === 1) return part[0]!
    const path = join(folder, `${room.replaceAll('/', '-')}, part ${i + 1}.mjs`)
    const lines = part.map((file) => `import '${pathToFileURL(resolve(file)).href}'\n`)
    writeFileSync(path, lines.join(''))
    return path
  })
  return [...groups, ...alone]
}

/** Such as test/learn. */
function roomOf(file: string): string {
  return file.split('/').slice(0, 2).join('/')
}

/** Parts of nearly equal length. */
function chunks<T>(list: readonly T[], count: number): T[][] {
  return Array.from({ length: count }, (_, i) =>
    list.slice(Math.round((i * list.length) / count), Math.round(((i + 1) * list.length) / count)),
  )
}
