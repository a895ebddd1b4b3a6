/** Workers that are stuck hold up no run that another worker can finish. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { delayed } from '../../src/parallel/index.ts'
import { after, pid, same, square } from '../fixtures/tasks/plain.ts'
import { hang, hangFirst } from '../fixtures/tasks/stuck.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const squares = range(20).map((x) => x * x)
const stopFirst = new URL('../fixtures/stop-first.ts', import.meta.url).href
const stopSecond = new URL('../fixtures/stop-second.ts', import.meta.url).href

/** A file that does not exist yet. */
function newFile(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-'))
  context.after(() => rmSync(folder, { recursive: true }))
  return join(folder, 'first')
}

/** Tries `body` with a longer limit when a worker that is not stuck passed it, since starting one may take seconds on a busy machine. */
async function withLimit(body: (startTimeoutMs: number) => Promise<void>): Promise<void> {
  for (let limit = 2500; ; limit *= 3) {
    try {
      return await body(limit)
    } catch (error) {
      const isLate = error instanceof Error && error.message.includes('did not start within')
      if (!isLate || limit > 20_000) throw error
    }
  }
}

/** Messages of our warnings about this limit, until the test ends. */
function listen(context: TestContext, startTimeoutMs: number): string[] {
  const messages: string[] = []
  const note = ({ name, message }: Error): void => {
    if (name === 'OneCopyWarning' && message.includes(`(${startTimeoutMs} ms)`))
      messages.push(message)
  }
  process.on('warning', note)
  context.after(() => process.off('warning', note))
  return messages
}

onBackends(
  workerBackends,
  'a worker that is stuck while it starts holds up no task',
  async (make, _, context) => {
    const parallel = make({
      execArgv: ['--import', stopFirst],
      env: { ONECOPY_TEST_FIRST: newFile(context) },
    })
    assert.deepEqual(await parallel.run(range(20).map((x) => delayed(square)(x))), squares)
    assert.deepEqual(await parallel.run(range(20).map((x) => delayed(square)(x))), squares)
  },
)

for (const [which, stopper] of Object.entries({ first: stopFirst, second: stopSecond }))
  onBackends(
    workerBackends,
    `the ${which} worker for one task, stuck while it starts, holds up no task, prepared or not`,
    async (make, _, context) => {
      const parallel = make({
        workers: 1,
        maxTasksPerWorker: 1,
        execArgv: ['--import', stopper],
        env: { ONECOPY_TEST_FIRST: newFile(context) },
        startTimeoutMs: 3_600_000,
      })
      const lists = range(3).map((i) => Array.from({ length: 200_000 }, () => i))
      const results = await parallel.run(lists.map((list) => delayed(same)(list)))
      assert.deepEqual(
        results.map((list) => list[0]),
        [0, 1, 2],
      )
    },
  )

onBackends(
  workerBackends,
  'a worker that is stuck while it starts is killed after startTimeoutMs, and others go on',
  (make, _, context) =>
    withLimit(async (startTimeoutMs) => {
      const warnings = listen(context, startTimeoutMs)
      const parallel = make({
        execArgv: ['--import', stopFirst],
        env: { ONECOPY_TEST_FIRST: newFile(context) },
        startTimeoutMs,
      })
      while (warnings.length === 0)
        assert.deepEqual(await parallel.run([delayed(after)(50, 1), delayed(after)(50, 2)]), [1, 2])
      assert.match(
        warnings[0]!.replace(`(${startTimeoutMs} ms)`, '(limit)'),
        /^The worker \((thread|process) \d+\) did not start within `startTimeoutMs` \(limit\) and was killed\. No task failed; other workers run what it had\.$/,
      )
    }),
)

onBackends(
  workerBackends,
  'where no worker starts within startTimeoutMs the run fails',
  async (make) => {
    const parallel = make({ execArgv: ['--import', stopFirst], startTimeoutMs: 300 })
    await assert.rejects(parallel.run([delayed(square)(1)]), (error: Error) => {
      assert.match(
        error.message,
        /^The worker \((thread|process) \d+\) did not start within `startTimeoutMs` \(300 ms\) and was killed\. Look for what keeps it waiting in the options `execArgv` and `env`, by default those of this process, or allow more time\.$/,
      )
      return 'code' in error && error.code === 'ERR_WORKER_START'
    })
  },
)

onBackends(
  everyBackend,
  'an initializer that never ends fails the run after startTimeoutMs',
  (make) =>
    withLimit(async (startTimeoutMs) => {
      const parallel = make({ initializer: hang, startTimeoutMs })
      await assert.rejects(parallel.run([delayed(square)(1)]), (error: Error) => {
        assert.match(
          error.message.replace(`(${startTimeoutMs} ms)`, '(limit)'),
          /^The initializer \(`hang`\) did not finish on (thread \d+|process \d+|this thread) within `startTimeoutMs` \(limit\), and the worker was killed\. No task runs without it\. Allow more time, or do less in it\.$/,
        )
        return 'code' in error && error.code === 'ERR_WORKER_START'
      })
    }),
)

onBackends(
  workerBackends,
  'an initializer that never ends in one worker holds up no task',
  async (make, _, context) => {
    const parallel = make({ initializer: delayed(hangFirst)(newFile(context)) })
    assert.deepEqual(await parallel.run(range(20).map((x) => delayed(square)(x))), squares)
  },
)

onBackends(
  ['processes'],
  'an idle worker that is stopped holds up no task, and works again when it goes on',
  async (make) => {
    const parallel = make()
    const pids = async (): Promise<number[]> => {
      const seen = new Set<number>()
      const tasks = range(20).map(() => delayed(after)(1, 0))
      while (seen.size < 2) {
        await parallel.run(tasks)
        for (const id of await parallel.run([delayed(pid)(), delayed(pid)()])) seen.add(id)
      }
      return [...seen]
    }
    const [first, second] = await pids()
    for (const stopped of [first!, second!]) {
      process.kill(stopped, 'SIGSTOP')
      assert.deepEqual(await parallel.run(range(20).map((x) => delayed(square)(x))), squares)
      const results: number[] = []
      for await (const x of parallel.map(square, range(20), { maxAhead: 1 })) results.push(x)
      assert.deepEqual(results, squares)
      process.kill(stopped, 'SIGCONT')
      assert.deepEqual(new Set(await pids()), new Set([first, second]))
    }
  },
)

onBackends(
  ['processes'],
  'a worker that is stopped before its last tasks holds up none',
  async (make) => {
    const parallel = make({ maxTasksPerWorker: 2 })
    const [stopped] = await parallel.run([delayed(pid)()])
    process.kill(stopped, 'SIGSTOP')
    assert.deepEqual(
      await parallel.run(range(6).map((x) => delayed(square)(x))),
      squares.slice(0, 6),
    )
  },
)

onBackends(
  ['processes'],
  'the only worker is replaced when it begins nothing for startTimeoutMs',
  (make, _, context) =>
    withLimit(async (startTimeoutMs) => {
      const warnings = listen(context, startTimeoutMs)
      const parallel = make({ workers: 1, startTimeoutMs })
      const [stopped] = await parallel.run([delayed(pid)()])
      process.kill(stopped, 'SIGSTOP')
      const [another] = await parallel.run([delayed(pid)()])
      assert.notEqual(another, stopped)
      assert.deepEqual(warnings, [
        `The worker (process ${stopped}) did not begin the tasks that it was sent within \`startTimeoutMs\` (${startTimeoutMs} ms) and was killed. No task failed; other workers run what it had.`,
      ])
    }),
)
