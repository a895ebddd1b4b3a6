/** Starts streams, reads some of them, and ends. */

import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { refuseOdd } from '../../fixtures/tasks/failing.ts'
import { square } from '../../fixtures/tasks/plain.ts'

const parallel = new Parallel({ backend: 'serial' })
const many = Array.from({ length: 1000 }, (_, i) => i)

process.on('warning', ({ message }) => console.log(message))
parallel.map(refuseOdd, [0, 1, 2], { name: 'failed' })
parallel.map(square, many, { name: 'waiting' })
parallel.map(square, [1], { name: 'complete' })
await parallel.map(square, many, { name: 'left' }).return(undefined)
await parallel.map(square, many, { name: 'awaited' })
await parallel
  .map(refuseOdd, [1], { name: 'caught' })
  .next()
  .catch(() => undefined)
const controller = new AbortController()
parallel.map(square, many, { name: 'aborted', signal: controller.signal })
controller.abort()
const late = parallel.map(refuseOdd, [1], { name: 'late' })
await parallel.run([delayed(square)(1)])
await late.next().catch(() => undefined)
try {
  parallel.stream(7 as never, { name: 'refused' })
} catch {
  // no stream has begun
}
