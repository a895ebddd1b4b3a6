/** Saves an array of one value again and again until it is told to stop. */

import { array, saveArray } from '../../../src/arrays/index.ts'

const [path = '', length, value] = process.argv.slice(2)
const values = array(new Float64Array(Number(length)).fill(Number(value)))
const stop = new AbortController()
process.once('message', () => {
  stop.abort()
  process.disconnect()
})
process.send?.('ready')
while (!stop.signal.aborted) await saveArray(path, values)
