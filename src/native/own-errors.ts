/** Turns errors of the C++ core into OneCopyErrors. */

import { isOneCopyError, OneCopyError } from '../errors.ts'
import type { NativeCore } from './core.ts'
import { startStoppable } from './stop-jobs.ts'

type CoreFunction = (...args: unknown[]) => unknown

/** The core, with its errors converted to `OneCopyError`, the original error being the `cause`, and with jobs that can be stopped. */
export function withOwnErrors(core: NativeCore): NativeCore {
  const members = Object.entries(core).map(([name, member]: [string, unknown]) => [
    name,
    typeof member === 'function' ? converting(core, member as CoreFunction) : member,
  ])
  return Object.fromEntries(members) as NativeCore
}

function converting(core: NativeCore, call: CoreFunction): CoreFunction {
  return (...args) => {
    try {
      const result = startStoppable(core, () => call(...args))
      return result instanceof Promise ? result.catch(convert) : result
    } catch (error) {
      return convert(error)
    }
  }
}

function convert(cause: unknown): never {
  if (cause instanceof OneCopyError || !isOneCopyError(cause)) throw cause
  const { code, message } = cause
  throw new OneCopyError(code, withAdvice(message), { cause })
}

function withAdvice(message: string): string {
  if (message.includes('File too large'))
    return `${message} The size of files is limited, and shared arrays count as files: raise the limit of the process (\`ulimit -f\`).`
  if (!message.includes('Too many open files')) return message
  return (
    `${message} Each shared array of more than 4 kB holds a file descriptor, and 64 smaller ones hold one. ` +
    'Make one large array and use slices of it, ' +
    'or raise the limit of the process (`ulimit -n`).'
  )
}
