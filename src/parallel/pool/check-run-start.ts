/** Records where a run starts; refuses runs that imports start. */

import type { FunctionCache } from '../functions/bundles/function-cache.ts'
import { notePreloads, requireBegunByTask } from '../functions/names/files-that-start-runs.ts'
import { RunStart } from '../functions/names/run-start.ts'
import { requireNotLoading } from '../functions/names/task-imports.ts'
import { Task } from '../tasks/task.ts'
import type { Tasks } from '../tasks/task-source.ts'

/**
 * The stack on which a run starts, which shows what a worker must not import; undefined when the run has only
 * functions that were sent before.
 *
 * @throws OneCopyError `ERR_FUNCTION` when the run starts because a worker loads a file
 */
export function checkRunStart(tasks: Tasks, functions: FunctionCache): RunStart | undefined {
  let start: RunStart | undefined
  const here = (): RunStart => (start ??= new RunStart())
  requireNotLoading(here)
  requireBegunByTask(here)
  if (isKnown(tasks, functions)) return start
  notePreloads(here)
  return here()
}

/** Checking more of them would take as long as recording the stack. */
const mostTasks = 8

function isKnown(tasks: Tasks, functions: FunctionCache): boolean {
  return (
    Array.isArray(tasks) &&
    tasks.length <= mostTasks &&
    tasks.every((task) => task instanceof Task && functions.isConstant(task.callee.target))
  )
}
