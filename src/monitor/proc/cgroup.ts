/** The limit of a control group, and what it uses of that. */

import type { ProcFiles } from './proc-files.ts'

/** The memory of the control group (cgroup) of a process; `undefined` is n/a. */
export interface CgroupMemory {
  /** The lowest limit on the way to it; `undefined` also when there is none. */
  readonly limit: number | undefined
  /** Everything that counts against the limit, file cache included. */
  readonly used: number | undefined
  /** How many processes the kernel has killed in it because memory ran out. */
  readonly oomKills: number | undefined
}

/** Where the figures of one process's group stand. */
export interface CgroupPlaces {
  readonly used: string
  /** Of the group and of all groups above that can be seen. */
  readonly limits: readonly string[]
  readonly oomKills: string
}

/**
 * Follows the control group of a process, of version 1 or 2, in a container or outside. Paths are
 * found once, since they outlive the process; so limit and kills are known after its end.
 */
export class CgroupReader {
  readonly #files: ProcFiles
  /** Where it looks; `undefined` when there is nothing to look at. */
  readonly places: CgroupPlaces | undefined
  #limit: number | undefined
  #oomKills: number | undefined
  #looks = 0

  /**
   * @param pid - the process whose group it is
   * @param places - of a reader of the same process, which may have ended since
   */
  constructor(files: ProcFiles, pid: number, places?: CgroupPlaces) {
    this.#files = files
    this.places = places ?? findPlaces(files, pid)
  }

  /**
   * The figures of now; limit and kills change rarely and are read at every tenth look.
   *
   * @param isUrgent - reads all of them now
   */
  take(isUrgent = false): CgroupMemory {
    const { places } = this
    if (!places) return { limit: undefined, used: undefined, oomKills: undefined }
    if (this.#looks++ % looksPerLimit === 0 || isUrgent) {
      const limits = places.limits.flatMap((path) => parseLimit(this.#files.read(path)) ?? [])
      this.#limit = limits.length > 0 ? Math.min(...limits) : undefined
      this.#oomKills = parseOomKills(this.#files.read(places.oomKills))
    }
    const used = Number(this.#files.read(places.used) ?? NaN)
    return {
      limit: this.#limit,
      used: Number.isSafeInteger(used) ? used : undefined,
      oomKills: this.#oomKills,
    }
  }
}

const looksPerLimit = 10

function findPlaces(files: ProcFiles, pid: number): CgroupPlaces | undefined {
  const groups = files.read(`/proc/${pid}/cgroup`) ?? ''
  const mounts = files.read('/proc/self/mountinfo') ?? ''
  const old = /^\d+:(?:[\w=,]+,)?memory(?:,[\w=,]+)?:(.*)$/m.exec(groups)?.[1]
  if (old !== undefined) {
    const folders = foldersOf(files, mounts, 'cgroup', old, 'memory.usage_in_bytes')
    return (
      folders && {
        used: `${folders[0]}/memory.usage_in_bytes`,
        limits: folders.map((folder) => `${folder}/memory.limit_in_bytes`),
        oomKills: `${folders[0]}/memory.oom_control`,
      }
    )
  }
  const unified = /^0::(.*)$/m.exec(groups)?.[1]
  const folders =
    unified === undefined
      ? undefined
      : foldersOf(files, mounts, 'cgroup2', unified, 'memory.current')
  return (
    folders && {
      used: `${folders[0]}/memory.current`,
      limits: folders.map((folder) => `${folder}/memory.max`),
      oomKills: `${folders[0]}/memory.events`,
    }
  )
}

/** The folder of a group, then those above it, up to where the file system is mounted. */
function foldersOf(
  files: ProcFiles,
  mounts: string,
  type: 'cgroup' | 'cgroup2',
  group: string,
  proof: string,
): readonly string[] | undefined {
  const mount = mounts.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ')
    const [kind, , options = ''] = after?.split(' ') ?? []
    const [, , , root, place] = before?.split(' ') ?? []
    const isMemory = type === 'cgroup2' || options.split(',').includes('memory')
    return kind === type && isMemory && root && place ? [{ root, place }] : []
  })[0]
  if (!mount) return undefined
  // A container sees its own group as the root, by a path that may be the one of the host.
  const { root, place } = mount
  const inside = root === '/' ? group : group.startsWith(root) ? group.slice(root.length) : ''
  const names = inside.split('/').filter((name) => name !== '' && name !== '..')
  const folders = [...names.keys(), names.length].map((count) =>
    [place, ...names.slice(0, count)].join('/'),
  )
  const own = folders.findLastIndex((folder) => files.read(`${folder}/${proof}`) !== undefined)
  return own < 0 ? undefined : folders.slice(0, own + 1).reverse()
}

/** `max`, and what version 1 writes for it (a number near 2^63), is no limit. */
function parseLimit(text: string | undefined): number | undefined {
  const limit = Number(text?.trim() || NaN)
  return limit < 2 ** 60 ? limit : undefined
}

/** A line `oom_kill 3` of `memory.events` or `memory.oom_control`. */
function parseOomKills(text: string | undefined): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(text ?? '')?.[1]
  return count === undefined ? undefined : Number(count)
}
