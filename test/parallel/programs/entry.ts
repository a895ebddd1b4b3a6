/** An entry file with a task of its own. */

import { isOneCopyError } from '../../../src/errors.ts'
import { delayed, Parallel, task } from '../../../src/parallel/index.ts'

const backends = ['threads', 'processes'] as const

export function triple(x: number): number {
  return 3 * x
}

if (process.argv[1] === import.meta.filename) {
  for (const backend of backends) {
    const parallel = new Parallel({ workers: 1, backend })
    await parallel.run([delayed(triple)(1)]).catch((error: unknown) => {
      if (isOneCopyError(error) && backend === 'threads') console.log(error.code, error.message)
    })
    const byName = task<typeof triple>(import.meta.url, 'triple')
    console.log(backend, ...(await parallel.run([byName(7)])))
    await parallel.close()
  }
}
