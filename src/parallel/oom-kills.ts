/** How often the kernel killed for want of memory. */

import { readFileSync } from 'node:fs'

/**
 * Processes that the kernel has killed for want of memory: in this process's cgroup, where its memory is
 * counted apart, else in the whole system.
 *
 * @returns undefined where nothing says it (macOS)
 * @see docs.kernel.org/admin-guide/cgroup-v2.html, `memory.events`
 */
export function countOomKills(): number | undefined {
  for (const path of candidates()) {
    const [, count] = /^oom_kill (\d+)$/m.exec(read(path)) ?? []
    if (count !== undefined) return Number(count)
  }
  return undefined
}

let known: readonly string[] | undefined

function candidates(): readonly string[] {
  if (known !== undefined) return known
  const groups = read('/proc/self/cgroup')
  const [, v2] = /^0::(.*)$/m.exec(groups) ?? []
  const [, v1] = /^\d+:memory:(.*)$/m.exec(groups) ?? []
  const files = [
    ...(v1 === undefined ? [] : [`/sys/fs/cgroup/memory${v1}/memory.oom_control`]),
    ...(v2 === undefined ? [] : [`/sys/fs/cgroup${v2}/memory.events`]),
    '/proc/vmstat',
  ]
  return (known = files.filter((path) => /^oom_kill /m.test(read(path))).slice(0, 1))
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
