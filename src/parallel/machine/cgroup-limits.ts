/** The CPU quota and out-of-memory kills of this process's cgroup. */

import { cgroupFolders, parseOomKills, readText } from '../../cgroup-folders.ts'
import type { ReadText } from '../../cgroup-folders.ts'

/**
 * Cores that the cgroup's quota is worth, rounded down and at least one. Node asks only for quotas of the
 * pure version 2; this reads version 1, both beside each other, and all groups above as well.
 *
 * @returns Infinity where there is no quota
 * @see docs.kernel.org/admin-guide/cgroup-v2.html, `cpu.max`; docs.kernel.org/scheduler/sched-bwc.html
 */
export function quotaOfCores(read: ReadText = readText): number {
  const quotas = cgroupFolders(read, 'self', 'cpu')
    .flatMap(({ version, folders }) =>
      folders.map((folder) =>
        version === 2
          ? read(`${folder}/cpu.max`)?.trim().split(' ')
          : [read(`${folder}/cpu.cfs_quota_us`), read(`${folder}/cpu.cfs_period_us`)],
      ),
    )
    .map(([quota, period] = []) => Number(quota) / Number(period))
  // `max` is no number, and -1 no quota.
  const least = Math.min(...quotas.filter((quota) => quota > 0))
  return Math.max(1, Math.floor(least))
}

/**
 * Processes that the kernel has killed for want of memory: in this process's cgroup, where memory is counted
 * apart, else in the whole system.
 *
 * @returns undefined where nothing says it (macOS)
 * @see docs.kernel.org/admin-guide/cgroup-v2.html, `memory.events`
 */
export function countOomKills(read: ReadText = readText): number | undefined {
  const groups = cgroupFolders(read, 'self', 'memory').flatMap(({ version, folders }) =>
    folders.map((folder) => `${folder}/memory.${version === 2 ? 'events' : 'oom_control'}`),
  )
  for (const file of [...groups, '/proc/vmstat']) {
    const count = parseOomKills(read(file))
    if (count !== undefined) return count
  }
  return undefined
}
