/** Runs very many tasks that do nothing, and says how much the heap grew. */

import { Parallel } from '../../../src/parallel/index.ts'
import { same } from '../../fixtures/tasks/plain.ts'

const [backend, count] = [process.argv[2] as 'threads' | 'processes', Number(process.argv[3])]
const collect = (globalThis as { gc?: () => void }).gc!

function* numbers() {
  for (let i = 0; i < count; i++) yield i
}

/** JavaScript memory, garbage not counted. */
function heapUsed(): number {
  collect()
  return process.memoryUsage().heapUsed
}

const parallel = new Parallel({ workers: 2, backend })
let wrong = 0
let read = 0
let start = 0
let most = 0
const every = Math.floor(count / 10)
for await (const value of parallel.map(same<number>, numbers())) {
  if (value !== read++) wrong++
  if (read === every) start = heapUsed()
  else if (read % every === 0) most = Math.max(most, heapUsed())
}
await parallel.close()
console.log(JSON.stringify({ read, wrong, growth: (most - start) / 2 ** 20 }))
