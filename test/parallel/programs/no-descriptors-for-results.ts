/** Takes the result of a worker process while few descriptors are free. */

import { closeSync, openSync } from 'node:fs'
import { isOneCopyError } from '../../../src/errors.ts'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { fillTyped } from '../../fixtures/tasks/arrays.ts'

const parallel = new Parallel({ workers: 1, backend: 'processes' })

async function run(): Promise<void> {
  try {
    const [result] = await parallel.run([delayed(fillTyped)(200_000, 1)])
    console.log(result.length)
  } catch (error) {
    if (!isOneCopyError(error)) throw error
    console.log(error.code, error.message)
  }
}

await run()
const open: number[] = []
try {
  for (;;) open.push(openSync('/dev/null', 'r'))
} catch {
  for (let i = 0; i < Number(process.argv[2]); i++) closeSync(open.pop()!)
}
await run()
for (const descriptor of open) closeSync(descriptor)
await run()
await parallel.close()
