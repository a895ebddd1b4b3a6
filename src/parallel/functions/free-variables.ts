/** Finds the variables that a function uses and does not declare. */

import { type AnyNode, type Class, type Function as FunctionNode, parse } from 'acorn'
import { childrenOf, declaredNames, namesOf, varNames } from './syntax.ts'

/** How a function uses a variable from outside. */
export interface Use {
  /** Offset of the first use in the source. */
  readonly at: number
  /** Offset of the first assignment. */
  written: number | undefined
  /** Whether `typeof` asks for it, so that it may be missing. */
  isGuarded: boolean
  /** Whether a class needs its value as it is made: computed names, static members. */
  isEager: boolean
}

/** What belongs to the place that a function was written in, and can't be sent along. */
export type Lexical =
  'this' | 'super' | 'new.target' | 'arguments' | 'eval' | 'with' | '#private' | 'import.meta'

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
 */
export function readFunction(source: string): FunctionFacts {
  const { root, form, shift } = parseFunction(source)
  const walk = new Walk(shift)
  const isMethod = root.type === 'Property'
  const node: AnyNode = isMethod ? root.value : root
  if (node.type === 'ClassExpression') walk.walkRootClass(node)
  else walk.walkRoot(node as FunctionNode)
  return {
    form,
    kind: isMethod ? 'method' : kindOf(node),
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

function parseFunction(source: string): {
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

/** Names declared in one scope. */
interface Scope {
  readonly names: ReadonlySet<string>
  readonly outer: Scope | undefined
}

/** Where the walk is, apart from names. */
interface Place extends Scope {
  /** Whether `this` and its like are those of a function inside. */
  readonly isOwn: boolean
  readonly isEager: boolean
}

class Walk {
  readonly free = new Map<string, Use>()
  readonly lexical = new Map<Lexical, number>()
  readonly metas: (readonly [number, number])[] = []
  readonly #shift: number

  constructor(shift: number) {
    this.#shift = shift
  }

  walkRoot(node: FunctionNode): void {
    const place: Place = { names: new Set(), outer: undefined, isOwn: false, isEager: false }
    this.#walkFunction(node, place, false)
  }

  walkRootClass(node: Class): void {
    const place: Place = { names: new Set(), outer: undefined, isOwn: false, isEager: false }
    this.#walkClass(node, place, true)
  }

  #use(name: string, node: AnyNode, place: Place): Use | undefined {
    for (let scope: Scope | undefined = place; scope !== undefined; scope = scope.outer)
      if (scope.names.has(name)) return undefined
    const at = node.start - this.#shift
    const use = this.free.get(name) ?? {
      at,
      written: undefined,
      isGuarded: false,
      isEager: false,
    }
    use.isEager ||= place.isEager
    this.free.set(name, use)
    return use
  }

  #write(name: string, node: AnyNode, place: Place): void {
    const use = this.#use(name, node, place)
    if (use !== undefined) use.written ??= node.start - this.#shift
  }

  #note(what: Lexical, node: AnyNode): void {
    if (!this.lexical.has(what)) this.lexical.set(what, node.start - this.#shift)
  }

  #walk(node: AnyNode, place: Place): void {
    switch (node.type) {
      case 'Identifier':
        if (node.name === 'arguments' && !isDeclared('arguments', place))
          return this.#note('arguments', node)
        return void this.#use(node.name, node, place)
      case 'PrivateIdentifier':
        if (!isDeclared(`#${node.name}`, place)) this.#note('#private', node)
        return
      case 'ThisExpression':
        if (!place.isOwn) this.#note('this', node)
        return
      case 'Super':
        if (!place.isOwn) this.#note('super', node)
        return
      case 'MetaProperty':
        if (node.meta.name === 'import') {
          this.#note('import.meta', node)
          this.metas.push([node.start - this.#shift, node.end - this.#shift])
        } else if (!place.isOwn) this.#note('new.target', node)
        return
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return this.#walkFunction(
          node,
          place,
          place.isOwn || node.type !== 'ArrowFunctionExpression',
        )
      case 'ClassDeclaration':
      case 'ClassExpression':
        return this.#walkClass(node, place, false)
      default:
        return this.#walkOther(node, place)
    }
  }

  #walkOther(node: AnyNode, place: Place): void {
    switch (node.type) {
      case 'MemberExpression':
        this.#walk(node.object, place)
        if (node.computed || node.property.type === 'PrivateIdentifier')
          this.#walk(node.property, place)
        return
      case 'Property':
        if (node.computed) this.#walk(node.key, place)
        return this.#walk(node.value, place)
      case 'BlockStatement':
        return this.#walkAll(node.body, inner(place, declaredNames(node.body)))
      case 'SwitchStatement': {
        this.#walk(node.discriminant, place)
        const own = inner(place, declaredNames(node.cases.flatMap((part) => part.consequent)))
        return this.#walkAll(node.cases, own)
      }
      case 'ForStatement':
        return this.#walkLoop(node, node.init, place)
      case 'ForInStatement':
      case 'ForOfStatement':
        return this.#walkLoop(node, node.left, place)
      case 'CatchClause': {
        const own = inner(place, node.param ? namesOf(node.param) : [])
        if (node.param) this.#walkPattern(node.param, own, true)
        return this.#walk(node.body, own)
      }
      case 'VariableDeclarator':
        this.#walkPattern(node.id, place, true)
        if (node.init) this.#walk(node.init, place)
        return
      case 'LabeledStatement':
        return this.#walk(node.body, place)
      case 'BreakStatement':
      case 'ContinueStatement':
        return
      case 'WithStatement':
        this.#note('with', node)
        return
      default:
        return this.#walkExpression(node, place)
    }
  }

  #walkExpression(node: AnyNode, place: Place): void {
    switch (node.type) {
      case 'AssignmentExpression':
        if (node.left.type === 'Identifier') this.#write(node.left.name, node.left, place)
        else this.#walkPattern(node.left, place, false)
        return this.#walk(node.right, place)
      case 'UpdateExpression':
        if (node.argument.type === 'Identifier')
          this.#write(node.argument.name, node.argument, place)
        else this.#walk(node.argument, place)
        return
      case 'UnaryExpression':
        if (node.operator === 'typeof' && node.argument.type === 'Identifier') {
          const use = this.#use(node.argument.name, node.argument, place)
          if (use !== undefined) use.isGuarded = true
          return
        }
        return this.#walk(node.argument, place)
      case 'CallExpression': {
        if (node.callee.type === 'Identifier') {
          const { name } = node.callee
          if (name === 'eval') this.#note('eval', node)
          this.#walk(node.callee, place)
          // What compilers write for `async` hands `this` on, without need for it.
          const rest = /^__(awaiter|asyncGenerator)$/.test(name)
            ? node.arguments.filter(({ type }) => type !== 'ThisExpression')
            : node.arguments
          return this.#walkAll(rest, place)
        }
        return this.#walkAll(childrenOf(node), place)
      }
      default:
        return this.#walkAll(childrenOf(node), place)
    }
  }

  #walkAll(nodes: Iterable<AnyNode | null>, place: Place): void {
    for (const node of nodes) if (node !== null) this.#walk(node, place)
  }

  #walkLoop(node: AnyNode, head: AnyNode | null | undefined, place: Place): void {
    const isDeclaration = head?.type === 'VariableDeclaration'
    const own = inner(place, isDeclaration ? declaredNames([head]) : [])
    for (const child of childrenOf(node)) {
      if (child === head && !isDeclaration && node.type !== 'ForStatement')
        this.#walkPattern(child, own, false)
      else this.#walk(child, own)
    }
  }

  /** A pattern that declares its names, or assigns to them. */
  #walkPattern(pattern: AnyNode, place: Place, declares: boolean): void {
    switch (pattern.type) {
      case 'Identifier':
        if (!declares) this.#write(pattern.name, pattern, place)
        return
      case 'ObjectPattern':
        for (const member of pattern.properties) {
          if (member.type === 'Property' && member.computed) this.#walk(member.key, place)
          this.#walkPattern(member.type === 'Property' ? member.value : member, place, declares)
        }
        return
      case 'ArrayPattern':
        for (const member of pattern.elements)
          if (member !== null) this.#walkPattern(member, place, declares)
        return
      case 'AssignmentPattern':
        this.#walkPattern(pattern.left, place, declares)
        return this.#walk(pattern.right, place)
      case 'RestElement':
        return this.#walkPattern(pattern.argument, place, declares)
      default:
        return this.#walk(pattern, place)
    }
  }

  #walkFunction(node: FunctionNode, place: Place, isOwn: boolean): void {
    const own = { isOwn, isEager: place.isEager }
    const hasName = node.type === 'FunctionExpression' && node.id
    const named = inner(place, hasName ? [node.id!.name] : [], own)
    const names = node.params.flatMap((parameter) => namesOf(parameter))
    // A root function has `arguments` of its own, as it has a `this` that nobody gives it.
    if (node.type !== 'ArrowFunctionExpression') names.push('arguments')
    const parameters = inner(named, names, own)
    for (const parameter of node.params) this.#walkPattern(parameter, parameters, true)
    if (node.body.type !== 'BlockStatement') return this.#walk(node.body, parameters)
    const { body } = node.body
    this.#walkAll(body, inner(parameters, [...varNames(body), ...declaredNames(body)], own))
  }

  /** @param isRoot - whether what its making needs must be there early */
  #walkClass(node: Class, place: Place, isRoot: boolean): void {
    const privates = node.body.body.flatMap((member) =>
      'key' in member && member.key.type === 'PrivateIdentifier' ? [`#${member.key.name}`] : [],
    )
    const named = inner(place, [...privates, ...(node.id ? [node.id.name] : [])])
    const early = { ...named, isEager: named.isEager || isRoot }
    // What the root extends is known to the class itself.
    if (node.superClass && !isRoot) this.#walk(node.superClass, early)
    for (const member of node.body.body) {
      if (member.type === 'StaticBlock') {
        const names = [...varNames(member.body), ...declaredNames(member.body), 'arguments']
        this.#walkAll(member.body, inner(early, names, { isOwn: true, isEager: early.isEager }))
        continue
      }
      if (member.computed) this.#walk(member.key, early)
      if (!member.value) continue
      const isEarly = member.static && member.type === 'PropertyDefinition'
      this.#walk(member.value, { ...(isEarly ? early : named), isOwn: true })
    }
  }
}

function inner(
  outer: Place,
  names: readonly string[],
  { isOwn, isEager }: { isOwn: boolean; isEager: boolean } = outer,
): Place {
  return { names: new Set(names), outer, isOwn, isEager }
}

function isDeclared(name: string, place: Scope): boolean {
  for (let scope: Scope | undefined = place; scope !== undefined; scope = scope.outer)
    if (scope.names.has(name)) return true
  return false
}
