/** Programs that fork without exec, against the kernel's own division of their memory. */

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { checkBudgets, sampleTree, startMonitor } from '../../src/monitor/index.ts'
import type { MemoryMonitor, TreeSample } from '../../src/monitor/index.ts'

const hasPython = spawnSync('python3', ['--version']).status === 0
const skip = hasPython && process.platform === 'linux' ? false : 'needs python3 and /proc'

/** 60 MB that nobody has shared yet, and a way to stop at a step until the test goes on. */
const prelude = `
import os, sys, time, signal
data = bytearray(60 * 2**20)
for at in range(0, len(data), 4096): data[at] = 1
def touch(fraction):
    for at in range(0, int(len(data) * fraction), 4096): data[at] = (data[at] + 1) & 255
def step(name):
    print(name, flush=True)
    sys.stdin.readline()
def child(work):
    gate_r, gate_w = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os.write(gate_w, b'x')
            while True: signal.pause()
        finally:
            os._exit(0)
    os.read(gate_r, 1)
    return pid
`

/** A program that says each step and waits there. */
class Program {
  readonly process: ChildProcess
  readonly monitor: MemoryMonitor
  readonly #lines: AsyncIterator<string>

  constructor(source: string, pssBudget?: number) {
    this.process = spawn('python3', ['-c', prelude + source], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    })
    this.#lines = createInterface(this.process.stdout!)[Symbol.asyncIterator]()
    const pid = this.process.pid!
    this.monitor = startMonitor({ pid, intervalMs: 20, ...(pssBudget ? { pssBudget } : {}) })
  }

  async step(name: string): Promise<void> {
    assert.deepEqual(await this.#lines.next(), { value: name, done: false })
  }

  goOn(): void {
    this.process.stdin!.write('\n')
  }

  /** What the monitor says once it has read what it needs, and what the kernel says. */
  async figures(): Promise<{ sample: TreeSample; truth: number }> {
    let sample = await this.monitor.sample()
    while (!isExact(sample)) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      sample = await this.monitor.sample()
    }
    return { sample, truth: kernelTotal(sample.processes.map(({ pid }) => pid)) }
  }

  /** Holds the monitor's total against the kernel's. */
  async check(name: string): Promise<TreeSample> {
    await this.step(name)
    const { sample, truth } = await this.figures()
    close(sample.hard!, truth, name)
    const rows = sample.processes.reduce(
      (sum, { counted, anonymous }) => sum + (counted ?? anonymous ?? 0),
      0,
    )
    assert.equal(rows, sample.anonymous, 'the rows add up')
    this.goOn()
    return sample
  }

  end(): void {
    try {
      process.kill(-this.process.pid!, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
}

function isExact({ hardRange }: TreeSample): boolean {
  return hardRange === undefined || hardRange.most - hardRange.least <= 0.02 * hardRange.most
}

/** Anonymous memory divided by the kernel; these programs have no shared memory. */
function kernelTotal(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
    return sum + 1024 * Number(/^Pss_Anon:\s+(\d+)/m.exec(rollup)![1])
  }, 0)
}

function close(figure: number, truth: number, what: string): void {
  const difference = Math.abs(figure - truth) / truth
  assert.ok(difference < 0.03, `${what}: ${figure} where the kernel says ${truth}`)
}

async function watched(
  source: string,
  use: (program: Program) => Promise<void>,
  pssBudget?: number,
): Promise<void> {
  const program = new Program(source, pssBudget)
  try {
    await use(program)
  } finally {
    program.end()
    await program.monitor.stop()
  }
}

test(
  'pages that forks share count once, and copies of them as they are made',
  { skip },
  async () => {
    const source = `
step('alone')
children = [child(lambda: None) for _ in range(4)]
step('forked')
children += [child(lambda: touch(0.5))]
step('one has written half')
touch(1)
step('the parent has written all')
for pid in children: os.kill(pid, signal.SIGKILL); os.waitpid(pid, 0)
step('alone again')
`
    await watched(source, async (program) => {
      const alone = await program.check('alone')
      assert.equal(alone.hardRange, undefined, 'a process without forks has one exact figure')
      const forked = await program.check('forked')
      assert.ok(forked.hard! < 1.1 * alone.hard!, 'four forks are not five times as much')
      const written = await program.check('one has written half')
      assert.ok(written.hard! - forked.hard! > 28e6)
      const all = await program.check('the parent has written all')
      assert.ok(all.hard! - written.hard! > 55e6)
      await program.check('alone again')
      await once(program.process, 'exit')
      const report = await program.monitor.stop()
      close(report.peak.hard!, all.hard!, 'the peak')
      assert.equal(report.peak.isBound, undefined)
      assert.deepEqual(checkBudgets(report, [{ bytes: 220e6 }]), [])
      assert.equal(checkBudgets(report, [{ bytes: 120e6 }]).length, 1)
      const rss = Math.max(...report.data.total.rss!.filter((bytes) => bytes > 0))
      assert.ok(rss > 330e6, 'RSS would have said twice as much')
    })
  },
)

test(
  'grandchildren whose parents have ended still share, and a fork that execs does not',
  { skip },
  async () => {
    const source = `
def middle():
    child(lambda: touch(0.25))
    child(lambda: None)
pid = child(middle)
step('three generations')
os.kill(pid, signal.SIGKILL); os.waitpid(pid, 0)
step('the middle has gone')
pid = os.fork()
if pid == 0: os.execvp('sleep', ['sleep', '60'])
step('one runs another program')
`
    await watched(source, async (program) => {
      const three = await program.check('three generations')
      assert.equal(three.processes.length, 4)
      const orphans = await program.check('the middle has gone')
      assert.equal(orphans.processes.length, 3)
      await program.step('one runs another program')
      const isExeced = ({ sample }: Awaited<ReturnType<typeof program.figures>>): boolean =>
        sample.processes.some(({ name }) => name === 'sleep')
      while (!isExeced(await program.figures()));
      // Once more: the sample and the kernel's figure may stand on two sides of the exec.
      const { sample, truth } = await program.figures()
      close(sample.hard!, truth, 'one runs another program')
      assert.equal(sample.processes.find(({ name }) => name === 'sleep')!.counted, undefined)
      program.goOn()
    })
  },
)

test('hundreds of forks are as large as what they have written', { skip }, async () => {
  const source = `
for _ in range(200): child(lambda: None)
step('200 forks')
`
  await watched(
    source,
    async (program) => {
      const sample = await program.check('200 forks')
      assert.equal(sample.processes.length, 201)
      assert.ok(sample.hard! < 250e6, `${sample.hard}`)
      // With the default budget two hundred processes wait some seconds for their turn.
    },
    0.5,
  )
})

test('a multiprocessing.Pool counts once what its workers share', { skip }, async () => {
  const source = `
import multiprocessing
def work(i):
    time.sleep(0.05)
    return data[i]
pool = multiprocessing.get_context('fork').Pool(4)
pool.map(work, range(16))
step('after a map')
pool.terminate()
`
  await watched(source, async (program) => {
    const { hard } = await program.check('after a map')
    assert.ok(hard! < 110e6, `${hard}`)
  })
})

test('one look at a tree divides what its forks share', { skip }, async () => {
  const source = `
children = [child(lambda: None) for _ in range(3)]
step('forked')
`
  await watched(source, async (program) => {
    await program.step('forked')
    const { hard, hardRange, processes } = sampleTree(program.process.pid)
    close(hard!, kernelTotal(processes.map(({ pid }) => pid)), 'one look')
    assert.ok(hardRange!.most - hardRange!.least < 1e6)
    program.goOn()
  })
})

test(
  'without a budget for PSS forks have bounds, and no budget of memory fails on one',
  { skip },
  async () => {
    const source = `
children = [child(lambda: touch(1)) for _ in range(4)]
step('forked')
children[0]
`
    const program = new Program(source)
    await program.monitor.stop()
    await program.step('forked')
    const blind = startMonitor({ pid: program.process.pid!, intervalMs: 20, pssBudget: 0 })
    try {
      const { hardRange } = await blind.sample()
      assert.ok(hardRange!.least <= hardRange!.most)
      const report = await blind.stop()
      const { hard, isBound } = report.peak
      assert.equal(isBound, true)
      assert.match(report.toString(), /^Peak ≤ /)
      assert.deepEqual(checkBudgets(report, [{ bytes: hard! - 1e6 }]), [])
    } finally {
      program.end()
    }
  },
)
