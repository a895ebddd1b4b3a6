/** A kernel whose processes fork, write and end while its files are read. */

import type { ProcFiles } from '../../src/monitor/proc/proc-files.ts'
import { statusText } from './fake-proc.ts'

const pageKiB = 64

/** A process of a {@link ForkKernel}. */
interface Space {
  readonly parent: number
  readonly startTime: number
  /** Numbers of the pages that it maps. */
  readonly pages: number[]
  faults: number
  childFaults: number
  state: 'S' | 'D'
  /** Memory of mapped files, which a fork does not hand on. */
  readonly fileKiB: number
  /** Whether it still maps its pages, and shows none. */
  isEnding: boolean
}

/** The children of process 10, who share its pages until they write. */
export class ForkKernel implements ProcFiles {
  readonly #spaces = new Map<number, Space>()
  /** Page tables of processes that are not born yet. */
  #unborn: { readonly parent: number; readonly pages: number[] }[] = []
  #nextPage = 0
  #newestPid = 10
  /** Hundredths of a second after boot. */
  ticks = 1000
  /** Called before a file is read. */
  onRead: (path: string) => void = () => undefined

  /** @param pages - of process 10 */
  constructor(pages: number) {
    this.#spaces.set(10, {
      parent: 1,
      startTime: 1000,
      pages: [],
      faults: 0,
      childFaults: 0,
      state: 'S',
      fileKiB: 40,
      isEnding: false,
    })
    this.allocate(10, pages)
  }

  /** Processes that run. */
  get pids(): number[] {
    return [...this.#spaces].flatMap(([pid, { isEnding }]) => (isEnding ? [] : [pid]))
  }

  /** Bytes of the pages of processes that run. */
  get truth(): number {
    const pages = new Set(this.pids.flatMap((pid) => this.#spaces.get(pid)!.pages))
    return pages.size * pageKiB * 1024
  }

  allocate(pid: number, count: number): void {
    const space = this.#spaces.get(pid)!
    for (let i = 0; i < count; i++) space.pages.push(this.#nextPage++)
    space.faults += count
  }

  /** Copies the pages that others map, too. */
  write(pid: number, from: number, count: number): void {
    const space = this.#spaces.get(pid)!
    const mappers = this.#mappers()
    for (let i = from; i < Math.min(from + count, space.pages.length); i++) {
      if (mappers.get(space.pages[i]!)! > 1) space.pages[i] = this.#nextPage++
      space.faults++
    }
  }

  free(pid: number, from: number, count: number): void {
    this.#spaces.get(pid)!.pages.splice(from, count)
  }

  /** Maps the pages of a process a second time, for one that is born only with {@link endFork}. */
  beginFork(pid: number): void {
    this.#unborn.push({ parent: pid, pages: [...this.#spaces.get(pid)!.pages] })
  }

  /** Lets the children be born that a process is forking. */
  endFork(parent: number): void {
    for (const child of this.#unborn.filter((child) => child.parent === parent)) {
      const life = {
        startTime: this.ticks,
        faults: 0,
        childFaults: 0,
        state: 'S' as const,
        fileKiB: 4,
        isEnding: false,
      }
      this.#spaces.set(++this.#newestPid, { ...child, ...life })
    }
    this.#unborn = this.#unborn.filter((child) => child.parent !== parent)
  }

  fork(pid: number): void {
    this.beginFork(pid)
    this.endFork(pid)
  }

  /** Starts a child in the address space of its parent, which waits. */
  vfork(pid: number): void {
    const parent = this.#spaces.get(pid)!
    const life = { parent: pid, startTime: this.ticks, faults: 0, childFaults: 0 }
    this.#spaces.set(++this.#newestPid, { ...parent, ...life })
    parent.state = 'D'
  }

  /** Whether a process other than the root has no children. */
  isChildless(pid: number): boolean {
    this.endFork(pid)
    return pid !== 10 && this.#childrenOf(pid) === ''
  }

  /** The process no longer shows its pages, and still maps them until {@link endExit}. */
  beginExit(pid: number): void {
    this.endFork(pid)
    this.#spaces.get(pid)!.isEnding = true
  }

  endExit(pid: number): void {
    const { parent, faults, childFaults } = this.#spaces.get(pid)!
    // A process takes some even if it does nothing.
    this.#spaces.get(parent)!.childFaults += faults + childFaults + 1
    this.#spaces.delete(pid)
  }

  /** Lets all that has begun come to its end. */
  endAll(): void {
    for (const [pid, { isEnding }] of this.#spaces) {
      this.endFork(pid)
      if (isEnding) this.endExit(pid)
    }
  }

  exit(pid: number): void {
    this.beginExit(pid)
    this.endExit(pid)
  }

  read(path: string): string | undefined {
    this.onRead(path)
    if (path === '/proc/loadavg') return `0 0 0 1/1 ${this.#newestPid}`
    const [, pid, file] = /^\/proc\/(\d+)\/(?:task\/\d+\/)?(\w+)$/.exec(path) ?? []
    if (file === 'smaps_rollup') this.endFork(Number(pid))
    const space = this.#spaces.get(Number(pid))
    if (path === '/proc/thread-self/children') return ''
    if (!space) return undefined
    if (file === 'stat') return statOf(Number(pid), space)
    if (file === 'children') return this.#childrenOf(Number(pid))
    if (file === 'cmdline') return 'python3'
    if (space.isEnding) return ''
    const [RssAnon, RssFile] = [space.pages.length * pageKiB, space.fileKiB]
    const VmHWM = RssAnon + RssFile
    if (file === 'status') return statusText({ VmHWM, RssAnon, RssShmem: 0, RssFile })
    return file === 'smaps_rollup' ? this.#rollup(space) : undefined
  }

  list(path: string): string[] | undefined {
    const [, pid, folder] = /^\/proc\/(\d+)\/(\w+)$/.exec(path) ?? []
    return folder === 'task' ? [pid!] : []
  }

  head(path: string): Uint8Array | undefined {
    this.onRead(path)
    // A process that forks has to come to an end with it before its page tables can be read.
    const forking = /^\/proc\/(\d+)\/pagemap$/.exec(path)
    if (forking) this.endFork(Number(forking[1]))
    // AT_PAGESZ.
    return path === '/proc/self/auxv'
      ? new Uint8Array(new BigUint64Array([6n, 65536n]).buffer)
      : undefined
  }

  follow(path: string): { read: () => string | undefined; close: () => void } {
    return { read: () => this.read(path), close: () => undefined }
  }

  link(): undefined {
    return undefined
  }

  blocks(): undefined {
    return undefined
  }

  size(): undefined {
    return undefined
  }

  #childrenOf(parent: number): string {
    const children = [...this.#spaces].filter(([, space]) => space.parent === parent)
    return children.map(([pid]) => `${pid} `).join('')
  }

  #rollup({ pages }: Space): string {
    const mappers = this.#mappers()
    const pss = pages.reduce((sum, page) => sum + 1 / mappers.get(page)!, 0) * pageKiB
    const own = pages.filter((page) => mappers.get(page) === 1).length * pageKiB
    const [Pss, Private_Dirty] = [Math.floor(pss), own]
    return statusText({ Pss, Pss_Anon: Pss, Private_Clean: 0, Private_Dirty })
  }

  #mappers(): Map<number, number> {
    const mappers = new Map<number, number>()
    const tables = new Set([...this.#spaces.values(), ...this.#unborn].map(({ pages }) => pages))
    for (const pages of tables) {
      for (const page of pages) mappers.set(page, (mappers.get(page) ?? 0) + 1)
    }
    return mappers
  }
}

function statOf(
  pid: number,
  { parent, startTime, faults, childFaults, state, isEnding }: Space,
): string {
  // The same program and stack for all.
  const [size, start, end, stack] = isEnding ? [0, 1, 1, 0] : [7e8, 65536, 65600, 70000]
  const fields = [state, parent, 1, 1, 0, -1, 0, faults, childFaults, 0, 0, 6, 4, 0, 0, 20, 0, 1, 0]
  const rest = [startTime, size, 100, 9, start, end, stack, ...Array(16).fill(0), 80000, 0]
  return `${pid} (python3) ${[...fields, ...rest].join(' ')}\n`
}
