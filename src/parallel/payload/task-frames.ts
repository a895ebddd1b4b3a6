/** Marks where a task's own code begins in a stack. */

/** Calls a task's function; what stands below it in a stack is ours. */
export function callTask<R>(fn: (...args: never[]) => R, args: readonly unknown[]): R {
  return fn(...(args as never[]))
}

/** Awaits what a task's function returned; what stands below it in a stack is ours. */
export async function awaitTask<R>(pending: PromiseLike<R>): Promise<R> {
  return await pending
}

/** The part of an error's stack that belongs to the task; all of it when the task has not thrown it. */
export function cutStack(stack: string): string {
  const [ours] = begins.exec(stack) ?? []
  return ours === undefined ? stack : stack.slice(0, stack.indexOf(ours))
}

// Names and file as they are here: in a bundle both may be others.
const file = (import.meta.url ?? '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const begins = new RegExp(
  `\\n +at (?:async )?(?:${callTask.name}|${awaitTask.name}) \\((?:${file})`,
)
