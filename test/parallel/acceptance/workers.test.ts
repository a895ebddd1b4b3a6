/** Acceptance cases A32–A37: how workers are prepared, kept, replaced and limited. */

import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { shared } from '../../../src/arrays/index.ts'
import { delayed } from '../../../src/parallel/index.ts'
import { meetAt } from '../../fixtures/tasks/concurrent.ts'
import { onBackends, workerBackends } from '../backends.ts'
import { leak, place, prepare, readEnv, readPrepared } from './tasks/life.ts'

const MiB = 2 ** 20

onBackends(
  workerBackends,
  'A32: a worker that leaks is replaced between tasks at the limit, and no task is lost',
  async (make, _, context) => {
    const warnings: string[] = []
    const listen = (warning: Error): unknown => warnings.push(warning.message)
    process.on('warning', listen)
    context.after(() => process.off('warning', listen))
    const parallel = make({ maxMemoryPerWorker: 200 * MiB })
    const places = await parallel.run(Array.from({ length: 30 }, () => delayed(leak)(40 * MiB)))
    assert.equal(places.length, 30)
    const counts = new Map<string, number>()
    for (const name of places) counts.set(name, (counts.get(name) ?? 0) + 1)
    assert.ok(counts.size > 2, `${counts.size} workers`)
    for (const [name, tasks] of counts) assert.ok(tasks <= 6, `${name} leaked ${tasks} × 40 MiB`)
    await sleep(0) // warnings come in the next turn
    assert.equal(warnings.length, 1)
    assert.match(
      warnings[0]!,
      /^(thread|process) \d+ held \d+ MiB of its own after task \d+ \(`leak`\), more than maxMemoryPerWorker \(200 MiB\), and was replaced\./,
    )
  },
)

onBackends(workerBackends, 'A32: without a limit no worker is replaced', async (make) => {
  const parallel = make()
  const places = await parallel.run(Array.from({ length: 12 }, () => delayed(leak)(40 * MiB)))
  assert.ok(new Set(places).size <= 2)
})

onBackends(
  workerBackends,
  'A33: idle workers leave after the set time, and the next run starts others',
  async (make) => {
    const parallel = make({ workers: 1, idleTimeoutMs: 100 })
    const [before] = await parallel.run([delayed(place)()])
    let now = before
    // How long it takes is the machine's matter.
    for (let i = 0; i < 20 && now === before; i++) {
      await sleep(500)
      ;[now] = await parallel.run([delayed(place)()])
    }
    assert.notEqual(now, before)
  },
)

onBackends(workerBackends, 'A33: workers that are not idle for long stay', async (make) => {
  const parallel = make({ workers: 1, idleTimeoutMs: 60_000 })
  const places = new Set<string>()
  for (let i = 0; i < 5; i++) {
    places.add((await parallel.run([delayed(place)()]))[0])
    await sleep(50)
  }
  assert.equal(places.size, 1)
})

onBackends(
  workerBackends,
  'A34: ten runs use the same workers, and another number of them is another pool',
  async (make) => {
    const parallel = make()
    const places = new Set<string>()
    for (let i = 0; i < 10; i++) {
      const came = shared([1], 'int32')
      for (const name of await parallel.run([1, 2].map(() => delayed(meetAt)(2, came))))
        places.add(name)
    }
    assert.equal(places.size, 2)
    const larger = make({ workers: 3 })
    const came = shared([1], 'int32')
    const others = await larger.run([1, 2, 3].map(() => delayed(meetAt)(3, came)))
    assert.equal(new Set(others).size, 3)
    for (const name of others) assert.ok(!places.has(name))
  },
)

onBackends(
  workerBackends,
  'A35: the initializer runs once in each worker, before its first task, and its state is seen',
  async (make) => {
    const parallel = make({ initializer: delayed(prepare)({ model: [1, 2] }) })
    for (let run = 0; run < 3; run++) {
      const came = shared([1], 'int32')
      const seen = await parallel.run([1, 2].map(() => delayed(readPrepared)(2, came)))
      for (const { value, times } of seen) {
        assert.deepEqual(value, { model: [1, 2] })
        assert.equal(times, 1)
      }
      assert.equal(new Set(seen.map(({ place }) => place)).size, 2)
    }
  },
)

const names = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS']

onBackends(
  workerBackends,
  'A37: native libraries get their share of the cores, unless the user has said otherwise',
  async (make, _, context) => {
    const cores = availableParallelism()
    const share = String(Math.max(1, Math.floor(cores / 2)))
    for (const name of names) delete process.env[name]
    context.after(() => delete process.env['OMP_NUM_THREADS'])
    assert.deepEqual(await make().run([delayed(readEnv)(names)]), [[share, share]])
    process.env['OMP_NUM_THREADS'] = '7'
    assert.deepEqual(await make().run([delayed(readEnv)(names)]), [['7', share]])
    const explicit = make({ kernelThreads: 3 })
    assert.deepEqual(await explicit.run([delayed(readEnv)(names)]), [['3', '3']])
  },
)
