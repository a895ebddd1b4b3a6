/** What a tree of forks is said to have when they go on while they are read. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { PssBudget } from '../../../src/monitor/sampling/pss-budget.ts'
import { TreeSampler } from '../../../src/monitor/sampling/sample.ts'
import type { TreeSample } from '../../../src/monitor/sampling/sample.ts'
import { ForkKernel } from '../fork-kernel.ts'

const pages = 100
const pageBytes = 65_536

/** So little may be in doubt without another reading. */
const looseBytes = 524_288

/** A tree of forks whose root was seen alone. */
class Tree {
  readonly kernel = new ForkKernel(pages)
  readonly #sampler: TreeSampler
  /** The least and the most that existed during the last look. */
  least = 0
  most = 0

  constructor() {
    // Reading a few pages costs next to nothing, and time passes between two looks.
    const lane = new PssBudget(this.kernel, 1, () => 10 * this.kernel.ticks)
    const nowTicks = (): number => this.kernel.ticks
    this.#sampler = new TreeSampler(this.kernel, 10, { lane, nowTicks })
    this.look()
  }

  /**
   * Takes a sample.
   *
   * @param happens - called before each read of a file with its number and path; tells whether anything
   *   has happened
   */
  look(happens: (read: number, path: string) => boolean = () => false): TreeSample {
    this.kernel.ticks += 100
    this.least = this.most = this.kernel.truth
    let read = 0
    this.kernel.onRead = (path) => {
      if (!happens(read++, path)) return
      this.least = Math.min(this.least, this.kernel.truth)
      this.most = Math.max(this.most, this.kernel.truth)
    }
    const sample = this.#sampler.take()
    this.kernel.onRead = () => undefined
    return sample
  }

  /** Whether a sample can be true of a moment during the look. The kernel rounds down to KiB. */
  requireTrue({ hard, hardRange, processes }: TreeSample, what: string): void {
    const { least, most } = hardRange ?? { least: hard!, most: hard! }
    const said = `${what}: ${least} to ${most} where ${this.least} to ${this.most} existed`
    assert.ok(least <= this.most && most >= this.least - 1024 * processes.length, said)
  }

  /** Looks until the sample is exact, and requires that it is right. */
  requireExact(what: string): void {
    for (let looks = 0; looks < 20; looks++) {
      const sample = this.look()
      this.requireTrue(sample, what)
      const { least, most } = sample.hardRange ?? { least: 0, most: 0 }
      if (most - least <= 0.02 * most || most - least <= looseBytes) return
    }
    assert.fail(`${what}: not exact after 20 looks`)
  }
}

/** A root, and four children of it that share half of their pages, at a look that reads them all. */
function family(): Tree {
  const tree = new Tree()
  for (let i = 0; i < 4; i++) tree.kernel.fork(10)
  doubt(tree.kernel, 10)
  tree.requireExact('a family')
  doubt(tree.kernel, 10)
  return tree
}

/** Has a process write so much that the family has to be read. */
function doubt(kernel: ForkKernel, pid: number): void {
  kernel.write(pid, 0, pages / 2)
}

/** What may happen before the kernel divides for a process of {@link family}. */
const happenings: Record<string, (kernel: ForkKernel, pid: number) => void> = {
  'a fork begins': (kernel, pid) => pid === 14 && kernel.beginFork(10),
  'a fork begins and ends': (kernel, pid) => pid === 14 && kernel.fork(11),
  'all end, those who were read first': (kernel, pid) => pid > 11 && kernel.exit(pid - 1),
  'one begins to end': (kernel, pid) => pid === 11 && kernel.beginExit(14),
  'one frees what was counted': (kernel, pid) => pid === 14 && kernel.free(10, 0, 40),
  'one allocates what will be counted': (kernel, pid) => pid === 11 && kernel.allocate(14, 40),
  'one copies what was counted': (kernel, pid) => pid === 14 && kernel.write(11, 0, 40),
}

for (const [what, happens] of Object.entries(happenings)) {
  test(`the bounds of forks hold when, during a reading, ${what}`, () => {
    const tree = family()
    let reads = 0
    const sample = tree.look((_, path) => {
      const pid = /(\d+)\/smaps_rollup$/.exec(path)?.[1]
      if (pid === undefined) return false
      happens(tree.kernel, Number(pid))
      reads++
      return true
    })
    assert.equal(reads, 5)
    tree.requireTrue(sample, what)
    tree.kernel.endAll()
    tree.requireExact(`after ${what}`)
  })
}

test('a process that ends between two reads of its files has nothing more', () => {
  for (const ends of ['beginExit', 'exit'] as const) {
    const tree = family()
    let reads = 0
    const sample = tree.look((_, path) => {
      // The first time it is listed; at the second its sizes have been read.
      if (path !== '/proc/12/stat' || ++reads !== 2) return false
      tree.kernel[ends](12)
      return true
    })
    tree.requireTrue(sample, ends)
  }
})

test('a process that is about to end shares its pages until it has ended', () => {
  const tree = family()
  tree.kernel.beginExit(12)
  tree.requireTrue(tree.look(), 'while it ends')
  tree.kernel.endExit(12)
  tree.requireExact('when it has ended')
})

test('what a process copies when its first child is not listed yet counts later', () => {
  const tree = new Tree()
  const sample = tree.look((_, path) => {
    if (path !== '/proc/10/status') return false
    tree.kernel.fork(10)
    tree.kernel.write(10, 0, 50)
    return true
  })
  assert.equal(sample.processes.length, 1)
  tree.requireTrue(tree.look(), 'when the child is listed')
  tree.requireExact('later')
})

test('a child between vfork and exec adds nothing, however long that takes', () => {
  const tree = new Tree()
  tree.kernel.vfork(10)
  for (let looks = 0; looks < 3; looks++) assert.equal(tree.look().hard, pages * pageBytes)
})

/** Something that happens at a certain read of a file. */
const event = fc.record({
  read: fc.nat(150),
  what: fc.constantFrom(
    ...(['allocate', 'write', 'free', 'begin', 'fork', 'end', 'exit'] as const),
  ),
  who: fc.nat(20),
  from: fc.nat(pages),
  count: fc.nat(40),
})

test('whatever happens during a look, some moment of it lies between the bounds', () => {
  fc.assert(
    fc.property(fc.array(fc.array(event, { maxLength: 4 }), { maxLength: 6 }), (looks) => {
      const tree = family()
      const { kernel } = tree
      for (const [i, events] of looks.entries()) {
        doubt(kernel, kernel.pids[i % kernel.pids.length]!)
        const sample = tree.look((read) => {
          const now = events.filter((event) => event.read === read)
          for (const event of now) happen(kernel, event)
          return now.length > 0
        })
        tree.requireTrue(sample, `look ${i}`)
      }
      kernel.endAll()
      tree.requireExact('at last')
    }),
    { seed: 12, numRuns: 100 },
  )
})

function happen(
  kernel: ForkKernel,
  { what, who, from, count }: { what: string; who: number; from: number; count: number },
): void {
  const pid = kernel.pids[who % kernel.pids.length]!
  if (what === 'allocate') kernel.allocate(pid, count)
  else if (what === 'write') kernel.write(pid, from, count)
  else if (what === 'free') kernel.free(pid, from, count)
  else if (what === 'begin') kernel.beginFork(pid)
  else if (what === 'fork') kernel.fork(pid)
  // A process that has children would leave them to nobody, where no sample finds them.
  else if (kernel.isChildless(pid)) {
    if (what === 'exit') kernel.exit(pid)
    else kernel.beginExit(pid)
  }
}
