/** The only door to the C++ core: finds, checks and types it. */

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { isOneCopyError, OneCopyError } from './errors.ts'

/** Instruction set that the kernels of this process run on. */
export type SimdLevel = 'baseline' | 'avx2' | 'avx512'

/** Everything that the C++ core exports; each part's contract stands in its header in `native/`. */
export interface NativeCore extends MemoryCore, AtomicCore, ProcessCore, KernelCore, NeighborCore {
  /**
   * The instruction set chosen at load: the best of this CPU, or what `ONECOPY_SIMD` says.
   *
   * @throws OneCopyError `ERR_SIMD` when `ONECOPY_SIMD` names none that this CPU can run
   */
  simdLevel(): SimdLevel
}

/** The lives of processes; contract: `native/process.cc`. */
export interface ProcessCore {
  /**
   * Has the kernel kill this process when the thread that forked it ends, even by SIGKILL. Ends at once
   * when `parent` is not its parent any more. False where no kernel does that (macOS).
   */
  dieWithParent(parent: number): boolean
}

/** One mapping as the core gives it; its buffer holds it until it is collected. */
export interface MappedMemory {
  /** Number of the mapping, the same on all threads, never used again in this process. */
  readonly id: number
  /** Device, inode and byte length of the file or scratch segment, as `1:2:3`. */
  readonly identity: string
  /** Descriptor of scratch memory, owned by the mapping; -1 for a file. */
  readonly fd: number
  /**
   * All bytes, one buffer for each thread: a SharedArrayBuffer where this Node can make one of mapped
   * memory, else an ArrayBuffer.
   */
  readonly buffer: ArrayBufferLike
}

/** A mapping without a buffer, so that its life does not depend on the garbage collector. */
export interface HeldMemory extends Omit<MappedMemory, 'buffer'> {
  /** It lives until this hold is released, and as long as others have it. */
  readonly hold: number
}

/** Mapped memory; contract: `native/mapping.h` and `native/memory.h`. */
export interface MemoryCore {
  /** Names this process in references; no other process ever has the same. */
  readonly processToken: string
  /**
   * Maps an open file whole, or gives the map that this process already has of it; `fd` may be
   * closed afterwards. `private`: copy-on-write. `scratch`: keep a descriptor. `fresh`: a map
   * of its own, without the private writes of an older one, which nobody else gets.
   */
  mapFile(fd: number, options: { private: boolean; scratch: boolean; fresh: boolean }): MappedMemory
  /**
   * Makes nameless scratch memory: a memfd, or a reserved file in `folder`. Memory that its last holder
   * left may be used again; `zero` says whether all bytes must be zeros then.
   */
  createScratch(byteLength: number, folder: string | null, zero: boolean): MappedMemory
  /** Gives the buffer of a mapping in this thread a name, by which `findBuffer` finds it while it lives. */
  nameBuffer(id: number, name: string): void
  findBuffer(name: string): MappedMemory | undefined
  /** Makes scratch memory whose bytes are undefined. */
  holdScratch(byteLength: number): HeldMemory
  /** Like `mapFile`. */
  holdFile(fd: number, options: { private: boolean; scratch: boolean; fresh: boolean }): HeldMemory
  /** A hold on the mapping with that number, if it still lives on any thread. */
  holdMapping(id: number): number | undefined
  /** Ends a hold; nothing when it has ended. */
  releaseHold(hold: number): void
  /** Copies bytes into writable scratch memory, from its byte `at` on. */
  writeScratch(id: number, at: number, bytes: Uint8Array): void
  /** Whether a mapping holds these bytes from its byte `at` on. */
  hasBytes(id: number, at: number, bytes: Uint8Array): boolean
  /**
   * This process is done with scratch memory: buffers of it read zeros of their own from now on, and its
   * maker may use the pages again.
   */
  leavePages(id: number): void
  /** Bytes of scratch memory that buffers of this thread show, as far as their collection is known. */
  scratchBytes(): number
  /** Frees memory kept for reuse that nobody has used for `idleMs`; 0 when there is none and can't be any. */
  trimScratch(idleMs: number): number
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

/** Elements changed in one step for all threads and processes; contract: `native/atomics.cc`. */
export interface AtomicCore {
  /** Adds to element `position`; integers wrap. Each returns the element before. */
  atomicAdd(data: NodeJS.TypedArray, position: number, value: number | bigint): number | bigint
  /** NaN where one of the two is NaN, and -0 is less than 0, as with Math.min. */
  atomicMin(data: NodeJS.TypedArray, position: number, value: number | bigint): number | bigint
  atomicMax(data: NodeJS.TypedArray, position: number, value: number | bigint): number | bigint
  /** Writes `value` if the element is `expected`, as Object.is has it. */
  compareExchange(
    data: NodeJS.TypedArray,
    position: number,
    value: number | bigint,
    expected: number | bigint,
  ): number | bigint
}

/**
 * A strided matrix for a kernel; numbers count elements. Nothing is copied: `data` is kept until the
 * promise settles, and must not be detached or shrunk before.
 */
export interface KernelMatrix {
  /** Typed array over the whole buffer, of the class that belongs to `dtype`. */
  readonly data: NodeJS.TypedArray
  /** bool (a Uint8Array), int8 … int64, uint8 … uint64, float32 or float64. */
  readonly dtype: string
  /** Where element (0, 0) is. */
  readonly offset: number
  readonly rows: number
  readonly columns: number
  /** Elements from a row to the next; may be 0 or negative. */
  readonly rowStride: number
  readonly columnStride: number
}

/** Rows for a kernel: `start, stop, start, stop …`, or row numbers; one of the two. */
export interface KernelRows {
  readonly ranges?: Float64Array
  readonly numbers?: Int32Array
}

/**
 * Sums over each of K groups of rows, of the p = d + m columns of `[X y]`. "Value" is the value in the
 * data less the shift of its column.
 */
export interface MomentSums {
  /** Rows of each group, without those of weight 0, which take no part at all; shape (K). */
  readonly count: Float64Array
  /** Sum of the weights; shape (K). */
  readonly weight: Float64Array
  /** Of weight × value; shape (K, p). */
  readonly sums: Float64Array
  /** Of weight × value × value, symmetric; shape (K, p, p). */
  readonly cross: Float64Array
  /** Least value as it stands in the data; NaN is left out; Infinity without rows; shape (K, p). */
  readonly minimum: Float64Array
  /** Greatest value, likewise; -Infinity without rows; shape (K, p). */
  readonly maximum: Float64Array
  /** Rows that hold a NaN or an infinity; shape (K). */
  readonly nonFinite: Float64Array
}

/** QR factors of K groups of rows; see {@link KernelCore.leastSquaresQr}. */
export interface Triangles {
  /** Rows of each group, without those of weight 0; shape (K). */
  readonly count: Float64Array
  /** Sum of the weights; shape (K). */
  readonly weight: Float64Array
  /** R, upper, no negative diagonal; shape (K, 1 + d + m, 1 + d + m). */
  readonly triangle: Float64Array
  /** Rows that hold a NaN or an infinity; shape (K). */
  readonly nonFinite: Float64Array
}

/** Gradients of least squares; see {@link KernelCore.leastSquaresGradient}. */
export interface Gradients {
  /** Shape (K, m, 1 + d); the intercept's first. */
  readonly gradient: Float64Array
  /** Sums of weight × residual²; shape (K, m). */
  readonly squares: Float64Array
}

/**
 * Statistics and predictions over rows; contract: `native/moments.h`, `native/predict.h`, `native/qr.h`.
 *
 * Each call runs on up to `threads` threads beside the event loop, reads its matrices where they are,
 * and gives the same bytes for any number of threads. Bounds are checked against the typed arrays
 * before anything is read. Wrong arguments throw at once: a TypeError, or an error with the code
 * `ERR_SHAPE`, `ERR_INDEX` or `ERR_DTYPE`; a weight that isn't finite and ≥ 0 rejects with
 * `ERR_WEIGHTS`.
 */
export interface KernelCore {
  /**
   * Sums of values and products over each group of rows, in one pass, about `shift`, which should be near
   * the means: then nothing is lost when sums are moved to the means or merged.
   *
   * @param x - shape (n, d)
   * @param y - shape (n, m), or null: m = 0
   * @param weights - shape (n), or null: all 1
   * @param groups - K subsets of the n rows; they may overlap
   * @param shift - shape (d + m)
   */
  moments(
    x: KernelMatrix,
    y: KernelMatrix | null,
    weights: Float64Array | null,
    groups: readonly KernelRows[],
    shift: Float64Array,
    threads: number,
  ): Promise<MomentSums>

  /**
   * Predictions of L linear models in one pass: `out[row, outColumns[l]] = intercepts[l] + x[row] ·
   * coefficients[l]` for each of the rows; other rows and columns of `out` are left alone.
   *
   * @param x - shape (n, d)
   * @param coefficients - shape (L, d)
   * @param intercepts - shape (L)
   * @param out - float64 or float32, shape (n, any)
   * @param outColumns - shape (L)
   */
  affinePredict(
    x: KernelMatrix,
    rows: KernelRows,
    coefficients: Float64Array,
    intercepts: Float64Array,
    out: KernelMatrix,
    outColumns: Int32Array,
    threads: number,
  ): Promise<void>

  /**
   * R of the QR factorisation of `[1 X y]` for each group of rows, in one pass (Householder, blocks of
   * rows merged pairwise); a value is `(value - shift) * scale`, a row counts √weight times. The top
   * left (1 + d) square is the R of `[1 X]`; right of it stands Q'y; the squares of the rest of a
   * target's column sum to its residual sum of squares. Without the first row and column it is the R
   * of the centred columns, and `triangle[0, j] / triangle[0, 0]` is the mean of column j.
   *
   * @param x - shape (n, d)
   * @param y - shape (n, m), or null: m = 0
   * @param weights - shape (n), or null: all 1
   * @param shift - shape (d + m)
   * @param scale - shape (d + m); powers of 2 cost no digits; scaled values should be of sizes whose
   *   squares float64 can hold, 1e-150 to 1e150
   */
  leastSquaresQr(
    x: KernelMatrix,
    y: KernelMatrix | null,
    weights: Float64Array | null,
    groups: readonly KernelRows[],
    shift: Float64Array,
    scale: Float64Array,
    threads: number,
  ): Promise<Triangles>

  /**
   * `[1 X]' W (y - [1 X] coefficients)` of each group, computed in twice the working precision (106
   * bits) and rounded once: what a step of iterative refinement needs,
   * `coefficients += solve(R' R, gradient)`. Values are shifted and scaled as in `leastSquaresQr`, and
   * coefficients belong to these values.
   *
   * @param coefficients - shape (K, m, 1 + d), the intercept first
   */
  leastSquaresGradient(
    x: KernelMatrix,
    y: KernelMatrix,
    weights: Float64Array | null,
    groups: readonly KernelRows[],
    shift: Float64Array,
    scale: Float64Array,
    coefficients: Float64Array,
    threads: number,
  ): Promise<Gradients>
}

/**
 * A k-d tree over row numbers, in memory of the caller's, so that all threads and processes search
 * one. It holds no values but boxes, and serves every metric.
 */
export interface NeighborTree {
  /** Row numbers of the points, in any order before the tree is built. */
  readonly order: Int32Array
  /** Least and greatest values of each node's points, shape (treeNodes(points), 2, d). */
  readonly boxes: Float64Array
  /** Least row number of each node, shape (treeNodes(points)). */
  readonly least: Int32Array
}

/** Which neighbours are wanted. */
export interface NeighborSearch {
  /** Shape (n, d), n < 2^31. */
  readonly points: KernelMatrix
  /** The index; null: every query is compared with every point. */
  readonly tree: NeighborTree | null
  /** Without a tree: which rows of `points` are points. */
  readonly pointRows?: KernelRows
  /** Shape (any, d); may be `points` itself, then a point is its own nearest neighbour. */
  readonly queries: KernelMatrix
  readonly queryRows: KernelRows
  /** A distance is the root of the sum of ((point - query) * scale)² over the columns; shape (d). */
  readonly scale: Float64Array
  /** A label for each row of `points`, or null. */
  readonly labels: Uint16Array | null
  /** Label of the points that these queries pass over, such as those of their own fold; -1: none. */
  readonly skip: number
  /** How many neighbours of each query, at least 1. */
  readonly neighbors: number
}

/** The neighbours of each of m query rows, from near to far. */
export interface NeighborLists {
  /** Row numbers of points, shape (m, neighbors). */
  readonly rows: Int32Array
  /** Squared distances, shape (m, neighbors). */
  readonly squares: Float64Array
}

/** Means of the neighbours' targets, written to the rows of `out` that have the queries' numbers. */
export interface NeighborMeans {
  /** Shape (n, m). */
  readonly targets: KernelMatrix
  /** What each point counts in a mean, shape (n), or null: all 1. */
  readonly weights: Float64Array | null
  /** Whether a target counts 1 / distance times; if some are at distance 0, only those count. */
  readonly byDistance: boolean
  /** float64 or float32, a row for every row of `queries`. */
  readonly out: KernelMatrix
  /** Column of `out` for the first target. */
  readonly outColumn: number
}

/**
 * Nearest neighbours; contract: `native/neighbors.h`. Exact: the tree and the comparison with all
 * points, every instruction set and every number of threads give the same bytes; of points at the same
 * distance those with the lower row numbers are nearer. Wrong arguments throw at once, as those of
 * {@link KernelCore} do; values that aren't finite reject with `ERR_NOT_FINITE`, too few points
 * with `ERR_ROWS`.
 */
export interface NeighborCore {
  /** How many nodes a tree over so many points has. */
  treeNodes(points: number): number

  /**
   * Fills in a tree whose `order` holds the numbers of its rows.
   *
   * @param scale - of the metric that it will mostly serve, shape (d)
   */
  buildTree(
    points: KernelMatrix,
    scale: Float64Array,
    tree: NeighborTree,
    threads: number,
  ): Promise<void>

  /** Searches; resolves to the number of distances to points that it had to compute. */
  findNeighbors(
    search: NeighborSearch,
    answer: NeighborLists | NeighborMeans,
    threads: number,
  ): Promise<number>
}

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
    const core = createRequire(import.meta.url)(found) as NativeCore
    core.simdLevel()
    return core
  } catch (cause) {
    if (isOneCopyError(cause) && cause.code === 'ERR_SIMD') return refuse(cause.code, cause.message)
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
