/** Finds the control groups (cgroups) of a process. */

import { readFileSync } from 'node:fs'

/** Reads a file; `undefined` where there is none. */
export type ReadText = (path: string) => string | undefined

/** A group of a process and all groups above it that can be seen, its own first. */
export interface CgroupFolders {
  readonly version: 1 | 2
  readonly folders: readonly string[]
}

/**
 * The folders that may contain a controller's files, in the order of `/proc/PID/cgroup`. A system
 * with both versions has each controller in one of them. Some folders may not exist.
 *
 * @param controller - as version 1 calls it
 * @see docs.kernel.org/admin-guide/cgroup-v2.html; cgroups(7)
 */
export function cgroupFolders(
  read: ReadText,
  pid: number | 'self',
  controller: 'cpu' | 'memory',
): CgroupFolders[] {
  const groups = (read(`/proc/${pid}/cgroup`) ?? '').split('\n')
  const mounts = (read('/proc/self/mountinfo') ?? '').split('\n')
  return groups.flatMap((line): CgroupFolders[] => {
    const [, controllers, group = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    const version = controllers === '' ? 2 : 1
    if (version === 1 && !controllers?.split(',').includes(controller)) return []
    const folders = mounts.flatMap((mount) => foldersOf(mount, version, controller, group))
    return folders.length > 0 ? [{ version, folders }] : []
  })
}

/** How often the kernel has killed a process for want of memory, by a line `oom_kill 3`. */
export function parseOomKills(text: string | undefined): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(text ?? '')?.[1]
  return count === undefined ? undefined : Number(count)
}

/** Reads a file of the kernel's. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

/** The folders of a group under one mount of `/proc/self/mountinfo`; none when it is another kind. */
function foldersOf(mount: string, version: 1 | 2, controller: string, group: string): string[] {
  const [before, after] = mount.split(' - ')
  const [kind, , options = ''] = after?.split(' ') ?? []
  const [, , , root, place] = before?.split(' ') ?? []
  if (root === undefined || place === undefined) return []
  if (kind !== (version === 2 ? 'cgroup2' : 'cgroup')) return []
  if (version === 1 && !options.split(',').includes(controller)) return []
  // A container sees its own group as the root, by a path that may be the one of the host.
  const inside = root === '/' ? group : group.startsWith(root) ? group.slice(root.length) : ''
  const names = inside.split('/').filter((name) => name !== '' && name !== '..')
  return [...names.keys(), names.length]
    .map((count) => [place, ...names.slice(0, count)].join('/'))
    .reverse()
}
