/** What a worker sends harms no other task, however deep or odd it is. */

import assert from 'node:assert/strict'
import { MessagePort } from 'node:worker_threads'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import { UnsettledTasks } from '../../src/parallel/pool-worker/unsettled-tasks.ts'
import { requireFromWorker } from '../../src/parallel/protocol/check-message.ts'
import { Claims, claimsBytes } from '../../src/parallel/protocol/claims.ts'
import { drawKey, FrameReader, writeFrame } from '../../src/parallel/protocol/frames.ts'
import type { Job } from '../../src/parallel/run/job.ts'
import {
  measure,
  nest,
  square,
  squareOrNest,
  throwNested,
  typeOfSend,
} from '../fixtures/tasks/deep.ts'
import { randomRuns } from '../random-runs.ts'

const depths = [600, 1650, 1800, 3000, 7000, 50_000]

for (const backend of ['threads', 'processes', 'serial'] as const) {
  test(`${backend}: a result nested too deeply fails its own task, and no other result moves`, async (context) => {
    const parallel = new Parallel({ workers: 1, backend })
    context.after(() => parallel.close())
    for (const depth of depths) {
      const calls = Array.from({ length: 60 }, (_, x) => delayed(squareOrNest)(x, 20, depth))
      const results = await parallel.run(calls, { onError: 'collect', timeoutMs: 30_000 })
      for (const [x, result] of results.entries()) {
        if (x !== 20) assert.deepEqual(result, { status: 'fulfilled', index: x, value: x * x })
        else {
          assert.equal(result.status, 'rejected')
          assert.match(String(result.reason), /^OneCopyError: Expected the result to be data/)
          assert.match(String(result.reason), /more than 500 levels deep\. Send a flat structure/)
        }
      }
    }
  })

  test(`${backend}: an argument nested too deeply is refused by its place`, async (context) => {
    const parallel = new Parallel({ workers: 1, backend })
    context.after(() => parallel.close())
    assert.deepEqual(await parallel.run([delayed(measure)(nest(480))]), [480])
    for (const depth of depths) {
      await assert.rejects(parallel.run([delayed(measure)(nest(depth))]), (error: Error) => {
        assert.match(error.message, /at `\[0\](\.next){9}…(\.next){10}`: it lies more than 500/)
        return 'code' in error && error.code === 'ERR_UNSENDABLE'
      })
    }
    assert.deepEqual(await parallel.run([delayed(square)(3)]), [9])
  })

  test(`${backend}: an error keeps its class and code when its data is nested too deeply`, async (context) => {
    const parallel = new Parallel({ workers: 1, backend })
    context.after(() => parallel.close())
    for (const depth of depths) {
      await assert.rejects(parallel.run([delayed(throwNested)(depth)]), (error: Error) => {
        assert.equal(error.message, 'nested')
        assert.ok(error instanceof RangeError && !('data' in error))
        return 'code' in error && error.code === 'E_NESTED'
      })
    }
  })
}

test('a thread that forges the number of its results ends as lost, and no task gets a wrong result', async (context) => {
  const parallel = new Parallel({ workers: 1, backend: 'threads' })
  context.after(() => parallel.close())
  const forge = (): number => {
    const postMessage = Reflect.get(MessagePort.prototype, 'postMessage') as (
      message: unknown,
    ) => void
    MessagePort.prototype.postMessage = function (message: unknown[]) {
      if (message[0] === 'results') message[1] = Number(message[1]) + 7
      postMessage.call(this, message)
    }
    return 1
  }
  const results = await parallel.run(
    [delayed(forge)(), ...Array.from({ length: 20 }, (_, x) => delayed(square)(x))],
    { onError: 'collect', retries: 0 },
  )
  assert.equal(results[0]?.status, 'rejected')
  for (const [i, result] of results.entries()) {
    if (result.status === 'fulfilled') assert.equal(result.value, (i - 1) ** 2)
    else assert.match(String(result.reason), /^OneCopyError: .*thread \d+/)
  }
  assert.deepEqual(await parallel.run([delayed(square)(5)]), [25])
})

test('a worker process has no process.send that a task could use by mistake', async (context) => {
  const parallel = new Parallel({ workers: 1, backend: 'processes' })
  context.after(() => parallel.close())
  assert.deepEqual(await parallel.run([delayed(typeOfSend)()]), ['undefined'])
})

test('only messages that are whole are accepted', () => {
  const good = ['results', 0xfffe, [0, 1, 0.5, 1, 'x', 2], false, 3]
  assert.equal(requireFromWorker(good), good)
  const wrong: unknown[] = [
    null,
    undefined,
    'results',
    {},
    [],
    ['constructor'],
    ['results'],
    ['results', 'first', [0, 1, 0.5], false, 3],
    ['results', 0xfffe, [], false, 3],
    ['results', 0xfffe, [0, 1], false, 3],
    ['results', 0xfffe, [0, 1, 2, 0, 1, 2], true, 3],
    ['results', 0xfffe, [3, 1, 2], false, 3],
    ['results', 0xfffe, [0, 1, '2'], false, 3],
    ['output', 3, 0, new Uint8Array(1)],
    ['output', 1, 0, 'text'],
    ['ready', 'much'],
    ['outgrown', null],
  ]
  for (const message of wrong) assert.throws(() => requireFromWorker(message), /^Error: Expected /)
})

test('only results of the next tasks, which have begun, are accepted', () => {
  const claims = new Claims(new Int32Array(claimsBytes() / 4))
  const tasks = new UnsettledTasks(claims)
  const first = claims.offer(3)
  tasks.add([{}, {}, {}] as Job[], first)
  assert.equal(tasks.mayAnswer(first, 1), false, 'before it begins')
  claims.claim(first)
  assert.equal(tasks.mayAnswer(first, 1), true)
  assert.equal(tasks.mayAnswer(first, 2), false, 'the second has not begun')
  assert.equal(tasks.mayAnswer(first + 1, 1), false, 'another one')
  assert.equal(tasks.mayAnswer(first, 4), false, 'more than there are')
})

test('no message makes the check fail in another way', () => {
  const kind = fc.constantFrom('ready', 'results', 'output', 'outgrown', 'uncaught', 'initialized')
  const message = fc.oneof(
    fc.anything(),
    fc.tuple(fc.oneof(kind, fc.anything()), fc.anything(), fc.anything(), fc.anything()),
    fc.tuple(fc.constant('results'), fc.integer({ min: 4, max: 6 }), fc.array(fc.anything())),
  )
  fc.assert(
    fc.property(message, (value) => {
      try {
        return requireFromWorker(value) === value
      } catch (error) {
        return error instanceof Error && error.message.startsWith('Expected ')
      }
    }),
    { numRuns: randomRuns(1000, 10_000), seed: 20261129 },
  )
})

test('bytes on the channel are messages of the sender, or refused, however they are cut', () => {
  const key = drawKey()
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.oneof(fc.integer(), fc.string(), fc.constant(null))), { minLength: 1 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      fc.option(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }))),
      (messages, cuts, change) => {
        const bytes = Buffer.concat(messages.map((message) => writeFrame(message, key)))
        const at = change === null ? -1 : change[0] % bytes.length
        if (change !== null) bytes[at] = bytes[at]! ^ change[1]
        const reader = new FrameReader(key)
        const read: unknown[] = []
        try {
          for (let from = 0, i = 0; from < bytes.length; i++) {
            const part = bytes.subarray(from, (from += cuts[i % cuts.length]!))
            reader.read(part, (message) => read.push(message))
          }
        } catch (error) {
          return change !== null && error instanceof Error
        }
        if (change === null) assert.deepEqual(read, messages)
        return true
      },
    ),
    { numRuns: randomRuns(500, 4000), seed: 20261129 },
  )
})
