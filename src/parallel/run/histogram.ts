/** Counts times in buckets whose width grows with the time. */

/** A summary of times, in milliseconds; all 0 if nothing was counted. */
export interface TimeSummary {
  readonly count: number
  readonly mean: number
  readonly min: number
  /** Half of the times were at most this, within 3 %. */
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Buckets start at a power of two of milliseconds, about a nanosecond, and end above a hundred days. */
const firstPower = -20
const lastPower = 34
/** Bits of the mantissa that select a bucket: there are 16 buckets to a power of two. */
const bits = 4

// The first bits of a double are its exponent and then its mantissa: up to a constant, the number of its bucket.
const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
const shift = 20 - bits
const firstBucket = bucketOf(2 ** firstPower)
const buckets = bucketOf(2 ** lastPower) - firstBucket

/** Times as HDR histograms keep them: exact to 3 %, in a fixed small memory, at a few nanoseconds each. */
export class Histogram {
  readonly #counts = new Float64Array(buckets)
  #count = 0
  #sum = 0
  #min = Infinity
  #max = 0

  /** Counts one time; what is below 0, as clocks may differ, counts as 0. */
  add(ms: number): void {
    const time = ms > 0 ? ms : 0
    this.#count++
    this.#sum += time
    if (time < this.#min) this.#min = time
    if (time > this.#max) this.#max = time
    const bucket = bucketOf(time) - firstBucket
    this.#counts[bucket < 0 ? 0 : bucket < buckets ? bucket : buckets - 1]!++
  }

  /** Summarizes the times counted so far. */
  summarize(): TimeSummary {
    if (this.#count === 0) return { count: 0, mean: 0, min: 0, p50: 0, p99: 0, max: 0 }
    return {
      count: this.#count,
      mean: this.#sum / this.#count,
      min: this.#min,
      p50: this.#quantile(0.5),
      p99: this.#quantile(0.99),
      max: this.#max,
    }
  }

  #quantile(part: number): number {
    let left = Math.ceil(part * this.#count)
    for (let bucket = 0; bucket < buckets; bucket++) {
      left -= this.#counts[bucket]!
      if (left <= 0) return Math.min(this.#max, Math.max(this.#min, middleOf(bucket)))
    }
    return this.#max
  }
}

/** The bucket of a time, from the first bits of its double. x64 and arm64 are little-endian. */
function bucketOf(ms: number): number {
  double[0] = ms
  return words[1]! >>> shift
}

function middleOf(bucket: number): number {
  words[0] = 0
  words[1] = (bucket + firstBucket) << shift
  const start = double[0]!
  words[1] = (bucket + 1 + firstBucket) << shift
  return (start + double[0]!) / 2
}
