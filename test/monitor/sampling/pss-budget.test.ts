/** When PSS is read: within its budget, and without holding anybody up. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PssBudget } from '../../../src/monitor/sampling/pss-budget.ts'
import type { ProcFiles } from '../../../src/monitor/proc/proc-files.ts'
import type { ProcessStat, StatusMemory } from '../../../src/monitor/proc/proc.ts'

const MiB = 2 ** 20

/** A machine on which a read of `smaps_rollup` takes its time. */
class Machine {
  nowMs = 0
  tookMs = 0
  msPerGiB = 14
  readonly reads: { readonly pid: number; readonly atMs: number; readonly tookMs: number }[] = []
  readonly sizes = new Map<number, number>()
  readonly files: ProcFiles = {
    read: (path) => {
      const pid = Number(/^\/proc\/(\d+)\/smaps_rollup$/.exec(path)![1])
      const tookMs = (this.sizes.get(pid)! / 1024) * this.msPerGiB
      this.reads.push({ pid, atMs: this.nowMs, tookMs })
      this.nowMs += tookMs
      this.tookMs += tookMs
      return pid === 13 ? undefined : `x [rollup]\nPss:   ${pid} kB\nPrivate_Clean: 0 kB\n`
    },
    list: () => undefined,
    link: () => undefined,
    blocks: () => undefined,
    size: () => undefined,
    head: () => undefined,
    follow: () => ({ read: () => undefined, close: () => undefined }),
  }

  /** Processes by pid, in MiB. */
  constructor(sizes: Record<number, number>) {
    for (const [pid, size] of Object.entries(sizes)) this.sizes.set(Number(pid), size)
  }

  get processes(): (ProcessStat & StatusMemory)[] {
    return [...this.sizes].map(([pid, size]) => ({
      pid,
      name: 'node',
      state: 'S',
      parent: 1,
      cpuMs: 0,
      threads: 1,
      startTime: 5,
      anonymous: size * MiB,
      shmem: 0,
      fileBacked: 0,
      pageTables: 0,
      swap: 0,
      peakRss: size * MiB,
    }))
  }

  /** Lets a lane read at 10 Hz. */
  run(seconds: number, budget: number): PssBudget {
    const lane = new PssBudget(this.files, budget, () => this.nowMs)
    for (let tick = 0; tick < 10 * seconds; tick++) {
      this.nowMs = Math.max(this.nowMs, 100 * tick)
      lane.read(this.processes)
    }
    return lane
  }
}

test('reading stays within the budget', () => {
  for (const budget of [0.005, 0.02, 0.1]) {
    const machine = new Machine(Object.fromEntries([...Array(20).keys()].map((i) => [20 + i, 120])))
    machine.run(60, budget)
    const share = machine.tookMs / 60_000
    assert.ok(share < budget + 0.001 && share > 0.8 * budget, `${share} of ${budget}`)
  }
})

test('a budget of 0 reads nothing', () => {
  const machine = new Machine({ 1: 10 })
  machine.run(10, 0)
  assert.equal(machine.reads.length, 0)
})

test('everybody gets a turn, who waited longest first', () => {
  const machine = new Machine({ 1: 100, 2: 100, 3: 100, 4: 100 })
  machine.run(30, 0.02)
  const turns = machine.reads.slice(0, 8).map(({ pid }) => pid)
  assert.deepEqual(turns, [1, 2, 3, 4, 1, 2, 3, 4])
})

test('a large process is held up for at most a thousandth of the time', () => {
  for (const size of [300, 612, 1000, 1500]) {
    const machine = new Machine({ 1: size })
    machine.run(600, 1)
    const stalled = machine.reads.reduce((sum, { tookMs }) => sum + tookMs, 0)
    assert.ok(machine.reads.length > 3)
    assert.ok(stalled / machine.nowMs < 0.001, `${size} MiB: ${stalled} ms`)
  }
})

test('a process that would be held up too long is not read at all', () => {
  const machine = new Machine({ 1: 4096, 2: 50 })
  const lane = machine.run(600, 1)
  assert.ok(machine.reads.every(({ pid }) => pid === 2))
  assert.equal(lane.total(machine.processes), undefined, 'so the PSS of the tree is n/a')
})

test('a process of huge pages takes little, and is read often once that is known', () => {
  const machine = new Machine({ 1: 1000 })
  machine.msPerGiB = 0.1
  machine.run(60, 0.02)
  assert.ok(machine.reads.length > 100, `${machine.reads.length} reads`)
})

test('one slow read of a busy machine bars no process for good', () => {
  const machine = new Machine({ 1: 300 })
  machine.msPerGiB = 200
  const lane = machine.run(3, 1)
  machine.msPerGiB = 14
  const before = machine.reads.length
  for (let tick = 0; tick < 10_000; tick++) {
    machine.nowMs += 100
    lane.read(machine.processes)
  }
  assert.equal(before, 1)
  assert.ok(machine.reads.length > 10)
})

test('the PSS of a tree is the sum of what was last read of each, and n/a without one', () => {
  const machine = new Machine({ 11: 10, 12: 10 })
  const lane = machine.run(5, 0.02)
  assert.equal(lane.total(machine.processes), 23 * 1024)
  machine.sizes.set(13, 10)
  machine.nowMs += 1000
  assert.deepEqual([...lane.read(machine.processes).keys()], [11, 12])
  assert.equal(lane.total(machine.processes), undefined, '13 keeps it to itself')
  assert.equal(lane.total([]), undefined)
})
