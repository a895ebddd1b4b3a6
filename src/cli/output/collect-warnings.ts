/** Collects warnings of one kind, for a command that reports them. */

import { setImmediate } from 'node:timers/promises'

/**
 * Runs `work` and returns warnings with `code` instead of printing them; all others are printed as usual.
 *
 * @param code - of the warnings, such as `ONECOPY_NOT_CONVERGED`
 */
export async function collectWarnings<T>(
  code: string,
  work: () => Promise<T>,
): Promise<{ result: T; messages: readonly string[] }> {
  const messages: string[] = []
  const others = process.rawListeners('warning') as ((warning: Error) => void)[]
  const sort = (warning: Error & { code?: string }): void => {
    if (warning.code === code) messages.push(warning.message)
    else for (const listener of others) listener.call(process, warning)
  }
  process.removeAllListeners('warning').on('warning', sort)
  try {
    const result = await work()
    // Warnings are emitted a tick after they are made.
    await setImmediate()
    return { result, messages }
  } finally {
    process.removeListener('warning', sort)
    for (const listener of others) process.on('warning', listener)
  }
}
