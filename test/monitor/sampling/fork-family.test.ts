/** What forks share, against a kernel whose page tables can be looked into. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ForkFamily } from '../../../src/monitor/sampling/fork-family.ts'
import type { ForkMember } from '../../../src/monitor/sampling/fork-family.ts'
import type { Rollup } from '../../../src/monitor/proc/proc.ts'

const pageBytes = 4096

/** Processes that were forked from one, and their pages. */
class Kernel {
  readonly #spaces = new Map<number, { pages: number[]; faults: number }>([
    [1, { pages: [], faults: 0 }],
  ])
  #nextPage = 0
  #nextPid = 2

  get pids(): number[] {
    return [...this.#spaces.keys()]
  }

  /** New memory: a fault a page. */
  allocate(pid: number, count: number): void {
    const space = this.#spaces.get(pid)!
    for (let i = 0; i < count; i++) space.pages.push(this.#nextPage++)
    space.faults += count
  }

  /** A page that others map is copied; one's own is written after a fault as well. */
  write(pid: number, from: number, count: number): void {
    const space = this.#spaces.get(pid)!
    const mappers = this.#mappers()
    for (let i = from; i < Math.min(from + count, space.pages.length); i++) {
      if (mappers.get(space.pages[i]!)! > 1) space.pages[i] = this.#nextPage++
      space.faults++
    }
  }

  free(pid: number, from: number, count: number): void {
    this.#spaces.get(pid)!.pages.splice(from, count)
  }

  fork(pid: number): void {
    this.#spaces.set(this.#nextPid++, { pages: [...this.#spaces.get(pid)!.pages], faults: 0 })
  }

  exit(pid: number): void {
    if (this.#spaces.size > 1) this.#spaces.delete(pid)
  }

  /** Bytes that exist. */
  get truth(): number {
    return this.#mappers().size * pageBytes
  }

  get members(): ForkMember[] {
    return [...this.#spaces].map(([pid, { pages, faults }]) => ({
      pid,
      name: 'python3',
      state: 'S',
      parent: 1,
      cpuMs: 0,
      threads: 1,
      startTime: pid,
      minorFaults: faults,
      anonymous: pages.length * pageBytes,
      shmem: 0,
      fileBacked: 0,
      pageTables: 0,
      swap: 0,
      peakRss: 0,
    }))
  }

  get rollups(): Map<number, Rollup> {
    const mappers = this.#mappers()
    return new Map(
      [...this.#spaces].map(([pid, { pages }]) => {
        const part = pages.reduce((sum, page) => sum + 1 / mappers.get(page)!, 0) * pageBytes
        const own = pages.filter((page) => mappers.get(page) === 1).length * pageBytes
        const rest = { pss: part, pssShmem: 0, pssFile: 0 }
        return [pid, { ...rest, pssAnonymous: part, uss: own }]
      }),
    )
  }

  #mappers(): Map<number, number> {
    const mappers = new Map<number, number>()
    for (const { pages } of this.#spaces.values()) {
      for (const page of pages) mappers.set(page, (mappers.get(page) ?? 0) + 1)
    }
    return mappers
  }
}

function alone(family: ForkFamily, { members }: Kernel): void {
  family.settleAlone(members[0]!, members[0]!.minorFaults!)
}

function read(family: ForkFamily, { members, rollups }: Kernel): void {
  family.settle({ listed: members, before: members, after: members, rollups, atTicks: -1000 })
}

const step = fc.record({
  what: fc.constantFrom('allocate', 'write', 'free', 'fork', 'exit', 'look', 'read'),
  who: fc.nat(20),
  from: fc.nat(60),
  count: fc.nat(40),
})

test('the memory of forks lies between its bounds, and a reading is exact', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const kernel = new Kernel()
      kernel.allocate(1, 50)
      const family = new ForkFamily(pageBytes)
      alone(family, kernel)
      for (const { what, who, from, count } of steps) {
        const pid = kernel.pids[who % kernel.pids.length]!
        if (what === 'allocate') kernel.allocate(pid, count)
        else if (what === 'write') kernel.write(pid, from, count)
        else if (what === 'free') kernel.free(pid, from, count)
        else if (what === 'fork') kernel.fork(pid)
        else if (what === 'exit') kernel.exit(pid)
        else if (what === 'read') read(family, kernel)
        const { members, truth } = kernel
        const { least, most } = family.range(members)
        assert.ok(least <= truth + 1 && truth <= most + 1, `${what}: ${least} ${truth} ${most}`)
        if (what === 'read') assert.ok(most - least < 2, `${least} to ${most} after a reading`)
        const { likely } = family
        assert.ok(likely >= Math.floor(least) && likely <= Math.ceil(most))
        const parts = family.parts(members, likely)
        assert.equal(
          parts.reduce((sum, part) => sum + part, 0),
          likely,
          'the parts add up',
        )
        assert.ok(parts.every((part) => part >= 0))
      }
    }),
    { seed: 9, numRuns: 2000 },
  )
})

test('forks that write nothing add nothing, without a reading', () => {
  const kernel = new Kernel()
  kernel.allocate(1, 1000)
  const family = new ForkFamily(pageBytes)
  alone(family, kernel)
  for (let i = 0; i < 100; i++) kernel.fork(1)
  assert.deepEqual(family.range(kernel.members), { least: 4_096_000, most: 4_096_000 })
  kernel.write(2, 0, 10)
  assert.deepEqual(family.range(kernel.members), { least: 4_096_000, most: 4_136_960 })
})

test('forks that were never seen alone are as large as one of them, and at most as all', () => {
  const kernel = new Kernel()
  kernel.allocate(1, 100)
  kernel.fork(1)
  const family = new ForkFamily(pageBytes)
  assert.deepEqual(family.range(kernel.members), { least: 409_600, most: 819_200 })
})

test('a fork that is born just after a reading, or to nobody who was seen, has the family read again', () => {
  const kernel = new Kernel()
  kernel.allocate(1, 100)
  kernel.fork(1)
  const { members, rollups } = kernel
  kernel.fork(1)
  const newcomer = kernel.members[2]!
  for (const [atTicks, parent, most] of [
    [-100, 1, 409_600],
    // Its page tables may have been copied before it was born, at 3. Then half of its parent's pages would be missing at most.
    [-5, 1, 614_400],
    [-100, 99, 1_228_800],
  ] as const) {
    const family = new ForkFamily(pageBytes)
    family.settle({ listed: members, before: members, after: members, rollups, atTicks })
    assert.deepEqual(family.range([...members, { ...newcomer, parent }]), { least: 409_600, most })
    assert.equal(family.isOpen, most > 409_600)
  }
})
