/** Runs a pool of processes in a thread, and ends the thread. */

import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

const program = new URL('./busy-processes.ts', import.meta.url)
const worker = new Worker(program, { argv: ['spin'], stdout: true })
let workers = 0
for await (const line of createInterface({ input: worker.stdout })) {
  console.log(line)
  if (++workers === 2) break
}
if (process.argv[2] !== 'stay') {
  await worker.terminate()
  console.log('thread ended')
}
await sleep(60_000)
