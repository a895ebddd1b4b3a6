/** Everything that the C++ core exports. */

import type { ClusterCore } from './cluster-core.ts'
import type { GenotypeCore } from './genotype-core.ts'
import type { HashCore } from './hash-core.ts'
import type { KernelCore } from './kernel-core.ts'
import type { LogisticCore } from './logistic-core.ts'
import type { AtomicCore, MemoryCore } from './memory-core.ts'
import type { NeighborCore } from './neighbor-core.ts'
import type { NeuralCore } from './neural-core.ts'
import type { SvmCore } from './svm-core.ts'
import type { TableCore } from './table-core.ts'
import type { TreeCore } from './tree-core.ts'

/** Instruction set that the kernels of this process run on. */
export type SimdLevel = 'baseline' | 'avx2' | 'avx512'

/** Everything that the C++ core exports; the contract of each part is in its header in `native/`. */
export interface NativeCore
  extends
    MemoryCore,
    AtomicCore,
    HashCore,
    ProcessCore,
    SpinCore,
    JobCore,
    KernelCore,
    LogisticCore,
    NeighborCore,
    NeuralCore,
    ClusterCore,
    SvmCore,
    TreeCore,
    GenotypeCore,
    TableCore {
  /** Of which declarations in this folder the core was built: `interface-version.ts`. */
  readonly interfaceVersion: string
  /**
   * The instruction set chosen at load: the best of this CPU, or what `ONECOPY_SIMD` says.
   *
   * @throws OneCopyError `ERR_OPTION` when `ONECOPY_SIMD` names none that this CPU can run
   */
  simdLevel(): SimdLevel
}

/** Relations between processes; contract: `native/border/process.cc`. */
export interface ProcessCore {
  /**
   * Has the kernel kill this process when the thread that forked it ends, even by SIGKILL. Exits at once
   * when `parent` is no longer its parent. Returns false where the kernel can't do that (macOS).
   */
  dieWithParent(parent: number): boolean
  /**
   * Locks an open file or folder exclusively (flock), until `fd` is closed or the process ends. Returns 0, or the
   * system's error number: `EWOULDBLOCK` when it is locked by another.
   */
  lockFile(fd: number): number
}

/** Waiting for another thread; contract: `native/border/spin.cc`. */
export interface SpinCore {
  /**
   * Waits, without sleeping, while `words[index]` is `seen`, for `maxMicros` at most (0 to 1000). Nothing else runs in
   * this thread meanwhile. Returns whether the word has changed.
   */
  spinWhile(words: Int32Array, index: number, seen: number, maxMicros: number): boolean
}

/** Work on native threads, behind promises; contract: `native/border/job.h`. */
export interface JobCore {
  /** How many jobs this thread has started: the number of the last one. */
  startedJobs(): number
  /**
   * Has a job end within milliseconds. Its promise rejects with `ERR_SYSTEM`, and what it was to fill holds anything. Does nothing
   * when it has ended.
   *
   * @param number - what `startedJobs` returned after the start
   */
  stopJob(number: number): void
  /**
   * Has a job that grows trees end with those that it has, at least one round or tree; its promise resolves. Other jobs run on.
   *
   * @param number - as for `stopJob`
   */
  finishJob(number: number): void
}
