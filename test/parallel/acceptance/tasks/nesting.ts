/** A task that makes pools within pools. */

import { delayed, Parallel } from '../../../../src/parallel/index.ts'
import { whereAmI } from '../../../fixtures/tasks/plain.ts'

/** What a pool is, some levels down. */
export interface Level {
  readonly backend: string
  readonly workers: number
  /** The process and thread that asked for it. */
  readonly place: string
}

/** Asks for eight processes, and for a task in one of them that does the same. */
export async function descend(depth: number): Promise<Level[]> {
  const parallel = new Parallel({ workers: 8, backend: 'processes' })
  const { backend, workers } = parallel
  const level = { backend, workers, place: whereAmI() }
  const [deeper = []] = depth > 1 ? await parallel.run([delayed(descend)(depth - 1)]) : []
  await parallel.close()
  return [level, ...deeper]
}
