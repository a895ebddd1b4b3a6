/** Opens an Arrow file, and sums its first column. */

import { readFileSync } from 'node:fs'
import { openArrow } from '../../src/tables/index.ts'

/** This process's own memory, and its share of all, in bytes. */
function memory(): { hard: number; pss: number } {
  const text = readFileSync('/proc/self/smaps_rollup', 'utf8')
  const of = (name: string): number =>
    1024 * Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(text)![1])
  return { hard: of('Pss_Anon') + of('Pss_Shmem'), pss: of('Pss') }
}

const [what, path] = process.argv.slice(2) as [string, string]
if (what === 'open') {
  const time = (): number => {
    const start = performance.now()
    openArrow(path)
    return performance.now() - start
  }
  const before = memory().hard
  const first = time()
  const growth = memory().hard - before
  console.log(JSON.stringify({ first, again: time(), growth }))
} else {
  process.on('message', (message) => {
    if (message === 'end') process.exit()
    if (message === 'sum') {
      const column = openArrow(path, { columns: ['x0'] }).columns[0]!
      const [values] = column.arrays
      const { data, offset, size } = values!
      let sum = 0
      for (let i = 0; i < size; i++) sum += Number(data[offset + i])
      if (sum !== 0) throw new Error(`Expected zeros, got a sum of ${sum}.`)
    }
    process.send!(memory())
  })
  process.send!('ready')
}
