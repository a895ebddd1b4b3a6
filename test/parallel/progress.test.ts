/** What is told of a run while it runs, and in whose context. */

import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'node:test'
import { delayed, type RunProgress } from '../../src/parallel/index.ts'
import { describeProgress, ProgressBar } from '../../src/parallel/run/progress-bar.ts'
import { refuseOdd } from '../fixtures/tasks/failing.ts'
import { after, square } from '../fixtures/tasks/plain.ts'
import { everyBackend, onBackends } from './backends.ts'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

onBackends(everyBackend, 'onProgress counts to the end', async (make) => {
  const parallel = make.shared()
  const seen: RunProgress[] = []
  const calls = Array.from({ length: 30 }, (_, i) => delayed(after)(20, i))
  await parallel.run(calls, { name: 'wait', onProgress: (progress) => void seen.push(progress) })
  const last = seen.at(-1)!
  const { name, done, total, failed, retried, running, waiting, isOver } = last
  assert.deepEqual(
    { name, done, total, failed, retried, running, waiting, isOver },
    {
      name: 'wait',
      done: 30,
      total: 30,
      failed: 0,
      retried: 0,
      running: 0,
      waiting: 0,
      isOver: true,
    },
  )
  assert.ok(seen.length >= 2, `told ${seen.length} times`)
  for (const [i, { elapsedMs, done, isOver }] of seen.entries()) {
    if (i === 0) continue
    assert.ok(done >= seen[i - 1]!.done)
    assert.ok(isOver || elapsedMs - seen[i - 1]!.elapsedMs >= 99, 'at most ten times a second')
  }
})

onBackends(everyBackend, 'failures are counted, also the one that ends a run', async (make) => {
  const parallel = make.shared()
  const calls = [1, 2, 3].map((x) => delayed(refuseOdd)(x))
  const seen: RunProgress[] = []
  const onProgress = (progress: RunProgress): void => void seen.push(progress)
  await parallel.run(calls, { onError: 'collect', onProgress })
  assert.deepEqual([seen.at(-1)!.done, seen.at(-1)!.failed], [3, 2])
  await assert.rejects(parallel.run(calls, { onProgress }), /is odd/)
  assert.deepEqual([seen.at(-1)!.failed, seen.at(-1)!.isOver], [1, true])
})

onBackends(
  everyBackend,
  'what an async onProgress rejects with ends the run, or is a warning after it',
  async (make) => {
    const parallel = make.shared()
    const warnings: (Error & { code?: string })[] = []
    const note = (warning: Error): void => void warnings.push(warning)
    process.on('warning', note)
    const fail = async ({ isOver }: RunProgress): Promise<void> => {
      await Promise.resolve()
      if (!isOver) throw new RangeError('seen enough')
    }
    const calls = Array.from({ length: 100 }, () => delayed(after)(50, 1))
    await assert.rejects(parallel.run(calls, { onProgress: fail }), /seen enough/)
    // What it is told at the end of a run comes too late to fail it.
    const late = async ({ isOver }: RunProgress): Promise<void> => {
      await Promise.resolve()
      if (isOver) throw new RangeError('too late')
    }
    assert.deepEqual(await parallel.run([delayed(square)(1)], { onProgress: late }), [1])
    while (warnings.length === 0) await pause(5)
    process.off('warning', note)
    assert.equal(
      warnings.map(({ code, message }) => `${code}: ${message}`).join('\n'),
      'ONECOPY_PROGRESS_FAILED: onProgress rejected after its run had ended: RangeError: too late.',
    )
  },
)

onBackends(everyBackend, 'what onProgress throws ends the run', async (make) => {
  const parallel = make.shared()
  const fail = (): never => {
    throw new RangeError('seen enough')
  }
  await assert.rejects(parallel.run([delayed(square)(1)], { onProgress: fail }), /seen enough/)
  const long = Array.from({ length: 1000 }, () => delayed(after)(20, 1))
  await assert.rejects(parallel.run(long, { onProgress: fail }), /seen enough/)
})

onBackends(everyBackend, 'the total is known of collections, not of generators', async (make) => {
  const parallel = make.shared()
  const totals: (number | undefined)[] = []
  const onProgress = ({ total, isOver }: RunProgress): void => {
    if (!isOver) totals.push(total)
  }
  const wait = after as (ms: number) => Promise<unknown>
  // Long enough for a report before the last one, on however quick a machine.
  const waits = Array.from({ length: 20 }, () => 20)
  for await (const _ of parallel.map(wait, waits, { onProgress }));
  assert.ok(totals.length > 0 && totals.every((total) => total === 20))
  totals.length = 0
  function* numbers() {
    for (;;) yield 20
  }
  for await (const _ of parallel.map(wait, numbers(), { onProgress })) if (totals.length > 0) break
  assert.equal(totals[0], undefined)
})

onBackends(
  everyBackend,
  'callbacks and inputs run in the context of their caller',
  async (make) => {
    const parallel = make.shared()
    const context = new AsyncLocalStorage<string>()
    const run = (name: string): Promise<void> =>
      context.run(name, async () => {
        const wrong: unknown[] = []
        const check = (): void => {
          if (context.getStore() !== name) wrong.push(context.getStore())
        }
        function* calls() {
          try {
            for (let i = 0; i < 40; i++) {
              check()
              yield delayed(after)(i % 3, i)
            }
          } finally {
            check()
          }
        }
        async function* laterCalls() {
          for (const call of calls()) {
            await pause(1)
            check()
            yield call
          }
        }
        await Promise.all([
          parallel.run(calls(), { onProgress: check }),
          parallel.run(laterCalls(), { onProgress: check }),
        ])
        check()
        for await (const i of parallel.stream(calls(), { order: 'completion' })) {
          check()
          if (i > 30) break
        }
        assert.deepEqual(wrong, [])
      })
    await Promise.all([run('a'), run('b')])
    await run('c')
  },
)

const base: RunProgress = {
  name: 'evaluate',
  done: 400,
  total: 1000,
  failed: 2,
  retried: 1,
  running: 2,
  waiting: 2,
  buffered: 0,
  elapsedMs: 5000,
  rate: 81.4,
  remainingMs: 7400,
  isOver: false,
}

test('the bar says done, total, rate, remaining time, failures and memory', () => {
  assert.equal(
    describeProgress(base, 1.2e9),
    'evaluate  ━━━━━━━━──────────── 40 %  400/1,000  81/s  7.4 s left  2 failed  1 run again  1.20 GB',
  )
  const little = { ...base, name: undefined, total: undefined, remainingMs: undefined }
  assert.equal(
    describeProgress({ ...little, failed: 0, retried: 0, rate: 0 }, undefined),
    '400 done  2 running',
  )
  assert.match(
    describeProgress({ ...base, remainingMs: 200_000 }, 2e6),
    /3 min 20 s left.* 2\.00 MB$/,
  )
  assert.match(
    describeProgress({ ...base, remainingMs: 7.5e6, rate: 0.25 }, 2e6),
    /0\.3\/s  2 h 5 min left/,
  )
})

test('a terminal has one line that is written over, and the end stays', () => {
  const written: string[] = []
  const stream = { isTTY: true, columns: 30, write: (text: string) => written.push(text) }
  const bar = new ProgressBar(stream, () => 5e6)
  const { TERM } = process.env
  process.env['TERM'] = 'xterm'
  bar.show(base)
  bar.show({ ...base, done: 1000, elapsedMs: 12_000, isOver: true })
  if (TERM === undefined) delete process.env['TERM']
  else process.env['TERM'] = TERM
  assert.equal(written.length, 2)
  assert.ok(written[0]!.startsWith('\r') && written[0]!.endsWith('\u001B[K'))
  assert.equal(
    written[1],
    '\r\u001B[Kevaluate  1,000 done  in 12.0 s  83/s  2 failed  1 run again\n',
  )
})

test('elsewhere there are few plain lines', () => {
  const written: string[] = []
  const bar = new ProgressBar({ write: (text: string) => written.push(text) }, () => undefined)
  for (let ms = 0; ms < 3_600_000; ms += 100) bar.show({ ...base, elapsedMs: ms })
  bar.show({ ...base, elapsedMs: 3_600_000, isOver: true })
  assert.ok(written.length > 5 && written.length < 30, `${written.length} lines in an hour`)
  assert.ok(written.every((line) => /^evaluate {2}[^\r]*\n$/.test(line)))
})
