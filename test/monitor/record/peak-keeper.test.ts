/** What the peaks of a run are, sampled and between samples. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PeakKeeper } from '../../../src/monitor/record/peak-keeper.ts'
import { TreeSampler } from '../../../src/monitor/sampling/sample.ts'
import type { TreeSample } from '../../../src/monitor/sampling/sample.ts'
import { FakeProc, statusText } from '../fake-proc.ts'

interface KiB {
  anon: number
  shmem?: number
  file?: number
  peak?: number
}

/** A sample of processes that are given in KiB; pid 10 is the root. */
function sample(processes: Record<number, KiB>, segment = 0): TreeSample {
  const files = new FakeProc()
  files.files.set('/memfd:onecopy (deleted)', { id: '1:7', bytes: segment * 1024 })
  const threads = {
    10: Object.keys(processes)
      .map(Number)
      .filter((pid) => pid !== 10),
  }
  for (const [pid, { anon, shmem = 0, file = 0, peak = anon + shmem + file }] of Object.entries(
    processes,
  )) {
    const status = statusText({ VmHWM: peak, RssAnon: anon, RssShmem: shmem, RssFile: file })
    const descriptors = { 3: '/memfd:onecopy (deleted)' }
    if (pid === '10') files.add({ pid: 10, threads, status, descriptors })
    else files.add({ pid: Number(pid), parent: 10, status, descriptors })
  }
  return new TreeSampler(files, 10).take()
}

/** The peaks of samples, in KiB. */
function peakOf(...samples: TreeSample[]) {
  const keeper = new PeakKeeper(samples[0]!)
  for (const next of samples.slice(1)) keeper.add(next)
  const { anonymous, shmem, fileBacked, hard, spike } = keeper.report().peak
  return [anonymous, shmem, fileBacked, hard, spike].map((bytes) => bytes! / 1024)
}

test('each kind has its own peak, and hard is the largest sum at one moment', () => {
  const samples = [
    sample({ 10: { anon: 100, file: 7 } }),
    sample({ 10: { anon: 300, file: 5 } }),
    sample({ 10: { anon: 200, shmem: 150, file: 5, peak: 355 } }, 150),
    sample({ 10: { anon: 10, peak: 355 } }),
  ]
  assert.deepEqual(peakOf(...samples), [300, 150, 7, 350, 0])
})

test('a rise and fall between two samples is in the peak', () => {
  const samples = [
    sample({ 10: { anon: 100 }, 11: { anon: 50 } }),
    sample({ 10: { anon: 110, peak: 400 }, 11: { anon: 50 } }),
    sample({ 10: { anon: 110, peak: 400 }, 11: { anon: 60 } }),
  ]
  assert.deepEqual(peakOf(...samples), [450, 0, 0, 450, 290])
})

test('what a process reached before the start is not in the peak', () => {
  const samples = [
    sample({ 10: { anon: 100, peak: 900 } }),
    sample({ 10: { anon: 90, peak: 900 } }),
  ]
  assert.deepEqual(peakOf(...samples), [100, 0, 0, 100, 0])
})

test('a process that started between two samples brings its whole peak', () => {
  const samples = [
    sample({ 10: { anon: 100 } }),
    sample({ 10: { anon: 100 }, 11: { anon: 1, peak: 80 } }),
  ]
  assert.deepEqual(peakOf(...samples), [180, 0, 0, 180, 79])
})

test('spikes of several processes are not added: they need not have come together', () => {
  const samples = [
    sample({ 10: { anon: 100 }, 11: { anon: 100 } }),
    sample({ 10: { anon: 100, peak: 300 }, 11: { anon: 100, peak: 250 } }),
  ]
  assert.deepEqual(peakOf(...samples), [400, 0, 0, 400, 200])
})

test('mapping a segment for a moment is no spike: its bytes are counted already', () => {
  const samples = [
    sample({ 10: { anon: 100 }, 11: { anon: 50 } }, 500),
    sample({ 10: { anon: 100 }, 11: { anon: 50, peak: 550 } }, 500),
  ]
  assert.deepEqual(peakOf(...samples), [150, 500, 0, 650, 0])
})

test('a report counts samples, and names who could not be read', () => {
  const files = new FakeProc(
    { pid: 10, threads: { 10: [11, 12, 13] }, status: statusText({ RssAnon: 1, RssShmem: 0 }) },
    { pid: 11, parent: 10, status: null },
    { pid: 12, parent: 10, state: 'Z' },
    { pid: 13, parent: 10, status: statusText({ RssAnon: 1, RssShmem: 0 }), descriptors: null },
  )
  const report = new PeakKeeper(new TreeSampler(files, 10).take()).report()
  assert.equal(report.samples, 1)
  assert.deepEqual(report.unreadable, [11, 13])
  assert.equal(report.peak.anonymous, 2048)
})

test('a spike is dated at the larger one of the samples that it came between', () => {
  const samples = [
    { ...sample({ 10: { anon: 100 } }), epochMs: 1000 },
    { ...sample({ 10: { anon: 280 } }), epochMs: 1100 },
    { ...sample({ 10: { anon: 216, peak: 290 } }), epochMs: 1200 },
  ]
  const keeper = new PeakKeeper(samples[0]!)
  keeper.add(samples[1]!)
  assert.equal(keeper.add(samples[2]!), 290 * 1024)
  const { peak } = keeper.report()
  assert.deepEqual([peak.atMs, peak.hard! / 1024, peak.spike / 1024], [100, 290, 10])
})
