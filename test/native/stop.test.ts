/** A kernel ends with the thread or process that started it. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { native as core, stopJobsOn } from '../../src/native/index.ts'

const native = new URL('../../src/native/index.ts', import.meta.url).href

/** Starts moments that take minutes: of one row, repeated a billion times. */
const endless = `
  import { native } from ${JSON.stringify(native)}
  const data = new Float64Array(64).fill(1)
  const rows = 2 ** 24
  const x = { data, dtype: 'float64', offset: 0, rows, columns: 64, rowStride: 0, columnStride: 1 }
  const group = { ranges: Float64Array.of(0, 2 ** 24) }
  const groups = Array.from({ length: 64 }, () => group)
  const running = native.moments(x, null, null, groups, new Float64Array(64), 2)
  running.catch(() => {})
`

function startWorker(source: string): Worker {
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`))
}

test('worker.terminate() stops its kernels', async () => {
  const worker = startWorker(
    `${endless}; import { parentPort } from 'node:worker_threads'; parentPort.postMessage('runs')`,
  )
  await once(worker, 'message')
  assert.equal(await worker.terminate(), 1)
})

test('process.exit() does not wait for kernels', async () => {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', `${endless}; setTimeout(() => process.exit(7), 50)`],
    { stdio: 'inherit' },
  )
  const [code] = await once(child, 'exit')
  assert.equal(code, 7)
})

test('Ctrl-C ends a process in which kernels run', async () => {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', `${endless}; console.log('runs')`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  const [code, signal] = await once(child, 'exit')
  assert.deepEqual([code, signal], [null, 'SIGINT'])
})

test('a job keeps its process alive until it settles', async () => {
  const source = `${endless.replaceAll('2 ** 24', '2 ** 12')}
    await running
    console.log('settled')
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [text] = await once(child.stdout, 'data')
  assert.equal(String(text), 'settled\n')
})

test('memory that JavaScript has dropped stays until the job ends', async () => {
  const source = `
    import { setFlagsFromString } from 'node:v8'
    import { runInNewContext } from 'node:vm'
    import { native } from ${JSON.stringify(native)}
    import { parentPort } from 'node:worker_threads'
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc')
    const start = () => native.moments(
      { data: new Float64Array(4e6).fill(3), dtype: 'float64', offset: 0, rows: 2e6, columns: 2, rowStride: 2, columnStride: 1 },
      null, null, Array.from({ length: 20 }, () => ({ ranges: Float64Array.of(0, 2e6) })), new Float64Array(2), 1)
    const running = start()
    collect()
    const filler = Array.from({ length: 20 }, () => new Float64Array(4e6))
    const { sums } = await running
    parentPort.postMessage([...sums].every((sum) => sum === 6e6) && filler.length)
  `
  const worker = startWorker(source)
  const [ok] = await once(worker, 'message')
  assert.equal(ok, 20)
})

/** Moments that take minutes, started here. */
function startEndless(): Promise<unknown> {
  const data = new Float64Array(64).fill(1)
  const rows = 2 ** 24
  const x = {
    data,
    dtype: 'float64',
    offset: 0,
    rows,
    columns: 64,
    rowStride: 0,
    columnStride: 1,
  }
  const groups = Array.from({ length: 64 }, () => ({ ranges: Float64Array.of(0, rows) }))
  return core.moments(x, null, null, groups, new Float64Array(64), 2)
}

test('a signal stops kernels that were started under it, also later and by promises', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  const running = stopJobsOn(stop.signal, async () => {
    await Promise.resolve()
    await startEndless()
  })
  setTimeout(() => stop.abort(reason), 20)
  await assert.rejects(running, reason)
  await assert.rejects(
    stopJobsOn(stop.signal, () => startEndless()),
    reason,
  )
})

test('a signal stops no kernel of others', async () => {
  const [own, other] = [new AbortController(), new AbortController()]
  const running = stopJobsOn(own.signal, () => startEndless())
  const others = stopJobsOn(other.signal, () => startEndless())
  let ended = ''
  others.catch(() => (ended += 'other'))
  own.abort(new Error('own'))
  await assert.rejects(running, { message: 'own' })
  assert.equal(ended, '')
  other.abort(new Error('other'))
  await assert.rejects(others, { message: 'other' })
})

test('the number of a job that has ended, or of none, stops nothing', async () => {
  const x = {
    data: new Float64Array(4),
    dtype: 'float64',
    offset: 0,
    rows: 2,
    columns: 2,
    rowStride: 2,
    columnStride: 1,
  }
  const group = { ranges: Float64Array.of(0, 2) }
  const sums = core.moments(x, null, null, [group], new Float64Array(2), 1)
  const number = core.startedJobs()
  assert.equal((await sums).count[0], 2)
  core.stopJob(number)
  core.stopJob(number + 1)
  assert.throws(() => core.stopJob(0), { code: 'ERR_INDEX' })
})

/** Starts the predictions of a tree of one leaf for each row; a slot that is no leaf makes a damaged tree. */
function startPredicting(rows: number, columns: number, slots: BigUint64Array): Promise<unknown> {
  const matrix = (width: number) => ({
    data: new Float64Array(rows * width),
    dtype: 'float64' as const,
    offset: 0,
    rows,
    columns: width,
    rowStride: width,
    columnStride: 1,
  })
  const edges = {
    edges: new Float64Array(),
    starts: new Int32Array(columns + 1),
    categorical: new Int32Array(),
  }
  const starts = Float64Array.of(0, slots.length)
  const baselines = new Float64Array(1)
  const model = { edges, slots, starts, baselines, factor: 1, map: 'score' } as const
  const ranges = { ranges: Float64Array.of(0, rows) }
  return core.predictTrees(model, matrix(columns), ranges, matrix(1), 1)
}

const leaf = new BigUint64Array(1)

test('a short job runs at once; one of many rows, or of a row of many columns, beside the event loop', async () => {
  for (const [rows, columns, jobs] of [
    [1, 10, 0],
    [400, 10, 0],
    [2000, 2, 0],
    [5000, 2, 1],
    [400, 1000, 1],
    [1, 100_000, 1],
  ] as const) {
    const before = core.startedJobs()
    await startPredicting(rows, columns, leaf)
    assert.equal(core.startedJobs() - before, jobs, `${rows} rows of ${columns} columns`)
  }
})

test('a short job that fails rejects its promise, and one under a signal that has aborted with its reason', async () => {
  const damaged = BigUint64Array.of(9n, 0n, 0n)
  await assert.rejects(startPredicting(1, 1, damaged), { code: 'ERR_FORMAT' })
  const reason = new Error('enough')
  for (const slots of [leaf, damaged])
    await assert.rejects(
      stopJobsOn(AbortSignal.abort(reason), () => startPredicting(1, 1, slots)),
      reason,
    )
})
