/** What a Parallel can be asked for, and what it refuses. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Parallel, type ParallelOptions } from '../../../src/parallel/index.ts'
import { selectOptions } from '../../../src/parallel/backends/exec-arguments.ts'
import { poolOptionTypes } from '../../../src/parallel/pool/pool-options.ts'
import { refusal } from '../../arrays/refusal.ts'

const all = availableParallelism()

test('workers are counted as in joblib', () => {
  const workers = (asked?: number): number =>
    new Parallel(asked === undefined ? {} : { workers: asked }).workers
  assert.deepEqual([workers(), workers(-1), workers(3)], [all, all, 3])
  assert.equal(workers(-2), Math.max(1, all - 1))
  assert.equal(workers(-1000), 1)
  assert.equal(new Parallel({ workers: 5, backend: 'serial' }).workers, 1)
})

test('the backend is threads, if nothing else is asked', () => {
  assert.equal(new Parallel().backend, 'threads')
  assert.equal(new Parallel({ backend: 'processes' }).backend, 'processes')
})

test('options of other libraries are refused with the name that onecopy has for them', () => {
  const hints: [options: object, hint: string][] = [
    [{ n_jobs: 2 }, 'has no option `n_jobs`; onecopy calls it `workers`. It has: workers, '],
    [{ nJobs: 2 }, 'has no option `nJobs`; onecopy calls it `workers`. It has: workers, '],
    [{ batchSize: 2 }, '; onecopy calls it `chunkSize`.'],
    [{ maxTasksPerChild: 2 }, '; onecopy calls it `maxTasksPerWorker`.'],
    [{ returnAs: 'generator' }, '; call `parallel.stream(tasks)` for a generator.'],
    [{ verbose: 10 }, '; onecopy calls it `progress`.'],
    [{ maxtasksperchild: 10 }, '; onecopy calls it `maxTasksPerWorker`.'],
    [{ maxThreads: 4 }, '; onecopy calls it `workers`.'],
    [{ idleTimeout: 5000 }, '; onecopy calls it `idleTimeoutMs`.'],
    [{ filename: 'worker.js' }, '; make tasks of the function itself, by `delayed(fn)(…args)`.'],
    [
      { temp_folder: '/tmp' },
      '; arrays are shared in memory without files. For arrays larger than memory use `shared(shape, dtype, { scratch: folder })`.',
    ],
    [{ mmap_mode: 'r' }, '; open files by `openArray(path, { mode })`.'],
    [{ return_as: 'generator' }, '; call `parallel.stream(tasks)` for a generator.'],
    [{ initargs: [1] }, '; write `initializer: delayed(fn)(…args)`.'],
    [{ stopOnError: false }, "; write `onError: 'collect'`, an option of each run."],
    [{ return_exceptions: true }, "; write `onError: 'collect'`, an option of each run."],
    [{ order: 'completion' }, '; it is an option of `stream`, `map` and `starmap`.'],
    [{ signal: undefined }, '; it is an option of each run.'],
  ]
  for (const [options, hint] of hints) {
    assert.throws(
      () => new Parallel(options),
      (error) => {
        assert.ok(error instanceof TypeError)
        assert.ok(error.message.includes(hint), error.message)
        return true
      },
    )
  }
})

test('an option that stands elsewhere is refused without a list of others', () => {
  const options: object = { priority: 1 }
  assert.throws(() => new Parallel(options), {
    name: 'TypeError',
    message: 'Parallel has no option `priority`; it is an option of each run.',
  })
})

test('a run says where an option stands that it does not have', async (context) => {
  const parallel = new Parallel({ backend: 'serial' })
  context.after(() => parallel.close())
  await assert.rejects(parallel.run([], { n_jobs: 2 } as object), {
    message:
      /^A run has no option `n_jobs`; onecopy calls it `workers`, an option of `new Parallel\(\)`\.$/,
  })
  await assert.rejects(parallel.run([], { maxAhead: 2 } as object), {
    message: /^A run has no option `maxAhead`; it is an option of `stream`, `map` and `starmap`\.$/,
  })
  for (const name of Object.keys(poolOptionTypes)) {
    await assert.rejects(parallel.run([], { [name]: 1 } as object), {
      message: new RegExp(
        `^A run has no option \`${name}\`; it is an option of \`new Parallel\\(\\)\`\\.$`,
      ),
    })
  }
})

test('wrong options are refused before anything starts', () => {
  const refused = (options: unknown): unknown => {
    try {
      return new Parallel(options as ParallelOptions)
    } catch (error) {
      return error
    }
  }
  const types: [options: unknown, text: string][] = [
    [{ workers: '4' }, "Expected `workers` to be a number, got '4'."],
    [
      { worker: 4 },
      'Parallel has no option `worker`. Did you mean `workers`? It has: workers, minWorkers, backend, shareFromBytes, kernelThreads, initializer, maxTasksPerWorker, maxMemoryPerWorker, idleTimeoutMs, eagerGc, startTimeoutMs, maxQueue, concurrency, env, execArgv, output, preDispatch, chunkSize, retries, timeoutMs, graceMs, whenFull, progress, maxAhead, maxBufferedBytes, captures, monitor.',
    ],
    [
      { backend: 3 },
      "Expected `backend` to be 'threads', 'processes', 'serial' or a backend, got 3.",
    ],
    [
      { shareFromBytes: '1M' },
      "Expected `shareFromBytes` to be a number of bytes, got '1M'. Write 2 ** 20.",
    ],
    [
      { maxMemoryPerWorker: '500MB' },
      "Expected `maxMemoryPerWorker` to be a number of bytes, got '500MB'. Write 500e6.",
    ],
    [
      { maxBufferedBytes: '1.5 GiB' },
      "Expected `maxBufferedBytes` to be a number of bytes, got '1.5 GiB'. Write 1.5 * 2 ** 30.",
    ],
    [{ shareFromBytes: 'much' }, "Expected `shareFromBytes` to be a number of bytes, got 'much'."],
    [
      { timeoutMs: '10s' },
      "Expected `timeoutMs` to be a number of milliseconds, got '10s'. Write 10e3.",
    ],
    [
      { idleTimeoutMs: '5 min' },
      "Expected `idleTimeoutMs` to be a number of milliseconds, got '5 min'. Write 5 * 60e3.",
    ],
    [
      { startTimeoutMs: '60' },
      "Expected `startTimeoutMs` to be a number of milliseconds, got '60'. Write 60.",
    ],
    [null, 'Expected options such as { workers: … }, got null.'],
  ]
  for (const [options, message] of types) {
    const error = refused(options)
    assert.ok(error instanceof TypeError)
    assert.equal(error.message, message)
  }
  const ranges: [options: unknown, text: string][] = [
    [
      { backend: 'fork' },
      "Expected `backend` to be 'threads', 'processes', 'serial' or a backend, got 'fork'. onecopy calls it 'processes'.",
    ],
    [
      { backend: 'loky' },
      "Expected `backend` to be 'threads', 'processes', 'serial' or a backend, got 'loky'. onecopy calls it 'processes'.",
    ],
    [
      { workers: 0 },
      "Expected `workers` to be a whole number other than 0, got 0. Use -1 for all cores, and backend 'serial' to run without workers.",
    ],
    [{ workers: 1.5 }, 'other than 0, got 1.5.'],
    [
      { shareFromBytes: -1 },
      'Expected `shareFromBytes` to be a whole number of at least 0, got -1.',
    ],
    [{ preDispatch: 0 }, 'Expected `preDispatch` to be a whole number of at least 1, got 0.'],
    [{ kernelThreads: 0 }, 'Expected `kernelThreads` to be a whole number of at least 1, got 0.'],
  ]
  for (const [options, text] of ranges)
    assert.ok(refusal('ERR_OPTION', text)(refused(options)), text)
})

test('options of Node that would harm a worker are left out, with their values', () => {
  const pass = (name: string): boolean => !/^(-e|--eval|--test)/.test(name)
  assert.deepEqual(
    selectOptions(
      [
        '--import',
        'a.mjs',
        '-e',
        '-1',
        '--test-name-pattern',
        'x y',
        '--conditions=b',
        '-r',
        'c.cjs',
      ],
      pass,
    ),
    ['--import', 'a.mjs', '--conditions=b', '-r', 'c.cjs'],
  )
})

test('workers start however this process was started', { timeout: 120_000 }, () => {
  const program = fileURLToPath(new URL('../programs/both-backends.ts', import.meta.url))
  const code = `import(${JSON.stringify(`file://${program}`)})`
  const variants: [execArgv: string[], env: Record<string, string>, input?: string][] = [
    [[program], {}],
    [['--test-name-pattern=x', '--stack-trace-limit=5', '--expose-gc', program], {}],
    [['--no-warnings', '--enable-source-maps', '--conditions', 'x', program], {}],
    [['--input-type=module', '-e', code], {}],
    [['--input-type=module', '-'], {}, code],
    [['-p', code], {}],
    [[program], { NODE_TEST_CONTEXT: 'child-v8' }],
    [['--inspect=0', program], {}],
    [[program], { NODE_OPTIONS: '--inspect=127.0.0.1:0 --no-warnings' }],
  ]
  for (const [execArgv, env, input] of variants) {
    const output = execFileSync(process.execPath, execArgv, {
      encoding: 'utf8',
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
      ...(input === undefined ? {} : { input }),
    })
    assert.match(output, /threads 1 4 9\nprocesses 1 4 9\n/, execArgv.join(' '))
  }
})

test('affinity is obeyed', { skip: all < 2 && 'one core', timeout: 60_000 }, () => {
  const url = new URL('../../../src/parallel/index.ts', import.meta.url).href
  const code = `import { Parallel } from '${url}'; console.log(new Parallel().workers)`
  const command = [process.execPath, '--input-type=module', '-e', code]
  const output = execFileSync('taskset', ['-c', '0', ...command], { encoding: 'utf8' })
  assert.equal(output, '1\n')
})
