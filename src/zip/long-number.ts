/** Reads numbers of 64 bits. */

/** A 64-bit number; NaN, which equals nothing, when it is no exact number here. */
export function readLong(view: DataView, at: number): number {
  const value = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32
  return Number.isSafeInteger(value) ? value : Number.NaN
}
