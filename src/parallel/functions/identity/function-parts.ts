/** Finds what a function's results depend on beside its arguments. */

import { isModuleNamespaceObject } from 'node:util/types'
import { builtinNode } from '../contract/builtins.ts'
import { globalNode } from '../contract/globals.ts'
import { makerOf } from '../contract/makers.ts'
import { refuse, type Traveller } from '../contract/refusals.ts'
import { inspect, type Place } from '../scopes/inspector.ts'
import { areFixed, type Capture, readCaptures } from '../source/captures.ts'
import { hasMembers, readMembers } from '../source/members.ts'
import { isModuleLike } from '../source/module-like.ts'
import { readSource, spotIn, type Source } from '../source/source.ts'
import { moduleText, packageOf } from './module-text.ts'
import { readSourceText } from './source-text.ts'

/** Something that a function uses: a value, of which `module` says where it comes from if it is more than data. */
export interface UsedValue {
  readonly name: string
  readonly value: unknown
  /** Says which version of its module is meant; undefined for what no import gave. */
  readonly module: (() => string) | undefined
  /** Where it is used: `main.ts:12`. */
  readonly spot: string
}

/** What a function's results depend on. */
export type FunctionParts =
  /** One of the language's, of Node's, or of a package: a name is all. */
  | { readonly kind: 'named'; readonly name: string }
  /** One that this library makes of others. */
  | { readonly kind: 'made'; readonly name: string }
  | SourceParts

/** A function of the program, by its source. */
export interface SourceParts {
  readonly kind: 'source'
  /** Its source without comments and blanks. */
  readonly text: string
  /** By their names. */
  readonly used: readonly UsedValue[]
  /** Whether its variables can't change any more, and nobody has given it members. */
  readonly isFixed: boolean
}

/**
 * Reads what a function's results depend on beside its arguments: its source, and the values that it uses of its surroundings.
 *
 * @param fn - a function or class
 * @param neededBy - the function that uses it, for a refusal
 * @throws OneCopyError `ERR_FUNCTION` when that can't be told, as of a bound function
 */
export function readFunctionParts(fn: object, neededBy?: Traveller): FunctionParts {
  const made = makerOf(fn)
  if (made !== undefined) return { kind: 'made', name: `${made.maker.name} ${made.identity()}` }
  const { place, readScopes } = inspect(fn)
  const name = nameOf(fn)
  const named = nameElsewhere(fn, name, place)
  if (named !== undefined) return { kind: 'named', name: named }
  const traveller: Traveller = { name, neededBy }
  if (place?.isBound === true || isNative(fn))
    throw refuse(
      traveller,
      'is a bound or native function: it has no source by which a change could be noticed. Wrap it in a function of your own: (...args) => object.method(...args).',
    )
  const source = readSource(fn, place, traveller)
  const captures = readCaptures(fn, source, readScopes, traveller)
  const used = captures.flatMap((capture) => partsOf(capture, source))
  used.push(...heritageOf(fn, source), ...membersOf(fn, source, traveller))
  const { text, imports } = readSourceText(source.text)
  const modules = imports.map((specifier) => moduleText(specifier, source.url))
  return {
    kind: 'source',
    text: [text, ...modules].join('\n'),
    used,
    isFixed: imports.length === 0 && areFixed(fn) && !hasMembers(fn),
  }
}

function nameElsewhere(fn: object, name: string, place: Place | undefined): string | undefined {
  const url = place?.script.url ?? ''
  if (place === undefined || url.startsWith('node:')) {
    const global = globalNode(fn)
    if (global !== undefined) return `global ${global.path.join('.')}`
    const builtin = builtinNode(fn)
    if (builtin !== undefined) return `${builtin.specifier} ${builtin.path.join('.')}`
    return url.startsWith('node:') ? `${url} ${name}` : undefined
  }
  const version = packageOf(url)
  if (version === undefined || place.isBound) return undefined
  return `package ${version} ${name} ${Function.prototype.toString.call(fn)}`
}

/** A module's exports one by one, where a function names those that it uses; of any other value itself. */
function partsOf(capture: Capture, source: Source): UsedValue[] {
  const { name, value, members, node, at } = capture
  const spot = spotIn(source, at)
  const module = node && (() => moduleText(node.specifier, node.from))
  if (typeof value !== 'object' || value === null || !isModuleLike(value))
    return [{ name, value, module, spot }]
  const builtin = builtinNode(value)
  if (builtin !== undefined) return [{ name, value: builtin.specifier, module: undefined, spot }]
  if (members === undefined && isModuleNamespaceObject(value) && module !== undefined)
    return [{ name, value: module(), module: undefined, spot }]
  const holder = value as Readonly<Record<string, unknown>>
  return [...(members ?? Object.keys(value))]
    .toSorted()
    .flatMap((member) =>
      member in holder ? [{ name: `${name}.${member}`, value: holder[member], module, spot }] : [],
    )
}

function heritageOf(fn: object, source: Source): UsedValue[] {
  if (source.facts.heritage === undefined) return []
  const value: unknown = Object.getPrototypeOf(fn)
  return [{ name: 'extends', value, module: undefined, spot: spotIn(source, 0) }]
}

function membersOf(fn: object, source: Source, traveller: Traveller): UsedValue[] {
  const { members = {}, prototype = {} } = readMembers(fn, source, traveller)
  const spot = spotIn(source, 0)
  const list = (holder: Readonly<Record<string, unknown>>, before: string): UsedValue[] =>
    Object.entries(holder).map(([name, value]) => ({
      name: `${before}${name}`,
      value,
      module: undefined,
      spot,
    }))
  return [...list(members, '.'), ...list(prototype, 'prototype.')]
}

function nameOf(fn: object): string {
  const name: unknown = 'name' in fn ? fn.name : ''
  return typeof name === 'string' ? name : ''
}

function isNative(fn: object): boolean {
  return /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(fn))
}
