/** A warning names long lists that every task gets. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { delayed, Parallel } from '../../src/parallel/index.ts'

test('a long list that two tasks of a run get is named, once', async () => {
  const parallel = new Parallel({ backend: 'serial' })
  const warnings: Error[] = []
  const listen = (warning: Error): number => warnings.push(warning)
  process.on('warning', listen)
  const count = (_: number, list: ArrayLike<number>): number => list.length
  const list = Array.from({ length: 100_000 }, (_, i) => i)
  await parallel.run([delayed(count)(0, list)])
  await parallel.run([0, 1, 2].map((i) => delayed(count)(i, Float64Array.from(list))))
  const warned = once(process, 'warning')
  await parallel.run([0, 1, 2].map((i) => delayed(count)(i, list)))
  await warned
  process.off('warning', listen)
  assert.deepEqual(
    warnings.map((warning) => (warning as NodeJS.ErrnoException).code),
    ['ONECOPY_LARGE_LIST'],
  )
  assert.match(warnings[0]!.message, /Argument 1 of task 1 \(`count`\) is a list of 100000 items/)
  await parallel.close()
})
