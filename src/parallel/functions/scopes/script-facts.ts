/** Finds where the variables of a script come from. */

import type { AnyNode, ImportDeclaration, Program } from 'acorn'
import type { Script } from './inspector.ts'
import { moduleBody } from './module-body.ts'
import { assignedNames, childrenOf, namesOf, parseScript } from './syntax.ts'

/** What a top-level variable of a script was given by a module. */
export interface ModuleBinding {
  /** The module, as the script names it. */
  readonly specifier: string
  /** Members to take, one after the other; none for the whole module. */
  readonly path: readonly string[]
  /** `import`, `require`, or what a bundler or test runner makes of `import` by a helper of its own. */
  readonly by: 'import' | 'require' | 'interop'
  /** The `with` clause of the import. */
  readonly attributes?: Readonly<Record<string, string>> | undefined
}

/** What the text of a script says. */
export interface ScriptFacts {
  /** Undefined when the text can't be parsed. */
  readonly program: Program | undefined
  readonly bindings: ReadonlyMap<string, ModuleBinding>
  /** Whether a variable of this name may get another value after its first. */
  mayChange(name: string): boolean
}

const known = new WeakMap<Script, ScriptFacts>()

/** Reads a script, once. */
export function readScriptFacts(script: Script): ScriptFacts {
  let facts = known.get(script)
  if (facts === undefined) known.set(script, (facts = readFacts(script)))
  return facts
}

function readFacts({ source, isModule }: Script): ScriptFacts {
  const program = parseScript(source, isModule ? 'module' : 'script')
  const bindings = new Map<string, ModuleBinding>()
  if (program === undefined) return { program, bindings, mayChange: () => true }
  for (const node of moduleBody(program)) {
    if (node.type === 'ImportDeclaration') readImport(node, bindings)
    else if (node.type === 'VariableDeclaration')
      for (const { id, init } of node.declarations) if (init) readRequire(id, init, bindings)
  }
  let changing: Set<string> | undefined
  const mayChange = (name: string): boolean =>
    (changing ??= new Set([...assignedNames(program), ...varsWithValue(program)])).has(name)
  return { program, bindings, mayChange }
}

/** Whether the code at an offset is strict though its script is no module. */
export function isStrictAt(program: Program, offset: number): boolean {
  let node: AnyNode = program
  for (;;) {
    if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression') return true
    const body: unknown = 'body' in node ? node.body : undefined
    if (Array.isArray(body) && body.some(isUseStrict)) return true
    const next: AnyNode | undefined = [...childrenOf(node)].find(
      ({ start, end }) => start <= offset && offset < end,
    )
    if (next === undefined) return false
    node = next
  }
}

function isUseStrict(node: AnyNode): boolean {
  return node.type === 'ExpressionStatement' && node.directive === 'use strict'
}

function readImport(node: ImportDeclaration, bindings: Map<string, ModuleBinding>): void {
  const specifier = String(node.source.value)
  const attributes = node.attributes.length === 0 ? undefined : attributesOf(node)
  for (const { type, local, ...rest } of node.specifiers) {
    const imported = 'imported' in rest ? rest.imported : undefined
    const name = imported && (imported.type === 'Identifier' ? imported.name : imported.value)
    const path =
      type === 'ImportNamespaceSpecifier' ? [] : [name === undefined ? 'default' : String(name)]
    bindings.set(local.name, { specifier, path, by: 'import', attributes })
  }
}

function attributesOf({ attributes }: ImportDeclaration): Record<string, string> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key.type === 'Identifier' ? key.name : String(key.value),
      String(value.value),
    ]),
  )
}

/** `const a = require('m')`, `const { a } = require('m')`, `require('m').a`, `helper(require('m'))`, `await import('m')`; Vitest's `await __vite_ssr_import__('m')`. */
function readRequire(id: AnyNode, init: AnyNode, bindings: Map<string, ModuleBinding>): void {
  const binding = bindingOf(init)
  if (binding === undefined) return
  if (id.type === 'Identifier') bindings.set(id.name, binding)
  if (id.type !== 'ObjectPattern') return
  for (const member of id.properties) {
    if (member.type !== 'Property' || member.computed || member.value.type !== 'Identifier')
      continue
    const { key } = member
    const name = key.type === 'Identifier' ? key.name : 'value' in key ? String(key.value) : ''
    bindings.set(member.value.name, { ...binding, path: [...binding.path, name] })
  }
}

function bindingOf(node: AnyNode): ModuleBinding | undefined {
  if (node.type === 'AwaitExpression') {
    const { argument } = node
    if (argument.type === 'ImportExpression' && !argument.options)
      return wholeModule(argument.source, 'import')
    return argument.type === 'CallExpression' &&
      argument.callee.type === 'Identifier' &&
      /^__vite_ssr_(dynamic_)?import__$/.test(argument.callee.name)
      ? wholeModule(argument.arguments[0], 'interop')
      : undefined
  }
  if (node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier') {
    const whole = bindingOf(node.object)
    return whole && { ...whole, path: [...whole.path, node.property.name] }
  }
  if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return undefined
  const [first] = node.arguments
  if (first === undefined) return undefined
  if (node.callee.name === 'require') return wholeModule(first, 'require')
  const inner = bindingOf(first)
  return inner?.by === 'require' && inner.path.length === 0
    ? { ...inner, by: 'interop' }
    : undefined
}

/** The module of a specifier that is written out. */
function wholeModule(
  specifier: AnyNode | undefined,
  by: ModuleBinding['by'],
): ModuleBinding | undefined {
  return specifier?.type === 'Literal' && typeof specifier.value === 'string'
    ? { specifier: specifier.value, path: [], by }
    : undefined
}

/** A `var` has a first value before its first: undefined. */
function varsWithValue(root: AnyNode): string[] {
  const names: string[] = []
  const visit = (node: AnyNode): void => {
    if (node.type === 'VariableDeclaration' && node.kind === 'var')
      names.push(...node.declarations.flatMap(({ id }) => namesOf(id)))
    for (const child of childrenOf(node)) visit(child)
  }
  visit(root)
  return names
}
