/** Walks a function's syntax and follows its scopes. */

import type { AnyNode, Class, Function as FunctionNode, MemberExpression } from 'acorn'
import { childrenOf, declaredNames, namesOf, varNames } from './syntax.ts'

/** How a function uses a variable from outside. */
export interface Use {
  /** Offset of the first use in the source. */
  readonly at: number
  /** Offset of the first assignment. */
  written: number | undefined
  /** Whether `typeof` asks for it, so that it may be missing. */
  isGuarded: boolean
  /** Whether a class needs its value while it is created: computed names, static members. */
  isEager: boolean
  /** Whether it does so for certain, not only in a function that it may call. */
  isCertain: boolean
  /** Members that it takes of the value by their names. */
  readonly members: Set<string>
  /** Whether it also uses the value as a whole. */
  isWhole: boolean
}

/** What belongs to the place where a function was written, and can't travel. */
export type Lexical =
  'this' | 'super' | 'new.target' | 'arguments' | 'eval' | 'with' | '#private' | 'import.meta'

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
  readonly isCertain: boolean
}

const outside: Place = {
  names: new Set(),
  outer: undefined,
  isOwn: false,
  isEager: false,
  isCertain: false,
}

/** One walk over one function: what it finds is in its fields. */
export class ScopeWalk {
  readonly free = new Map<string, Use>()
  readonly lexical = new Map<Lexical, number>()
  readonly metas: (readonly [number, number])[] = []
  readonly #shift: number

  /** @param shift - by how much offsets of nodes are larger than those in the source */
  constructor(shift: number) {
    this.#shift = shift
  }

  walkRoot(node: FunctionNode): void {
    this.#walkFunction(node, outside, false)
  }

  walkRootClass(node: Class): void {
    this.#walkClass(node, outside, true)
  }

  #use(name: string, node: AnyNode, place: Place, member?: string): Use | undefined {
    for (let scope: Scope | undefined = place; scope !== undefined; scope = scope.outer)
      if (scope.names.has(name)) return undefined
    const at = node.start - this.#shift
    const use = this.free.get(name) ?? {
      at,
      written: undefined,
      isGuarded: false,
      isEager: false,
      isCertain: false,
      members: new Set<string>(),
      isWhole: false,
    }
    if (member === undefined) use.isWhole = true
    else use.members.add(member)
    use.isEager ||= place.isEager
    use.isCertain ||= place.isCertain
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
      case 'MemberExpression': {
        const member = memberName(node)
        const { object } = node
        if (member !== undefined && object.type === 'Identifier' && object.name !== 'arguments')
          return void this.#use(object.name, object, place, member)
        this.#walk(node.object, place)
        if (node.computed || node.property.type === 'PrivateIdentifier')
          this.#walk(node.property, place)
        return
      }
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
    const own = { isOwn, isEager: place.isEager, isCertain: false }
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
    const early = {
      ...named,
      isEager: named.isEager || isRoot,
      isCertain: named.isCertain || isRoot,
    }
    const late = { ...named, isCertain: false }
    // What the root extends is known to the class itself.
    if (node.superClass && !isRoot) this.#walk(node.superClass, early)
    for (const member of node.body.body) {
      if (member.type === 'StaticBlock') {
        const names = [...varNames(member.body), ...declaredNames(member.body), 'arguments']
        this.#walkAll(member.body, inner(early, names, { ...early, isOwn: true }))
        continue
      }
      if (member.computed) this.#walk(member.key, early)
      if (!member.value) continue
      const isEarly = member.static && member.type === 'PropertyDefinition'
      this.#walk(member.value, { ...(isEarly ? early : late), isOwn: true })
    }
  }
}

/** The name of a member that is written out. */
function memberName({ computed, property }: MemberExpression): string | undefined {
  if (!computed) return property.type === 'Identifier' ? property.name : undefined
  return property.type === 'Literal' && typeof property.value === 'string'
    ? property.value
    : undefined
}

function inner(
  outer: Place,
  names: readonly string[],
  { isOwn, isEager, isCertain }: Omit<Place, keyof Scope> = outer,
): Place {
  return { names: new Set(names), outer, isOwn, isEager, isCertain }
}

function isDeclared(name: string, place: Scope): boolean {
  for (let scope: Scope | undefined = place; scope !== undefined; scope = scope.outer)
    if (scope.names.has(name)) return true
  return false
}
