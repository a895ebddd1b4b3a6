/** Labels of a picture never cover each other. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { FreeSpace, overlap } from '../../src/monitor/plot/figure/free-space.ts'
import type { Box } from '../../src/monitor/plot/figure/free-space.ts'
import { layPhases } from '../../src/monitor/plot/figure/phase-strip.ts'
import { cutText, textWidth } from '../../src/pictures/text-width.ts'
import { drawPicture } from '../../src/monitor/plot/figure/picture.ts'
import type { Phase } from '../../src/monitor/record/run-data.ts'
import { makeRun, MB, sharedRun } from './runs.ts'

const [left, right] = [76, 928]
const x = (ms: number): number => left + ((right - left) * ms) / 10_000

function assertApart(boxes: readonly Box[], what: string): void {
  boxes.forEach((box, i) => {
    for (const other of boxes.slice(i + 1)) {
      assert.ok(!overlap(box, other), `${what}: ${JSON.stringify([box, other])}`)
    }
  })
}

const phase = fc
  .record({
    name: fc.oneof(fc.string({ minLength: 1, maxLength: 60 }), fc.constantFrom('fit', 'load', 'x')),
    start: fc.integer({ min: 0, max: 9999 }),
    length: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 6000 })),
  })
  .map(({ name, start, length }): Phase => {
    const endMs = Math.min(10_000, start + length)
    return { name, startMs: start, endMs, pid: 1, level: 0 }
  })

test('names of any phases stand apart from each other, inside of the picture', () => {
  fc.assert(
    fc.property(fc.array(phase, { maxLength: 60 }), (phases) => {
      const { labels, bars, height } = layPhases(phases, x, left, right)
      const boxes = labels.flatMap((label) => (label.leader ? [label, label.leader] : [label]))
      assertApart(boxes, 'labels')
      for (const label of labels) {
        assert.ok(label.x >= left - 1 && label.x + label.width <= right + 1, label.text)
        assert.ok(-label.y <= height && label.y + label.height <= 0)
        assert.ok(textWidth(label.text, 11) <= label.width + 1e-6, label.text)
      }
      assertApart(
        bars.map(({ lane, phase }) => {
          return { x: phase.startMs, y: lane, width: phase.endMs - phase.startMs, height: 1 }
        }),
        'bars',
      )
    }),
    { seed: 4, numRuns: 300 },
  )
})

test('a name stands in its bar, or above it when the bar is too narrow', () => {
  const phases = [
    { name: 'fit K folds', startMs: 0, endMs: 9000, pid: 1, level: 0 },
    { name: 'a long name', startMs: 9000, endMs: 9100, pid: 1, level: 0 },
  ]
  const { labels, bars } = layPhases(phases, x, left, right)
  assert.deepEqual(
    labels.map(({ text, y, leader }) => [text, y < bars[0]!.y, leader !== undefined]),
    [
      ['fit K folds', false, false],
      ['a long name', true, true],
    ],
  )
})

test('phases that overlap stand in lanes, the outer one on top', () => {
  const phases = [
    { name: 'inner', startMs: 2000, endMs: 4000, pid: 1, level: 1 },
    { name: 'outer', startMs: 1000, endMs: 9000, pid: 1, level: 0 },
  ]
  const { bars } = layPhases(phases, x, left, right)
  assert.deepEqual(
    bars.map(({ phase, lane }) => [phase.name, lane]),
    [
      ['outer', 0],
      ['inner', 1],
    ],
  )
  assert.ok(bars[0]!.y < bars[1]!.y)
})

test('a place is taken only when all of its boxes are free and in bounds', () => {
  const space = new FreeSpace({ x: 0, y: 0, width: 100, height: 100 })
  const box = (x: number, y: number): Box => ({ x, y, width: 20, height: 10 })
  assert.equal(space.takeFirst([[box(0, 0)]]), 0)
  assert.equal(
    space.takeFirst([[box(10, 5)], [box(90, 50)], [box(0, 10), box(0, 95)], [box(20, 0)]]),
    3,
  )
  assert.equal(space.takeFirst([[box(15, 0)]]), -1)
  assert.equal(space.taken.length, 2)
})

test('the labels of peak, budgets and limit stand apart, in whatever order they come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 20, max: 200 }), { minLength: 2, maxLength: 12 }),
      fc.array(fc.integer({ min: 10, max: 230 }), { maxLength: 5 }),
      (values, budgets) => {
        const data = makeRun({
          command: 'node x.js',
          durationMs: (values.length - 1) * 100,
          samples: values.length,
          processes: [{ name: 'node', anonymous: (ms) => values[Math.round(ms / 100)]! * MB }],
          limit: 210 * MB,
        })
        const { svg } = drawPicture(data, {
          budgets: budgets.map((size) => ({ bytes: size * MB })),
        })
        const boxes = [
          ...svg.matchAll(/<text class="([a-z ]*halo)" x="([-\d.]+)" y="([-\d.]+)">([^<]*)</g),
        ]
          .filter(([, kind]) => !kind!.includes('middle'))
          .map(([, , x, y, label]) => {
            return { x: Number(x), y: Number(y) - 11, width: textWidth(label!, 12), height: 13 }
          })
        assert.ok(boxes.length >= 1)
        assertApart(boxes, 'annotations')
      },
    ),
    { seed: 4, numRuns: 100 },
  )
})

test('text is cut to its room with an ellipsis, or left out', () => {
  assert.equal(cutText('fit', 12, 100), 'fit')
  assert.equal(cutText('fit K folds', 12, 50), 'fit K f\u2026')
  assert.equal(cutText('fit K folds', 12, 12), '')
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 0, max: 200 }), (text, width) => {
      assert.ok(textWidth(cutText(text, 12, width), 12) <= width)
    }),
    { seed: 4 },
  )
})

test('a picture is never smaller than its labels need', () => {
  const { svg } = drawPicture(sharedRun(), { width: 10, height: 10 })
  assert.match(svg, /width="560" height="280"/)
})
