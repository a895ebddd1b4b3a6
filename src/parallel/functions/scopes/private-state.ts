/** Finds private state of a class's instances in its source. */

import type { AnyNode, Class } from 'acorn'
import { isOneCopyError } from '../../../errors.ts'
import { parse } from './parser.ts'

/**
 * A private member that instances of a class have, such as `#x`; that of a class alone, a static one, does not count.
 * Also what compilers make of private members: a WeakMap that has the instance as a key.
 *
 * @param source - what `Function.prototype.toString` gives for the class
 * @returns undefined when there is none
 * @throws SyntaxError when it is newer than the parser
 * @throws OneCopyError when there is no parser
 */
export function privateMember(source: string): string | undefined {
  const compiled = compiledPrivate.exec(source)?.[0]
  if (compiled !== undefined) return compiled
  if (!source.includes('#') && !/\baccessor\b/.test(source)) return undefined
  const node = parseClass(source)
  const member = node?.body.body.find(isPrivate)
  return member === undefined || !('key' in member) ? undefined : `#${nameOf(member.key)}`
}

/** Of esbuild, TypeScript and Babel. */
const compiledPrivate =
  /\b__privateAdd\(this\b|\b_classPrivate\w+\(this\b|\b_\w+\.(?:set|add)\(this\b/

function isPrivate(member: AnyNode): boolean {
  return (
    (member.type === 'PropertyDefinition' || member.type === 'MethodDefinition') &&
    !member.static &&
    member.key.type === 'PrivateIdentifier'
  )
}

function nameOf(key: AnyNode): string {
  return 'name' in key && typeof key.name === 'string' ? key.name : ''
}

/** Undefined for a function, which has no private members. */
function parseClass(source: string): Class | undefined {
  if (!/^class\b/.test(source)) return undefined
  const options = { ecmaVersion: 'latest', checkPrivateFields: false } as const
  for (const sourceType of ['module', 'script'] as const) {
    try {
      const [statement] = parse(`(${source}\n)`, { ...options, sourceType }).body
      const expression =
        statement?.type === 'ExpressionStatement' ? statement.expression : undefined
      if (expression?.type === 'ClassExpression') return expression
    } catch (error) {
      if (isOneCopyError(error) || sourceType === 'script') throw error
    }
  }
  throw new SyntaxError('not a class')
}
