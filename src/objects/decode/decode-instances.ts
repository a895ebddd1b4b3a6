/** Makes instances of registered classes, if they are trusted. */

import { awaitAdvice, isOneCopyError, OneCopyError, show } from '../../errors.ts'
import { classOfInstance, classOfName, ownPrefix, type RegisteredClass } from '../class-registry.ts'
import { damaged, type TreeNode } from '../trees/tree-node.ts'
import { treeTypes } from '../trees/tree-types.ts'
import type { ValuePath } from '../values/value-path.ts'

/**
 * Refuses a tree with a class that is not trusted or not registered.
 *
 * @throws OneCopyError `ERR_UNTRUSTED`, which names all of them
 */
export function requireTrusted(tree: unknown, isTrusted?: (type: string) => boolean): void {
  const types = treeTypes(tree).map(({ type }) => type)
  const wary = isTrusted === undefined ? [] : types.filter((type) => !isTrusted(type))
  if (wary.length > 0) throw untrusted(wary)
  const unknown = types.filter((type) => classOfName(type) === undefined)
  if (unknown.length > 0) throw unregistered(unknown)
}

/** Makes the instance of a node. */
export function decodeState(node: TreeNode, readState: () => unknown, path: ValuePath): object {
  const type = node.text('type')
  const version = node.integer('version', 1, Number.MAX_SAFE_INTEGER)
  const registered = classOfName(type)
  if (registered === undefined) throw unregistered([type])
  if (version > registered.version)
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected \`${String(path)}\` to be ${type} of version ${registered.version} or older, got version ${version}. ` +
        'A newer program wrote it. Update the package that registers this class.',
      { details: { place: String(path), type, version } },
    )
  const state = readState()
  return load(registered, state, version, path)
}

function load(
  registered: RegisteredClass,
  state: unknown,
  version: number,
  path: ValuePath,
): object {
  const { name, migrate } = registered
  try {
    if (version === registered.version) return requireInstance(registered, registered.load(state))
    if (migrate !== undefined)
      return requireInstance(registered, registered.load(migrate(state, version)))
  } catch (error) {
    throw refuseState(registered, error, path)
  }
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected \`${String(path)}\` to be ${name} of version ${registered.version}, got version ${version}. ` +
      'Give registerClass a `migrate` that turns states of older versions into ones of this version.',
    { details: { place: String(path), type: name, version } },
  )
}

/** What a class says of a state is about a file, whatever error it throws, and so is the advice. */
function refuseState({ name }: RegisteredClass, error: unknown, path: ValuePath): OneCopyError {
  const place = String(path)
  const field = isOneCopyError(error) ? fieldOf(error.details) : undefined
  if (field !== undefined) {
    const { owner, expected, got } = field
    return new OneCopyError(
      'ERR_FORMAT',
      `Expected \`${field.name}\` of ${owner} in \`${place}\` to be ${expected}, got ${got}. ${damaged}`,
      { cause: error, details: { place, type: name, field: field.name, expected, got } },
    )
  }
  const reason = error instanceof Error ? error.message : show(error)
  const text = `Expected \`${place}\` to be the state of ${name}: ${reason}`
  return new OneCopyError('ERR_FORMAT', text, { cause: error, details: { place, type: name } })
}

/** What an error says of one field of a state, if it says it in parts. */
interface WrongField {
  readonly name: string
  /** The class that learned it. */
  readonly owner: string
  readonly expected: string
  readonly got: string
}

function fieldOf(details: Partial<WrongField>): WrongField | undefined {
  const { name, owner, expected, got } = details
  const areTexts = [name, owner, expected, got].every((one) => typeof one === 'string')
  return areTexts ? (details as WrongField) : undefined
}

function requireInstance(registered: RegisteredClass, value: unknown): object {
  if (typeof value === 'object' && value !== null && classOfInstance(value) === registered)
    return value
  throw new TypeError(
    `expected the \`load\` of ${registered.name} to return an instance of ${registered.Class.name}, got ${show(value)}.` +
      awaitAdvice(value),
  )
}

function untrusted(types: readonly string[]): OneCopyError {
  return new OneCopyError(
    'ERR_UNTRUSTED',
    `The data has instances of ${listNames(types)}, which you have not said that you trust. Their code runs when they are read. ` +
      `If you trust it with data from whoever wrote this, pass trusted: [${types.map((type) => show(type)).join(', ')}].`,
    { details: { types } },
  )
}

function unregistered(types: readonly string[]): OneCopyError {
  const isOwn = types.every((type) => type.startsWith(ownPrefix))
  return new OneCopyError(
    'ERR_UNTRUSTED',
    `The data has instances of ${listNames(types)}, which no class in this program is registered as. ` +
      (isOwn
        ? "Import these classes from 'onecopy/learn' or 'onecopy/tables', or update onecopy."
        : 'Import the module that calls registerClass with this name before you read the data.'),
    { details: { types } },
  )
}

function listNames(types: readonly string[]): string {
  const shown = types.slice(0, 10).map((type) => show(type))
  return shown.join(', ') + (types.length > 10 ? ` and ${types.length - 10} more` : '')
}
