/** Checks the option `parallel`. */

import { show } from '../../../errors.ts'
import { isParallel } from '../../../parallel/internal.ts'

/** Refuses what is no Parallel. @throws TypeError */
export function requireParallel(parallel: unknown): void {
  if (isParallel(parallel)) return
  throw new TypeError(
    `Expected \`parallel\` to be a Parallel, got ${show(parallel)}. Pass one, such as new Parallel({ workers: 2 }).`,
  )
}
