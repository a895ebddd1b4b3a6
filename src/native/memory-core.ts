/** The C++ core's interface for mapped memory. */

/** One mapping, as the core returns it. Its buffer keeps it until it is collected. */
export interface MappedMemory {
  /** Number of the mapping, the same on all threads, never used again in this process. */
  readonly id: number
  /** Device, inode and byte length of the file or scratch segment, as `1:2:3`; then the first byte of a part of it. */
  readonly identity: string
  /** Descriptor of scratch memory, owned by the mapping; -1 for a file. */
  readonly fd: number
  /** First byte of the file that is mapped: many small scratch arrays share one. */
  readonly start: number
  /**
   * All bytes, one buffer for each thread: a SharedArrayBuffer where this Node can make one of mapped
   * memory, else an ArrayBuffer.
   */
  readonly buffer: ArrayBufferLike
}

/** A mapping without a buffer, so that it can be freed without the garbage collector. */
export interface HeldMemory extends Omit<MappedMemory, 'buffer'> {
  /** The mapping lives until this hold is released, or longer if others hold it. */
  readonly hold: number
}

/** How a file is mapped. */
export interface MapOptions {
  /** Copy-on-write. */
  readonly private: boolean
  /** Keep a descriptor. */
  readonly scratch: boolean
  /** A map of its own, without the private writes of an older one, which nobody else gets. */
  readonly fresh: boolean
  /** Only this part of scratch memory; default: all of the file. */
  readonly start?: number
  readonly byteLength?: number
}

/** Mapped memory; contract: `native/memory/mapping.h` and `native/memory/memory.h`. */
export interface MemoryCore {
  /** Identifies this process in references; unique among all processes. */
  readonly processToken: string
  /**
   * Maps an open file, or gives the map that this process already has of the same bytes; `fd` may be
   * closed afterwards.
   */
  mapFile(fd: number, options: MapOptions): MappedMemory
  /**
   * Makes scratch memory without a name or a file system. It may reuse memory that is no longer in use; `zero` says
   * whether all bytes must be zeros then.
   */
  createScratch(byteLength: number, zero: boolean): MappedMemory
  /** Gives the buffer of a mapping in this thread a name, by which `findBuffer` finds it while it lives. */
  nameBuffer(id: number, name: string): void
  findBuffer(name: string): MappedMemory | undefined
  /** Makes scratch memory whose bytes are undefined. */
  holdScratch(byteLength: number): HeldMemory
  /** Like `mapFile`. */
  holdFile(fd: number, options: MapOptions): HeldMemory
  /** A hold on the mapping with that number, if it still lives on any thread and its pages were not given up. */
  holdMapping(id: number): number | undefined
  /**
   * A hold on a mapping and its pages: who gives them up meanwhile frees them when the last hold of this kind and the
   * last job that uses them end.
   *
   * @throws OneCopyError `ERR_DETACHED` when the pages were given up
   */
  holdPages(id: number): number
  /** Whether the pages of a mapping were given up and nobody uses them any more, so that it reads zeros. */
  isGone(id: number): boolean
  /**
   * A new ArrayBuffer over a whole mapping, which it holds. To JavaScript it is ordinary private memory, except that
   * Node.js does not transfer it to another thread.
   */
  plainBuffer(id: number): ArrayBuffer
  /** Ends a hold; does nothing when it has ended. */
  releaseHold(hold: number): void
  /** Copies bytes into writable scratch memory, from its byte `at` on. */
  writeScratch(id: number, at: number, bytes: Uint8Array): void
  /** Whether a mapping holds these bytes from its byte `at` on. */
  hasBytes(id: number, at: number, bytes: Uint8Array): boolean
  /**
   * Gives up scratch memory: this process's buffers of it read private zeros from now on, or after the last use, and the
   * process that made it may use the pages again.
   */
  leavePages(id: number): void
  /**
   * Another process owns this scratch memory from now on. When that process gives it up (`leavePages`), this one reuses
   * or frees the pages, and its own buffers read private zeros.
   */
  giveAway(id: number): void
  /** Bytes of scratch memory behind buffers of this thread that are not known to be collected. */
  scratchBytes(): number
  /**
   * Has V8 look for garbage of this thread in small steps between other work, as when the system is short of memory.
   * Does nothing where this Node.js has no function for that.
   */
  hintMemoryPressure(): void
  /** Frees memory kept for reuse that nobody has used for `idleMs`; 0 when there is none and can't be any. */
  trimScratch(idleMs: number): number
  /** Returns free pages of the C library's heap to the system, where that is glibc. */
  trimHeap(): void
  /** The mapping of this process with that number, if it still lives on any thread and its pages were not given up. */
  adoptMapping(id: number): MappedMemory | undefined
  /** Frees the pages of writable scratch memory, at once or after their last use; it reads zeros then. */
  discardPages(id: number): void
  /** Whether bytes `[start, stop)` of a copy-on-write mapping may differ from its file. */
  hasPrivatePages(id: number, start: number, stop: number): boolean
  /** Reserves the first `byteLength` bytes of an open file, so that writing to its map can't meet a full disk. */
  reserveSpace(fd: number, byteLength: number): void
  /**
   * Writes bytes at the current position of an open file, on its own thread. Their memory stays until they are
   * written, even if the buffer is transferred. Resolves to 0, or to the system's error number.
   */
  appendBytes(fd: number, bytes: Uint8Array): Promise<number>
  /** Gives an open unnamed file a name. Returns 0, or the system's error number. */
  linkFile(fd: number, path: string): number
}

/** Atomic operations for all threads and processes; contract: `native/bytes/atomics.cc`. */
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
