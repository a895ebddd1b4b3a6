/** Refuses runs that start because a worker imports files. */

import { workerData } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
import { OneCopyError } from '../../../errors.ts'
import { packageModule } from '../../../package-file.ts'
import { isWorker } from '../../machine/cores.ts'
import { originalPlace } from '../contract/original-place.ts'
import type { FunctionReference } from '../contract/reference.ts'
import { spotText } from '../contract/refusals.ts'
import type { Caller, RunStart } from './run-start.ts'

/** What this thread imports for tasks at the moment, and has imported. */
interface TaskImports {
  readonly underWay: Map<string, number>
  readonly all: Set<string>
}

/** Kept where a second copy of this library, such as one in a bundle, finds it too. */
const holder = globalThis as { [key: symbol]: TaskImports | undefined }
const imports: TaskImports = (holder[Symbol.for('onecopy.task-imports')] ??= {
  underWay: new Map<string, number>(),
  all: new Set<string>(),
})

/** Loads something for a task, with the name by which a refusal calls it: a URL where that is known. */
export async function importForTask<T>(name: string, load: () => Promise<T>): Promise<T> {
  const { underWay, all } = imports
  all.add(name)
  underWay.set(name, (underWay.get(name) ?? 0) + 1)
  try {
    return await load()
  } finally {
    const others = underWay.get(name)! - 1
    if (others === 0) underWay.delete(name)
    else underWay.set(name, others)
  }
}

/** Whether this thread has imported the file at `url` for a task. */
export function wasImportedForTask(url: string): boolean {
  return imports.all.has(url)
}

/**
 * Checks that a run does not start because a worker is loading a file, which would run the program again.
 *
 * @param start - makes the stack of the run
 * @throws OneCopyError `ERR_FUNCTION` otherwise
 */
export function requireNotLoading(start: () => RunStart): void {
  if (isStarting()) throw refusePreload(start().callers)
  if (imports.underWay.size === 0) return
  const { underWay } = imports
  // In the program's own thread ('serial') other files may start runs meanwhile.
  const caller = start().callers.find(
    ({ isTopLevel, url }) => isTopLevel && (isWorker() || underWay.has(url)),
  )
  if (caller !== undefined) throw refuseRun(caller, [...underWay.keys()][0]!)
}

/** The refusal of a run that was started by evaluating a task's module. */
export function refuseRun(caller: Caller, imported: string): OneCopyError {
  const spot = spotOf(caller)
  const file = spot.slice(0, spot.lastIndexOf(':'))
  const name = imported.startsWith('file:')
    ? spotText({ url: imported, line: 0 }).slice(0, -2)
    : imported
  const importing = name === file ? 'it' : `${name}, and with it ${file},`
  return new OneCopyError(
    'ERR_FUNCTION',
    `Expected no run to start while a worker loads functions, but ${spot} starts one when ${file} is evaluated. A worker imports ${importing} for a task, so the program would run again. Move the functions of tasks to a module that starts no runs and imports none that does.`,
    { details: { spot, imported } },
  )
}

/**
 * Checks that a function's module can be imported in the thread in which its run starts.
 *
 * @throws OneCopyError `ERR_FUNCTION` when the module waits for that run, so that its import would never resolve
 */
export function requireEvaluated({ url, name }: FunctionReference, start: RunStart): void {
  const caller = start.callers.find((other) => other.isTopLevel && other.url === url)
  if (caller === undefined) return
  throw new OneCopyError(
    'ERR_FUNCTION',
    `Expected the module of \`${name}\` to be evaluated, but the run starts at ${spotOf(caller)}, outside of functions. In this thread the function can't be imported before the evaluation ends. Write delayed(${name}) instead of task(…), or start the run in a function that is called later.`,
    { details: { url, name } },
  )
}

function refusePreload(callers: readonly Caller[]): OneCopyError {
  const caller = callers.find(({ isTopLevel }) => isTopLevel) ?? callers.at(-1)
  const spot = caller === undefined ? 'evaluated code' : spotOf(caller)
  return new OneCopyError(
    'ERR_FUNCTION',
    `Expected no run to start while a worker starts, but ${spot} starts one: --import, --require or NODE_OPTIONS loads it into every worker too. Start runs in the file that Node is started with, or start workers without that option: new Parallel({ execArgv: [] }).`,
    { details: { spot } },
  )
}

function spotOf({ url, line, column }: Caller): string {
  return spotText(originalPlace(url, line, column))
}

let isStarted = false

/** Whether this is a worker in which only what Node loads before its program has run. */
function isStarting(): boolean {
  if (isStarted || isWorker()) return false
  const data = workerData as { onecopy?: unknown } | null | undefined
  const isThread = data?.onecopy !== undefined
  isStarted = !isThread && !isWorkerFile(process.argv[1] ?? '')
  return !isStarted
}

function isWorkerFile(path: string): boolean {
  const name = 'parallel/worker/worker'
  return path.includes(name) && path === fileURLToPath(packageModule(name))
}
