/** Reads the variables that a function has captured. */

import { moduleNode } from '../names/modules.ts'
import type { ModuleNode } from '../contract/bundle.ts'
import { readScopes, type Scope } from '../scopes/inspector.ts'
import { refuse, type Traveller } from '../contract/refusals.ts'
import { type Source, spotIn } from './source.ts'

/** A captured variable. */
export interface Capture {
  readonly name: string
  readonly value: unknown
  /** How a worker gets the value by itself. */
  readonly node: ModuleNode | undefined
  /** Whether a class needs it as it is made, or may need it then. */
  readonly early: 'no' | 'maybe' | 'yes'
  /** Offset of its first use. */
  readonly at: number
}

/** Captures of functions none of whose variables can get another value. */
const fixed = new WeakMap<object, readonly Capture[]>()

/**
 * Reads what `fn` has captured, as it is now. Variables that can't change (no assignment to their name stands
 * anywhere in the file) are asked for once; objects in them are the function's own, not copies.
 *
 * @throws OneCopyError `ERR_FUNCTION` for a variable that is assigned to, has no value yet, or does not exist, and
 *   when there is no inspector to read them
 */
export function readCaptures(fn: object, source: Source, traveller: Traveller): readonly Capture[] {
  const known = fixed.get(fn)
  if (known !== undefined) return known
  const { free } = source.facts
  if (free.size === 0) return remember(fn, [])
  const scopes = source.script && readScopes(fn)
  if (scopes === undefined) {
    requireGlobals(source, traveller)
    return []
  }
  const captures: Capture[] = []
  let isFixed = true
  for (const [name, { at, written, isEager, isCertain, isGuarded }] of free) {
    const scope = scopes.find(({ variables }) => Object.hasOwn(variables, name))
    if (scope === undefined) {
      if (!isGuarded && !(name in globalThis))
        throw refuseUnknown(name, source, at, traveller, isEager)
      continue
    }
    if (written !== undefined) throw refuseWrite(name, source, written, traveller)
    const replaced = replacedByVitest.get(name)
    if (replaced !== undefined) throw refuseReplaced(replaced, source, at, traveller)
    const value = readVariable(scope, name, source, at, traveller)
    const binding = source.scriptFacts?.bindings.get(name)
    const node = binding && moduleNode(value, binding, source.url)
    const early = isCertain ? 'yes' : isEager ? 'maybe' : 'no'
    captures.push({ name, value, node, early, at })
    // Data that a module exports may be another later.
    isFixed &&=
      binding === undefined
        ? source.scriptFacts?.mayChange(name) === false
        : node !== undefined && typeof value === 'function'
  }
  return isFixed ? remember(fn, captures) : captures
}

function remember(fn: object, captures: readonly Capture[]): readonly Capture[] {
  fixed.set(fn, captures)
  return captures
}

/** Whether the captured values of `fn` were read for the last time. */
export function areFixed(fn: object): boolean {
  return fixed.has(fn)
}

function readVariable(
  { variables }: Scope,
  name: string,
  source: Source,
  at: number,
  traveller: Traveller,
): unknown {
  try {
    return variables[name]
  } catch {
    throw refuse(
      traveller,
      `captures \`${name}\` at ${spotIn(source, at)}, which has no value yet. Run it after the line that declares \`${name}\`.`,
      { variable: name },
    )
  }
}

function refuseWrite(name: string, source: Source, at: number, traveller: Traveller): Error {
  return refuse(
    traveller,
    `assigns to the captured variable \`${name}\` at ${spotIn(source, at)}: each worker has a copy of its own, so that the change would be lost. Return the value instead.`,
    { variable: name },
  )
}

/** What Vitest makes of a module's own words; it works in its process only. */
const replacedByVitest = new Map([
  ['__vite_ssr_import_meta__', 'import.meta'],
  ['__vite_ssr_dynamic_import__', 'import()'],
])

function refuseReplaced(word: string, source: Source, at: number, traveller: Traveller): Error {
  return refuse(
    traveller,
    `uses \`${word}\` at ${spotIn(source, at)}, in whose place Vitest has put something that works in its own process only. Pass what it gives as an argument, or export the function and name it by task(url, 'name').`,
  )
}

function refuseUnknown(
  name: string,
  source: Source,
  at: number,
  traveller: Traveller,
  isEager: boolean,
): Error {
  const text = isEager
    ? `needs \`${name}\` at ${spotIn(source, at)} as it is made, and keeps no hold of it. Export the class from a module, which a worker imports whole.`
    : `uses \`${name}\` at ${spotIn(source, at)}, which is not defined. Import it, or pass it as an argument.`
  return refuse(traveller, text, { variable: name })
}

/** Without inspector a function can go only when it needs nothing but globals. */
function requireGlobals({ facts }: Source, traveller: Traveller): void {
  const names = [...facts.free].flatMap(([name, { isGuarded }]) =>
    isGuarded || name in globalThis ? [] : [name],
  )
  if (facts.lexical.has('import.meta')) names.push('import.meta')
  if (names.length === 0) return
  throw refuse(traveller, withoutInspector(names), { variables: names })
}

function withoutInspector(names: readonly string[]): string {
  const listed = names.map((name) => `\`${name}\``).join(', ')
  const it = names.length === 1 ? 'it as an argument' : 'them as arguments'
  return `captures ${listed}, which only node:inspector can read, and that is not available here (Node's --permission needs --allow-inspector with it). Pass ${it}, or export the function and name it by task(import.meta.url, 'name').`
}
