/** The only door to the C++ core: finds, checks and types it. */

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { OneCopyError } from './errors.ts'

/** Instruction set that the kernels of this process run on. */
export type SimdLevel = 'baseline' | 'avx2' | 'avx512'

/** Everything that the C++ core exports; each part's contract stands in its header in `native/`. */
export interface NativeCore extends MemoryCore, KernelCore, NeighborCore {
  /** The instruction set chosen at load, from the CPU and `ONECOPY_SIMD`. */
  simdLevel(): SimdLevel
}

/** One mapping as the core gives it; its buffer holds it until it is collected. */
export interface MappedMemory {
  /** Number of the mapping, the same on all threads, never used again in this process. */
  readonly id: number
  /** Device, inode and byte length of the file or scratch segment, as `1:2:3`. */
  readonly identity: string
  /** Descriptor of scratch memory, owned by the mapping; -1 for a file. */
  readonly fd: number
  /** All bytes: a SharedArrayBuffer where this Node can make one of mapped memory, else an ArrayBuffer. */
  readonly buffer: ArrayBufferLike
}

/** Mapped memory; contract: `native/mapping.h` and `native/memory.h`. */
export interface MemoryCore {
  /** Names this process in references; no other process ever has the same. */
  readonly processToken: string
  /**
   * Maps an open file whole, or gives the map that this process already has of it; `fd` may be
   * closed afterwards. `private`: copy-on-write. `scratch`: keep a descriptor. `fresh`: without the
   * private writes of an older map.
   */
  mapFile(fd: number, options: { private: boolean; scratch: boolean; fresh: boolean }): MappedMemory
  /** Makes nameless scratch memory of zeros: a memfd, or a reserved file in `folder`. */
  createScratch(byteLength: number, folder: string | null): MappedMemory
  /** The mapping of this process with that number, if it still lives on any thread. */
  adoptMapping(id: number): MappedMemory | undefined
  /** Frees the pages of writable scratch memory at once; it reads zeros then. */
  discardPages(id: number): void
  /** Whether bytes `[start, stop)` of a copy-on-write mapping may differ from its file. */
  hasPrivatePages(id: number, start: number, stop: number): boolean
  /** Reserves the first `byteLength` bytes of an open file, so that writing to its map can't meet a full disk. */
  reserveSpace(fd: number, byteLength: number): void
  /** Gives an open nameless file a name; 0, or the system's error number. */
  linkFile(fd: number, path: string): number
}

/** Statistics and predictions over rows; contract: `native/moments.h`, `native/predict.h`, `native/qr.h`. */
export interface KernelCore {}

/** Nearest neighbours; contract: `native/neighbors.h`. */
export interface NeighborCore {}

/** The C++ core of this process. */
export const native: NativeCore = loadCore()

let threads = 0

/**
 * How many native threads one kernel may use in this thread or process: all cores by default,
 * the worker's share of them inside a worker.
 */
export function kernelThreads(): number {
  return threads || availableParallelism()
}

/** Sets what {@link kernelThreads} answers here; a worker calls it once as it starts. */
export function setKernelThreads(count: number): void {
  threads = count
}

function loadCore(): NativeCore {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 22 || (major === 22 && minor < 18)) {
    return refuse('ERR_NODE', `onecopy needs Node.js 22.18 or newer, this is ${process.version}.`)
  }
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    return refuse(
      'ERR_PLATFORM',
      `onecopy runs on Linux and macOS, this is ${process.platform}. On Windows use WSL 2.`,
    )
  }
  const folder = new URL('../', import.meta.url)
  const candidates = [
    new URL('build/Release/onecopy.node', folder),
    new URL(`prebuilds/${process.platform}-${process.arch}/onecopy.node`, folder),
  ].map((url) => fileURLToPath(url))
  const found = candidates.find((path) => existsSync(path))
  if (found === undefined) {
    return refuse(
      'ERR_NATIVE',
      `onecopy has no built core for ${process.platform}-${process.arch} in ${fileURLToPath(folder)}. ` +
        'Build it with `npm rebuild onecopy` (it needs g++, make and python3).',
    )
  }
  try {
    return createRequire(import.meta.url)(found) as NativeCore
  } catch (cause) {
    return refuse(
      'ERR_NATIVE',
      `onecopy could not load its core ${found}: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}. ` +
        'Build it anew with `npm rebuild onecopy`.',
      cause,
    )
  }
}

/**
 * Throws an error that a caller of `import()` can catch; when nobody does, the process ends with
 * the one sentence and no stack, which would only show our own files.
 */
function refuse(code: string, message: string, cause?: unknown): never {
  const error = new OneCopyError(code, message, cause === undefined ? {} : { cause })
  error.stack = `OneCopyError [${code}]: ${message}`
  const say = (thrown: unknown): void => {
    process.stderr.write(
      `${thrown === error ? message : thrown instanceof Error ? thrown.stack : String(thrown)}\n`,
    )
    process.exit(1)
  }
  process.once('uncaughtException', say)
  setImmediate(() => process.off('uncaughtException', say))
  throw error
}
