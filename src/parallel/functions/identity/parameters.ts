/** Reads the names of a function's parameters. */

import type { AnyNode, Pattern } from 'acorn'
import { parseFunction } from '../scopes/free-variables.ts'

/** A name among the parameters of a function, and where its value stands in the arguments. */
export interface ParameterName {
  readonly name: string
  readonly place: readonly [argument: number, ...members: string[]]
}

/** All names of the parameters of a function that is no class; one that takes the rest is left out. */
export function readParameters(fn: object): readonly ParameterName[] {
  const { root } = parseFunction(Function.prototype.toString.call(fn))
  const node: AnyNode = root.type === 'Property' ? root.value : root
  if (!('params' in node)) return []
  return node.params.flatMap((pattern, argument) => namesIn(pattern, [argument]))
}

function namesIn(pattern: Pattern, place: ParameterName['place']): ParameterName[] {
  switch (pattern.type) {
    case 'Identifier':
      return [{ name: pattern.name, place }]
    case 'AssignmentPattern':
      return namesIn(pattern.left, place)
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        property.type === 'Property' && !property.computed && property.key.type === 'Identifier'
          ? namesIn(property.value, [...place, property.key.name])
          : [],
      )
    default:
      return []
  }
}
