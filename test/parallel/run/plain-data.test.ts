/** Plain data travels whole, at whatever size, and as it was when it was taken. */

import assert from 'node:assert/strict'
import { delayed } from '../../../src/parallel/index.ts'
import { everyBackend, onBackends } from '../backends.ts'
import { countUp, first, makeBad, makeRows, type Row, same } from '../programs/plain-tasks.ts'

onBackends(everyBackend, 'lists of rows come back as they were, small or large', async (make) => {
  const parallel = make.shared()
  for (const count of [1, 10, 1000]) {
    const rows = makeRows(count)
    const calls = [delayed(same)(rows), delayed(same)({ rows })]
    assert.deepEqual(await parallel.run(calls), [rows, { rows }])
    assert.deepEqual(await parallel.stream(calls.values()), [rows, { rows }])
  }
})

onBackends(everyBackend, 'what occurs twice, or in itself, stays one', async (make) => {
  const parallel = make.shared()
  const table: { rows: Row[]; self?: unknown } = { rows: makeRows(300) }
  table.self = table
  const calls = [delayed(same)([table, table])]
  for (const given of [calls, calls.values()]) {
    const [[one, other]] = (await parallel.run(given)) as [[typeof table, typeof table]]
    assert.equal(one, other)
    assert.equal(one.self, one)
    assert.equal(one.rows.length, 300)
  }
})

onBackends(everyBackend, 'a generator may change its rows after each task', async (make) => {
  const rows = makeRows(100)
  function* calls() {
    for (let i = 0; i < 20; i++) {
      rows[0]!.id = i
      yield delayed(first)(rows)
    }
  }
  assert.deepEqual(await make.shared().run(calls()), [...Array(20).keys()])
})

onBackends(everyBackend, 'a task may change what an earlier one has returned', async (make) => {
  const calls = Array.from({ length: 8 }, (_, i) => delayed(countUp)(i))
  const lists = await make({ workers: 1 }).run(calls, { chunkSize: 8 })
  assert.deepEqual(
    lists.map(([count]) => count),
    [0, 1, 2, 3, 4, 5, 6, 7],
  )
})

onBackends(
  everyBackend,
  'of much data, too, proxies are read and classes refused',
  async (make) => {
    const parallel = make.shared()
    const rows: unknown[] = makeRows(1000)
    assert.deepEqual(await parallel.run([delayed(same)(new Proxy(rows, {}))]), [rows])
    const refused = { code: 'ERR_UNSENDABLE' }
    await assert.rejects(parallel.run([delayed(same)([...rows, new URL('file:///x')])]), refused)
    await assert.rejects(parallel.run([delayed(makeBad)(1000)]), refused)
  },
)

onBackends(
  everyBackend,
  'the arguments of a function travel as an object, of a list of tasks, too',
  async (make) => {
    const parallel = make.shared()
    const takeArguments: (...args: unknown[]) => unknown = function () {
      // oxlint-disable-next-line prefer-rest-params
      return arguments
    }
    const task = delayed(same)(takeArguments(1, 'two'))
    const right = [{ 0: 1, 1: 'two' }]
    assert.deepEqual(await parallel.run([task]), right)
    assert.deepEqual(await parallel.run(new Set([task])), right)
  },
)
