/** Opens a model again and again until it is told to stop, and looks at all of it. */

import { setImmediate } from 'node:timers/promises'
import type { NDArray } from '../../../../src/arrays/index.ts'
import { openModel } from '../../../../src/models/index.ts'

const [path = ''] = process.argv.slice(2)
const stop = new AbortController()
process.once('message', () => {
  stop.abort()
  process.disconnect()
})
process.send?.('ready')
let count = 0
const kept: [model: Model, sum: number][] = []

interface Model {
  readonly value: number
  readonly length: number
  readonly part: NDArray<'float64'>
}

function sumOf({ part }: Model): number {
  return part.toTypedArray().reduce((sum, one) => sum + one, 0)
}

while (!stop.signal.aborted) {
  const model = await openModel<Model>(path, { verify: count % 3 === 0, copy: count % 5 === 0 })
  const sum = sumOf(model)
  if (model.part.size !== model.length || sum !== model.value * model.length)
    throw new Error(`a bad read: ${model.part.size} of ${model.length}, ${sum}`)
  // Some stay open while the file is replaced.
  if (count % 50 === 0) kept.push([model, sum])
  count++
  // Opening a mapped file waits for nothing, and the message to stop would never be read.
  await setImmediate()
}
for (const [model, sum] of kept) if (sumOf(model) !== sum) throw new Error('an open model changed')
console.log(count)
