/** Reads the variables that a function has captured. */

import { moduleNode } from '../names/modules.ts'
import type { ModuleNode } from '../contract/bundle.ts'
import type { Use } from '../scopes/scope-walk.ts'
import type { Inspected } from '../scopes/inspector.ts'
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
  /** Members of it that the function uses; undefined when it uses the whole. */
  readonly members: ReadonlySet<string> | undefined
  /** Offset of its first use. */
  readonly at: number
}

/** Captures of functions whose variables can't change any more. */
const fixed = new WeakMap<object, readonly Capture[]>()

/**
 * Reads what `fn` has captured, as it is now. Variables that can't change (no assignment to their name stands
 * anywhere in the file) are asked for once; objects in them are the function's own, not copies.
 *
 * @throws OneCopyError `ERR_FUNCTION` for a variable that is assigned to, has no value yet, or does not exist, and
 *   when there is no inspector to read them
 */
export function readCaptures(
  fn: object,
  source: Source,
  readScopes: Inspected['readScopes'],
  traveller: Traveller,
): readonly Capture[] {
  const known = fixed.get(fn)
  if (known !== undefined) return known
  const { free } = source.facts
  if (free.size === 0) return remember(fn, [])
  const scopes = source.script && readScopes()
  if (scopes === undefined) {
    requireGlobals(source, traveller)
    return []
  }
  const captures: Capture[] = []
  let isFixed = true
  for (const [name, use] of free) {
    const { at, written, isEager, isCertain, isGuarded } = use
    const scope = scopes.find(({ variables }) => Object.hasOwn(variables, name))
    if (scope === undefined) {
      if (!isGuarded && !(name in globalThis))
        throw refuseUnknown(name, source, at, traveller, isEager)
      continue
    }
    if (written !== undefined) throw refuseWrite(name, source, written, traveller)
    const read = readVariable(() => scope.variables[name], { name, at }, source, traveller)
    const replaced = replacements.get(name)
    const value = replaced === undefined ? read : placeIn(read, use)
    if (value === undefined && replaced !== undefined)
      throw refuseReplaced(replaced, source, at, traveller)
    const binding = source.scriptFacts?.bindings.get(name)
    const node = binding && moduleNode(value, binding, source.url)
    const early = isCertain ? 'yes' : isEager ? 'maybe' : 'no'
    const members = use.isWhole ? undefined : use.members
    captures.push({ name, value, node, early, members, at })
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

/** Whether the captured values of `fn` are final. */
export function areFixed(fn: object): boolean {
  return fixed.has(fn)
}

/**
 * Reads a variable, or a member of a module.
 *
 * @throws OneCopyError `ERR_FUNCTION` when it has no value yet
 */
export function readVariable(
  read: () => unknown,
  { name, at }: Pick<Capture, 'name' | 'at'>,
  source: Source,
  traveller: Traveller,
): unknown {
  try {
    return read()
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
    `assigns to the captured variable \`${name}\` at ${spotIn(source, at)}: each worker has its own copy, so the change would be lost. Return the value instead.`,
    { variable: name },
  )
}

/** What tools put in place of a module's own words, and where alone it works. */
const replacements = new Map<string, readonly [word: string, instead: string]>([
  [
    '__vite_ssr_import_meta__',
    ['import.meta', 'Vite has replaced by something that only works in its own process'],
  ],
  [
    '__vite_ssr_dynamic_import__',
    ['import()', 'Vite has replaced by something that only works in its own process'],
  ],
  [
    '__webpack_require__',
    ['import()', 'webpack has replaced by something that only works in its bundle'],
  ],
])

/** The members of a replaced `import.meta` that a function uses, if they only say where its file is. */
function placeIn(value: unknown, { isWhole, members }: Use): Record<string, unknown> | undefined {
  const names = [...members]
  if (isWhole || !names.every((name) => /^(url|filename|dirname)$/.test(name))) return undefined
  return Object.fromEntries(names.map((name) => [name, (value as Record<string, unknown>)[name]]))
}

function refuseReplaced(
  [word, instead]: readonly [string, string],
  source: Source,
  at: number,
  traveller: Traveller,
): Error {
  return refuse(
    traveller,
    `uses \`${word}\` at ${spotIn(source, at)}, which ${instead}. Pass what it gives as an argument, or export the function and name it by task(url, 'name').`,
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
    ? `needs \`${name}\` at ${spotIn(source, at)} while it is being created, and its value can't be read any more. Export the class from a module, which a worker imports as a whole.`
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

/** Node 22 has no flag that allows it. */
function inspectorAdvice(): string {
  return process.allowedNodeEnvironmentFlags.has('--allow-inspector')
    ? "Node's --permission needs --allow-inspector with it"
    : `--permission of Node ${process.versions.node} forbids it`
}

function withoutInspector(names: readonly string[]): string {
  const listed = names.map((name) => `\`${name}\``).join(', ')
  const it = names.length === 1 ? 'it as an argument' : 'them as arguments'
  return `captures ${listed}, which only node:inspector can read, and that is not available here (${inspectorAdvice()}). Pass ${it}, or export the function and name it by task(import.meta.url, 'name').`
}
