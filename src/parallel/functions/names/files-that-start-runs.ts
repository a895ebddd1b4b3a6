/** Finds files that start runs when they are evaluated. */

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageFile } from '../../../package-file.ts'
import { isWorker } from '../../machine/cores.ts'
import { findScript, type Script } from '../scopes/inspector.ts'
import { runsByEvaluation } from '../scopes/evaluated-code.ts'
import { readScriptFacts } from '../scopes/script-facts.ts'
import { offsetAt } from '../scopes/syntax.ts'
import { isEntry, withoutEnding } from './entry.ts'
import type { Caller, RunStart } from './run-start.ts'
import { refuseRun, wasImportedForTask } from './task-imports.ts'

const programs = new Set<string>()

/**
 * Whether a worker that imports the file at a URL or path would run the program again: the entry file, and any other
 * that was seen to start a run when it was evaluated.
 */
export function isProgram(place: string): boolean {
  return isEntry(place) || (programs.size > 0 && programs.has(withoutEnding(place)))
}

/** Notes the file of a script if its evaluation has started a run. */
export function noteProgram(start: RunStart, script: Script): void {
  const { url } = script
  if (isProgram(url)) return
  const isBegun = start.callers.some((caller) => caller.url === url && isReached(caller, script))
  if (isBegun) programs.add(withoutEnding(url))
}

/** Whether the evaluation of a script calls from there. */
function isReached({ isTopLevel, line, column }: Caller, script: Script): boolean {
  if (isTopLevel) return true
  const { program } = readScriptFacts(script)
  return program !== undefined && runsByEvaluation(program, offsetAt(script.source, line, column))
}

/**
 * Checks that a run in a worker does not begin by what the evaluation of a task's module has started, such as its
 * `main()`, which has waited until the module was loaded.
 *
 * @param start - makes the stack of the run
 * @throws OneCopyError `ERR_FUNCTION` otherwise
 */
export function requireBegunByTask(start: () => RunStart): void {
  if (!isWorker()) return
  const { callers } = start()
  const at = callers.findLastIndex(({ url }) => wasImportedForTask(url))
  const caller = callers[at]
  // A task is called by us, and so is what it calls.
  if (caller === undefined || callers.slice(at + 1).some(({ url }) => isOurs(url))) return
  const script = findScript(caller.url)
  if (script !== undefined && isReached(caller, script)) throw refuseRun(caller, caller.url)
}

function isOurs(url: string): boolean {
  return url.startsWith(packageFile('').href)
}

/** Files that Node has loaded before the program, and would load in workers too; without endings. */
let preloads: readonly string[] | undefined

/**
 * Notes files that `--import` or `--require` has loaded if their evaluation has started a run.
 *
 * @param start - makes the stack of the run
 */
export function notePreloads(start: () => RunStart): void {
  preloads ??= [...process.execArgv, ...wordsOf(process.env['NODE_OPTIONS'] ?? '')]
    .flatMap((_, at, words) => loadAt(words, at) ?? [])
    .map(({ file }) => withoutEnding(file))
  for (const preload of preloads) {
    const caller = start().callers.find(({ url }) => withoutEnding(url) === preload)
    const script = caller && findScript(caller.url)
    if (script !== undefined) noteProgram(start(), script)
  }
}

/** Options of Node without those that load a program. */
export function withoutPrograms(options: readonly string[]): string[] {
  const dropped = new Set<number>()
  for (const at of options.keys()) {
    const load = loadAt(options, at)
    if (load === undefined || !isProgram(load.file)) continue
    for (let i = 0; i < load.words; i++) dropped.add(at + i)
  }
  return options.filter((_, at) => !dropped.has(at))
}

/** The value of `NODE_OPTIONS` without options that load a program. */
export function nodeOptionsWithoutPrograms(text: string): string {
  const words = wordsOf(text)
  const kept = withoutPrograms(words)
  return kept.length === words.length ? text : kept.map(quoted).join(' ')
}

/** The file that an option loads before the program, and how many words say so. Packages are nobody's program. */
function loadAt(words: readonly string[], at: number): { file: string; words: number } | undefined {
  const match = /^(?:--import|--require|-r)(?:=(.*))?$/s.exec(words[at]!)
  if (match === null) return undefined
  const [, value] = match
  const name = value ?? words[at + 1] ?? ''
  const length = value === undefined ? 2 : 1
  if (name.startsWith('file:')) return { file: name, words: length }
  if (!/^\.{0,2}\//.test(name)) return undefined
  return { file: pathToFileURL(resolve(name)).href, words: length }
}

/** Words of `NODE_OPTIONS`, without their quotes. */
function wordsOf(text: string): string[] {
  const words = text.match(/(?:[^\s"]|"(?:\\.|[^"\\])*")+/g) ?? []
  return words.map((word) =>
    word.replaceAll(/"((?:\\.|[^"\\])*)"/g, (_, inner: string) => inner.replaceAll(/\\(.)/g, '$1')),
  )
}

function quoted(word: string): string {
  return /[\s"\\]/.test(word) ? `"${word.replaceAll(/["\\]/g, String.raw`\$&`)}"` : word
}
