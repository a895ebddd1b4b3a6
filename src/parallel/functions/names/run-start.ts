/** The place in the program where a run starts. */

import { pathToFileURL } from 'node:url'

/** A call that led to the start of a run, directly or after an `await`. */
export interface Caller {
  readonly url: string
  /** 0-based position in the script as V8 runs it. */
  readonly line: number
  readonly column: number
  /** Whether it stands outside of functions, so that evaluating its file starts the run. */
  readonly isTopLevel: boolean
}

/** Most calls that are recorded. */
const mostCallers = 100

/** The stack on which a run starts; its frames are read on demand. */
export class RunStart {
  readonly #holder: { stack?: unknown } = {}
  #callers: readonly Caller[] | undefined

  constructor() {
    const limit = Error.stackTraceLimit
    if (!Reflect.set(Error, 'stackTraceLimit', mostCallers)) return // by --frozen-intrinsics
    Error.captureStackTrace(this.#holder)
    Error.stackTraceLimit = limit
  }

  /** The callers that stand in files, the nearest first. */
  get callers(): readonly Caller[] {
    return (this.#callers ??= readCallers(this.#holder))
  }
}

function readCallers(holder: { stack?: unknown }): Caller[] {
  const prepare = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')
  if (!Reflect.defineProperty(Error, 'prepareStackTrace', { value: asIs, configurable: true }))
    return []
  let sites: unknown
  try {
    sites = holder.stack
  } finally {
    if (prepare === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace')
    else Object.defineProperty(Error, 'prepareStackTrace', prepare)
  }
  return Array.isArray(sites) ? (sites as NodeJS.CallSite[]).flatMap(callerOf) : []
}

const asIs = (_: unknown, sites: unknown): unknown => sites

function callerOf(site: NodeJS.CallSite): Caller[] {
  const file = site.getFileName()
  const line = site.getLineNumber()
  if (typeof file !== 'string' || line === null || !/^(\/|file:)/.test(file)) return []
  return [
    {
      url: file.startsWith('/') ? pathToFileURL(file).href : file,
      line: line - 1,
      column: (site.getColumnNumber() ?? 1) - 1,
      isTopLevel:
        site.getFunctionName() === null &&
        site.getEnclosingLineNumber() === 1 &&
        site.getEnclosingColumnNumber() === 1,
    },
  ]
}
