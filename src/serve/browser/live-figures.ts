/** Figures of the server over time, from its metrics. */

/** What one reading of the metrics says. */
export interface Reading {
  readonly ms: number
  /** Requests so far. */
  readonly requests: number
  /** Requests so far that failed. */
  readonly failed: number
  /** Predictions so far that took at most so many seconds, by that limit. */
  readonly within: ReadonlyMap<number, number>
  /** Bytes by kind. */
  readonly memory: Readonly<Record<string, number>>
  readonly queue: number
}

/** Reads Prometheus's text format, as far as the page needs it. */
export function parseMetrics(text: string, ms: number): Reading {
  let [requests, failed, queue] = [0, 0, 0]
  const within = new Map<number, number>()
  const memory: Record<string, number> = {}
  for (const line of text.split('\n')) {
    const [, name, labelText = '', valueText = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    const labels: Record<string, string> = {}
    for (const [, label, value] of labelText.matchAll(/(\w+)="([^"]*)"/g)) labels[label!] = value!
    const value = Number(valueText)
    const { route = '' } = labels
    if (name === 'onecopy_queue_length') queue += value
    else if (name === 'onecopy_memory_bytes') memory[labels['kind']!] = value
    else if (!predicting.has(route)) continue
    else if (name === 'onecopy_requests_total') {
      requests += value
      if (Number(labels['code']) >= 400) failed += value
    } else if (name === 'onecopy_request_duration_seconds_bucket') {
      const limit = labels['le'] === '+Inf' ? Infinity : Number(labels['le'])
      within.set(limit, (within.get(limit) ?? 0) + value)
    }
  }
  return { ms, requests, failed, within, memory, queue }
}

const predicting = new Set(['infer', 'predict'])

/** Requests a second between two readings. */
export function rateOf(before: Reading, now: Reading): number {
  return Math.max(0, now.requests - before.requests) / Math.max(0.001, (now.ms - before.ms) / 1000)
}

/**
 * The time within which a share of the predictions between two readings was ready, in milliseconds; it lies between two limits of
 * the metrics, and is taken as evenly spread there. Undefined without predictions.
 */
export function quantileOf(before: Reading, now: Reading, share: number): number | undefined {
  const limits = [...now.within.keys()].sort((a, b) => a - b)
  const counts = limits.map((limit) => now.within.get(limit)! - (before.within.get(limit) ?? 0))
  const total = counts.at(-1) ?? 0
  if (total <= 0) return undefined
  const place = limits.findIndex((_, i) => counts[i]! >= share * total)
  const low = place === 0 ? 0 : limits[place - 1]!
  const high = limits[place]!
  if (high === Infinity) return low * 1000
  const below = place === 0 ? 0 : counts[place - 1]!
  return 1000 * (low + ((high - low) * (share * total - below)) / (counts[place]! - below))
}
