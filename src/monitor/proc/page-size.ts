/** The largest page that one page fault can allocate. */

import type { ProcFiles } from './proc-files.ts'

/** The most that one minor fault gives, in bytes: a page, or a huge one where those come unasked. */
export function largestPage(files: ProcFiles): number {
  const huge = files.read('/sys/kernel/mm/transparent_hugepage/enabled') ?? ''
  if (huge.includes('[always]')) return 2 ** 21
  return pageSize(files.head('/proc/self/auxv', 1024)) ?? 65_536
}

/** `AT_PAGESZ` of the auxiliary vector: pairs of words, on every architecture of Node little endian. */
function pageSize(vector: Uint8Array | undefined): number | undefined {
  if (!vector) return undefined
  const words = new DataView(vector.buffer, vector.byteOffset, vector.byteLength)
  for (let at = 0; at + 16 <= vector.byteLength; at += 16) {
    if (words.getBigUint64(at, true) === 6n) return Number(words.getBigUint64(at + 8, true))
  }
  return undefined
}
