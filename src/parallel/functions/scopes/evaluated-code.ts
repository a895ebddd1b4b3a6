/** Finds the code that runs when a script is evaluated. */

import type { AnyNode, CallExpression, NewExpression, Program } from 'acorn'
import { moduleBody } from './module-body.ts'
import { childrenOf, isFunction } from './syntax.ts'

/** Ranges of offsets in a script. */
type Ranges = readonly (readonly [start: number, end: number])[]

const known = new WeakMap<Program, Ranges>()

/**
 * Whether the code at an offset runs because its script is evaluated: it stands outside of functions, or in one that
 * such code calls, directly or as a callback of a promise or a timer. Calls are followed by the names of functions of
 * the script.
 */
export function runsByEvaluation(program: Program, offset: number): boolean {
  const outer = outermostFunction(program, offset)
  if (outer === undefined) return true
  let called = known.get(program)
  if (called === undefined) known.set(program, (called = findCalled(program)))
  return called.some(([start, end]) => start === outer.start && end === outer.end)
}

function outermostFunction(program: Program, offset: number): AnyNode | undefined {
  const isAround = ({ start, end }: AnyNode): boolean => start <= offset && offset < end
  let node = moduleBody(program).find(isAround)
  while (node !== undefined && !isFunction(node)) node = [...childrenOf(node)].find(isAround)
  return node
}

/** Functions outside of all others that the evaluation calls. */
function findCalled(program: Program): Ranges {
  const body = moduleBody(program)
  const named = namedFunctions(body)
  const called = new Set<AnyNode>()
  const visit = (node: AnyNode, isCalled: boolean): void => {
    if (isFunction(node) && !isCalled) return
    if (node.type === 'CallExpression' || node.type === 'NewExpression')
      for (const callee of calleesOf(node)) call(callee)
    for (const child of childrenOf(node)) visit(child, isCalled)
  }
  const call = (callee: AnyNode): void => {
    const fn = callee.type === 'Identifier' ? named.get(callee.name) : callee
    if (fn === undefined || !isFunction(fn) || called.has(fn)) return
    called.add(fn)
    for (const child of childrenOf(fn)) visit(child, true)
  }
  for (const statement of body) visit(statement, false)
  return [...called].map(({ start, end }) => [start, end])
}

/** What a call calls now or soon. */
function calleesOf({ callee, arguments: args }: CallExpression | NewExpression): AnyNode[] {
  const name =
    callee.type === 'Identifier'
      ? callee.name
      : callee.type === 'MemberExpression' && callee.property.type === 'Identifier'
        ? callee.property.name
        : ''
  return callsBack.has(name) ? [callee, ...args] : [callee]
}

/** Functions that call what they are given once, and soon. */
const callsBack = new Set([
  'then',
  'catch',
  'finally',
  'setTimeout',
  'setImmediate',
  'queueMicrotask',
  'nextTick',
  'Promise',
])

function namedFunctions(body: readonly AnyNode[]): Map<string, AnyNode> {
  const named = new Map<string, AnyNode>()
  for (const statement of body) {
    const isExport =
      statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
    const node: AnyNode | null | undefined = isExport ? statement.declaration : statement
    if (node?.type === 'FunctionDeclaration' && node.id) named.set(node.id.name, node)
    if (node?.type !== 'VariableDeclaration') continue
    for (const { id, init } of node.declarations)
      if (id.type === 'Identifier' && init) named.set(id.name, withoutHelper(init))
  }
  return named
}

/** esbuild keeps names with `const f = __name(() => …, 'f')`. */
function withoutHelper(init: AnyNode): AnyNode {
  return init.type === 'CallExpression' &&
    init.callee.type === 'Identifier' &&
    init.callee.name === '__name'
    ? (init.arguments[0] ?? init)
    : init
}
