/** Parses the files of a process under /proc. */

import { statFields } from './stat-fields.ts'

const bytesPerKiB = 1024

/** Linux counts CPU time in 1/100 s towards user space on every architecture that Node runs on. */
const msPerTick = 10

/** What `/proc/PID/status` says about memory, in bytes; a missing line is `undefined`, never 0. */
export interface StatusMemory {
  /** `RssAnon`: private memory, and written pages of a copy-on-write mapping. */
  readonly anonymous: number | undefined
  /** `RssShmem`: shared memory that this process has touched; others may map the same pages. */
  readonly shmem: number | undefined
  /** `RssFile`: pages of files on disk, which the kernel can drop and read again. */
  readonly fileBacked: number | undefined
  /** `VmPTE`: page tables, about 2 KiB per mapped MiB and process; in no other figure. */
  readonly pageTables: number | undefined
  /** `VmSwap`: anonymous memory that was swapped out. */
  readonly swap: number | undefined
  /** `VmHWM`: the largest resident size of the process so far, all three kinds together. */
  readonly peakRss: number | undefined
}

/**
 * Reads the memory lines of `/proc/PID/status`. A zombie and a kernel thread have none.
 *
 * @see https://docs.kernel.org/filesystems/proc.html
 */
export function parseStatus(text: string): StatusMemory {
  return {
    anonymous: bytesOf(text, 'RssAnon'),
    shmem: bytesOf(text, 'RssShmem'),
    fileBacked: bytesOf(text, 'RssFile'),
    pageTables: bytesOf(text, 'VmPTE'),
    swap: bytesOf(text, 'VmSwap'),
    peakRss: bytesOf(text, 'VmHWM'),
  }
}

/** Who a process is and what it does, from `/proc/PID/stat`. */
export interface ProcessStat {
  readonly pid: number
  /** Its short name, at most 15 bytes. */
  readonly name: string
  /** One letter: `R` running, `S` sleeping, `Z` zombie, … */
  readonly state: string
  /** The process that it is a child of now. */
  readonly parent: number
  /** CPU time of all its threads so far, user and system. */
  readonly cpuMs: number
  readonly threads: number
  /** Ticks after boot at which it started: with `pid`, what names a process for good. */
  readonly startTime: number
  /**
   * How a zombie ended, as wait(2) tells it: a signal in the low 7 bits, else an exit code in the
   * byte above. The kernel shows it only to those who may look into the process.
   */
  readonly waitStatus?: number
  /** Minor page faults of a process that has ended, and of all children that it has waited for. */
  readonly faultsOfLife?: number
  /** Minor page faults of all its threads so far: each page that it first touched or copied. */
  readonly minorFaults?: number
  /** Minor page faults of all children that it has waited for. */
  readonly childFaults?: number
  /**
   * The addresses of its program and its stack, which the kernel randomizes at each `exec`: processes of
   * the same layout are forks of one program. `undefined` for those that hide it.
   */
  readonly layout?: string
  /** Whether it is giving its memory back and is about to be a zombie. */
  readonly isEnding?: boolean
  /** Whether it is taking another program, and giving back the memory of the one before. */
  readonly isInExec?: boolean
}

/**
 * Reads `/proc/PID/stat`.
 *
 * @returns `undefined` when the text is cut short, as it is for a process that just went
 */
export function parseStat(text: string): ProcessStat | undefined {
  const open = text.indexOf('(')
  const fields = statFields(text)
  if (open < 0 || fields === undefined || fields.length < 20) return undefined
  // proc_pid_stat(5) numbers from 1; the field after the name is number 3.
  const field = (number: number): number => Number(fields[number - 3])
  return {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, text.lastIndexOf(')')),
    state: fields[0]!,
    parent: field(4),
    cpuMs: (field(14) + field(15)) * msPerTick,
    threads: field(20),
    startTime: field(22),
    ...(fields[0] === 'Z' && field(52) > 0 ? { waitStatus: field(52) } : {}),
    ...(Number.isSafeInteger(field(10)) ? { minorFaults: field(10) } : {}),
    ...(Number.isSafeInteger(field(11)) ? { childFaults: field(11) } : {}),
    // The kernel writes 0 or 1 for addresses to those who may not look into the process.
    ...(field(28) > 1
      ? { layout: [26, 28, 45].map((number) => fields[number - 3]).join(':') }
      : {}),
    ...(field(23) === 0 ? { faultsOfLife: field(10) + field(11) } : {}),
    ...(fields[0] !== 'Z' && field(23) === 0 ? { isEnding: true } : {}),
    // An address space without a program; those who may not look into the process see 1.
    ...(field(23) > 0 && field(26) === 0 ? { isInExec: true } : {}),
  }
}

/** Pids in a `children` file: numbers with a space after each. */
export function parseChildren(text: string): number[] {
  return text.split(' ').filter(Boolean).map(Number)
}

/** What `/proc/PID/smaps_rollup` says, in bytes; a page that k processes map counts 1/k. */
export interface Rollup {
  /** Proportional set size: the sum over a tree counts every page once. */
  readonly pss: number | undefined
  /** Pages that no other process maps: what ending the process would free. */
  readonly uss: number | undefined
  readonly pssAnonymous: number | undefined
  readonly pssShmem: number | undefined
  readonly pssFile: number | undefined
}

/** Reads `/proc/PID/smaps_rollup`; kernels before 5.4 have no `Pss_Anon`, `Pss_Shmem`, `Pss_File`. */
export function parseSmapsRollup(text: string): Rollup {
  const clean = bytesOf(text, 'Private_Clean')
  const dirty = bytesOf(text, 'Private_Dirty')
  return {
    pss: bytesOf(text, 'Pss'),
    uss: clean === undefined || dirty === undefined ? undefined : clean + dirty,
    pssAnonymous: bytesOf(text, 'Pss_Anon'),
    pssShmem: bytesOf(text, 'Pss_Shmem'),
    pssFile: bytesOf(text, 'Pss_File'),
  }
}

/**
 * The figure of a line such as `VmRSS:   1596 kB`, in bytes. A search by hand: a pattern over all
 * 60 lines takes longer than the kernel needs to write them.
 */
function bytesOf(text: string, name: string): number | undefined {
  const line = text.indexOf(`\n${name}:`)
  if (line < 0) return undefined
  const start = line + name.length + 2
  const end = text.indexOf(' kB', start)
  const kiB = end < 0 ? '' : text.slice(start, end).trim()
  return /^\d+$/.test(kiB) ? Number(kiB) * bytesPerKiB : undefined
}
