/** Finds the variables that a function uses and does not declare. */

import type { AnyNode, Class, Function as FunctionNode } from 'acorn'
import { isOneCopyError } from '../../../errors.ts'
import { parse } from './parser.ts'
import { type Lexical, ScopeWalk, type Use } from './scope-walk.ts'

/** What a function's source says. */
export interface FunctionFacts {
  /** How it parses: `(…)` or `({…})`. */
  readonly form: 'expression' | 'method'
  readonly kind: 'arrow' | 'function' | 'method' | 'class'
  readonly isGenerator: boolean
  readonly free: ReadonlyMap<string, Use>
  /** Offset of the first use of each. */
  readonly lexical: ReadonlyMap<Lexical, number>
  /** Ranges of `import.meta`. */
  readonly metas: readonly (readonly [start: number, stop: number])[]
  /** Range of a method's name when it means nothing elsewhere: computed or private. */
  readonly key: readonly [start: number, stop: number] | undefined
  /** Range of what a class extends. */
  readonly heritage: readonly [start: number, stop: number] | undefined
  /** Names of a class's static fields, which are made anew with it. */
  readonly statics: ReadonlySet<string>
}

/**
 * Reads a function's source. Scopes are followed as the language says: parameters, hoisted and block
 * declarations, patterns, classes, loops and catch clauses.
 *
 * @param source - what `Function.prototype.toString` gives
 * @throws SyntaxError when it is newer than the parser
 * @throws OneCopyError when there is no parser
 */
export function readFunction(source: string): FunctionFacts {
  const { root, form, shift } = parseFunction(source)
  const walk = new ScopeWalk(shift)
  const isMethod = root.type === 'Property'
  const node: AnyNode = isMethod ? root.value : root
  const kind = isMethod ? 'method' : kindOf(node)
  if (node.type === 'ClassExpression') walk.walkRootClass(node)
  else walk.walkRoot(node as FunctionNode)
  return {
    form,
    kind,
    isGenerator: 'generator' in node && node.generator,
    free: walk.free,
    lexical: walk.lexical,
    metas: walk.metas,
    key: isMethod ? keyRange(root, source, shift) : undefined,
    heritage: node.type === 'ClassExpression' ? heritageRange(node, shift) : undefined,
    statics: new Set(node.type === 'ClassExpression' ? staticNames(node) : []),
  }
}

/** Of `extends null` none: it stays as it is. */
function heritageRange({ superClass }: Class, shift: number): FunctionFacts['heritage'] {
  if (!superClass || (superClass.type === 'Literal' && superClass.value === null)) return undefined
  return [superClass.start - shift, superClass.end - shift]
}

function staticNames({ body }: Class): string[] {
  return body.body.flatMap((member) =>
    member.type === 'PropertyDefinition' && member.static && member.key.type === 'Identifier'
      ? [member.key.name]
      : [],
  )
}

type Parsed = ReturnType<typeof parse>

/** Parses what `Function.prototype.toString` gives; `shift` is by how much offsets of nodes are larger than those in the source. */
export function parseFunction(source: string): {
  root: AnyNode
  form: FunctionFacts['form']
  shift: number
} {
  let failure: unknown
  for (const sourceType of ['module', 'script'] as const) {
    for (const [before, after, form] of wraps) {
      try {
        const program = parse(before + source + after, { ...options, sourceType })
        const expression = expressionOf(program)
        const root = form === 'method' ? propertyOf(expression) : unwrap(expression, before.length)
        return { root, form, shift: before.length }
      } catch (error) {
        if (isOneCopyError(error)) throw error // there is no parser
        failure ??= error
      }
    }
  }
  throw failure
}

const wraps = [
  ['(', ')', 'expression'],
  ['({', '})', 'method'],
  // A private method; it becomes a public one.
  ['(class {', '})', 'method'],
  // An arrow function that uses `new.target`, to be refused.
  ['(function () { return ', '})', 'expression'],
] as const

const options = {
  ecmaVersion: 'latest',
  allowSuperOutsideMethod: true,
  checkPrivateFields: false,
} as const

function expressionOf({ body: [statement] }: Parsed): AnyNode {
  if (statement?.type !== 'ExpressionStatement') throw new SyntaxError('not an expression')
  return statement.expression
}

/** What the last of `wraps` returns. */
function unwrap(expression: AnyNode, start: number): AnyNode {
  if (expression.type !== 'FunctionExpression' || expression.start >= start) return expression
  const [statement] = expression.body.body
  if (statement?.type !== 'ReturnStatement' || !statement.argument)
    throw new SyntaxError('not an expression')
  return statement.argument
}

function propertyOf(expression: AnyNode): AnyNode {
  if (expression.type === 'ObjectExpression') return expression.properties[0]!
  const member = (expression as Class).body.body[0]
  if (member?.type !== 'MethodDefinition') throw new SyntaxError('not a method')
  return { ...member, type: 'Property' } as unknown as AnyNode
}

function kindOf(node: AnyNode): FunctionFacts['kind'] {
  if (node.type === 'ArrowFunctionExpression') return 'arrow'
  if (node.type === 'FunctionExpression') return 'function'
  if (node.type === 'ClassExpression') return 'class'
  throw new SyntaxError(`not a function: ${node.type}`)
}

function keyRange(root: AnyNode, source: string, shift: number): FunctionFacts['key'] {
  if (root.type !== 'Property') return undefined
  const { start, end } = root.key
  if (root.computed)
    return [source.lastIndexOf('[', start - shift), source.indexOf(']', end - shift) + 1]
  return (root.key.type as string) === 'PrivateIdentifier'
    ? [start - shift, end - shift]
    : undefined
}
