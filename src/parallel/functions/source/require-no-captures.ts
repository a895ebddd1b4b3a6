/** Refuses captured values when `captures` is 'error'. */

import type { Capture } from './captures.ts'
import { findReference } from '../names/find-importing-module.ts'
import { builtinNode } from '../contract/builtins.ts'
import { globalNode } from '../contract/globals.ts'
import { locate } from '../scopes/inspector.ts'
import { isModuleLike } from './module-like.ts'
import { originOf } from '../contract/origins.ts'
import { refuse, type Traveller } from '../contract/refusals.ts'
import { type Source, spotIn } from './source.ts'

/** What `captures: 'error'` allows: what modules and the language give, and names that compilers keep. */
export function requireNoCaptures(
  captures: readonly Capture[],
  source: Source,
  traveller: Traveller,
): void {
  const own = captures.filter((capture) => !isReference(capture))
  if (own.length === 0) return
  const names = own.map(({ name }) => `\`${name}\``).join(', ')
  throw refuse(
    traveller,
    `captures ${names} at ${spotIn(source, own[0]!.at)}, which the option captures: 'error' forbids. Pass what it needs as arguments, or export it from a module.`,
    { variables: own.map(({ name }) => name) },
  )
}

function isReference({ name, value, node, members }: Capture): boolean {
  if (name === '__name' || node !== undefined) return true
  if (typeof value === 'object' && value !== null && members !== undefined && isModuleLike(value))
    return [...members].every((member) => isReferenceTo((value as Record<string, unknown>)[member]))
  return isReferenceTo(value)
}

function isReferenceTo(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  if (
    globalNode(value) !== undefined ||
    builtinNode(value) !== undefined ||
    originOf(value) !== undefined
  )
    return true
  return typeof value === 'function' && findReference(value, locate(value)) !== undefined
}
