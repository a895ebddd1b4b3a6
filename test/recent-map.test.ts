/** What a map of limited size keeps and forgets. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as hold, integer, property, tuple, boolean } from 'fast-check'
import { RecentMap } from '../src/recent-map.ts'

const seed = 20261129
console.log(`recent-map.test.ts: seed ${seed}`)

test('the entries that were used last are kept, and never more than twice as many', () => {
  const uses = array(tuple(integer({ min: 0, max: 12 }), boolean()), { maxLength: 200 })
  hold(
    property(integer({ min: 1, max: 5 }), uses, (least, list) => {
      const map = new RecentMap<number, { key: number }>(least)
      // Keys in the order of their last use, the latest at the end.
      const used: number[] = []
      for (const [key, isWrite] of list) {
        if (isWrite) map.set(key, { key })
        else if (map.get(key) === undefined) {
          assert.ok(!used.slice(-least).includes(key), `${key} was forgotten`)
          continue
        } else assert.equal(map.get(key)!.key, key)
        if (used.includes(key)) used.splice(used.indexOf(key), 1)
        used.push(key)
        assert.ok(map.size <= 2 * least, `${map.size} entries`)
        for (const recent of used.slice(-least)) assert.ok(map.has(recent), `${recent} is kept`)
        // Asking has used them again, in the same order.
      }
    }),
    { seed, numRuns: 300 },
  )
})

test('a value may be undefined', () => {
  const map = new RecentMap<string, number | undefined>(2)
  map.set('a', undefined)
  map.set('b', 1)
  map.set('c', 2)
  assert.ok(map.has('a'))
  assert.equal(map.get('a'), undefined)
  assert.ok(!map.has('d'))
})
