/** Strips types of modules once for a run of many tests. */

import {
  appendFileSync,
  chmodSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')

/**
 * Writes all modules of the package without their types into a temporary folder, and has every process and thread that
 * starts from now on load them from there by test/stripped-sources.mjs. The folder goes when this process ends.
 *
 * Node strips types each time that it loads a module; Node 22 does so without its compile cache, and a process that
 * imports a few hundred modules takes five times as long.
 */
export function stripSources(): void {
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-sources-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(1))
  // Some tests run as another user.
  chmodSync(folder, 0o755)
  process.env['ONECOPY_TEST_SOURCES'] = folder
  stripMore(globSync('{src,test,examples,bench}/**/*.ts', { cwd: root }))
  const hooks = new URL('stripped-sources.mjs', import.meta.url).href
  process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --import=${hooks}`.trimStart()
}

/**
 * Does the same for modules that a test has written, for processes that start from now on. A test that is run alone
 * has no such folder, and Node strips them.
 *
 * @param names - paths from the folder of the package
 */
export function stripMore(names: readonly string[]): void {
  const folder = process.env['ONECOPY_TEST_SOURCES']
  if (folder === undefined) return
  const stripped = names.filter((name) => {
    const text = strip(readFileSync(join(root, name), 'utf8'))
    if (text === undefined) return false
    mkdirSync(join(folder, dirname(name)), { recursive: true })
    writeFileSync(join(folder, name), text)
    return true
  })
  appendFileSync(join(folder, 'names'), stripped.map((name) => `${name}\n`).join(''))
}

/** `text` as Node loads it, or undefined where it has more than types to strip: then Node, or a loader of the test, sees to it. */
function strip(text: string): string | undefined {
  try {
    return stripTypeScriptTypes(text)
  } catch {
    return undefined
  }
}
