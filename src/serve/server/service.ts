/** What the routes of a server share: models, queue, metrics. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { Batcher } from '../batches/batcher.ts'
import { ApiKey } from '../http/api-key.ts'
import { BodyReader } from '../http/body-reader.ts'
import { ModelShelf } from '../model/model-shelf.ts'
import { Metrics, type MetricsJson } from '../observe/metrics.ts'
import type { SettledServeOptions } from './serve-options.ts'

/** Gets the metrics of all processes of a server, given those of this one. */
export type GatherMetrics = (own: MetricsJson) => Promise<readonly MetricsJson[]>

/** A running service. */
export class Service {
  readonly options: SettledServeOptions
  readonly shelf = new ModelShelf()
  readonly batcher: Batcher
  readonly bodies: BodyReader
  readonly metrics: Metrics
  readonly #key: ApiKey | undefined
  /** Set by a server of several processes. */
  gatherMetrics: GatherMetrics | undefined
  /** Whether no new work is taken, because the server is about to end. */
  isClosing = false

  private constructor(
    options: SettledServeOptions,
    parts: Pick<Service, 'batcher' | 'bodies' | 'metrics'>,
  ) {
    this.options = options
    this.batcher = parts.batcher
    this.bodies = parts.bodies
    this.metrics = parts.metrics
    this.#key = options.apiKey === undefined ? undefined : new ApiKey(options.apiKey)
  }

  /** @throws OneCopyError `ERR_DEPENDENCY` when prom-client is not installed */
  static async start(options: SettledServeOptions): Promise<Service> {
    const bodies = new BodyReader(options.maxBody, options.maxTotal)
    const metrics: Metrics = await Metrics.load({
      queueLength: () => batcher.length,
      bodyBytes: () => bodies.totalBytes,
    })
    const batcher = new Batcher(options, (rows) => metrics.countBatch(rows))
    return new Service(options, { batcher, bodies, metrics })
  }

  /**
   * Checks the key of a request.
   *
   * @throws RequestError 401
   */
  requireKey(request: FastifyRequest): void {
    this.#key?.require(request.headers)
  }

  /** Whether requests need a key. */
  get needsKey(): boolean {
    return this.#key !== undefined
  }

  /**
   * Counts a request that has its answer, or whose client has closed the connection; frees its body.
   *
   * @param ms - since its head has come
   */
  finish(request: FastifyRequest, reply: FastifyReply, ms: number): void {
    if (!reply.sent) return this.#releaseLater(request, reply)
    this.bodies.release(request.raw)
    const { route } = request.routeOptions.config as { readonly route?: string }
    this.metrics.countRequest(route ?? 'other', reply.statusCode, ms / 1000)
  }

  /** Rows of a client that has left are in memory until they are predicted, or given up. */
  #releaseLater(request: FastifyRequest, reply: FastifyReply): void {
    const timer = setInterval(() => {
      if (!reply.sent) return
      clearInterval(timer)
      this.bodies.release(request.raw)
    }, 100).unref()
  }

  /** Metrics of all processes as text. */
  async metricsText(): Promise<string> {
    if (this.gatherMetrics === undefined) return this.metrics.text()
    return this.metrics.text(await this.gatherMetrics(await this.metrics.json()))
  }
}
