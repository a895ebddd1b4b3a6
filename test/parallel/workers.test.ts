/** The life of workers: made ready, used again, replaced, sent home. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type OneCopyError, isOneCopyError } from '../../src/errors.ts'
import { array, shared } from '../../src/arrays/index.ts'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import { meet } from '../fixtures/tasks/concurrent.ts'
import { exit, throwLater } from '../fixtures/tasks/misbehaving.ts'
import { after, busy, countTurns, same, square, whereAmI } from '../fixtures/tasks/plain.ts'
import {
  environment,
  execArgv,
  failToPrepare,
  heapLimit,
  leak,
  litter,
  place,
  prepare,
  prepared,
} from '../fixtures/tasks/workers.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

async function refusalOf(promise: Promise<unknown>): Promise<OneCopyError> {
  const error: unknown = await promise.then(
    () => assert.fail('it did not fail'),
    (thrown: unknown) => thrown,
  )
  assert.ok(isOneCopyError(error), String(error))
  return error
}

onBackends(
  everyBackend,
  'A35: an initializer runs once in each worker, and is waited for before the first task',
  async (make) => {
    const values = array(new Float64Array([1, 2, 3]))
    const parallel = make({ initializer: delayed(prepare)([...values.data]) })
    for (let round = 0; round < 2; round++) {
      const states = await parallel.run(range(20).map(() => delayed(prepared)()))
      for (const state of states)
        assert.deepEqual(state, { values: [1, 2, 3], isHere: true, times: states[0]!.times })
    }
  },
)

onBackends(
  workerBackends,
  'A35: a worker that takes the place of another is made ready too',
  async (make) => {
    const parallel = make({ workers: 1, initializer: delayed(prepare)([7]) })
    await parallel.run([delayed(prepared)()])
    await assert.rejects(parallel.run([delayed(exit)(1)]), { code: 'ERR_WORKER_LOST' })
    const [state] = await parallel.run([delayed(prepared)()])
    assert.deepEqual(state, { values: [7], isHere: true, times: 1 })
  },
)

onBackends(
  everyBackend,
  'an initializer that fails is the error of the run, and of the next',
  async (make, backend) => {
    const parallel = make({ initializer: delayed(failToPrepare)('no such table') })
    for (let round = 0; round < 2; round++) {
      const error = await refusalOf(parallel.run([1, 2, 3].map((x) => delayed(square)(x))))
      const worker = String(error.details['worker'])
      if (backend !== 'serial') assert.match(worker, /^(thread|process) \d+$/)
      assert.equal(error.code, 'ERR_WORKER_START')
      assert.equal(
        error.message,
        `The initializer (\`failToPrepare\`) failed on ${worker}: no such table. No task runs without it.`,
      )
      assert.ok(error.cause instanceof RangeError)
      assert.deepEqual(error.details, { worker, initializer: 'failToPrepare' })
    }
  },
)

onBackends(
  workerBackends,
  'a worker that ends in its initializer fails the run at once',
  async (make) => {
    const left = await refusalOf(make({ initializer: delayed(exit)(3) }).run([delayed(square)(1)]))
    assert.equal(left.code, 'ERR_WORKER_START')
    assert.equal(
      left.message,
      `The worker (${String(left.details['worker'])}) exited with code 3 while it ran the initializer (\`exit\`). No task runs without it. A task should return or throw, not call process.exit().`,
    )
    const threw = await refusalOf(
      make({ initializer: delayed(throwLater)('too late') }).run([delayed(square)(1)]),
    )
    assert.ok(threw.cause instanceof RangeError)
    assert.match(
      threw.message,
      /ended by an uncaught error \(too late\) while it ran the initializer \(`throwLater`\)\./,
    )
  },
)

onBackends(
  workerBackends,
  'a worker for one task that ends in its initializer is not started for ever',
  async (make) => {
    const parallel = make({ initializer: delayed(exit)(3), maxTasksPerWorker: 1 })
    const error = await refusalOf(parallel.run([1, 2, 3].map((x) => delayed(square)(x))))
    assert.equal(error.code, 'ERR_WORKER_START')
  },
)

test('an initializer that can not be sent fails the run, not the program', async () => {
  const parallel = new Parallel({ workers: 1, initializer: delayed(same)((() => 1) as never) })
  const error = await refusalOf(parallel.run([delayed(square)(1)]))
  assert.equal(error.code, 'ERR_UNSENDABLE')
  assert.match(error.message, /the arguments of the initializer \(`same`\)/)
  await parallel.close()
})

onBackends(
  workerBackends,
  'maxTasksPerWorker replaces workers after so many tasks, and no task is lost',
  async (make) => {
    const parallel = make({ maxTasksPerWorker: 7 })
    const places = await parallel.run(range(30).map(() => delayed(place)()))
    const counts = new Map<string, number>()
    for (const name of places) counts.set(name, (counts.get(name) ?? 0) + 1)
    for (const count of counts.values()) assert.ok(count <= 7, String(count))
    assert.ok(counts.size >= 5)
    assert.deepEqual(
      await parallel.run(range(10).map((x) => delayed(square)(x))),
      range(10).map((x) => x * x),
    )
  },
)

onBackends(workerBackends, 'P2: maxTasksPerWorker holds for every chunkSize', async (make) => {
  for (const [maxTasksPerWorker, chunkSize] of [
    [2, 10],
    [3, 2],
    [1, 5],
  ] as const) {
    const parallel = make({ maxTasksPerWorker, chunkSize })
    const places = await parallel.run(range(7).map(() => delayed(place)()))
    for (const name of new Set(places)) {
      const count = places.filter((other) => other === name).length
      assert.ok(count <= maxTasksPerWorker, `${count} of ${maxTasksPerWorker} on ${name}`)
    }
    await parallel.close()
  }
})

onBackends(
  workerBackends,
  'maxTasksPerWorker of 1 gives each task a worker of its own',
  async (make) => {
    const parallel = make({ workers: 2, maxTasksPerWorker: 1 })
    const places = await parallel.run(range(5).map(() => delayed(place)()))
    assert.equal(new Set(places).size, 5)
  },
)

onBackends(
  workerBackends,
  'workers that start to take the place of others get no task before one of these has ended',
  async (make) => {
    for (const concurrency of [1, 3]) {
      const parallel = make({ workers: 2, maxTasksPerWorker: 1, concurrency })
      const came = shared([1], 'int32')
      const run = parallel.run(range(3).map(() => delayed(meet)(3, came)))
      while (came.get(0) < 2) await sleep(1)
      await sleep(300) // the others have started by now
      assert.equal(came.get(0), 2)
      came.set(3, 0)
      assert.equal((await run).length, 3)
    }
  },
)

onBackends(
  workerBackends,
  'A32: a worker that leaks is replaced between tasks, with one notice and no task lost',
  async (make, backend) => {
    const warnings: Error[] = []
    const listen = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listen)
    const MiB = 2 ** 20
    const parallel = make({ workers: 1, maxMemoryPerWorker: 200 * MiB })
    const places = new Set<string>()
    const results: number[] = []
    for await (const x of parallel.stream(range(24).map((i) => delayed(leak)(20 * MiB, i)))) {
      results.push(x)
    }
    for (let i = 0; i < 3; i++) places.add((await parallel.run([delayed(place)()]))[0])
    await sleep(20)
    process.off('warning', listen)
    assert.deepEqual(results, range(24))
    assert.equal(places.size, 1, 'small tasks change nothing')
    const told = warnings.filter((warning) => warning.name === 'OneCopyWarning')
    assert.equal(told.length, 1)
    const [name] = backend === 'threads' ? ['thread'] : ['process']
    assert.match(
      told[0]!.message,
      new RegExp(
        `^${name} \\d+ held 2\\d\\d MiB of its own after task \\d+ \\(\`leak\`\\), more than maxMemoryPerWorker \\(200 MiB\\), and was replaced\\. Later replacements are not reported\\.$`,
      ),
    )
  },
)

onBackends(
  workerBackends,
  'a worker that is above maxMemoryPerWorker from its start is told once, in figures that say why',
  async (make, backend) => {
    const warnings: Error[] = []
    const listen = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listen)
    const parallel = make({ workers: 1, maxMemoryPerWorker: 100_000 })
    const tasks = range(3).map((i) => delayed(after)(5, i))
    assert.deepEqual(await parallel.run(tasks), range(3))
    await sleep(20)
    process.off('warning', listen)
    const told = warnings.filter((warning) => warning.name === 'OneCopyWarning')
    assert.equal(told.length, 1)
    assert.match(
      told[0]!.message,
      new RegExp(
        `^${backend === 'threads' ? 'thread' : 'process'} \\d+ held \\d+ MiB of its own before its first task, more than maxMemoryPerWorker \\(98 KiB\\): each worker is replaced after one task\\. Allow more\\.$`,
      ),
    )
  },
)

onBackends(workerBackends, 'shared arrays are no reason to replace a worker', async (make) => {
  const parallel = make({ workers: 1, maxMemoryPerWorker: 200 * 2 ** 20 })
  const [before] = await parallel.run([delayed(place)()])
  const large = shared([300 * 2 ** 20], 'uint8')
  for (let i = 0; i < 3; i++) {
    await parallel.run([delayed(same)(large)])
    await sleep(5) // the worker measures itself every 2 ms
  }
  assert.deepEqual(await parallel.run([delayed(place)()]), [before])
})

onBackends(workerBackends, 'garbage is no reason to replace a worker', async (make) => {
  const parallel = make({ workers: 1, maxMemoryPerWorker: 200 * 2 ** 20 })
  const [before] = await parallel.run([delayed(place)()])
  for (let i = 0; i < 30; i++) await parallel.run([delayed(litter)(20 * 2 ** 20, i)])
  assert.deepEqual(await parallel.run([delayed(place)()]), [before])
})

onBackends(
  workerBackends,
  'A33: workers that have nothing to do leave after idleTimeoutMs, and the next run has others',
  async (make) => {
    const parallel = make({ idleTimeoutMs: 100 })
    const before = new Set(await parallel.run(range(8).map(() => delayed(whereAmI)(5))))
    await sleep(600)
    const [later] = await parallel.run([delayed(whereAmI)()])
    assert.ok(!before.has(later))
  },
)

onBackends(workerBackends, 'a task longer than idleTimeoutMs is not idle', async (make) => {
  const parallel = make({ workers: 1, idleTimeoutMs: 50 })
  assert.deepEqual(await parallel.run([delayed(after)(400, 'done')]), ['done'])
})

onBackends(
  workerBackends,
  'A34: workers are used again, run after run, and none leaves with idleTimeoutMs: Infinity',
  async (make) => {
    const parallel = make({ workers: 1, idleTimeoutMs: Infinity })
    const places = new Set<string>()
    for (let i = 0; i < 10; i++) places.add((await parallel.run([delayed(place)()]))[0])
    assert.equal(places.size, 1)
  },
)

onBackends(workerBackends, 'env adds variables, and undefined takes one out', async (make) => {
  process.env['ONECOPY_TEST_A'] = 'outer'
  process.env['ONECOPY_TEST_B'] = 'outer'
  try {
    const parallel = make({
      workers: 1,
      env: { ONECOPY_TEST_A: 'inner', ONECOPY_TEST_B: undefined, ONECOPY_TEST_C: 'new' },
    })
    const names = ['ONECOPY_TEST_A', 'ONECOPY_TEST_B', 'ONECOPY_TEST_C', 'PATH']
    assert.deepEqual(await parallel.run(names.map((name) => delayed(environment)(name))), [
      'inner',
      undefined,
      'new',
      process.env['PATH'],
    ])
  } finally {
    delete process.env['ONECOPY_TEST_A']
    delete process.env['ONECOPY_TEST_B']
  }
})

onBackends(
  workerBackends,
  'A37: native libraries get the cores of a worker, unless the user says else',
  async (make) => {
    const ask = (parallel: Parallel): Promise<(string | undefined)[]> =>
      parallel.run(['OMP_NUM_THREADS', 'MKL_NUM_THREADS'].map((name) => delayed(environment)(name)))
    delete process.env['OMP_NUM_THREADS']
    process.env['MKL_NUM_THREADS'] = '5'
    try {
      assert.deepEqual(await ask(make({ workers: 1000 })), ['1', '5'])
      assert.deepEqual(await ask(make({ workers: 1000, kernelThreads: 3 })), ['3', '3'])
      assert.deepEqual(await ask(make({ kernelThreads: 3, env: { OMP_NUM_THREADS: '4' } })), [
        '4',
        '3',
      ])
    } finally {
      delete process.env['MKL_NUM_THREADS']
    }
  },
)

onBackends(
  workerBackends,
  'execArgv is what Node is started with; a limit of the heap holds for each thread',
  async (make, backend) => {
    const parallel = make({ workers: 1, execArgv: ['--max-old-space-size=64', '--no-warnings'] })
    const [args, limit] = await parallel.run([delayed(execArgv)(), delayed(heapLimit)()])
    assert.ok(args.includes('--no-warnings'))
    assert.ok(limit < 300 * 2 ** 20, `${limit} bytes on ${backend}`)
  },
)

test('execArgv that no thread can have fails the run', async () => {
  const parallel = new Parallel({ workers: 1, execArgv: ['--title=x'] })
  const error = await refusalOf(parallel.run([delayed(square)(2)]))
  assert.equal(error.code, 'ERR_WORKER_START')
  assert.equal(
    error.message,
    'A worker could not be started: Initiated Worker with invalid execArgv flags: --title=x. Look at the options `execArgv` and `env`, by default those of this process, that it was started with.',
  )
  await parallel.close()
})

onBackends(
  workerBackends,
  'the event loop of a worker turns between tasks, idle or busy',
  async (make) => {
    const parallel = make({ workers: 1 })
    await parallel.run([delayed(countTurns)()])
    // A machine with too much to do may give the worker no turn for a while.
    let idle = 0
    for (let i = 0; i < 20 && idle <= 5; i++) {
      await sleep(300)
      ;[idle] = await parallel.run([delayed(countTurns)()])
    }
    assert.ok(idle > 5, `${idle} turns while idle`)
    await parallel.run(range(300).map((i) => delayed(busy)(1, i)))
    const [working] = await parallel.run([delayed(countTurns)()])
    assert.ok(working > 5, `${working} turns while working`)
  },
)

test('options of workers are checked', () => {
  const refusals: [object, string, string?][] = [
    [
      { maxTasksPerWorker: 0 },
      'Expected `maxTasksPerWorker` to be a whole number of at least 1, got 0.',
    ],
    [
      { maxMemoryPerWorker: '1G' },
      "Expected `maxMemoryPerWorker` to be a number of bytes, got '1G'. Write 2 ** 30.",
    ],
    [{ idleTimeoutMs: -1 }, 'Expected `idleTimeoutMs` to be a whole number of at least 0, got -1.'],
    [{ initializer: 3 }, 'Expected `initializer` to be a function or delayed(fn)(…args), got 3.'],
    [{ env: { A: 1 } }, 'Expected `env.A` to be a string, or undefined to remove it, got 1.'],
    [{ env: 'A=1' }, "Expected `env` to be an object of strings, got 'A=1'."],
    [
      { execArgv: '--no-warnings' },
      "Expected `execArgv` to be a list of Node's options such as ['--max-old-space-size=2000'], got '--no-warnings'.",
    ],
    [
      { output: 'pipe' },
      "Expected `output` to be 'inherit', 'prefix', 'ignore' or a function, got 'pipe'.",
    ],
  ]
  for (const [options, message] of refusals) {
    assert.throws(() => new Parallel(options), { message })
  }
})
