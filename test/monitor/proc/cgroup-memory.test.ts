/** Limits and use of control groups of both versions. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CgroupReader } from '../../../src/monitor/proc/cgroup-memory.ts'
import { FakeProc } from '../fake-proc.ts'

const v2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n'
const v1 = '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n'
const unlimited = '9223372036854771712\n'

function machine(group: string, mounts: string, files: Record<string, string>): FakeProc {
  const proc = new FakeProc({ pid: 10 })
  proc.texts.set('/proc/10/cgroup', group)
  proc.texts.set('/proc/self/mountinfo', mounts)
  for (const [path, text] of Object.entries(files)) proc.texts.set(`/sys/fs/cgroup${path}`, text)
  return proc
}

test('version 2: use, kills, and the lowest limit on the way', () => {
  const proc = machine('0::/user/job\n', v2, {
    '/user/job/memory.current': '5000\n',
    '/user/job/memory.max': 'max\n',
    '/user/memory.max': '90000\n',
    '/user/job/memory.events': 'low 0\nhigh 7\nmax 0\noom 3\noom_kill 2\noom_group_kill 0\n',
  })
  assert.deepEqual(new CgroupReader(proc, 10).take(), { limit: 90_000, used: 5000, oomKills: 2 })
})

test('version 1: the same by other names, and a limit near 2^63 is none', () => {
  const files = {
    '/memory/job/memory.usage_in_bytes': '6000\n',
    '/memory/job/memory.limit_in_bytes': unlimited,
    '/memory/memory.limit_in_bytes': unlimited,
    '/memory/job/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 4\n',
  }
  const group = '5:cpu:/\n4:memory:/job\n0::/\n'
  const open = machine(group, v1, files)
  assert.deepEqual(new CgroupReader(open, 10).take(), { limit: undefined, used: 6000, oomKills: 4 })
  const tight = machine(group, v1, { ...files, '/memory/job/memory.limit_in_bytes': '70000\n' })
  assert.equal(new CgroupReader(tight, 10).take().limit, 70_000)
})

test('in a container the group is the root of what is mounted', () => {
  const inside = '35 31 0:32 /docker/ab /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n'
  const files = {
    '/memory/memory.usage_in_bytes': '7000\n',
    '/memory/memory.limit_in_bytes': '80000\n',
  }
  for (const group of ['/docker/ab', '/', '/elsewhere']) {
    const proc = machine(`4:memory:${group}\n`, inside, files)
    assert.deepEqual(new CgroupReader(proc, 10).take(), {
      limit: 80_000,
      used: 7000,
      oomKills: undefined,
    })
  }
  const v2Inside = machine('0::/../../other\n', v2, { '/memory.current': '1\n' })
  assert.equal(new CgroupReader(v2Inside, 10).take().used, 1)
})

test('without a memory controller all is n/a', () => {
  const nothing = { limit: undefined, used: undefined, oomKills: undefined }
  for (const proc of [
    machine('', '', {}),
    machine('0::/\n', v2, {}),
    machine('4:memory:/\n', '', {}),
    machine('3:cpuset:/\n', v1, {}),
  ]) {
    assert.deepEqual(new CgroupReader(proc, 10).take(), nothing)
  }
})

test('limit and kills are read at every tenth look, or when it is urgent', () => {
  const proc = machine('0::/job\n', v2, {
    '/job/memory.current': '1\n',
    '/job/memory.events': 'oom_kill 0\n',
  })
  const reader = new CgroupReader(proc, 10)
  assert.equal(reader.take().oomKills, 0)
  proc.texts.set('/sys/fs/cgroup/job/memory.events', 'oom_kill 1\n')
  assert.equal(reader.take().oomKills, 0)
  assert.equal(reader.take(true).oomKills, 1)
})
