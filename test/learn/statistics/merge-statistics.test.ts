/** Merges of chosen parts. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  mergeOthers,
  type Mergeable,
  PartMerges,
  type Run,
} from '../../../src/learn/statistics/merge-statistics.ts'

/** Numbers of the parts that were merged; counts merges. */
class Numbers implements Mergeable<Numbers> {
  static merges = 0
  readonly list: readonly number[]

  constructor(list: readonly number[]) {
    this.list = list
  }

  merge({ list }: Numbers): Numbers {
    Numbers.merges++
    return new Numbers([...this.list, ...list])
  }
}

const parts = (count: number): Numbers[] =>
  Array.from({ length: count }, (_, i) => new Numbers([i]))
const sorted = ({ list }: Numbers): number[] => list.toSorted((a, b) => a - b)

test('any runs of parts are merged, each part once', () => {
  const chosen = fc.integer({ min: 1, max: 40 }).chain((count) =>
    fc.tuple(
      fc.constant(count),
      fc.array(
        fc
          .subarray([...Array(count).keys()], { minLength: 1 })
          .map((list) => list.toSorted((a, b) => a - b)),
        { minLength: 1, maxLength: 8 },
      ),
    ),
  )
  fc.assert(
    fc.property(chosen, ([count, choices]) => {
      const merges = new PartMerges(parts(count))
      for (const list of choices) {
        const runs: [number, number][] = []
        for (const part of list) {
          const last = runs.at(-1)
          if (last?.[1] === part) last[1]++
          else runs.push([part, part + 1])
        }
        assert.deepEqual(sorted(merges.of(runs)), list)
      }
    }),
    { seed: 20261130, numRuns: 200 },
  )
})

test('all but one of K parts are merged as mergeOthers does, and steps of time by one merge each', () => {
  const merges = new PartMerges(parts(9))
  for (const [k, others] of mergeOthers(parts(9)).entries()) {
    const runs: Run[] = [
      [0, k],
      [k + 1, 9],
    ]
    assert.deepEqual(merges.of(runs.filter(([from, to]) => from < to)).list, others.list)
  }
  const growing = new PartMerges(parts(1000))
  Numbers.merges = 0
  for (let step = 1; step < 1000; step++) growing.of([[0, step]])
  assert.equal(Numbers.merges, 998)
})

test('windows that move along share their blocks', () => {
  const moving = new PartMerges(parts(1024))
  Numbers.merges = 0
  for (let from = 1; from < 900; from++)
    assert.equal(moving.of([[from, from + 100]]).list.length, 100)
  assert.ok(Numbers.merges < 900 * 14, String(Numbers.merges))
})
