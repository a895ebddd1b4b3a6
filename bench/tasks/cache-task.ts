/** One of many processes that ask for one result of 100 MB, and how much of it each holds. */

import { appendFileSync, readFileSync } from 'node:fs'
import { shared } from '../../src/arrays/index.ts'
import { cached } from '../../src/cache/index.ts'

const [folder = '', log = ''] = process.argv.slice(2)

function make(logFile: string) {
  process.getBuiltinModule('node:fs').appendFileSync(logFile, `${process.pid}\n`)
  const out = shared([12_500_000], 'float64')
  for (let i = 0; i < out.size; i++) out.data[out.offset + i] = i
  return out
}

/** Proportional share of the mapping of the result in this process, in MB: all shares sum to its resident size. */
function shareOf(path: string): number {
  let isOwn = false
  let share = 0
  for (const line of readFileSync('/proc/self/smaps', 'utf8').split('\n')) {
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) isOwn = line.endsWith(path)
    else if (isOwn && line.startsWith('Pss:')) share += Number(/\d+/.exec(line)![0]) / 1000
  }
  return share
}

const own = cached(make, { folder, ignore: ['logFile'] })
const result = await own(log)
let sum = 0
for (let i = 0; i < result.size; i++) sum += Number(result.data[result.offset + i])
if (sum !== (12_500_000 * 12_499_999) / 2) appendFileSync(log, 'wrong\n')
process.on('message', (message) => {
  if (message === 'measure') process.send!(shareOf(result.mapping?.path ?? ''))
  else process.exit()
})
process.send!('ready')
