/** Watches a tree for some seconds and tells what it saw and what that took. */

import { setTimeout } from 'node:timers/promises'
import { startMonitor } from '../../src/monitor/index.ts'

const [pid, ms] = process.argv.slice(2).map(Number)
const monitor = startMonitor({ pid: pid! })
await setTimeout(1500) // its thread is up then
const [start, before] = [performance.now(), process.cpuUsage()]
await setTimeout(ms)
const { user, system } = process.cpuUsage(before)
const share = (user + system) / 1000 / (performance.now() - start)
const { data } = await monitor.stop()
const pss = data.processes.reduce(
  (count, { columns }) => count + (columns.pss?.filter((value) => value > 0).length ?? 0),
  0,
)
const last = data.total.hard!.at(-1)
const rss = data.total.rss!.at(-1)
process.send!({
  share,
  samples: data.samples,
  pss,
  hard: last,
  rss,
  pssTotal: data.total.pss?.at(-1),
})
process.disconnect()
