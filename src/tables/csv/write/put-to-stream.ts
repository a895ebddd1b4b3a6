/** Writes bytes to a stream that may fail, stall or be destroyed. */

import type { Writable } from 'node:stream'
import { OneCopyError } from '../../../errors.ts'

/** Whether a value is a stream that takes bytes. */
export function isStream(target: unknown): target is Writable {
  const { write, once } = (target ?? {}) as Partial<Writable>
  return typeof target === 'object' && typeof write === 'function' && typeof once === 'function'
}

/**
 * Writes bytes, and waits until the stream has passed them on.
 *
 * @param stream - stays open
 * @param bytes - not to be changed before the promise settles
 * @param signal - ends the wait, not the stream
 * @throws OneCopyError `ERR_FILE` when the stream has ended or is destroyed; the error of the stream; the signal's reason
 */
export async function putToStream(
  stream: Writable,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (stream.destroyed || stream.writableEnded)
    throw new OneCopyError('ERR_FILE', 'Expected a stream that is open, got one that has ended.')
  let isDone = false
  await new Promise<void>((resolve, reject) => {
    const settle = (act: () => void): void => {
      if (isDone) return
      isDone = true
      stream.off('close', close)
      signal?.removeEventListener('abort', abort)
      act()
    }
    const fail = (error: unknown): void => settle(() => reject(error))
    const close = (): void =>
      fail(
        new OneCopyError('ERR_FILE', 'Expected a stream that stays open, got one that was closed.'),
      )
    const abort = (): void => fail(signal!.reason)
    // Without a listener, an error that the promise reports would also end the process.
    stream.on('error', fail)
    stream.on('close', close)
    signal?.addEventListener('abort', abort)
    stream.write(bytes, (error) => {
      if (error) return fail(error)
      stream.off('error', fail)
      settle(resolve)
    })
  })
}
