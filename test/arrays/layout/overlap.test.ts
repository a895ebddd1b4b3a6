/** Overlap of strided views against a comparison of all their elements. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { shared } from '../../../src/arrays/index.ts'
import { hasCommonElement } from '../../../src/arrays/layout/overlap.ts'
import { randomRuns } from '../../random-runs.ts'

interface View {
  readonly shape: number[]
  readonly strides: number[]
  readonly offset: number
}

const view: fc.Arbitrary<View> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: -12, max: 12 })), {
    maxLength: 4,
  })
  .chain((axes) =>
    fc.integer({ min: -30, max: 30 }).map((offset) => ({
      shape: axes.map(([length]) => length),
      strides: axes.map(([, stride]) => stride),
      offset,
    })),
  )

function elementsOf({ shape, strides, offset }: View): Set<number> {
  let elements = [offset]
  for (const [axis, length] of shape.entries()) {
    elements = elements.flatMap((at) => Array.from({ length }, (_, i) => at + i * strides[axis]!))
  }
  return new Set(elements)
}

test('two views have a common element exactly when their elements say so', () => {
  fc.assert(
    fc.property(view, view, (a, b) => {
      const other = elementsOf(b)
      const expected = [...elementsOf(a)].some((element) => other.has(element))
      assert.equal(hasCommonElement(a, b), expected)
      assert.equal(hasCommonElement(b, a), expected)
    }),
    { seed: 3, numRuns: randomRuns(4000, 40_000) },
  )
})

test('columns, every other row, and halves lie apart; what shares a cell does not', () => {
  const Z = shared([1000, 100], 'float64')
  const apart = [
    [Z.column(3), Z.column(4)],
    [Z.rows(0, null, 2), Z.rows(1, null, 2)],
    [Z.rows(0, 500), Z.rows(500)],
    [Z.slice(null, [0, 50]), Z.slice(null, [50]).reversed()],
    [Z.rows(0, null, 2).transpose(), Z.rows(1, null, 2).reversed(1)],
    [Z.rows(0, 0), Z],
  ] as const
  for (const [a, b] of apart) assert.ok(!hasCommonElement(a, b))
  const touching = [
    [Z, Z],
    [Z.column(3), Z.row(999)],
    [Z.column(3), Z.slice(null, [0, 4]).transpose()],
    [Z.rows(0, null, 2), Z.rows(0, null, 3)],
    [Z.rows(0, 501), Z.rows(500)],
    [Z.row(5).broadcastTo([7, 100]), Z.column(99)],
  ] as const
  for (const [a, b] of touching) assert.ok(hasCommonElement(a, b))
})

test('large views are told apart at once', () => {
  const axes = { shape: [1000, 1000, 1000], offset: 0 }
  const a = { ...axes, strides: [3_000_000, 3_000, 3] }
  for (const offset of [1, 2]) assert.ok(!hasCommonElement(a, { ...a, offset }))
  assert.ok(hasCommonElement(a, { ...a, offset: 3 }))
  const b = { shape: [1000, 1000], strides: [1_000_003, 1009], offset: 7 }
  assert.equal(typeof hasCommonElement(a, b), 'boolean')
})
