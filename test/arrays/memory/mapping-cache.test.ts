/** What the cache of mappings keeps in mind, and when V8 is told. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { notePassing } from '../../../src/arrays/memory/mapping-cache.ts'
import type { Mapping } from '../../../src/arrays/memory/mapping.ts'
import { native } from '../../../src/native/index.ts'

/** Stand-ins for mappings: the core is asked for them by their numbers only. */
const mapping = (id: number): Mapping => ({ id, byteLength: 10e6 }) as Mapping

test('a stream of mappings that never pauses is not kept in mind, and V8 is told of those that stay', ({
  mock,
}) => {
  let now = 1000
  mock.method(performance, 'now', () => now)
  mock.timers.enable({ apis: ['setInterval'] })
  const living = new Set<number>()
  const asked = mock.method(native, 'holdMapping', (id: number) =>
    living.has(id) ? id : undefined,
  )
  mock.method(native, 'releaseHold', () => {})
  const told = mock.method(native, 'hintMemoryPressure', () => {})
  const tick = (sinceLast = 500): number => {
    const before = asked.mock.callCount()
    now += sinceLast
    mock.timers.tick(500)
    return asked.mock.callCount() - before
  }
  for (let round = 0; round < 6; round++) {
    for (let id = 0; id < 10; id++) notePassing(mapping(10 * round + id))
    assert.equal(tick(100), 10, 'those of earlier rounds are forgotten')
  }
  assert.equal(told.mock.callCount(), 0)

  living.add(1000)
  notePassing(mapping(1000))
  for (let round = 0; round < 8; round++) tick()
  assert.equal(told.mock.callCount(), 4, 'told again while it stays, and not for ever')
  assert.equal(tick(), 0)
})
