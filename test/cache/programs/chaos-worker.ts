/** Calls a cached function in random order, and says when a result is wrong. */

import { appendFileSync } from 'node:fs'
import { shared } from '../../../src/arrays/index.ts'
import { cached } from '../../../src/cache/index.ts'

const [folder = '', log = '', calls = '0', keys = '0', seed = '0'] = process.argv.slice(2)

/** Takes long enough for others to ask meanwhile; notes its start and its end. */
async function compute(key: number, logFile: string) {
  const { appendFileSync: append } = process.getBuiltinModule('node:fs')
  append(logFile, `start ${key} ${process.pid}\n`)
  await new Promise((resolve) => setTimeout(resolve, 5 + (key % 4) * 10))
  const values = shared([10_000 + key], 'float64')
  for (let i = 0; i < values.size; i++) values.set(key * i, i)
  return { key, values }
}

const own = cached(compute, { folder, ignore: ['logFile'] })
let state = Number(seed) + 1
const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647

for (let call = 0; call < Number(calls); call++) {
  const key = Math.floor(random() * Number(keys))
  const { key: got, values } = await own(key, log)
  const i = Math.floor(random() * values.size)
  if (got !== key || values.size !== 10_000 + key || values.get(i) !== key * i)
    appendFileSync(log, `wrong ${key} ${process.pid}\n`)
}
appendFileSync(log, `done ${process.pid}\n`)
