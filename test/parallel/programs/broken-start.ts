/** Asks for workers that can't start. */

import { isOneCopyError } from '../../../src/errors.ts'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { square } from '../../fixtures/tasks/plain.ts'

process.execArgv.push('--require', '/nowhere/at/all.cjs')
const parallel = new Parallel({ workers: 2, backend: 'processes' })
await parallel.run([delayed(square)(1)]).catch((error: unknown) => {
  if (isOneCopyError(error)) console.log(error.code, error.message)
})
