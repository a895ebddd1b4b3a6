/** Saves a model again and again until it is told to stop. */

import { arange } from '../../../../src/arrays/index.ts'
import { saveModel } from '../../../../src/models/index.ts'

const [path = '', value = '1'] = process.argv.slice(2)
const X = arange(0, 20_000).copy()
X.data.fill(Number(value))
const stop = new AbortController()
process.once('message', () => {
  stop.abort()
  process.disconnect()
})
let count = 0
process.send?.('ready')
while (!stop.signal.aborted) {
  // Another length each time, so that the parts of two files never fit.
  const part = X.rows(0, 10_000 + (count % 97) * 100)
  await saveModel({ value: Number(value), length: part.size, part }, path)
  count++
}
console.log(count)
