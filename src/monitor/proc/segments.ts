/** Shared memory by name, each piece once. */

/** A piece of shared memory: it exists once, however many processes map it. */
export interface Segment {
  /** What names it on this machine: device and inode. */
  readonly id: string
  /** What its maker called it: `onecopy` for our scratch memory, or a path in /dev/shm. */
  readonly name: string
  /** Bytes that really exist, in memory or swapped out; holes count nothing. */
  readonly bytes: number
}

/** Each segment once, however many processes hold it. */
export function distinct(segments: Iterable<Segment>): Segment[] {
  const byId = new Map<string, Segment>()
  for (const segment of segments) byId.set(segment.id, segment)
  return [...byId.values()]
}

/**
 * The name of the shared memory behind a descriptor: `/memfd:onecopy (deleted)` is `onecopy`,
 * `/dev/shm/#12 (deleted)` is `/dev/shm/#12`; anything else has none.
 */
export function segmentName(target: string): string | undefined {
  if (!target.startsWith('/memfd:') && !target.startsWith('/dev/shm/')) return undefined
  return target.replace(/^\/memfd:/, '').replace(/ \(deleted\)$/, '')
}
