/** Finds descendants whose parents ended before any sample saw them. */

import type { ProcFiles } from './proc-files.ts'

/** A program sets this to a unique text for the command that it watches. */
const variable = 'ONECOPY_RUN'

/** The names of all processes are read so often at most. */
const restMs = 1000

/**
 * A daemon starts a process that starts another one, and ends the first: the kernel then hands
 * the second to a process outside of the tree. It still has the environment that it was born with,
 * so when the root of a tree has `ONECOPY_RUN` in its own, all that have the same belong to it.
 */
export class OrphanFinder {
  readonly #files: ProcFiles
  readonly #mark: string
  readonly #nowMs: () => number
  /** Who was looked at already. */
  #known = new Set<string>()
  #searchedMs = -Infinity

  private constructor(files: ProcFiles, mark: string, nowMs: () => number) {
    this.#files = files
    this.#mark = mark
    this.#nowMs = nowMs
  }

  /** `undefined` when the root has no such variable, or keeps its environment to itself. */
  static of(
    files: ProcFiles,
    root: number,
    nowMs = () => performance.now(),
  ): OrphanFinder | undefined {
    const mark = readEnvironment(files, root).find((text) => text.startsWith(`${variable}=`))
    return mark === undefined || mark === `${variable}=`
      ? undefined
      : new OrphanFinder(files, mark, nowMs)
  }

  /**
   * Processes of the tree that are not among its members, at most once a second.
   *
   * @param members - pids that need no look
   */
  find(members: ReadonlyMap<number, unknown>): number[] {
    const nowMs = this.#nowMs()
    if (nowMs - this.#searchedMs < restMs) return []
    this.#searchedMs = nowMs
    const names = (this.#files.list('/proc') ?? []).filter((name) => /^\d+$/.test(name))
    const before = this.#known
    this.#known = new Set(names)
    return names
      .filter((name) => !before.has(name) && !members.has(Number(name)))
      .filter((name) => readEnvironment(this.#files, Number(name)).includes(this.#mark))
      .map(Number)
  }
}

/** As it was when the process took its program; `NAME=value` each. */
function readEnvironment(files: ProcFiles, pid: number): readonly string[] {
  return (files.read(`/proc/${pid}/environ`) ?? '').split('\0')
}
