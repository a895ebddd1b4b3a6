/** Asks V8 where the source of a function stands. */

import { Session } from 'node:inspector'
import type { Debugger, Runtime } from 'node:inspector'

/** Where a function begins: its script and the 0-based position of its parameters. */
export interface Location {
  /** URL of the script: `file:///…` for modules; empty for evaluated code. */
  readonly url: string
  /** The script's text as V8 ran it: after type stripping, or after a loader changed it. */
  readonly source: string
  readonly line: number
  readonly column: number
}

const probe = '__onecopyProbe'
const group = 'onecopy'
const scripts = new Map<string, { url: string; source: string }>()
const urls = new Map<string, string>()
let session: Session | undefined

/**
 * Finds where `fn` was written, by an inspector session of this very thread: no flag is needed, and a
 * debugger that is attached from outside is not disturbed.
 *
 * @param fn - any function or class
 * @returns undefined for native and bound functions, and where there is no inspector (under
 *   `--permission`, and in runtimes other than Node)
 */
export function locate(fn: object): Location | undefined {
  try {
    session ??= openSession()
    const place = findPlace(session, fn)
    if (place === undefined) return undefined
    const script = readScript(session, place.scriptId)
    return { ...script, line: place.lineNumber, column: place.columnNumber ?? 0 }
  } catch {
    return undefined
  }
}

function openSession(): Session {
  const session = new Session()
  session.connect()
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
  return session
}

/** The hidden property `[[FunctionLocation]]`. A session's answers come before `post` returns. */
function findPlace(session: Session, fn: object): Debugger.Location | undefined {
  const globals = globalThis as Record<string, unknown>
  globals[probe] = fn
  try {
    const { result } = ask(session, 'Runtime.evaluate', {
      expression: probe,
      objectGroup: group,
    }) as Runtime.EvaluateReturnType
    const { internalProperties } = ask(session, 'Runtime.getProperties', {
      objectId: result.objectId,
      ownProperties: true,
    }) as Runtime.GetPropertiesReturnType
    const found = internalProperties?.find(({ name }) => name === '[[FunctionLocation]]')
    return found?.value?.value as Debugger.Location | undefined
  } finally {
    delete globals[probe]
    ask(session, 'Runtime.releaseObjectGroup', { objectGroup: group })
  }
}

/** Enables the debugger only while it asks: left enabled, it makes every `await` 7 times slower. */
function readScript(session: Session, scriptId: string): { url: string; source: string } {
  let script = scripts.get(scriptId)
  if (script === undefined) {
    ask(session, 'Debugger.enable')
    try {
      const { scriptSource } = ask(session, 'Debugger.getScriptSource', {
        scriptId,
      }) as Debugger.GetScriptSourceReturnType
      script = { url: urls.get(scriptId) ?? '', source: scriptSource }
    } finally {
      ask(session, 'Debugger.disable')
    }
    scripts.set(scriptId, script)
  }
  return script
}

function ask(session: Session, method: string, params?: object): unknown {
  let answer: unknown
  let refusal: Error | null = null
  session.post(method, params, (error: Error | null, result?: object) => {
    refusal = error
    answer = result
  })
  if (refusal !== null) throw refusal as Error
  return answer
}
