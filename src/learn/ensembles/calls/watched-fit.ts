/** How a caller ends a fit, and is told of its progress. */

import { show } from '../../../errors.ts'

/** Options of a fit that its caller watches. */
interface Watch<P> {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: P) => void) | undefined
}

/** Refuses a signal and a listener that are none. @throws TypeError */
export function requireWatch<P>({ signal, onProgress }: Watch<P>): void {
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new TypeError(`Expected \`signal\` to be an AbortSignal, got ${show(signal)}.`)
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw new TypeError(`Expected \`onProgress\` to be a function, got ${show(onProgress)}.`)
}

/**
 * Tells a listener, who is not waited for.
 *
 * @throws what it throws; the first promise of its that rejects becomes a warning
 */
export function tellProgress<P>(onProgress: ((progress: P) => unknown) | undefined, told: P): void {
  const returned = onProgress?.(told)
  if (onProgress === undefined || !(returned instanceof Promise)) return
  returned.catch((error: unknown) => {
    if (warned.has(onProgress)) return
    warned.add(onProgress)
    warnOfRejection(error)
  })
}

/** Listeners that rejected before: one that always does would say so after each part of the work. */
const warned = new WeakSet()

function warnOfRejection(error: unknown): void {
  const reason = error instanceof Error ? String(error) : show(error)
  process.emitWarning(`onProgress of a fit rejected: ${reason}.`, {
    type: 'OneCopyWarning',
    code: 'ONECOPY_PROGRESS_FAILED',
  })
}
