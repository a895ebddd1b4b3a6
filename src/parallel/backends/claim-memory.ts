/** Shared memory for the claims of worker processes. */

import { type ArrayReference, encodeReference, type NDArray, shared } from '../../arrays/index.ts'
import { claimsBytes } from '../protocol/claims.ts'

/** Claims of different workers lie in cache lines of their own. */
const lineWords = 16

/** Workers of a segment, which takes one page where each is in few tasks at a time. */
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
  /** Words between the claims of two workers. */
  readonly slotWords: number
  readonly array: NDArray<'int32'>
  readonly free: number[]
}

/** How long a segment without workers is kept for the next one. */
const idleMs = 500

/** Each is one descriptor for 64 workers, whether they live at once or one after the other. */
const segments = new Set<Segment>()

/** Zeroed words for one more worker, which is in `concurrency` tasks at a time. */
export function takeClaimMemory(concurrency: number): ClaimMemory {
  const count = claimsBytes(concurrency) / 4
  const slotWords = Math.ceil(count / lineWords) * lineWords
  const fits = (segment: Segment): boolean =>
    segment.slotWords === slotWords && segment.free.length > 0
  const segment = [...segments].find(fits) ?? makeSegment(slotWords)
  const { array, free } = segment
  const offset = free.pop()! * slotWords
  const shape = [count]
  const words = array.data.subarray(offset, offset + count)
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

function makeSegment(slotWords: number): Segment {
  const array = shared([slotsOfSegment * slotWords], 'int32')
  const free = Array.from({ length: slotsOfSegment }, (_, i) => slotsOfSegment - 1 - i)
  const segment = { slotWords, array, free }
  segments.add(segment)
  return segment
}

/** Forgets a segment that no worker uses, so that its memory goes back to the system. */
function dropLater(segment: Segment): void {
  setTimeout(() => {
    if (segment.free.length === slotsOfSegment) segments.delete(segment)
  }, idleMs).unref()
}
