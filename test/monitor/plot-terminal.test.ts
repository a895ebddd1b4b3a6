/** Charts in a terminal. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import * as fc from 'fast-check'
import { MemoryReport } from '../../src/monitor/index.ts'
import { cellsOf, textTable, wrapText } from '../../src/text-table.ts'
import { timeTicks } from '../../src/monitor/plot/figure/time-ticks.ts'
import { makeRun, MB, sharedRun } from './runs.ts'
import { assertSnapshot } from './snapshot.ts'

test('charts are the same to the letter', () => {
  const report = new MemoryReport(sharedRun())
  const charts = (['braille', 'blocks', 'ascii'] as const).map((marks) => report.show({ marks }))
  assertSnapshot('terminal.txt', `${charts.join('\n\n')}\n`)
})

test('no line is wider than the terminal, and colours change no letter', () => {
  const run = makeRun({
    command: 'node \u001b[31m日本語 '.repeat(20),
    durationMs: 20_000,
    samples: 50,
    processes: [{ name: 'node', anonymous: (ms) => (ms % 7000) * 1e4 }],
    phases: [
      ['日本語の長い名前', 0, 5000],
      ['x', 5000, 5100],
      ['a long name that has no room', 5100, 20_000],
    ],
  })
  const report = new MemoryReport(run)
  fc.assert(
    fc.property(
      fc.integer({ min: 40, max: 200 }),
      fc.integer({ min: 3, max: 30 }),
      fc.constantFrom('braille', 'blocks', 'ascii'),
      (width, height, marks) => {
        const plain = report.show({ width, height, marks })
        for (const line of plain.split('\n')) assert.ok(cellsOf(line) <= width, line)
        // oxlint-disable-next-line no-control-regex
        assert.doesNotMatch(plain, /\u001b/)
        const coloured = stripVTControlCharacters(
          report.show({ width, height, marks, colour: true }),
        )
        const chart = (text: string): string =>
          text
            .split('\n')
            .slice(1, 3 + height)
            .join('\n')
        assert.equal(chart(coloured), chart(plain))
      },
    ),
    { seed: 4, numRuns: 60 },
  )
})

test('ASCII marks are ASCII but for the axis and signs', () => {
  const text = new MemoryReport(sharedRun()).show({ marks: 'ascii' })
  assert.doesNotMatch(text, /[\u2580-\u28ff]/)
})

test('where nothing could be read the axis has question marks', () => {
  const run = makeRun({
    durationMs: 1000,
    samples: 11,
    processes: [{ name: 'node', anonymous: () => MB, isUnreadable: (ms) => ms > 400 && ms < 800 }],
  })
  assert.match(new MemoryReport(run).show(), /└─+\?{10,}─+/)
})

test('a run whose processes have ended misses nothing at its end', () => {
  const plan = { durationMs: 1000, samples: 11 }
  const ended = makeRun({ ...plan, processes: [{ name: 'node', anonymous: () => MB }] })
  ended.total.hard!.fill(NaN, 9)
  assert.match(new MemoryReport(ended).show(), /└─+\n/)
  const lost = makeRun({
    ...plan,
    processes: [{ name: 'node', anonymous: () => MB, isUnreadable: (ms) => ms > 800 }],
  })
  assert.match(new MemoryReport(lost).show(), /└─+\?{5,}\n/)
})

test('a tall drawing has more marks on its axis', () => {
  const axis = (height: number): number =>
    new MemoryReport(sharedRun()).show({ height }).match(/ ┤/g)!.length
  assert.deepEqual([axis(5), axis(10), axis(32)], [1, 2, 4])
})

test('moments of an axis are round, rise, and end with the run', () => {
  assert.deepEqual(
    timeTicks(60_000, 6).map(({ label }) => label),
    ['0', '10 s', '20 s', '30 s', '40 s', '50 s', '60 s'],
  )
  assert.deepEqual(
    timeTicks(740, 4).map(({ label }) => label),
    ['0', '200 ms', '400 ms', '600 ms'],
  )
  assert.deepEqual(
    timeTicks(2500, 5).map(({ label }) => label),
    ['0', '0.5 s', '1.0 s', '1.5 s', '2.0 s', '2.5 s'],
  )
  assert.deepEqual(timeTicks(0, 4), [{ ms: 0, label: '0' }])
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 2, max: 12 }), (ms, count) => {
      const ticks = timeTicks(ms, count)
      assert.ok(ticks.length >= 2 && ticks.length <= 2 * count)
      assert.ok(ticks.every((tick, i) => i === 0 || tick.ms > ticks[i - 1]!.ms))
      assert.ok(ticks.at(-1)!.ms <= ms * (1 + 1e-6))
      assert.equal(new Set(ticks.map(({ label }) => label)).size, ticks.length)
    }),
    { seed: 4 },
  )
})

test('a table aligns by cells, and text is wrapped by cells', () => {
  const column = (heading: string, cells: string[], align: 'left' | 'right') => ({
    heading,
    cells,
    align,
  })
  assert.deepEqual(
    textTable([column('name', ['日本', 'é'], 'left'), column('size', ['1', '1000'], 'right')]),
    ['name  size', '日本     1', 'é     1000'],
  )
  assert.deepEqual(wrapText('a bb ccc 日本語', 6), ['a bb', 'ccc', '日本語'])
})
