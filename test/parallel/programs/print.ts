/** Runs tasks that print, and prints their results as they come. */

import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { print, printPastNode } from '../../fixtures/tasks/workers.ts'

const [backend, output, past] = process.argv.slice(2) as ['threads', 'inherit', string | undefined]
const parallel = new Parallel({ workers: 2, backend, output })
const names = ['a', 'b', 'c']
for await (const name of parallel.stream(names.map((name) => delayed(print)(name, 3)))) {
  process.stdout.write(`result ${name}\n`)
}
if (past !== undefined) await parallel.run([delayed(printPastNode)('written past Node\n')])
await parallel.close()
