/** Reads a function's source and its context. */

import { pathToFileURL } from 'node:url'
import { isOneCopyError } from '../../../errors.ts'
import { type FunctionFacts, readFunction } from '../scopes/free-variables.ts'
import type { Lexical } from '../scopes/scope-walk.ts'
import { locate, type Place, type Script } from '../scopes/inspector.ts'
import { fileInStacks, originalPlace, unchangedFile } from '../contract/original-place.ts'
import { lexicalText, refuse, spotText, type Traveller } from '../contract/refusals.ts'
import { offsetAt } from '../scopes/syntax.ts'
import { isStrictAt, readScriptFacts, type ScriptFacts } from '../scopes/script-facts.ts'

/** A function's source, in its place. */
export interface Source {
  readonly text: string
  readonly facts: FunctionFacts
  /** Undefined when there is no inspector to ask. */
  readonly script: Script | undefined
  readonly scriptFacts: ScriptFacts | undefined
  /** URL that relative imports start from. */
  readonly url: string
  /** What stacks call the file. */
  readonly file: string
  /** 0-based position of the first character in the file. */
  readonly line: number
  readonly column: number
  readonly isStrict: boolean
}

const known = new WeakMap<Script, Map<string, Source>>()

/**
 * Reads the source of `fn`, once for all closures that are made of it.
 *
 * @param place - where it stands; undefined when nobody knows
 * @param traveller - what a refusal calls it
 * @throws OneCopyError `ERR_FUNCTION` when it can't be parsed, or needs what only its own place has
 */
export function readSource(fn: object, place: Place | undefined, traveller: Traveller): Source {
  const source = findSource(fn, place, traveller)
  for (const [what, at] of source.facts.lexical) {
    if (isMissed(what, source.facts, traveller))
      throw refuse(traveller, lexicalText(what, spotIn(source, at)))
  }
  return source
}

function findSource(fn: object, place: Place | undefined, traveller: Traveller): Source {
  const text = Function.prototype.toString.call(fn)
  if (place === undefined) return makeSource(fn, text, undefined, traveller)
  const { script, line, column } = place
  const sources = known.get(script) ?? new Map<string, Source>()
  known.set(script, sources)
  const key = `${line}:${column}`
  let source = sources.get(key)
  if (source === undefined) sources.set(key, (source = makeSource(fn, text, place, traveller)))
  return source
}

/** `main.ts:12`, of an offset in the source. */
export function spotIn(
  source: Pick<Source, 'text' | 'url' | 'line' | 'column'>,
  at: number,
): string {
  const before = source.text.slice(0, at).split('\n')
  const line = source.line + before.length - 1
  const column = before.at(-1)!.length + (before.length === 1 ? source.column : 0)
  return spotText(originalPlace(source.url, line, column))
}

/** Where a function stands, as a text says it; `fn` may be bound. */
export function spotOf(fn: object): string | undefined {
  const place = locate(fn)
  return place && spotText(originalPlace(place.script.url, place.line, place.column))
}

function makeSource(
  fn: object,
  text: string,
  place: Place | undefined,
  traveller: Traveller,
): Source {
  const script = place?.script
  const file = script?.url || pathToFileURL(`${process.cwd()}/[evaluated]`).href
  const url = unchangedFile(file)
  const start = place === undefined ? { line: 0, column: 0, offset: 0 } : findStart(text, place)
  const position = { text, url, line: start.line, column: start.column }
  let facts: FunctionFacts
  try {
    facts = readFunction(text)
  } catch (cause) {
    if (isOneCopyError(cause)) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw refuse(
      traveller,
      `can't be read at ${spotIn(position, 0)} (${reason}). Export it from a module, which a worker imports as a whole.`,
    )
  }
  const scriptFacts = script && readScriptFacts(script)
  const isStrict = script === undefined || isStrictFunction(fn, script, scriptFacts!, start.offset)
  return { ...position, file: fileInStacks(file), facts, script, scriptFacts, isStrict }
}

/** What a function can't do without, and a worker can't give. */
function isMissed(what: Lexical, { kind }: FunctionFacts, { neededBy }: Traveller): boolean {
  if (what === 'import.meta') return false
  // A task is called without `this`; a function inside it, or a method of an object that goes along, is given one.
  if (what === 'this' || what === 'new.target') return kind === 'arrow' || neededBy === undefined
  return true
}

function isStrictFunction(
  fn: object,
  script: Script,
  { program }: ScriptFacts,
  offset: number,
): boolean {
  if (script.isModule) return true
  if (Object.hasOwn(fn, 'caller')) return false // as only sloppy functions have it
  return program === undefined || isStrictAt(program, offset)
}

/** V8 gives a position inside the source; its start is the last occurrence of its text before that. */
function findStart(text: string, place: Place): { line: number; column: number; offset: number } {
  const { source, startLine, startColumn } = place.script
  const line = place.line - startLine
  const inside = offsetAt(source, line, place.column) - (line === 0 ? startColumn : 0)
  const offset = source.lastIndexOf(text, inside)
  if (offset < 0 || offset + text.length <= inside)
    return { line: place.line, column: place.column, offset: inside }
  const before = source.slice(0, offset).split('\n')
  const column = before.at(-1)!.length + (before.length === 1 ? startColumn : 0)
  return { line: startLine + before.length - 1, column, offset }
}
