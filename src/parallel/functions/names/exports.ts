/** Finds the export name of a function from its module's source. */

import type { AnyNode, ExportNamedDeclaration, VariableDeclaration } from 'acorn'
import { RecentMap } from '../../../recent-map.ts'
import { assignedNames, offsetAt, parseScript } from '../scopes/syntax.ts'
import { writtenExport } from './written-export.ts'

/** What the top level of a module declares and exports. */
interface Exports {
  /** What each local name was declared as. */
  readonly values: Map<string, AnyNode>
  /** Local name and export name, in the order of the source. */
  readonly names: (readonly [local: string, exported: string])[]
}

const modules = new RecentMap<string, Exports | undefined>(500)

/**
 * Reads which export of an ES module begins at a position, without importing the module: an import
 * of the own URL never resolves while a module is still being evaluated.
 *
 * @param source - the module's text, as V8 ran it
 * @param line - 0-based line that V8 gives for the function or class
 * @param column - 0-based column there
 * @returns the export's name (`default` for the default export); undefined when what stands there is
 *   not exported, is made at run time (`export const f = make()`), or may be reassigned
 */
export function exportAt(source: string, line: number, column: number): string | undefined {
  const position = offsetAt(source, line, column)
  return writtenExport(source, position) ?? parsedExport(source, position)
}

function parsedExport(source: string, position: number): string | undefined {
  if (!modules.has(source)) modules.set(source, readModule(source))
  const module = modules.get(source)
  if (module === undefined) return undefined
  return module.names.find(([local]) => beginsAt(module.values.get(local), position))?.[1]
}

function readModule(source: string): Exports | undefined {
  const program = parseScript(source, 'module')
  if (program === undefined) return undefined // a CommonJS script, or syntax newer than the parser
  const module: Exports = { values: new Map(), names: [] }
  for (const statement of program.body) {
    if (statement.type === 'ExportNamedDeclaration') readNamed(statement, module)
    else if (statement.type === 'ExportDefaultDeclaration') {
      const value = statement.declaration
      const local = value.type === 'Identifier' ? value.name : '*default*'
      if (value.type !== 'Identifier') module.values.set(local, value)
      if ('id' in value && value.id) module.values.set(value.id.name, value)
      module.names.push([local, 'default'])
    } else declare(statement, module)
  }
  const assigned = assignedNames(program)
  return { ...module, names: module.names.filter(([local]) => !assigned.has(local)) }
}

function readNamed(statement: ExportNamedDeclaration, module: Exports): void {
  if (statement.declaration) {
    for (const name of declare(statement.declaration, module)) module.names.push([name, name])
  } else if (!statement.source) {
    for (const { local, exported } of statement.specifiers)
      module.names.push([nameOf(local), nameOf(exported)])
  }
}

/** Notes what a statement declares, and returns the names. */
function declare(node: AnyNode, module: Exports): string[] {
  if (node.type === 'VariableDeclaration') return declareVariables(node, module)
  if ((node.type !== 'FunctionDeclaration' && node.type !== 'ClassDeclaration') || !node.id)
    return []
  module.values.set(node.id.name, node)
  return [node.id.name]
}

function declareVariables(node: VariableDeclaration, module: Exports): string[] {
  const names: string[] = []
  for (const { id, init } of node.declarations) {
    if (id.type !== 'Identifier' || !init) continue
    // esbuild keeps names with `const f = __name((x) => x, 'f')`.
    const named =
      init.type === 'CallExpression' &&
      init.callee.type === 'Identifier' &&
      init.callee.name === '__name'
    module.values.set(id.name, named ? (init.arguments[0] ?? init) : init)
    names.push(id.name)
  }
  return names
}

/**
 * V8 gives an arrow function's start, the opening parenthesis of any other function, and for a class
 * that of its constructor, or the start of the class when it has none.
 */
function beginsAt(node: AnyNode | undefined, position: number): boolean {
  switch (node?.type) {
    case 'ArrowFunctionExpression':
      return node.start === position
    case 'FunctionDeclaration':
    case 'FunctionExpression': {
      const end = node.params[0]?.start ?? node.body.start
      return position >= (node.id?.end ?? node.start) && position < end
    }
    case 'ClassDeclaration':
    case 'ClassExpression': {
      const own = node.body.body.find(
        (m) => m.type === 'MethodDefinition' && m.kind === 'constructor',
      )
      return position === (own?.type === 'MethodDefinition' ? own.value.start : node.start)
    }
    default:
      return false
  }
}

function nameOf(node: ExportNamedDeclaration['specifiers'][number]['local']): string {
  return node.type === 'Identifier' ? node.name : String(node.value)
}
