/** Long runs are drawn with few points and lose no peak. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { drawPage } from '../../src/monitor/plot/page/report-page.ts'
import { upperEdge } from '../../src/monitor/plot/figure/areas.ts'
import { areaPath, linePath } from '../../src/monitor/plot/figure/path.ts'
import { drawPicture } from '../../src/monitor/plot/figure/picture.ts'
import { pictureSamples } from '../../src/monitor/plot/figure/picture-samples.ts'
import { keepExtremes, pick } from '../../src/monitor/record/downsample.ts'
import type { RunData } from '../../src/monitor/record/run-data.ts'
import { makeRun, MB, noise } from './runs.ts'

const values = fc.array(fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: NaN, freq: 10 }), {
  minLength: 1,
  maxLength: 300,
})

test('of each bucket the lowest and the highest stay, and both ends of the whole', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 20 }), (list, size) => {
      const column = Float64Array.from(list)
      const bucketOf = (sample: number): number => Math.floor(sample / size)
      const kept = keepExtremes({ low: column, high: column, bucketOf })
      assert.ok(kept.every((sample, i) => i === 0 || sample > kept[i - 1]!))
      assert.deepEqual([kept[0], kept.at(-1)], [0, list.length - 1])
      for (let start = 0; start < list.length; start += size) {
        const inside = [...kept].filter((sample) => sample >= start && sample < start + size)
        assert.ok(inside.length <= 6)
        const known = (numbers: readonly number[]) =>
          numbers.filter((value) => !Number.isNaN(value))
        const all = known(list.slice(start, start + size))
        const shown = known(inside.map((sample) => list[sample]!))
        assert.equal(Math.max(...shown), Math.max(...all))
        assert.equal(Math.min(...shown), Math.min(...all))
        const gap = list.slice(start, start + size).some((value) => Number.isNaN(value))
        assert.equal(
          gap,
          inside.some((sample) => Number.isNaN(list[sample])),
        )
      }
    }),
    { seed: 4, numRuns: 300 },
  )
})

test('peaks between samples stay as well', () => {
  const low = Float64Array.from({ length: 100 }, () => 5)
  const high = low.map((value, sample) => (sample === 42 ? 900 : value))
  const kept = keepExtremes({ low, high, bucketOf: (sample) => Math.floor(sample / 50) })
  assert.ok(kept.includes(42))
  assert.deepEqual([...pick(high, Int32Array.of(42))], [900])
})

/** An hour of restless workers, at ten samples a second by default. */
function longRun(processes: number, { phases = 3, samples = 36_000 } = {}): RunData {
  const random = noise(5)
  return makeRun({
    command: 'node long.js',
    durationMs: 3_600_000,
    samples,
    mappers: processes,
    processes: Array.from({ length: processes }, (_, i) => ({
      name: `worker ${i}`,
      anonymous: (ms: number) =>
        (100 + 40 * Math.sin(ms / 200_000 + i) + 60 * random() + (random() < 0.0005 ? 300 : 0)) *
        MB,
    })),
    shmem: () => 400 * MB,
    cache: () => (200 + 20 * random()) * MB,
    phases: Array.from({ length: phases }, (_, i) => {
      const length = 3_600_000 / phases
      return [`a phase with a long name ${i}`, i * length, (i + 1) * length] as const
    }),
  })
}

test('a picture of 36,000 samples of 5 processes takes less than 250 kB and keeps every peak', () => {
  const data = longRun(5)
  const samples = pictureSamples(data, 852)
  assert.ok(samples.length < 2 * 852 + 4)
  const shown = pick(data.total.hard!, samples)
  const perPixel = (ms: number): number => Math.floor((ms / data.durationMs) * 852)
  const highest = new Map<number, number>()
  data.total.hard!.forEach((bytes, sample) => {
    const pixel = perPixel(data.times[sample]!)
    highest.set(pixel, Math.max(bytes, highest.get(pixel) ?? 0))
  })
  for (const [pixel, bytes] of highest) {
    const inPixel = shown.filter((_, i) => perPixel(data.times[samples[i]!]!) === pixel)
    assert.equal(Math.max(...inPixel), bytes)
  }
  const { svg } = drawPicture(data)
  assert.ok(svg.length < 250_000, `${svg.length} bytes`)
})

test('the page of a long run with many processes and phases takes less than 200 kB', () => {
  const page = drawPage(longRun(60, { phases: 120, samples: 6000 }))
  assert.ok(Buffer.byteLength(page) < 200_000, `${Buffer.byteLength(page)} bytes`)
})

test('a path in relative tenths goes through the same points', () => {
  assert.equal(areaPath('M1,2L3,4L5,6', 10), 'M10 100V20l20 20 20 20V100z')
  assert.equal(areaPath('M1,2L3,1.5M8,3Z', 10), 'M10 100V20l20-5V100zM75 100V30l10 0V100z')
  assert.equal(linePath('M0,5L1,5L2,5L3,5L4,0'), 'M0 50l30 0 10-50')
  assert.equal(linePath(''), '')
})

test('the line of a run with few samples ends where its areas end', () => {
  const run = makeRun({
    durationMs: 10_000,
    samples: 11,
    processes: [{ name: 'node', anonymous: (ms) => (ms > 5000 ? 20 : 100) * MB }],
  })
  // Two samples in one column of pixels, the later one lower; the next one is far away.
  run.times[6] = 5002
  const { frame, samples } = drawPicture(run)
  const points = upperEdge(run, samples, frame).slice(1).split('L')
  const at = (ms: number, bytes: number): string =>
    [frame.x(ms), frame.y(bytes)].map((value) => String(Math.round(value * 10) / 10)).join(',')
  assert.deepEqual(points.slice(5, 8), [at(5000, 100 * MB), at(5002, 20 * MB), at(7000, 20 * MB)])
})

test('the line of a long, noisy run is its upper edge, one point for each column of pixels', () => {
  const random = noise(11)
  const run = makeRun({
    durationMs: 3_600_000,
    samples: 36_000,
    processes: [{ name: 'node', anonymous: () => (100 + 100 * random()) * MB }],
  })
  for (const detail of [1, 0.6]) {
    const { frame, samples } = drawPicture(run, {}, detail)
    const line = upperEdge(run, samples, frame, detail)
    const heights = line.split('L').map((point) => Number(point.split(',')[1]))
    assert.ok(heights.length <= Math.ceil(detail * (frame.right - frame.left)) + 1)
    // Of 40 samples or more the highest is high: a lower point would be a dip that nobody sees.
    // The end of the run stands alone in its column.
    const low = heights.slice(0, -1).filter((y) => frame.y.invert(y) < 150 * MB)
    assert.equal(low.length, 0)
  }
})
