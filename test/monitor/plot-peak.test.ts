/** The peak of a picture: its dot is on the curve, and what stands beside it adds up. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { drawPicture } from '../../src/monitor/plot/figure/picture.ts'
import { peakMs, peakSample } from '../../src/monitor/record/phase-peaks.ts'
import { PeakKeeper } from '../../src/monitor/record/peak-keeper.ts'
import { RunRecorder } from '../../src/monitor/record/recorder.ts'
import { TreeSampler } from '../../src/monitor/sampling/sample.ts'
import type { TreeSample } from '../../src/monitor/sampling/sample.ts'
import { FakeProc, statusText } from './fake-proc.ts'

/** Memory of two processes at a moment, in MiB, and how much more one had since the moment before. */
interface Moment {
  readonly first: number
  readonly second: number
  readonly shared: number
  readonly spike: number
}

/** Samples of a run as `/proc` would give them. */
function samplesOf(moments: readonly Moment[]): TreeSample[] {
  let highest = 0
  return moments.map(({ first, second, shared, spike }, i) => {
    highest = Math.max(highest, first + shared + spike, i > 0 ? moments[i - 1]!.first + spike : 0)
    const status = (anon: number, peak: number): string =>
      statusText({ VmHWM: peak * 1024, RssAnon: anon * 1024, RssShmem: shared * 1024, RssFile: 0 })
    const files = new FakeProc(
      { pid: 10, threads: { 10: [11] }, status: status(first, highest) },
      { pid: 11, parent: 10, status: status(second, second + shared) },
    )
    return { ...new TreeSampler(files, 10).take(), epochMs: 1_790_000_000_000 + 100 * i }
  })
}

const moment = fc.record({
  first: fc.integer({ min: 1, max: 400 }),
  second: fc.integer({ min: 1, max: 400 }),
  shared: fc.integer({ min: 0, max: 100 }),
  spike: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 })),
})

test("the peak's dot is on the curve or on its spike, and the rows beside it add up", () => {
  fc.assert(
    fc.property(fc.array(moment, { minLength: 2, maxLength: 30 }), (moments) => {
      const [start, ...others] = samplesOf(moments)
      const recorder = new RunRecorder(start!)
      const keeper = new PeakKeeper(start!)
      for (const sample of others) {
        recorder.add(sample)
        keeper.add(sample)
      }
      const data = recorder.data()
      const { peak } = data
      assert.deepEqual(peak, keeper.report().peak)
      const at = peakSample(data)
      assert.equal(data.times[at], peak.atMs)
      assert.equal(data.total.hard![at]! + peak.spike, peak.hard)
      for (const by of ['process', 'kind'] as const) {
        const { svg, frame, layers } = drawPicture(data, { by })
        const rows = layers
          .filter(({ layer }) => !layer.isCache)
          .reduce((sum, { layer }) => sum + (layer.atPeak ?? 0), peak.spike)
        assert.ok(Math.abs(rows - peak.hard!) < 4096, `${by}: ${rows} of ${peak.hard}`)
        const [, x, y] = /<circle[^>]* cx="([\d.]+)" cy="([\d.]+)"/.exec(svg)!
        assert.ok(Math.abs(Number(x) - frame.x(peakMs(data))) < 0.11)
        assert.ok(Math.abs(Number(y) - frame.y(peak.hard!)) < 0.11)
      }
    }),
    { seed: 2, numRuns: 200 },
  )
})
