/** The C++ core's interface for digests of elements. */

/**
 * Digests of strided elements, without a copy of them; contract: `native/bytes/hash_elements.h`.
 *
 * Elements count as if they lay in C order without gaps, so that views, transposed and sliced arrays with equal elements have
 * equal digests. Blocks of 1 MiB are hashed by XXH3 (128 bits, seed 0); of more than one block, the digest is that of the
 * blocks' digests, big-endian, in their order. Both functions give the same text of 32 digits, for any number of threads.
 *
 * Elements out of the typed array throw `ERR_SHAPE`.
 */
export interface HashCore {
  /**
   * Hashes on threads beside the event loop. The memory stays until the promise settles.
   *
   * @param data - typed array of elements of 1, 2, 4 or 8 bytes
   * @param offset - number of the first element
   * @param strides - step of each axis in elements, may be 0 or negative
   */
  hashElements(
    data: NodeJS.TypedArray,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
    threads: number,
  ): Promise<string>
  /** Hashes at once, on this thread: for few elements. */
  hashElementsNow(
    data: NodeJS.TypedArray,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ): string
}
