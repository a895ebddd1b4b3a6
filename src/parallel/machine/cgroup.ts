/** What the cgroup of this process allows, and what happened in it. */

import { readFileSync } from 'node:fs'

/** Reads a file; undefined where there is none. */
export type Read = (path: string) => string | undefined

const root = '/sys/fs/cgroup'

/**
 * Cores that the cgroup's quota is worth, rounded down and at least one. Node asks only for quotas of the
 * pure version 2; this reads version 1, both beside each other, and all groups above as well.
 *
 * @returns Infinity where there is no quota
 * @see docs.kernel.org/admin-guide/cgroup-v2.html, `cpu.max`; docs.kernel.org/scheduler/sched-bwc.html
 */
export function quotaOfCores(read: Read = readText): number {
  const groups = read('/proc/self/cgroup') ?? ''
  const quotas = [
    ...foldersOf(groups, '').map((folder) => read(`${folder}/cpu.max`)?.trim().split(' ')),
    ...foldersOf(groups, 'cpu').map((folder) => [
      read(`${folder}/cpu.cfs_quota_us`),
      read(`${folder}/cpu.cfs_period_us`),
    ]),
  ].map(([quota, period] = []) => Number(quota) / Number(period))
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
export function countOomKills(read: Read = readText): number | undefined {
  const groups = read('/proc/self/cgroup') ?? ''
  const files = [
    ...foldersOf(groups, 'memory').map((folder) => `${folder}/memory.oom_control`),
    ...foldersOf(groups, '').map((folder) => `${folder}/memory.events`),
    '/proc/vmstat',
  ]
  for (const file of files) {
    const [, count] = /^oom_kill (\d+)$/m.exec(read(file) ?? '') ?? []
    if (count !== undefined) return Number(count)
  }
  return undefined
}

/**
 * Where a controller's files may stand: the folder of this process's group, then all above it. In a container
 * the group may be named as the host sees it, while its files are those of the root.
 *
 * @param groups - text of `/proc/self/cgroup`
 * @param controller - of version 1, such as `cpu`; empty for version 2
 */
function foldersOf(groups: string, controller: string): string[] {
  for (const line of groups.split('\n')) {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (!controllers.split(',').includes(controller) || path === '') continue
    const mounts =
      controller === ''
        ? [root, `${root}/unified`]
        : [`${root}/${controllers}`, `${root}/${controller}`]
    const parts = path.split('/').filter(Boolean)
    return mounts.flatMap((mount) =>
      Array.from({ length: parts.length + 1 }, (_, i) =>
        [mount, ...parts.slice(0, parts.length - i)].join('/'),
      ),
    )
  }
  return []
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
