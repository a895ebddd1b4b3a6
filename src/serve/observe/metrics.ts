/** What Prometheus is told of a server. */

import type { Gauge, Registry } from 'prom-client'
import { sampleTree } from '../../monitor/index.ts'
import { importPeer } from '../../optional-peer.ts'
import { BucketCounts, type MetricValue } from './bucket-counts.ts'

/** Names of one process's metrics with their values, as they travel to the process that adds them up. */
export type MetricsJson = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

/** What metrics ask for when they are read. */
export interface MetricSources {
  /** Requests that wait. */
  readonly queueLength: () => number
  /** Bytes of bodies in memory. */
  readonly bodyBytes: () => number
}

type PromClient = typeof import('prom-client')

/** The metrics of one server in one process. */
export class Metrics {
  readonly #client: PromClient
  readonly #registry: Registry
  readonly #sources: MetricSources
  readonly #queue: Gauge
  readonly #bodies: Gauge
  readonly #memory: Gauge
  readonly #routes = new Map<string, RouteCounts>()
  readonly #batchRows = new BucketCounts(rowBounds)

  private constructor(client: PromClient, sources: MetricSources) {
    this.#client = client
    this.#sources = sources
    const registry = new client.Registry()
    this.#registry = registry
    const registers = [registry]
    this.#queue = new client.Gauge({
      name: 'onecopy_queue_length',
      help: 'Requests that wait for a prediction.',
      registers,
    })
    this.#bodies = new client.Gauge({
      name: 'onecopy_body_bytes',
      help: 'Bytes of request bodies in memory.',
      registers,
    })
    this.#memory = new client.Gauge({
      name: 'onecopy_memory_bytes',
      help: 'Memory of the server: anonymous and shmem are hard; file is cache that the kernel can drop.',
      labelNames: ['kind'],
      registers,
      aggregator: 'max',
    })
  }

  /**
   * Loads prom-client.
   *
   * @throws OneCopyError `ERR_DEPENDENCY` when it is not installed
   */
  static async load(sources: MetricSources): Promise<Metrics> {
    const found = (await importPeer('prom-client', {
      install: 'fastify@5.12.8 prom-client@15.1.3',
      purpose: 'Serving models',
      otherwise: 'predict in your own program',
    })) as PromClient & { readonly default?: PromClient }
    return new Metrics(found.default ?? found, sources)
  }

  /** The content type of {@link text}. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** Counts a request that has its answer. */
  countRequest(route: string, code: number, seconds: number): void {
    let counts = this.#routes.get(route)
    if (counts === undefined) {
      counts = { durations: new BucketCounts(secondBounds), codes: new Map() }
      this.#routes.set(route, counts)
    }
    counts.durations.add(seconds)
    counts.codes.set(code, (counts.codes.get(code) ?? 0) + 1)
  }

  /** Counts a prediction. */
  countBatch(rows: number): void {
    this.#batchRows.add(rows)
  }

  /** All metrics as plain data. */
  async json(): Promise<MetricsJson> {
    this.#queue.set(this.#sources.queueLength())
    this.#bodies.set(this.#sources.bodyBytes())
    // Those of a server of several processes are below the one that started them.
    const { anonymous, shmem, fileBacked } = sampleTree(rootPid())
    for (const [kind, bytes] of Object.entries({ anonymous, shmem, file: fileBacked }))
      if (bytes !== undefined) this.#memory.set({ kind }, bytes)
    return [...this.#counted(), ...(await this.#registry.getMetricsAsJSON())]
  }

  /** What is counted here, in the form of prom-client. */
  #counted(): MetricsJson {
    const routes = [...this.#routes]
    const metric = (type: string, name: string, help: string, values: readonly MetricValue[]) => ({
      name,
      help,
      type,
      values,
      aggregator: 'sum',
    })
    const [duration, requests, rows] = [
      'onecopy_request_duration_seconds',
      'onecopy_requests_total',
      'onecopy_batch_rows',
    ] as const
    const counted = [
      metric(
        'histogram',
        duration,
        'Time from the head of a request to the end of its answer.',
        routes.flatMap(([route, { durations }]) => durations.values(duration, { route })),
      ),
      metric(
        'counter',
        requests,
        'Requests with an answer, by route and HTTP status.',
        routes.flatMap(([route, { codes }]) =>
          Array.from(codes, ([code, value]) => ({ labels: { route, code }, value })),
        ),
      ),
      metric('histogram', rows, 'Rows that were predicted together.', this.#batchRows.values(rows)),
    ]
    // SAFETY: it is what prom-client gives, whose types are numbers in its declarations and texts in truth.
    return counted as unknown as MetricsJson
  }

  /** All metrics in Prometheus's text format; of several processes when their metrics are given. */
  async text(all?: readonly MetricsJson[]): Promise<string> {
    const parts = all ?? [await this.json()]
    // SAFETY: it takes what getMetricsAsJSON() gives, whose type it doesn't name.
    return this.#client.AggregatorRegistry.aggregate(parts as never).metrics()
  }
}

/** What is counted of a route. */
interface RouteCounts {
  readonly durations: BucketCounts
  /** Requests by HTTP status. */
  readonly codes: Map<number, number>
}

const rowBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 10_000, 100_000]

const secondBounds = [
  0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
  30,
]

let root: number | undefined

/** The process whose memory counts, with all below it. */
function rootPid(): number {
  return root ?? process.pid
}

/** Says that this process is one of several of a server, which `pid` has started. */
export function setRootProcess(pid: number): void {
  root = pid
}
