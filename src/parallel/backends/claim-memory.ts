/** Memory for the claims of worker processes, many to a segment. */

import { type ArrayReference, encodeReference, type NDArray, shared } from '../../arrays/index.ts'
import { claimsBytes } from '../protocol/claims.ts'

/** Claims of different workers lie in cache lines of their own. */
const slotWords = 16

/** Slots of a segment: one page. */
const slotsOfSegment = 64

/** The words of one worker's claims. */
export interface ClaimMemory {
  readonly words: Int32Array
  /** By which the worker finds them. */
  readonly reference: ArrayReference
  /** The worker has ended: its words may be another's. */
  release(): void
}

interface Segment {
  readonly array: NDArray<'int32'>
  readonly free: number[]
}

/** How long a segment without workers is kept for the next one. */
const idleMs = 500

/** Each is one descriptor for 64 workers, whether they live at once or one after the other. */
const segments = new Set<Segment>()

/** Zeroed words for one more worker. */
export function takeClaimMemory(): ClaimMemory {
  const segment = [...segments].find(({ free }) => free.length > 0) ?? makeSegment()
  const { array, free } = segment
  const offset = free.pop()! * slotWords
  const shape = [claimsBytes / 4]
  const words = array.data.subarray(offset, offset + claimsBytes / 4)
  words.fill(0)
  let isFree = false
  return {
    words,
    reference: { ...encodeReference(array)!, shape, strides: [1], offset },
    release: () => {
      if (!isFree) free.push(offset / slotWords)
      isFree = true
      dropLater(segment)
    },
  }
}

function makeSegment(): Segment {
  const array = shared([slotsOfSegment * slotWords], 'int32')
  const free = Array.from({ length: slotsOfSegment }, (_, i) => slotsOfSegment - 1 - i)
  const segment = { array, free }
  segments.add(segment)
  return segment
}

/** Forgets a segment that no worker uses, so that its memory goes back to the system. */
function dropLater(segment: Segment): void {
  setTimeout(() => {
    if (segment.free.length === slotsOfSegment) segments.delete(segment)
  }, idleMs).unref()
}
