/** What is run again, and what is given as a failure. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after as afterAll } from 'node:test'
import { isOneCopyError } from '../../src/errors.ts'
import { delayed, type RunProgress } from '../../src/parallel/index.ts'
import { refusal } from '../arrays/refusal.ts'
import { refuseOdd, throwValue } from '../fixtures/tasks/failing.ts'
import { exit, never, spin } from '../fixtures/tasks/misbehaving.ts'
import { after, same, square, whereAmI } from '../fixtures/tasks/plain.ts'
import { dieAtFirst } from '../fixtures/tasks/signals.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'

const folder = mkdtempSync(join(tmpdir(), 'onecopy-retries-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
const newFile = (): string => join(folder, `file-${++files}`)

onBackends(workerBackends, 'A29: a task is run again as often as `retries` says', async (make) => {
  const parallel = make()
  const seen: RunProgress[] = []
  const calls = [0, 1, 2, 0].map((times, i) => delayed(dieAtFirst)(newFile(), times, i))
  const results = await parallel.run(calls, { retries: 2, onProgress: (p) => void seen.push(p) })
  assert.deepEqual(results, [0, 1, 2, 3])
  assert.equal(seen.at(-1)!.retried, 3)
})

onBackends(
  workerBackends,
  'a task that is lost too often says how often it was run',
  async (make) => {
    const parallel = make()
    const file = newFile()
    await assert.rejects(
      parallel.run([delayed(dieAtFirst)(file, 9, 1)], { retries: 2 }),
      (error) => isOneCopyError(error) && refusal('ERR_WORKER_LOST', 'It was run 3 times.')(error),
    )
    assert.equal(readFileSync(file, 'utf8'), '...')
  },
)

onBackends(workerBackends, 'without `retries` nothing is run twice', async (make) => {
  const parallel = make()
  const file = newFile()
  await assert.rejects(
    parallel.run([delayed(dieAtFirst)(file, 9, 1)]),
    refusal('ERR_WORKER_LOST', 'It was not run again.'),
  )
  assert.equal(readFileSync(file, 'utf8'), '.')
})

onBackends(everyBackend, 'what a task throws itself is not tried again', async (make) => {
  const parallel = make({ retries: 5 })
  await assert.rejects(parallel.run([delayed(refuseOdd)(1)]), /1 is odd/)
})

onBackends(everyBackend, 'collected failures stand at their index', async (make) => {
  const parallel = make()
  const results = await parallel.run(
    [0, 1, 2].map((x) => delayed(refuseOdd)(x)),
    { onError: 'collect' },
  )
  assert.deepEqual(
    [results[0], results[2]],
    [
      { status: 'fulfilled', index: 0, value: 0 },
      { status: 'fulfilled', index: 2, value: 2 },
    ],
  )
  const [, second] = results
  assert.ok(second?.status === 'rejected' && second.reason instanceof Error)
  assert.equal(second.index, 1)
  assert.equal(second.reason.message, '1 is odd')
})

onBackends(everyBackend, 'a falsy thing thrown is collected as a failure', async (make) => {
  const parallel = make()
  for (const thrown of [undefined, null, 0, '', false]) {
    const results = await parallel.run([delayed(throwValue)(thrown)], { onError: 'collect' })
    assert.deepEqual(results, [{ status: 'rejected', index: 0, reason: thrown }])
  }
})

onBackends(everyBackend, 'collecting goes on after what can not be sent', async (make) => {
  const parallel = make()
  const calls = [delayed(same)(1), delayed(same)((() => 1) as never), delayed(same)(3)]
  const seen: number[] = []
  for await (const result of parallel.stream(calls, { onError: 'collect', order: 'completion' })) {
    seen.push(result.index)
    if (result.index === 1) {
      assert.ok(result.status === 'rejected' && refusal('ERR_UNSENDABLE')(result.reason))
    } else
      assert.deepEqual(result, {
        status: 'fulfilled',
        index: result.index,
        value: result.index + 1,
      })
  }
  assert.deepEqual(
    seen.toSorted((a, b) => a - b),
    [0, 1, 2],
  )
})

onBackends(workerBackends, 'a lost worker is collected as well', async (make) => {
  const parallel = make()
  const results = await parallel.run([delayed(square)(2), delayed(exit)(3), delayed(square)(4)], {
    onError: 'collect',
  })
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
})

onBackends(everyBackend, 'an input that throws ends a collecting run', async (make) => {
  const parallel = make()
  function* calls() {
    yield delayed(square)(1)
    throw new RangeError('no more')
  }
  await assert.rejects(parallel.run(calls(), { onError: 'collect' }), /no more/)
})

onBackends(workerBackends, 'A30: a task that takes too long fails alone', async (make) => {
  const parallel = make()
  const calls = [after(0, 0), spin, never, after(0, 3)].map((what, i) =>
    typeof what === 'function' ? delayed(what as () => never)() : delayed(after)(1, i),
  )
  const results = await parallel.run(calls, { onError: 'collect', timeoutMs: 2000 })
  const texts = results.map((result) =>
    result.status === 'fulfilled' ? result.value : (result.reason as Error).message,
  )
  assert.deepEqual([texts[0], texts[3]], [0, 3])
  for (const [i, name] of [
    [1, 'spin'],
    [2, 'never'],
  ] as const) {
    assert.match(
      String(texts[i]),
      new RegExp(
        `^Task ${i} \\(\`${name}\`\\) ran longer than \`timeoutMs\` allows, 2000 ms, and was ended with its worker \\((thread|process) \\d+\\)\\. Allow more, or give the task less to do\\.$`,
      ),
    )
  }
})

onBackends(workerBackends, 'only running time counts, not waiting for a worker', async (make) => {
  const parallel = make({ workers: 1, timeoutMs: 3000 })
  const results = await parallel.run(Array.from({ length: 8 }, (_, i) => delayed(after)(500, i)))
  assert.deepEqual(results, [0, 1, 2, 3, 4, 5, 6, 7])
})

onBackends(
  workerBackends,
  'a task that takes too long costs no result of those before it',
  async (make) => {
    const parallel = make({ workers: 1 })
    await parallel.run(Array.from({ length: 500 }, (_, i) => delayed(same)(i)))
    const before = await parallel.run([delayed(whereAmI)()])
    const calls = Array.from({ length: 300 }, (_, i) =>
      i === 150 ? delayed(spin as () => number)() : delayed(same)(i),
    )
    const results = await parallel.run(calls, {
      onError: 'collect',
      timeoutMs: 1000,
      chunkSize: 300,
    })
    assert.equal(results.length, 300)
    for (const [i, result] of results.entries()) {
      if (i !== 150) assert.deepEqual(result, { status: 'fulfilled', index: i, value: i })
      else assert.ok(result.status === 'rejected' && refusal('ERR_TIMEOUT')(result.reason))
    }
    assert.notDeepEqual(await parallel.run([delayed(whereAmI)()]), before)
  },
)
