/** What a recorder keeps of a run, and what it lets go. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { RunRecorder } from '../../../src/monitor/record/recorder.ts'
import type { ProcessSample, TreeSample } from '../../../src/monitor/sampling/sample.ts'

const page = 4096

/** A sample of processes with so many pages each; `undefined` could not be read. */
function sampleAt(
  epochMs: number,
  processes: Record<number, number | undefined>,
  segments: readonly { id: string; pages: number; holders: readonly number[] }[] = [],
): TreeSample {
  const list = Object.entries(processes).map(([pid, pages]): ProcessSample => {
    const bytes = pages === undefined ? undefined : pages * page
    return {
      pid: Number(pid),
      name: `process ${pid}`,
      state: 'S',
      parent: 1,
      cpuMs: epochMs,
      threads: 1,
      startTime: 5,
      anonymous: bytes,
      shmem: bytes === undefined ? undefined : 0,
      fileBacked: bytes === undefined ? undefined : page,
      pageTables: undefined,
      swap: undefined,
      peakRss: undefined,
      segments: segments
        .filter(({ holders }) => holders.includes(Number(pid)))
        .map(({ id, pages }) => ({ id, name: 'onecopy', bytes: pages * page })),
    }
  })
  const known = list.flatMap(({ anonymous }) => anonymous ?? [])
  const anonymous =
    known.length > 0 || list.length === 0 ? known.reduce((sum, bytes) => sum + bytes, 0) : undefined
  const shmem = segments.reduce((sum, { pages }) => sum + pages * page, 0)
  return {
    epochMs,
    anonymous,
    shmem,
    fileBacked: page,
    hard: anonymous === undefined ? undefined : anonymous + shmem,
    processes: list,
    segments: segments.map(({ id, pages }) => ({ id, name: 'onecopy', bytes: pages * page })),
    unreadable: list.filter((process) => process.anonymous === undefined).map(({ pid }) => pid),
  }
}

test('what was recorded since a moment can be read while the recording goes on', () => {
  const recorder = new RunRecorder(sampleAt(1000, { 1: 10, 2: 7 }))
  recorder.mark({ name: 'load', pid: 1 })
  recorder.add(sampleAt(1100, { 1: 40, 2: 8 }))
  recorder.add(sampleAt(1200, { 1: 12 }))
  recorder.add(sampleAt(1300, { 1: 13, 3: 2 }))
  const { times, processes, total, phases, peak, durationMs } = recorder.data(100)
  assert.deepEqual([...times], [200, 300])
  assert.deepEqual([...total.hard!], [12 * page, 15 * page])
  assert.deepEqual(
    processes.map(({ pid, first, columns }) => [pid, first, [...columns.anonymous!]]),
    [
      [1, 0, [12 * page, 13 * page]],
      [3, 1, [2 * page]],
    ],
  )
  assert.deepEqual(
    phases.map(({ name, startMs, endMs }) => [name, startMs, endMs]),
    [['load', 0, 300]],
  )
  assert.deepEqual([peak.hard, durationMs], [48 * page, 300])
  assert.deepEqual([...recorder.data(300).times], [])
  assert.deepEqual([...recorder.data().times], [0, 100, 200, 300])
})

test('every process has a line from its first sample to its last', () => {
  const recorder = new RunRecorder(sampleAt(1000, { 1: 10 }))
  recorder.add(sampleAt(1100, { 1: 11, 2: 5 }))
  recorder.add(sampleAt(1200, { 1: 12, 2: 6 }))
  recorder.add(sampleAt(1300, { 1: 13 }))
  const { times, processes, total, durationMs, command } = recorder.data()
  assert.deepEqual([...times], [0, 100, 200, 300])
  assert.equal(durationMs, 300)
  assert.equal(command, 'process 1')
  assert.deepEqual(
    processes.map(({ pid, first, startMs, endMs, columns }) => [
      pid,
      first,
      startMs,
      endMs,
      [...columns.anonymous!].map((bytes) => bytes / page),
    ]),
    [
      [1, 0, 0, 300, [10, 11, 12, 13]],
      [2, 1, 100, 200, [5, 6]],
    ],
  )
  assert.deepEqual(
    [...total.rss!].map((bytes) => bytes / page),
    [11, 18, 20, 14],
  )
})

test('what could not be read is a gap, never 0', () => {
  const recorder = new RunRecorder(sampleAt(0, { 1: 10 }))
  recorder.add(sampleAt(100, { 1: undefined }))
  recorder.add(sampleAt(200, { 1: 12 }))
  const { total, processes, unreadable } = recorder.data()
  assert.deepEqual([...total.hard!], [10 * page, NaN, 12 * page])
  assert.deepEqual([...processes[0]!.columns.anonymous!], [10 * page, NaN, 12 * page])
  assert.equal(processes[0]!.columns.pageTables, undefined)
  assert.deepEqual(unreadable, [1])
})

test('a process that is about to end has nothing, where it had something', () => {
  const recorder = new RunRecorder(sampleAt(0, { 1: 10, 2: 5 }))
  const ending = sampleAt(100, { 1: 10, 2: undefined, 3: undefined })
  recorder.add({
    ...ending,
    processes: ending.processes.map((process) =>
      process.pid === 1 ? process : { ...process, isEnding: true },
    ),
  })
  const { processes } = recorder.data()
  assert.deepEqual(
    processes.map(({ columns, peak }) => [peak.anonymous, [...(columns.anonymous ?? [])]]),
    [
      [10 * page, [10 * page, 10 * page]],
      [5 * page, [5 * page, 0]],
      [undefined, [NaN]],
    ],
  )
})

test('a mark begins a phase and ends the one before', () => {
  const recorder = new RunRecorder(sampleAt(0, { 1: 10 }))
  recorder.mark({ name: 'load', pid: 1 })
  recorder.add(sampleAt(100, { 1: 10 }))
  recorder.mark({ name: 'fit', pid: 1 })
  recorder.mark({ name: 'other', pid: 2 })
  recorder.add(sampleAt(250, { 1: 10 }))
  assert.deepEqual(
    recorder.data().phases.map(({ name, startMs, endMs, pid }) => [name, startMs, endMs, pid]),
    [
      ['load', 0, 100, 1],
      ['fit', 100, 250, 1],
      ['other', 100, 250, 2],
    ],
  )
})

test('a segment knows how large it was, who held it and when', () => {
  const recorder = new RunRecorder(sampleAt(0, { 1: 1, 2: 1 }))
  recorder.add(sampleAt(100, { 1: 1, 2: 1 }, [{ id: 'a', pages: 7, holders: [1] }]))
  recorder.add(sampleAt(200, { 1: 1, 2: 1 }, [{ id: 'a', pages: 9, holders: [1, 2] }]))
  recorder.add(sampleAt(300, { 1: 1, 2: 1 }))
  assert.deepEqual(recorder.data().segments, [
    { name: 'onecopy', startMs: 100, endMs: 200, peakBytes: 9 * page, holders: 2 },
  ])
})

test('a long run keeps a bound of samples and every peak, also of phases', () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.integer({ min: 0, max: 1e6 }), { nil: undefined, freq: 20 }), {
        minLength: 20,
        maxLength: 400,
      }),
      fc.integer({ min: 0, max: 19 }),
      (pages, marked) => {
        const recorder = new RunRecorder(sampleAt(0, { 1: pages[0] }), { samples: 32 })
        pages.slice(1).forEach((count, i) => {
          recorder.add(sampleAt((i + 1) * 10, { 1: count }))
          if (i + 1 === marked) recorder.mark({ name: 'fit', pid: 1 })
        })
        const { times, total, processes, phases, samples } = recorder.data()
        assert.equal(samples, pages.length)
        assert.ok(times.length <= 33)
        for (const column of Object.values(total)) assert.equal(column.length, times.length)
        const kept = [...total.hard!].filter((bytes) => !Number.isNaN(bytes))
        const all = pages.flatMap((count) => (count === undefined ? [] : [count * page]))
        assert.equal(Math.max(...kept, 0), Math.max(...all, 0))
        assert.equal(Math.min(...kept, 0), Math.min(...all, 0))
        times.forEach((ms, sample) => {
          const bytes = pages[ms / 10] === undefined ? NaN : pages[ms / 10]! * page
          assert.equal(total.hard![sample], bytes)
          assert.equal(processes[0]!.columns.anonymous![sample], bytes)
        })
        for (const { startMs } of phases) assert.ok(times.includes(startMs))
      },
    ),
    { seed: 4, numRuns: 60 },
  )
})

test('a run with more marks than samples keeps a bound of samples, too', () => {
  const recorder = new RunRecorder(sampleAt(0, { 1: 1 }), { samples: 32 })
  for (let i = 1; i <= 1000; i++) {
    recorder.add(sampleAt(i * 100, { 1: i === 77 ? 900 : 5 }))
    recorder.mark({ name: `step ${i}`, pid: 1 })
  }
  const { times, total, phases } = recorder.data()
  assert.ok(times.length <= 33, `${times.length}`)
  assert.ok(total.hard!.includes(900 * page))
  // What was marked lately has the sample of its start.
  for (const { startMs } of phases.slice(-8)) assert.ok(times.includes(startMs), `${startMs}`)
})

test('a run of many processes keeps fewer samples, and its peak', () => {
  const many = (bytes: number): Record<number, number> =>
    Object.fromEntries(Array.from({ length: 50 }, (_, i) => [i + 1, bytes]))
  const recorder = new RunRecorder(sampleAt(0, many(1)), { values: 10_000 })
  for (let i = 1; i < 600; i++) recorder.add(sampleAt(i * 100, many(i === 77 ? 900 : 5)))
  const { times, total, processes, samples } = recorder.data()
  assert.equal(samples, 600)
  assert.ok(times.length >= 80 && times.length <= 201, `${times.length}`)
  assert.ok(total.hard!.includes(50 * 900 * page))
  for (const { columns } of processes) assert.equal(columns.anonymous!.length, times.length)
})

test('of thousands of short processes the largest stay, the others are counted', () => {
  const recorder = new RunRecorder(sampleAt(0, { 1: 10 }), { endedProcesses: 20 })
  for (let i = 1; i <= 300; i++)
    recorder.add(sampleAt(i * 10, { 1: 10, [i + 1]: i === 77 ? 900 : 5 }))
  const { processes, otherProcesses } = recorder.data()
  assert.equal(processes.length + otherProcesses, 301)
  assert.ok(processes.length <= 22)
  assert.ok(processes.some(({ pid }) => pid === 78))
  assert.ok(processes.some(({ pid }) => pid === 1))
})

test('a process is called by its last title', () => {
  const recorder = new RunRecorder(sampleAt(0, { 1: 1 }))
  const named = (): string => recorder.data().processes[0]!.name
  const add = (ms: number, title?: string): void => {
    const sample = sampleAt(ms, { 1: 1 })
    const processes = sample.processes.map((process) => ({ ...process, title }))
    recorder.add({ ...sample, processes })
  }
  assert.equal(named(), 'process 1')
  add(10, 'node fit.js')
  assert.equal(named(), 'node fit.js')
  add(20)
  assert.equal(named(), 'node fit.js')
})

test('two samples at one moment are one', () => {
  const recorder = new RunRecorder(sampleAt(0, { 1: 1 }))
  recorder.add(sampleAt(10, { 1: 2 }))
  recorder.add(sampleAt(10, { 1: 3 }))
  assert.deepEqual([...recorder.data().times], [0, 10])
})
