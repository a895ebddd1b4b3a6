/** Chooses a readable name for a process. */

import { basename, extname } from 'node:path'
import type { ProcFiles } from './proc-files.ts'

/** Programs that run other programs: their own name says little. */
const interpreters =
  /^(?:node|nodejs|bun|deno|(?:node-)?MainThread|python[\d.]*|ruby|perl|php|sh|bash|dash|zsh)$/

/** What scripts end in. */
const scripts = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.py', '.rb', '.pl', '.sh'])

/**
 * The short name that the kernel has, but for an interpreter the script that it runs as well:
 * Node.js names every process of its own `MainThread`, from version 26 `node-MainThread`.
 *
 * @param name - the short name, one character for each byte
 * @returns such as `node fit.js`; `undefined` for an interpreter that shows no arguments, because it
 *   hides them or has given its memory back
 */
export function processTitle(files: ProcFiles, pid: number, name: string): string | undefined {
  const short = fromBytes(name)
  if (!interpreters.test(short)) return short
  const words = fromBytes(files.read(`/proc/${pid}/cmdline`) ?? '').split('\0')
  return titleOfCommand(words)
}

/** `['/usr/bin/node', '--enable-source-maps', '/a/fit.js', '5']` is `node fit.js`. */
function titleOfCommand([program, ...words]: readonly string[]): string | undefined {
  if (program === undefined || program === '') return undefined
  const script = words[0]?.startsWith('-') ? words.find(isScript) : words[0]
  return script ? `${basename(program)} ${basename(script)}` : basename(program)
}

function isScript(word: string): boolean {
  return !word.startsWith('-') && scripts.has(extname(word))
}

/** Files of /proc are read with a character for each byte; names are UTF-8. */
function fromBytes(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8')
}
