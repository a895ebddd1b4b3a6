/** Reads names and children off a syntax tree. */

import type { AnyNode, Program } from 'acorn'
import { isOneCopyError } from '../../../errors.ts'
import { parse } from './parser.ts'

/**
 * Parses a whole script.
 *
 * @returns undefined when it is none of that kind, or its syntax is newer than the parser
 * @throws OneCopyError when there is no parser
 */
export function parseScript(source: string, sourceType: 'module' | 'script'): Program | undefined {
  try {
    return parse(source, {
      ecmaVersion: 'latest',
      sourceType,
      allowHashBang: true,
      allowReturnOutsideFunction: sourceType === 'script',
    })
  } catch (error) {
    if (isOneCopyError(error)) throw error // there is no parser
    return undefined
  }
}

/** The nodes directly below a node, in their order. */
export function* childrenOf(node: AnyNode): Generator<AnyNode> {
  for (const value of Object.values(node) as unknown[]) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value])
      if (isNode(child)) yield child
  }
}

/** The names that a pattern declares or assigns to. */
export function namesOf(pattern: AnyNode): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap((member) =>
        namesOf(member.type === 'Property' ? member.value : member),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap((member) => (member === null ? [] : namesOf(member)))
    case 'AssignmentPattern':
      return namesOf(pattern.left)
    case 'RestElement':
      return namesOf(pattern.argument)
    default:
      return []
  }
}

/** The names that statements declare in their own block. */
export function declaredNames(statements: Iterable<AnyNode>): string[] {
  const names: string[] = []
  for (const statement of statements) {
    const node = statement.type === 'LabeledStatement' ? statement.body : statement
    if (node.type === 'VariableDeclaration')
      names.push(...node.declarations.flatMap(({ id }) => namesOf(id)))
    else if ((node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') && node.id)
      names.push(node.id.name)
  }
  return names
}

/** The names that `var` declares anywhere in statements, functions in them apart. */
export function varNames(statements: Iterable<AnyNode>): string[] {
  const names: string[] = []
  const visit = (node: AnyNode): void => {
    if (isFunction(node) || node.type === 'StaticBlock') return
    if (node.type === 'VariableDeclaration' && node.kind === 'var')
      names.push(...node.declarations.flatMap(({ id }) => namesOf(id)))
    for (const child of childrenOf(node)) visit(child)
  }
  for (const statement of statements) visit(statement)
  return names
}

/** Names that are assigned to anywhere below `root`, after they were declared. */
export function assignedNames(root: AnyNode): Set<string> {
  const names = new Set<string>()
  const add = (pattern: AnyNode): void => {
    for (const name of namesOf(pattern)) names.add(name)
  }
  const visit = (node: AnyNode): void => {
    if (node.type === 'AssignmentExpression') add(node.left)
    else if (node.type === 'UpdateExpression') add(node.argument)
    else if (node.type === 'ForInStatement' || node.type === 'ForOfStatement') add(node.left)
    for (const child of childrenOf(node)) visit(child)
  }
  visit(root)
  return names
}

/** Whether a node is a function with scopes of its own. */
export function isFunction(node: AnyNode): boolean {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression'
  )
}

function isNode(value: unknown): value is AnyNode {
  return (
    typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
  )
}

/** The offset of a 0-based position in a text. */
export function offsetAt(text: string, line: number, column: number): number {
  let start = 0
  for (let i = 0; i < line; i++) start = text.indexOf('\n', start) + 1
  return start + column
}
