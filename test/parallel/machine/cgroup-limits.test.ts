/** What cgroups of both versions allow. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import type { ReadText } from '../../../src/cgroup-folders.ts'
import { countOomKills, quotaOfCores } from '../../../src/parallel/machine/cgroup-limits.ts'
import { coreBudget } from '../../../src/parallel/machine/cores.ts'

const reader =
  (files: Record<string, string>): ReadText =>
  (path) =>
    path === '/proc/self/mountinfo' ? mounts : files[path]

/** Version 1 as a container sees it: its group is the root of what is mounted. */
const mounts = `30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw
35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
36 31 0:33 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct
37 31 0:33 / /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct
`

const v2 = '0::/user.slice/job\n'
const v1 = '5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n'
const cgroup = '/sys/fs/cgroup'

test('a quota of version 2 counts in whole cores, the least of all groups above', () => {
  const quota = (files: Record<string, string>): number =>
    quotaOfCores(reader({ '/proc/self/cgroup': v2, ...files }))
  assert.equal(quota({}), Infinity)
  assert.equal(quota({ [`${cgroup}/user.slice/job/cpu.max`]: 'max 100000\n' }), Infinity)
  assert.equal(quota({ [`${cgroup}/user.slice/job/cpu.max`]: '250000 100000\n' }), 2)
  assert.equal(quota({ [`${cgroup}/user.slice/job/cpu.max`]: '50000 100000\n' }), 1)
  assert.equal(
    quota({
      [`${cgroup}/user.slice/job/cpu.max`]: 'max 100000\n',
      [`${cgroup}/user.slice/cpu.max`]: '300000 100000\n',
    }),
    3,
  )
})

test('a quota of version 1 counts, also where the container names its group as the host does', () => {
  const quota = (files: Record<string, string>): number =>
    quotaOfCores(reader({ '/proc/self/cgroup': v1, ...files }))
  assert.equal(
    quota({
      [`${cgroup}/cpu,cpuacct/docker/abc/cpu.cfs_quota_us`]: '400000\n',
      [`${cgroup}/cpu,cpuacct/docker/abc/cpu.cfs_period_us`]: '100000\n',
    }),
    4,
  )
  const atRoot = { [`${cgroup}/cpu/cpu.cfs_period_us`]: '100000\n' }
  assert.equal(quota({ ...atRoot, [`${cgroup}/cpu/cpu.cfs_quota_us`]: '150000\n' }), 1)
  assert.equal(quota({ ...atRoot, [`${cgroup}/cpu/cpu.cfs_quota_us`]: '-1\n' }), Infinity)
})

test('processes killed for want of memory are counted in the group, else in the system', () => {
  const count = (groups: string, files: Record<string, string>): number | undefined =>
    countOomKills(reader({ '/proc/self/cgroup': groups, ...files }))
  const vmstat = { '/proc/vmstat': 'nr_free_pages 5\noom_kill 7\n' }
  assert.equal(count('', {}), undefined)
  assert.equal(count(v2, vmstat), 7)
  const events = 'low 0\noom 2\noom_kill 1\noom_group_kill 0\n'
  assert.equal(count(v2, { ...vmstat, [`${cgroup}/user.slice/job/memory.events`]: events }), 1)
  const control = 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n'
  assert.equal(count(v1, { ...vmstat, [`${cgroup}/memory/memory.oom_control`]: control }), 3)
})

test(
  'the budget never exceeds the affinity of the process',
  { skip: process.platform !== 'linux' },
  () => {
    const cores = new URL('../../../src/parallel/machine/cores.ts', import.meta.url).href
    const print = `import('${cores}').then(({ coreBudget }) => console.log(coreBudget()))`
    const budget = execFileSync('taskset', ['-c', '0', process.execPath, '-e', print], {
      encoding: 'utf8',
    })
    assert.equal(budget, '1\n')
    assert.ok(coreBudget() >= 1)
  },
)
