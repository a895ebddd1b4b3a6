/** Everything that the C++ core exports. */

import type { KernelCore } from './kernel-core.ts'
import type { AtomicCore, MemoryCore } from './memory-core.ts'
import type { NeighborCore } from './neighbor-core.ts'
import type { TreeCore } from './tree-core.ts'

/** Instruction set that the kernels of this process run on. */
export type SimdLevel = 'baseline' | 'avx2' | 'avx512'

/** Everything that the C++ core exports; each part's contract stands in its header in `native/`. */
export interface NativeCore
  extends MemoryCore, AtomicCore, ProcessCore, KernelCore, NeighborCore, TreeCore {
  /**
   * The instruction set chosen at load: the best of this CPU, or what `ONECOPY_SIMD` says.
   *
   * @throws OneCopyError `ERR_OPTION` when `ONECOPY_SIMD` names none that this CPU can run
   */
  simdLevel(): SimdLevel
}

/** What processes have to do with each other; contract: `native/border/process.cc`. */
export interface ProcessCore {
  /**
   * Has the kernel kill this process when the thread that forked it ends, even by SIGKILL. Ends at once
   * when `parent` is not its parent any more. False where no kernel does that (macOS).
   */
  dieWithParent(parent: number): boolean
  /**
   * Locks an open file or folder against all others that lock it, until `fd` is closed or the process
   * ends, in whatever way; 0, or the system's error number: `EWOULDBLOCK` when another has the lock.
   */
  lockFile(fd: number): number
}
