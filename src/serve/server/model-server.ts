/** A server of models over HTTP. */

import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { OneCopyError, show } from '../../errors.ts'
import { isEstimator } from '../../learn/index.ts'
import { importPeer } from '../../optional-peer.ts'
import { answerBroken } from '../http/answer-broken.ts'
import { type AnyModel, ServedModel } from '../model/served-model.ts'
import { type ServeOptions, settleServeOptions } from './serve-options.ts'
import { answerUnknown, answerWith, pluginOf } from './serve-plugin.ts'
import { Service } from './service.ts'

/** One fitted model, or several by their names. */
export type Models = AnyModel | Readonly<Record<string, AnyModel>>

/** Where a server listens. */
export interface ListenOptions {
  /** Default: 8080. 0 takes any free port. */
  readonly port?: number | undefined
  /** Address to listen on. Default: `'127.0.0.1'`, this machine only; `'0.0.0.0'` is every address. */
  readonly host?: string | undefined
}

/** A server of models; make it with {@link createServer}. */
export class ModelServer {
  /** The server's own Fastify, for hooks and routes of yours; it is not listening yet. */
  readonly fastify: FastifyInstance
  readonly #service: Service

  /** @internal use `createServer` */
  constructor(fastify: FastifyInstance, service: Service) {
    this.fastify = fastify
    this.#service = service
  }

  /** @internal what a server of several processes needs */
  get service(): Service {
    return this.#service
  }

  /** Names of the models. */
  get names(): readonly string[] {
    return this.#service.shelf.names
  }

  /**
   * Starts to listen.
   *
   * @returns the address, such as `http://127.0.0.1:8080`
   * @throws OneCopyError `ERR_SYSTEM` when the address can't be had
   */
  async listen({ port = 8080, host = '127.0.0.1' }: ListenOptions = {}): Promise<string> {
    try {
      return await this.fastify.listen({ port, host })
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      const { code } = cause as NodeJS.ErrnoException
      const advice =
        code === 'EADDRINUSE' || code === 'EACCES'
          ? ' Choose another port, or 0 for any free one.'
          : ''
      const text = `Can't listen on ${host}:${port}: ${reason}.${advice}`
      throw new OneCopyError('ERR_SYSTEM', text, { cause, details: { host, port } })
    }
  }

  /**
   * Adds a model, or replaces that of its name. Requests that have arrived are predicted by the one before; no request is
   * lost.
   *
   * @throws OneCopyError `ERR_NOT_FITTED`; the model before stays
   */
  async put(name: string, model: AnyModel): Promise<void> {
    const { shelf, options } = this.#service
    shelf.put(await ServedModel.of(requireName(name), requireModel(name, model), options.version))
  }

  /**
   * Stops listening, answers the requests that have arrived, and resolves when all have their answers. Clients that are still
   * sending after `timeoutMs` lose their connections.
   */
  async close(): Promise<void> {
    this.#service.isClosing = true
    const { server } = this.fastify
    // Clients keep connections open that have their answers.
    const idle = setInterval(() => server.closeIdleConnections(), 20)
    const late = setTimeout(() => server.closeAllConnections(), this.#service.options.timeoutMs)
    try {
      await this.fastify.close()
      await this.#service.batcher.whenIdle()
    } finally {
      clearInterval(idle)
      clearTimeout(late)
      this.#service.batcher.close()
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/**
 * Makes a server that predicts by fitted models: the Open Inference Protocol v2 under `/v2`, rows of people at `/predict`, Prometheus's
 * metrics at `/metrics`, a description at `/openapi.json`, and a page at `/`. Needs the packages fastify and prom-client.
 *
 * @param models - one, or several by name; kept, and not changed
 * @throws OneCopyError `ERR_NOT_FITTED` for a model before `fit`, `ERR_DEPENDENCY` when a package is not installed, `ERR_OPTION`; TypeError
 *   for what is no model
 *
 * @example
 * ```ts
 * const server = await createServer(model, { name: 'diamonds' })
 * console.log(await server.listen({ port: 8080 })) // http://127.0.0.1:8080
 * ```
 *
 * @see github.com/kserve/open-inference-protocol
 */
export function createServer(models: Models, options: ServeOptions = {}): Promise<ModelServer> {
  return makeServer('createServer', models, options)
}

/**
 * As {@link createServer}.
 *
 * @param what - the function that was called, for error texts
 * @param prepare - adds hooks before there are routes
 */
export async function makeServer(
  what: string,
  models: Models,
  options: ServeOptions,
  prepare: (app: FastifyInstance) => void = () => {},
): Promise<ModelServer> {
  const service = await startService(what, models, options)
  const { fastify } = (await importPeer('fastify', {
    install: 'fastify@5.12.8 prom-client@15.1.3',
    purpose: 'Serving models',
    otherwise: 'predict in your own program',
  })) as typeof import('fastify')
  const app = fastify({
    // Clients that send slowly, or nothing at all, don't keep their connections.
    requestTimeout: service.options.timeoutMs,
    keepAliveTimeout: 72_000,
    http: {
      headersTimeout: Math.min(10_000, service.options.timeoutMs),
      connectionsCheckingInterval: 1000,
    },
    bodyLimit: service.options.maxBody,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    logger: false,
    frameworkErrors: (error, _, reply) => {
      void answerWith(service, error, reply)
    },
    clientErrorHandler: answerBroken,
  })
  prepare(app)
  app.setErrorHandler((error, _, reply) => answerWith(service, error, reply))
  app.setNotFoundHandler(answerUnknown)
  await app.register(pluginOf(service))
  return new ModelServer(app, service)
}

/**
 * Makes a plugin for a Fastify of your own, with the routes of {@link createServer}.
 *
 * @param models - one, or several by name; kept, and not changed
 * @throws as {@link createServer}
 *
 * @example
 * ```ts
 * const app = fastify()
 * await app.register(await servePlugin(model), { prefix: '/models' })
 * ```
 */
export async function servePlugin(
  models: Models,
  options: ServeOptions = {},
): Promise<FastifyPluginAsync> {
  return pluginOf(await startService('servePlugin', models, options))
}

async function startService(what: string, models: Models, options: ServeOptions): Promise<Service> {
  const settled = settleServeOptions(what, options)
  const named = isModel(models) ? { [settled.name]: models } : requireModels(what, models)
  const service = await Service.start(settled)
  for (const [name, model] of Object.entries(named))
    service.shelf.put(
      await ServedModel.of(requireName(name), requireModel(name, model), settled.version),
    )
  return service
}

function isModel(value: unknown): value is AnyModel {
  return isEstimator(value)
}

function requireModels(what: string, models: unknown): Readonly<Record<string, AnyModel>> {
  if (isPlain(models) && Object.keys(models).length > 0) return models as Record<string, AnyModel>
  throw new TypeError(
    `Expected ${what} to be given a fitted model, or models by name as in { price: model }, got ${show(models)}.`,
  )
}

/** An instance of a class is no list of models by name. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function requireModel(name: string, model: unknown): AnyModel {
  if (isModel(model)) return model
  throw new TypeError(
    `Expected model '${name}' to be a fitted learner with predict(), got ${show(model)}.`,
  )
}

function requireName(name: string): string {
  if (/^[\w.-]+$/.test(name)) return name
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected the name of a model to have letters, digits, '.', '_' and '-' only, got ${show(name)}.`,
    { details: { name } },
  )
}
