/** Where in the program a run begins. */

import { pathToFileURL } from 'node:url'

/** A place in a file from which the beginning of a run was called, at once or after an `await`. */
export interface Caller {
  readonly url: string
  /** 0-based position in the script as V8 runs it. */
  readonly line: number
  readonly column: number
  /** Whether it stands outside of functions, so that the evaluation of its file begins the run. */
  readonly isTopLevel: boolean
}

/** Calls that are looked at. */
const mostCallers = 100

/** The stack on which a run begins; it is read only when somebody asks for it. */
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
