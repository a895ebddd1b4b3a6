/** Holds two worker processes in tasks that never end, with scratch memory. */

import { shared } from '../../../src/arrays/index.ts'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { total } from '../../fixtures/tasks/arrays.ts'
import { meetAt } from '../../fixtures/tasks/concurrent.ts'
import { never, spin } from '../../fixtures/tasks/misbehaving.ts'

const values = shared([1_000_000], 'float64')
const parallel = new Parallel({ workers: 2, backend: 'processes' })
await parallel.run([delayed(total)(values), delayed(total)(new Float64Array(200_000))])
const came = shared([1], 'int32')
const places = await parallel.run([1, 2].map(() => delayed(meetAt)(2, came)))
const task = process.argv[2] === 'spin' ? spin : never
const running = parallel.run([delayed(task)(), delayed(task)()])
setTimeout(() => {
  for (const place of new Set(places)) console.log('worker', place.split(' ')[0])
}, 100)
await running
