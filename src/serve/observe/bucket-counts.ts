/** Counts values in buckets, as histograms of Prometheus have them. */

/** One value of a metric as prom-client gives it. */
export interface MetricValue {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly metricName?: string
}

/** How many values there were up to each bound. prom-client's own histogram takes a microsecond for each value. */
export class BucketCounts {
  readonly #bounds: readonly number[]
  /** Values up to each bound and above the one before; at last those above all bounds. */
  readonly #counts: number[]
  #sum = 0

  /** @param bounds - ascending */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  add(value: number): void {
    let i = 0
    while (i < this.#bounds.length && value > this.#bounds[i]!) i++
    this.#counts[i]!++
    this.#sum += value
  }

  /** What Prometheus is told under a name. */
  values(name: string, labels: MetricValue['labels'] = {}): MetricValue[] {
    let count = 0
    const buckets = this.#counts.map((own, i) => {
      count += own
      const le = this.#bounds[i] ?? '+Inf'
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: count },
    ]
  }
}
