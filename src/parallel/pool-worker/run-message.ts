/** Writes the message by which a worker gets tasks. */

import type { ToldFunctions } from '../functions/revive/known-functions.ts'
import type { PackedFunction } from '../functions/bundles/function-cache.ts'
import { calling, withPlaceholders, plain, type ToWorker } from '../protocol/messages.ts'
import type { Job } from '../run/job.ts'

const none: readonly never[] = []

/**
 * Writes tasks, and the functions in them that are new to the worker.
 *
 * @param first - number of the first task
 * @param known - functions that the worker knows; those of this message are added
 * @returns the message, and the functions that only it tells of: unless it is sent, they are to be dropped
 */
export function writeRun(
  jobs: readonly Job[],
  first: number,
  known: ToldFunctions,
): { message: ToWorker; told: ReadonlySet<PackedFunction> } {
  const told = new Set<PackedFunction>()
  const calls: unknown[] = []
  let isEager = false
  for (const { run, task, encoded, fn, others } of jobs) {
    if (!known.has(fn)) told.add(fn)
    for (const other of others) if (!known.has(other)) told.add(other)
    const args = encoded?.value ?? task.args
    if (others.length > 0 || encoded?.hasClasses === true)
      calls.push(fn.id, calling, [others.map(({ id }) => id), args])
    else calls.push(fn.id, encoded?.hasPlaceholders ? withPlaceholders : plain, args)
    isEager ||= run.mayKill
  }
  if (told.size === 0) return { message: ['run', first, none, calls, none, isEager], told }
  const functions = [...told].flatMap(({ id, sent }) => [id, sent])
  const forgotten = known.add(told)
  return { message: ['run', first, functions, calls, forgotten, isEager], told }
}
