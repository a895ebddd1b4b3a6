/** Warns of long lists that are copied for task after task. */

import { isProxy } from 'node:util/types'

/** Lists of so many items take 10 ms to copy, and more. */
const long = 100_000

/** Looks at the arguments of a run's tasks. */
export class LargeLists {
  #tasks = 0

  /** Warns when a task of this run is the second with a long list among its arguments. */
  look(args: readonly unknown[], index: number, name: string): void {
    const at = args.findIndex(isLong)
    if (at < 0 || ++this.#tasks !== 2) return
    const { length } = args[at] as readonly unknown[]
    process.emitWarning(
      `Argument ${at} of task ${index} (\`${name}\`) is a list of ${length} items, which are copied for each task. ` +
        `Put numbers into a typed array or an NDArray, of which there is one copy for all. Have each worker read other data itself, in an \`initializer\`.`,
      { type: 'OneCopyWarning', code: 'ONECOPY_LARGE_LIST' },
    )
  }
}

/** A proxy is left out: it may be revoked. */
function isLong(value: unknown): boolean {
  return !isProxy(value) && Array.isArray(value) && value.length >= long
}
