/** A /proc that tests write themselves, and change while it is read. */

import type { ProcFiles } from '../../src/monitor/proc/proc-files.ts'

/** A process of a {@link FakeProc}; every part has a plain default. */
export interface FakeProcess {
  pid: number
  parent?: number
  startTime?: number
  /** The kernel's short name. */
  name?: string
  state?: string
  /** Bytes of it, 0 for one that is about to end. */
  addressSpace?: number
  /** Children by thread; default is the main thread alone, without any. */
  threads?: Record<number, number[]>
  /** Text of `status`; `null` hides it. */
  status?: string | null
  /** Targets of open descriptors; `null` hides them. */
  descriptors?: Record<number, string> | null
}

/** Holds processes and gives their files; `onRead` runs before each file is read. */
export class FakeProc implements ProcFiles {
  readonly processes = new Map<number, FakeProcess>()
  /** Bytes behind a descriptor's target. */
  readonly files = new Map<string, { id: string; bytes: number }>()
  /** First bytes behind a descriptor's target. */
  readonly heads = new Map<string, Uint8Array>()
  /** Texts of files that are no process's, such as `/proc/loadavg`. */
  readonly texts = new Map<string, string>()
  /** Whether a folder of descriptors says how many there are. */
  hasCounts = false
  onRead: (path: string) => void = () => undefined
  /** Whether the kernel was built with `children` files. */
  hasChildren = true

  constructor(...processes: FakeProcess[]) {
    this.add(...processes)
  }

  add(...processes: FakeProcess[]): this {
    for (const process of processes) this.processes.set(process.pid, process)
    return this
  }

  end(pid: number): void {
    this.processes.delete(pid)
  }

  read(path: string): string | undefined {
    this.onRead(path)
    if (path === '/proc/thread-self/children') return this.hasChildren ? '' : undefined
    const match = /^\/proc\/(\d+)\/(\w+)\/?(\d*)\/?(\w*)$/.exec(path)
    if (this.texts.has(path) || !match) return this.texts.get(path)
    const [, pid, file, thread, children] = match
    const process = this.processes.get(Number(pid))
    if (!process) return undefined
    if (file === 'stat') return statText(process)
    if (file === 'status') return process.status === null ? undefined : (process.status ?? '')
    if (children === 'children' && this.hasChildren) {
      const list = threadsOf(process)[Number(thread)]
      return list?.map((child) => `${child} `).join('')
    }
    return undefined
  }

  list(path: string): string[] | undefined {
    this.onRead(path)
    if (path === '/proc') return [...this.processes.keys(), 'meminfo', 'self'].map(String)
    const [, pid, folder] = /^\/proc\/(\d+)\/(\w+)$/.exec(path)!
    const process = this.processes.get(Number(pid))
    if (!process) return undefined
    if (folder === 'task') return Object.keys(threadsOf(process))
    return process.descriptors === null ? undefined : Object.keys(process.descriptors ?? {})
  }

  link(path: string): string | undefined {
    const [, pid, descriptor] = /^\/proc\/(\d+)\/fd\/(\d+)$/.exec(path) ?? []
    return this.processes.get(Number(pid))?.descriptors?.[Number(descriptor)]
  }

  size(path: string): number | undefined {
    const pid = Number(/^\/proc\/(\d+)\/fd$/.exec(path)![1])
    const descriptors = this.processes.get(pid)?.descriptors
    if (descriptors === null) return undefined
    return this.hasCounts ? Object.keys(descriptors ?? {}).length : 0
  }

  head(path: string, count: number): Uint8Array | undefined {
    const target = this.link(path)
    return target === undefined ? undefined : this.heads.get(target)?.slice(0, count)
  }

  follow(path: string): { read: () => string | undefined; close: () => void } {
    return { read: () => this.read(path), close: () => undefined }
  }

  blocks(path: string): { id: string; bytes: number } | undefined {
    const target = this.link(path)
    return target === undefined ? undefined : this.files.get(target)
  }
}

/** Memory lines as `status` has them. */
export function statusText(kiB: Record<string, number>): string {
  const lines = Object.entries(kiB).map(
    ([name, value]) => `${name}:\t${`${value}`.padStart(8)} kB\n`,
  )
  return `Name:\tnode\nFDSize:\t256\n${lines.join('')}Threads:\t1\n`
}

function threadsOf(process: FakeProcess): Record<number, number[]> {
  return process.threads ?? { [process.pid]: [] }
}

function statText(process: FakeProcess): string {
  const { pid, name = 'node', parent = 1, startTime = 1000, state = 'S' } = process
  const { addressSpace = 745_713_664 } = process
  return `${pid} (${name}) ${state} ${parent} 1 1 0 -1 4194304 2201 0 27 0 6 4 0 0 20 0 7 0 ${startTime} ${addressSpace} 10064\n`
}
