/** Many workers write into one result: nothing is sent, nothing is put together. */

import { parseArgs } from 'node:util'
import { delayed, exclusive, Parallel, shared } from 'onecopy'
import { writeDistances } from './tasks.ts'

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '2000' },
    backend: { type: 'string', default: 'threads' },
  },
})
const n = Number(values.points)

const points = shared([n, 3], 'float64')
for (let i = 0; i < points.size; i++) points.data[i] = Math.sin(i * i)
const distances = shared([n, n], 'float64')

const parallel = new Parallel({ backend: values.backend as 'threads' })
const step = 50
const blocks = Array.from({ length: Math.ceil(n / step) }, (_, i) => i * step)
await parallel.run(
  blocks.map((start) =>
    // Each task's rows are its own: two that overlap would be refused.
    delayed(writeDistances)(points, exclusive(distances.rows(start, start + step)), start),
  ),
)
await parallel.close()

let [largest, asymmetric] = [0, 0]
for (let i = 0; i < n; i++) {
  for (let j = 0; j < i; j++) {
    largest = Math.max(largest, distances.get(i, j))
    if (distances.get(i, j) !== distances.get(j, i)) asymmetric++
  }
}
console.log(`${n} × ${n} distances by ${blocks.length} tasks, ${asymmetric} of them asymmetric`)
console.log(`the largest is ${Math.sqrt(largest).toFixed(3)}`)
