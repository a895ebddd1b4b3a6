/** Runs tasks while few descriptors are free, and again once they are. */

import { closeSync, openSync, readdirSync } from 'node:fs'
import { isOneCopyError } from '../../../src/errors.ts'
import { delayed, Parallel, type ParallelOptions } from '../../../src/parallel/index.ts'
import { square } from '../../fixtures/tasks/plain.ts'

const [backend, free, kind] = process.argv.slice(2)
const options: ParallelOptions = { workers: 2, backend: backend as 'threads' }
let parallel = new Parallel(options)
process.on('warning', ({ message }) => console.log(`warning: ${message}`))

// The source of an inline function is parsed when it is sent first.
const fn = kind === 'inline' ? (x: number): number => x * x : square

async function run(): Promise<void> {
  try {
    console.log(await parallel.run([1, 2, 3].map((x) => delayed(fn)(x))))
  } catch (error) {
    if (!isOneCopyError(error)) throw error
    const { code, message, cause } = error
    console.log(`${code} ${message} cause: ${cause instanceof Error}`)
  }
}

/** Runs tasks with `free` descriptors, and returns how many are open when the others are free again. */
async function runShort(): Promise<number> {
  const open: number[] = []
  try {
    for (;;) open.push(openSync('/dev/null', 'r'))
  } catch {
    for (let i = 0; i < Number(free); i++) closeSync(open.pop()!)
  }
  await run()
  for (const descriptor of open) closeSync(descriptor)
  if (kind === 'warm') return 0
  await parallel.close()
  parallel = new Parallel(options)
  return readdirSync('/proc/self/fd').length
}

if (kind === 'warm') await run()
const before = await runShort()
console.log((await runShort()) - before)
await run()
await parallel.close()
