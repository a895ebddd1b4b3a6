/** A watch that takes over from another one knows whom that has seen. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sampleTree } from '../../../src/monitor/index.ts'
import { makeMark } from '../../../src/monitor/marks/mark.ts'
import { Watch } from '../../../src/monitor/watch/watch.ts'

test('a process that has lost its parents before the other watch was up is followed', () => {
  // Nothing leads from one to the other: as when what was between them has ended.
  const [root, orphan] = [spawn('sleep', ['60']), spawn('sleep', ['60'])]
  const start = sampleTree(root.pid)
  const watch = new Watch({ pid: root.pid!, children: true, pssBudget: 0.01, start })
  try {
    const seen = [...start.processes, ...sampleTree(orphan.pid).processes]
    watch.takeOver({ sample: { ...start, processes: seen } })
    for (const lazy of [true, false]) {
      const pids = watch.look({ lazy }).processes.map(({ pid }) => pid)
      assert.deepEqual(pids, [root.pid, orphan.pid])
    }
  } finally {
    watch.close()
    root.kill('SIGKILL')
    orphan.kill('SIGKILL')
  }
})

test('a phase whose mark is read from its file, and late, begins when its maker has its sample', async () => {
  const start = sampleTree(process.pid, { children: false })
  const watch = new Watch({ pid: process.pid, children: false, pssBudget: 0, start })
  try {
    watch.mark(makeMark('load'))
    const waited = makeMark('fit')
    await sleep(40) // as on a machine with no core to spare
    watch.look()
    await sleep(2)
    watch.mark(waited)
    const { phases, times } = watch.recorder.data()
    assert.deepEqual(
      phases.map(({ name, startMs }) => [name, startMs]),
      [
        ['load', times[1]],
        ['fit', times.at(-1)],
      ],
    )
    assert.equal(phases[0]!.endMs, times.at(-1))
  } finally {
    watch.close()
  }
})
