/** The memory limit and use of a control group (cgroup). */

import { cgroupFolders, parseOomKills } from '../../cgroup-folders.ts'
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

/** The files with the figures of a process's group. */
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
  const read = (path: string): string | undefined => files.read(path)
  for (const { version, folders } of cgroupFolders(read, pid, 'memory')) {
    const names = version === 2 ? namesOfV2 : namesOfV1
    const own = folders.findIndex((folder) => read(`${folder}/${names.used}`) !== undefined)
    if (own < 0) continue
    return {
      used: `${folders[own]}/${names.used}`,
      limits: folders.slice(own).map((folder) => `${folder}/${names.limit}`),
      oomKills: `${folders[own]}/${names.oomKills}`,
    }
  }
  return undefined
}

const namesOfV1 = {
  used: 'memory.usage_in_bytes',
  limit: 'memory.limit_in_bytes',
  oomKills: 'memory.oom_control',
}
const namesOfV2 = { used: 'memory.current', limit: 'memory.max', oomKills: 'memory.events' }

/** `max`, and what version 1 writes for it (a number near 2^63), is no limit. */
function parseLimit(text: string | undefined): number | undefined {
  const limit = Number(text?.trim() || NaN)
  return limit < 2 ** 60 ? limit : undefined
}
