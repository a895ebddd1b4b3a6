/** Random closures give on a worker what they give here. */

import assert from 'node:assert/strict'
import { stripTypeScriptTypes } from 'node:module'
import vm from 'node:vm'
import * as fc from 'fast-check'
import { delayed } from '../../src/parallel/index.ts'
import { closureSource } from '../fixtures/functions/random-closure.ts'
import { onBackends } from './backends.ts'

type Closure = (d: number, e?: number) => Promise<number>

onBackends(
  ['serial', 'threads', 'processes'],
  'a random closure gives what it gives here',
  async (make, backend) => {
    const parallel = make({ workers: 1 })
    await fc.assert(
      fc.asyncProperty(closureSource, fc.integer(), async (source, d) => {
        const text = stripTypeScriptTypes(source)
        const closure = vm.runInThisContext(text) as Closure
        const here = await outcomeOf(closure(d))
        const there = await outcomeOf(parallel.run([delayed(closure)(d)]).then(([value]) => value))
        assert.deepEqual(there, here)
      }),
      { seed: 7, numRuns: backend === 'processes' ? 10 : 20 },
    )
  },
)

/** A value, or what was thrown. */
async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    return String(error)
  }
}
