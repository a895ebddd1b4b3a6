/** Prints the output of tasks in the main process. */

import type { Job } from '../run/job.ts'

/** What to do with text that tasks print. */
export type OutputOption = 'inherit' | 'prefix' | 'ignore' | ((line: OutputLine) => void)

/** One line that a task printed. */
export interface OutputLine {
  /** Without its line break. */
  readonly text: string
  readonly stream: 'stdout' | 'stderr'
  /** The worker that printed it, such as `thread 2` or `process 4711`. */
  readonly worker: string
  /** The task's position in its run and the name of its function; undefined if no task printed the line. */
  readonly task: { readonly index: number; readonly name: string } | undefined
}

/**
 * Prints whole lines of a worker as the option says.
 *
 * @param stream - 1 for stdout, 2 for stderr
 * @param job - the task that printed them, if it was one
 */
export function print(
  option: OutputOption,
  [stream, bytes]: readonly [stream: 1 | 2, bytes: Uint8Array],
  worker: string,
  job: Job | undefined,
): void {
  if (option === 'ignore') return
  const target = stream === 1 ? process.stdout : process.stderr
  if (option === 'inherit') {
    target.write(bytes)
    return
  }
  const task = job && { index: job.index, name: job.task.callee.name }
  const text = Buffer.from(bytes).toString()
  for (const line of text.replace(/\r?\n$/, '').split(/\r?\n/)) {
    if (option === 'prefix')
      target.write(`[${worker}${task ? `, task ${task.index}` : ''}] ${line}\n`)
    else option({ text: line, stream: stream === 1 ? 'stdout' : 'stderr', worker, task })
  }
}
