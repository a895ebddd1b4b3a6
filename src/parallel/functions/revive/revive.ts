/** Creates or imports a received function. */

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isOneCopyError, OneCopyError, show } from '../../../errors.ts'
import { classOfName, type RegisteredClass } from '../../../objects/internal.ts'
import { limitBehind } from '../../../system-limits.ts'
import type { SentFunction } from '../contract/bundle.ts'
import { functionHere } from '../contract/functions-here.ts'
import { importForTask } from '../names/task-imports.ts'
import { type Callable, type FunctionReference, isReference } from '../contract/reference.ts'
import type { Revived } from './revive-bundle.ts'

/** Makes the function of a message, with classes that came with it: imports it, or makes it of its source. */
export async function reviveSent(sent: SentFunction): Promise<Revived> {
  if (isReference(sent)) return { fn: await reviveFunction(sent) }
  // Loaded on first use: every file costs a worker's start 0.7 ms.
  const { reviveBundle } = await import('./revive-bundle.ts')
  return reviveBundle(sent, reviveFunction)
}

/**
 * Imports the module of a reference and takes the export.
 *
 * @param reference - what `describeFunction` or `task` made
 * @returns the function or class itself: in the same thread the very object that was described
 * @throws OneCopyError `ERR_FUNCTION` when the module can't be imported (`cause` says why) or has no
 *   such function
 */
export async function reviveFunction(reference: FunctionReference): Promise<Callable> {
  const { url, name } = reference
  if (reference.isRegistered === true)
    return (await loadRegistered(name, url)) as unknown as Callable
  const here = functionHere(reference)
  // Not imported: the import of a module that is still being evaluated does not resolve.
  if (here !== undefined) return here as Callable
  const module = await importModule(reference)
  const value = takeExport(module, name)
  if (typeof value === 'function') return value as Callable
  const names = Object.keys(module).join(', ') || 'nothing'
  throw new OneCopyError(
    'ERR_FUNCTION',
    `Expected ${url} to export a function \`${name}\`, got ${show(value)}. It exports: ${names}.`,
    { details: { url, name } },
  )
}

/**
 * The registration of a class, by its name.
 *
 * @param url - of the module that registers it, which is imported if the class is not known
 * @throws OneCopyError `ERR_FUNCTION` when the module can't be imported, or does not register it
 */
export async function loadRegistered(name: string, url: string): Promise<RegisteredClass> {
  const known = classOfName(name, url)
  if (known !== undefined) return known
  await importModule({ url, name })
  const registered = classOfName(name, url) ?? classOfName(name)
  if (registered !== undefined) return registered
  throw new OneCopyError(
    'ERR_FUNCTION',
    `Expected ${url} to register the class ${name} when it is imported, and it does not. Call registerClass at the top level of the module that the registration names.`,
    { details: { url, name } },
  )
}

async function importModule(reference: FunctionReference): Promise<Record<string, unknown>> {
  const { url, name } = reference
  try {
    return await importForTask(url, () => load(reference))
  } catch (cause) {
    if (isOneCopyError(cause)) throw cause
    throw new OneCopyError('ERR_FUNCTION', describeFailure(url, cause), {
      cause,
      details: { url, name },
    })
  }
}

/** The module; of one in CommonJS only the default export, which is all that it exports. */
async function load({ url, isCommonJs }: FunctionReference): Promise<Record<string, unknown>> {
  if (isCommonJs !== true)
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ url)) as Record<
      string,
      unknown
    >
  const path = fileURLToPath(url)
  return { default: createRequire(path)(path) as unknown }
}

/** A CommonJS module shows all of its exports only on its default export. */
function takeExport(module: Record<string, unknown>, name: string): unknown {
  if (typeof module[name] === 'function') return module[name]
  const whole = module['default'] as Record<string, unknown> | undefined
  return whole?.[name] ?? module[name]
}

function describeFailure(url: string, cause: unknown): string {
  const reason =
    cause instanceof Error ? `${cause.name}: ${cause.message.split('\n')[0]}` : show(cause)
  return `A worker could not import ${url}: ${reason.replace(/\.$/, '')}.${advise(url, cause)}`
}

function advise(url: string, cause: unknown): string {
  const limit = limitBehind(cause)
  if (limit !== undefined) return ` The reason is that ${limit.join('. ')}`
  const code: unknown = (cause as { code?: unknown } | null)?.code
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' || code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return " Node alone can't load it. Start workers with the loader that the program has, such as new Parallel({ execArgv: ['--import', 'tsx'] })."
  return cause instanceof SyntaxError && url.endsWith('.ts')
    ? ' Node needs "type": "module" in the package.json of a `.ts` file with `export`, or the name `.mts`.'
    : ''
}
