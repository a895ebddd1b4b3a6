/** Limits of time and memory, by clocks of the tests. */

import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { Candidate } from '../../../src/learn/auto/candidates/portfolio.ts'
import { Paces } from '../../../src/learn/auto/candidates/candidate-cost.ts'
import type { FittedCandidate } from '../../../src/learn/auto/candidates/fitted-candidate.ts'
import { fitCandidates } from '../../../src/learn/auto/candidates/fit-candidates.ts'
import { RunLimits } from '../../../src/learn/auto/run-limits.ts'
import { OneCopyError } from '../../../src/errors.ts'
import { GradientBoostingRegressor, Ridge } from '../../../src/learn/index.ts'

const forever = { timeLimitMs: Infinity, memoryLimit: Infinity }

/** Limits whose time and memory the test sets. */
function limitsOf(limits: Partial<typeof forever>, signal?: AbortSignal) {
  const meter = { ms: 0, bytes: 0 }
  const meters = { now: () => meter.ms, bytes: () => meter.bytes }
  return { meter, limits: new RunLimits({ ...forever, ...limits }, signal, meters) }
}

/** Ends when its signal aborts. */
function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) =>
    signal!.addEventListener('abort', () => reject(signal!.reason as Error)),
  )
}

test('work without limits gets the signal of the caller and no other', async () => {
  const { signal } = new AbortController()
  const { limits } = limitsOf({}, signal)
  assert.deepEqual(await limits.run(0, async (given) => given === signal), { result: true })
  assert.equal(limits.leftMs, Infinity)
  assert.equal(limits.leftBytes, Infinity)
})

test('work is stopped when the time is over, less what must be left', async () => {
  const { meter, limits } = limitsOf({ timeLimitMs: 1000 })
  meter.ms = 990
  assert.equal(limits.leftMs, 10)
  assert.deepEqual(await limits.run(8, untilAborted), { reached: 'time' })
})

test('a limit of years is none for a piece of work', async () => {
  for (const timeLimitMs of [2 ** 31, 30 * 24 * 3600e3, 1e15]) {
    const { limits } = limitsOf({ timeLimitMs })
    // A timer that is too long ends after a millisecond.
    const work = (signal?: AbortSignal): Promise<string> =>
      new Promise((resolve, reject) => {
        setTimeout(() => resolve('done'), 20)
        signal!.addEventListener('abort', () => reject(signal!.reason as Error))
      })
    assert.deepEqual(await limits.run(0, work), { result: 'done' })
  }
})

test('work is stopped when the process holds too much', async () => {
  const { meter, limits } = limitsOf({ memoryLimit: 1000 })
  assert.equal(limits.leftBytes, 970)
  const running = limits.run(0, untilAborted)
  meter.bytes = 980
  assert.deepEqual(await running, { reached: 'memory' })
})

test('the signal of the caller is not taken for a limit', async () => {
  const stop = new AbortController()
  const { limits } = limitsOf({ timeLimitMs: 1e6 }, stop.signal)
  const running = limits.run(0, untilAborted)
  stop.abort(new Error('enough'))
  await assert.rejects(running, { message: 'enough' })
  await assert.rejects(
    limits.run(0, async () => 1),
    { message: 'enough' },
  )
})

test('an error of the work is thrown, with limits too', async () => {
  const { limits } = limitsOf({ timeLimitMs: 1e6, memoryLimit: 1e12 })
  await assert.rejects(
    limits.run(0, async () => Promise.reject(new Error('broken'))),
    { message: 'broken' },
  )
})

const candidateOf = (
  name: string,
  kind: Candidate['kind'],
  learner: Candidate['learner'],
): Candidate => ({
  name,
  kind,
  learner,
  input: 'raw',
  preprocess: [],
  mode: 'bag',
  value: kind === 'boosting' ? 10 : 5,
})
const ridge = candidateOf('ridge', 'linear', new Ridge())
const boosting = candidateOf('boosting', 'boosting', new GradientBoostingRegressor())
const own = candidateOf('own', 'own', new Ridge())
const network = { ...candidateOf('network', 'network', new Ridge()), value: 10 }
const costs = { rows: 1_000_000, columns: 20, scores: 1, folds: 5, tested: 1_000_000 }

/** Runs candidates whose fits take given times and memory on the test's clock. */
async function runCandidates(
  limited: Partial<typeof forever>,
  candidates: readonly Candidate[],
  takes: (candidate: Candidate, meter: { ms: number; bytes: number }) => void,
) {
  const { meter, limits } = limitsOf(limited)
  const started: string[] = []
  const results = await fitCandidates(candidates, {
    limits,
    paces: new Paces(),
    costs,
    reserveMs: () => 0,
    fit: async (candidate) => {
      started.push(candidate.name)
      takes(candidate, meter)
      return { candidate } as FittedCandidate
    },
    onProgress: () => {},
    needsOne: true,
  })
  return { started, results }
}

test('without limits the most valuable candidates come first', async () => {
  const { started, results } = await runCandidates({}, [ridge, own, boosting], () => {})
  assert.deepEqual(started, ['boosting', 'ridge', 'own'])
  assert.equal(results.isCut, false)
})

test('with a time limit a quick candidate comes first, and none starts that would not end in time', async () => {
  const { started, results } = await runCandidates(
    { timeLimitMs: 2000 },
    [network, ridge],
    () => {},
  )
  assert.deepEqual(started, ['ridge'])
  assert.deepEqual(results.leftOut, [{ name: 'network', reason: 'would exceed the time limit' }])
  assert.equal(results.isCut, true)
})

test('a candidate that needs more memory than is left does not start', async () => {
  const { started, results } = await runCandidates({ memoryLimit: 20e6 }, [boosting, own], () => {})
  assert.deepEqual(started, ['own'])
  assert.deepEqual(results.leftOut, [{ name: 'boosting', reason: 'would exceed the memory limit' }])
})

test('what fits have taken corrects what later ones are expected to take', async () => {
  const second = { ...network, name: 'second', value: 9 }
  const { started, results } = await runCandidates(
    { timeLimitMs: 300_000 },
    [network, second],
    (_, meter) => (meter.ms += 200_000),
  )
  assert.deepEqual(started, ['network'])
  assert.deepEqual(results.leftOut, [{ name: 'second', reason: 'would exceed the time limit' }])
})

test('a busy machine slows kinds that were not fitted yet, a short fit tells nothing', () => {
  const paces = new Paces()
  assert.equal(paces.correct('boosting', 100), 100)
  paces.learn('linear', 2, 40)
  assert.deepEqual([paces.correct('linear', 2), paces.correct('boosting', 100)], [40, 100])
  paces.learn('randomForest', 1000, 5000)
  paces.learn('linear', 100, 300)
  assert.equal(paces.correct('boosting', 100), 300)
  paces.learn('boosting', 100, 50)
  assert.deepEqual([paces.correct('boosting', 100), paces.correct('network', 10)], [50, 10])
})

test('candidates that fail are reported, and all of them reject', async () => {
  const fail = (): never => {
    throw new OneCopyError('ERR_LEARNER', 'no such day')
  }
  await assert.rejects(runCandidates({}, [ridge], fail), { message: 'no such day' })
  const { results } = await runCandidates({}, [ridge, own], ({ name }) => {
    if (name === 'ridge') fail()
  })
  assert.deepEqual(results.leftOut, [{ name: 'ridge', reason: 'no such day' }])
})

test('trees get an equal part of the time that is left, and end with fewer', async () => {
  const { meter, limits } = limitsOf({ timeLimitMs: 100_000 })
  const parts: number[] = []
  const results = await fitCandidates([boosting], {
    limits,
    paces: new Paces(),
    costs: { ...costs, folds: 2 },
    reserveMs: () => 0,
    fit: async (candidate, { finish, onStep }) => {
      const timers = mock.method(AbortSignal, 'timeout', (ms: number) => {
        parts.push(ms)
        return new AbortController().signal
      })
      try {
        finish()
        meter.ms += 40_000
        onStep()
        finish()
      } finally {
        timers.mock.restore()
      }
      return { candidate } as FittedCandidate
    },
    onProgress: () => {},
    needsOne: false,
  })
  assert.deepEqual(parts, [37_500, 45_000])
  assert.equal(results.fitted.length, 1)
})

test('the first candidate is never stopped, but ends with fewer trees', async () => {
  const { limits } = limitsOf({ timeLimitMs: 20 })
  const given: (boolean | undefined)[] = []
  const results = await fitCandidates([boosting], {
    limits,
    paces: new Paces(),
    costs,
    reserveMs: () => 0,
    fit: async (candidate, { signal, finish }) => {
      const end = finish()!
      const awake = setInterval(() => {}, 1000) // time limits don't keep the event loop of Node 22 running
      await new Promise((resolve) => end.addEventListener('abort', resolve, { once: true }))
      clearInterval(awake)
      given.push(end.aborted, signal!.aborted)
      return { candidate } as FittedCandidate
    },
    onProgress: () => {},
    needsOne: true,
  })
  assert.deepEqual(given, [true, false])
  assert.equal(results.fitted.length, 1)
})

test('a candidate of trees has as many of them as there is time for', async () => {
  const sizes: unknown[] = []
  for (const timeLimitMs of [Infinity, 20_000]) {
    const { limits } = limitsOf({ timeLimitMs })
    await fitCandidates([boosting], {
      limits,
      paces: new Paces(),
      costs,
      reserveMs: () => 0,
      fit: async (candidate) => {
        const { maxIter, learningRate } = candidate.learner as GradientBoostingRegressor
        sizes.push([maxIter < 100, learningRate > 0.1])
        return { candidate } as FittedCandidate
      },
      onProgress: () => {},
      needsOne: false,
    })
  }
  assert.deepEqual(sizes, [
    [false, false],
    [true, true],
  ])
})
