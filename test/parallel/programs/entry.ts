/** An entry file that says when it runs, with tasks of its own. */

import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { describeFunction } from '../../../src/parallel/internal.ts'

console.log('started')
const factor = 3

export function triple(x: number): number {
  return factor * x
}

export class Learner {
  readonly alpha = 1
}

for (const fn of [Learner, triple]) {
  try {
    describeFunction(fn)
  } catch (error) {
    if (error instanceof Error) console.log(error.message)
  }
}

for (const backend of ['threads', 'processes'] as const) {
  const parallel = new Parallel({ workers: 1, backend })
  const inline = delayed((x: number) => triple(x) + 1)
  console.log(backend, ...(await parallel.run([delayed(triple)(7), inline(7)])))
  await parallel.close()
}
