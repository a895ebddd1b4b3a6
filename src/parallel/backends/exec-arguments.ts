/** Node options and environment variables that workers start with. */

import type { ResourceLimits } from 'node:worker_threads'
import {
  nodeOptionsWithoutPrograms,
  withoutPrograms,
} from '../functions/names/files-that-start-runs.ts'
import { tsNodeVariables, withTsNode } from './ts-node.ts'
import type { WorkerLaunch } from '../protocol/backend.ts'

/** Options that start something else than a program, or that only one process can have. */
const notForProcesses =
  /^(--inspect|--debug|--test|--experimental-test|--watch|--input-type|--eval|--print|--check|--interactive|--run|--build-snapshot|-e$|-p$|-pe$|-c$|-i$)/

/** Options that a thread may have of its own; all others are refused or belong to the process. */
const forThreads =
  /^(-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--enable-source-maps|--no-warnings|--disable-warning|--trace-warnings|--no-deprecation|--unhandled-rejections|--preserve-symlinks)(=|$)/

/** Options of V8 that a thread gets as limits of its own. */
const limits: Readonly<Record<string, keyof ResourceLimits>> = {
  '--max-old-space-size': 'maxOldGenerationSizeMb',
  '--max-semi-space-size': 'maxYoungGenerationSizeMb',
}

/** Options of Node and environment for a worker process. */
export function processArguments({ env: changes, execArgv }: WorkerLaunch): {
  execArgv: string[]
  env: NodeJS.ProcessEnv
} {
  const env = environment(changes)
  if (env['NODE_OPTIONS'] !== undefined) {
    env['NODE_OPTIONS'] = env['NODE_OPTIONS'].replaceAll(/(^|\s)--inspect\S*/g, '')
  }
  const inherited = (): string[] =>
    selectOptions(inheritedOptions(), (name) => !notForProcesses.test(name))
  return { execArgv: execArgv?.slice() ?? inherited(), env }
}

/**
 * Options and environment for a worker thread: all of the process's, unless a thread needs others: it can't start
 * from a file with `--input-type`, and must not load the program. Limits of memory in `execArgv` are the thread's own.
 */
export function threadArguments({ env: changes, execArgv }: WorkerLaunch): {
  execArgv?: string[]
  env: NodeJS.ProcessEnv
  resourceLimits?: ResourceLimits
} {
  const env = environment(changes)
  if (execArgv !== undefined) return { env, ...separateLimits(execArgv) }
  const options = inheritedOptions()
  const isAsHere = options.join('\n') === process.execArgv.join('\n')
  if (isAsHere && !options.some((option) => option.startsWith('--input-type'))) return { env }
  return { execArgv: selectOptions(options, (name) => forThreads.test(name)), env }
}

/** Options of this process that a worker should have, too. */
function inheritedOptions(): string[] {
  return withTsNode(withoutPrograms(process.execArgv))
}

/**
 * The options whose names pass, with their values.
 *
 * @param options - such as `process.execArgv`: an option's value is a word of its own or follows `=`
 */
export function selectOptions(
  options: readonly string[],
  passes: (name: string) => boolean,
): string[] {
  const selected: string[] = []
  let isSelected = false
  let isCode = false
  for (const option of options) {
    const isValue: boolean = isCode || !option.startsWith('-')
    if (!isValue) isSelected = passes(option)
    if (isSelected) selected.push(option)
    isCode = !isValue && /^(-e|-p|-pe|--eval|--print)$/.test(option)
  }
  return selected
}

function separateLimits(options: readonly string[]): {
  execArgv: string[]
  resourceLimits: ResourceLimits
} {
  const resourceLimits: ResourceLimits = {}
  const execArgv = options.filter((option) => {
    const [name, value] = option.replaceAll('_', '-').split('=')
    const limit = Object.hasOwn(limits, name!) ? limits[name!] : undefined
    if (limit === undefined || value === undefined) return true
    resourceLimits[limit] = Number(value)
    return false
  })
  return { execArgv, resourceLimits }
}

/** A worker is no part of the test run that its parent may be. */
function environment(changes: WorkerLaunch['env']): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...own } = process.env
  const env: NodeJS.ProcessEnv = { ...tsNodeVariables(), ...own }
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete env[name]
    else env[name] = value
  }
  if (env['NODE_OPTIONS'] !== undefined)
    env['NODE_OPTIONS'] = nodeOptionsWithoutPrograms(env['NODE_OPTIONS'])
  return env
}

/** How common native libraries are told how many threads to use. */
const threadCounts = [
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'BLIS_NUM_THREADS',
  'VECLIB_MAXIMUM_THREADS',
  'RAYON_NUM_THREADS',
]

/**
 * Variables that hold native libraries in a worker to `count` threads.
 *
 * @param wins - whether they count more than what this process's environment says
 */
export function threadVariables(count: number, wins: boolean): Record<string, string> {
  const names = threadCounts.filter((name) => wins || process.env[name] === undefined)
  return Object.fromEntries(names.map((name) => [name, String(count)]))
}
