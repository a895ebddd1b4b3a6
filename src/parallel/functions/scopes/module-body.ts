/** Finds a module inside the output of bundlers and test runners. */

import type { AnyNode, Program } from 'acorn'
import { isFunction } from './syntax.ts'

/**
 * The statements of a script; of one that a tool has wrapped, those inside: the `async (…) => {{…}}` of Vitest, the
 * `(() => {…})()` of tsx and bundlers, the `{…}` of webpack, the `({ 'Object.<anonymous>'(…) {…} })` of Jest.
 */
export function moduleBody({ body }: Program): readonly AnyNode[] {
  let statements: readonly AnyNode[] = body
  for (;;) {
    const inner = insideOf(statements.filter(isMeant).at(-1), statements.length)
    if (inner === undefined) return statements
    statements = inner
  }
}

function insideOf(statement: AnyNode | undefined, count: number): readonly AnyNode[] | undefined {
  if (statement?.type === 'BlockStatement') return count === 1 ? statement.body : undefined
  if (statement?.type !== 'ExpressionStatement') return undefined
  const { expression } = statement
  const wrapper = wrapperOf(expression)
  return wrapper !== undefined && isFunction(wrapper) && 'body' in wrapper
    ? bodyOf(wrapper.body as AnyNode)
    : undefined
}

function wrapperOf(expression: AnyNode): AnyNode | undefined {
  if (expression.type === 'ArrowFunctionExpression') return expression
  if (expression.type === 'CallExpression')
    return expression.arguments.length === 0 ? expression.callee : undefined
  if (expression.type !== 'ObjectExpression' || expression.properties.length !== 1) return undefined
  const [property] = expression.properties
  return property?.type === 'Property' ? property.value : undefined
}

function bodyOf(body: AnyNode): readonly AnyNode[] | undefined {
  return body.type === 'BlockStatement' ? body.body : undefined
}

/** A lone `;` means nothing. */
function isMeant({ type }: AnyNode): boolean {
  return type !== 'EmptyStatement'
}
