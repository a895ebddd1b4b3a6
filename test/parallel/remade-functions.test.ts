/** A warning names the place of functions that are made for each task. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { delayed, Parallel } from '../../src/parallel/index.ts'

test('a function that is made anew for each of a thousand tasks is named, once', async () => {
  const parallel = new Parallel({ backend: 'serial' })
  const warnings: Error[] = []
  const listen = (warning: Error): number => warnings.push(warning)
  process.on('warning', listen)
  const numbers = Array.from({ length: 1000 }, (_, i) => i)
  const kept = (x: number): number => x + 1
  await parallel.run([...numbers, ...numbers].map((x) => delayed(kept)(x)))
  // Each pool packs a function anew, but it was made once.
  for (let i = 0; i < 1000; i++) {
    const other = new Parallel({ backend: 'serial' })
    await other.run([delayed(kept)(i)])
    await other.close()
  }
  const warned = once(process, 'warning')
  for (let i = 0; i < 2; i++) await parallel.run(numbers.map((x) => delayed((y: number) => y)(x)))
  await warned
  process.off('warning', listen)
  assert.deepEqual(
    warnings.map((warning) => [warning.name, (warning as NodeJS.ErrnoException).code]),
    [['OneCopyWarning', 'ONECOPY_FUNCTION_REMADE']],
  )
  assert.match(warnings[0]!.message, /remade-functions\.test\.ts:23 .*delayed\(fn\)\(x\)/)
  await parallel.close()
})
