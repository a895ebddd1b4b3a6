/** The routes of the Open Inference Protocol. */

import { AsyncResource } from 'node:async_hooks'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Asker } from '../batches/batcher.ts'
import { unavailable } from '../http/request-error.ts'
import type { Predicted } from '../model/model-outputs.ts'
import type { ServedModel } from '../model/served-model.ts'
import { type InferRequest, readInferRequest } from '../protocol/infer-request.ts'
import { writeInferResponse } from '../protocol/infer-response.ts'
import { modelMetadata, serverMetadata } from '../protocol/metadata.ts'
import { rowsOfTensors } from '../protocol/tensor-rows.ts'
import type { Service } from './service.ts'

interface ModelParams {
  readonly name: string
  readonly version?: string
}

const jsonType = 'application/json; charset=utf-8'
const lengthHeader = 'inference-header-content-length'

/**
 * Adds `/v2` and all below it.
 *
 * @param version - of the package
 */
export function addProtocolRoutes(app: FastifyInstance, service: Service, version: string): void {
  const { shelf, batcher } = service
  const modelOf = (request: FastifyRequest) => {
    const { name, version } = request.params as ModelParams
    return shelf.get(name, version)
  }
  const open = { config: { route: 'health', isOpen: true } }
  app.get('/v2/health/live', open, () => ({ live: true }))
  app.get('/v2/health/ready', open, () => {
    if (service.isClosing) throw unavailable(503, 'The server is about to end.')
    return { ready: true }
  })
  app.get('/v2', { config: { route: 'metadata' } }, () => serverMetadata(version))
  app.get('/v2/models', { config: { route: 'metadata' } }, () => ({
    models: shelf.all.map(modelMetadata),
  }))

  const infer = (request: FastifyRequest, reply: FastifyReply): void => {
    const model = modelOf(request)
    const length = request.headers[lengthHeader] as string | undefined
    const asked = readInferRequest(bodyOf(request), length, model)
    const rows = rowsOfTensors(asked.inputs, model)
    batcher.ask(model, rows, asked.names, new InferAnswer(model, asked, rows.count, reply))
  }
  for (const path of ['/v2/models/:name', '/v2/models/:name/versions/:version']) {
    app.get(path, { config: { route: 'metadata' } }, (request) => modelMetadata(modelOf(request)))
    app.get(`${path}/ready`, { config: { route: 'health', isOpen: true } }, (request) => {
      if (service.isClosing) throw unavailable(503, 'The server is about to end.')
      return { name: modelOf(request).name, ready: true }
    })
    app.post(`${path}/infer`, { config: { route: 'infer' } }, infer)
  }
}

/** Answers one request, in its own asynchronous context: hooks of the user's Fastify may look for it. */
class InferAnswer extends AsyncResource implements Asker {
  readonly model: ServedModel
  readonly asked: InferRequest
  readonly count: number
  readonly reply: FastifyReply

  constructor(model: ServedModel, asked: InferRequest, count: number, reply: FastifyReply) {
    super('onecopy.infer', { requireManualDestroy: true })
    this.model = model
    this.asked = asked
    this.count = count
    this.reply = reply
  }

  resolve(predicted: Predicted, start: number): void {
    this.runInAsyncScope(answer, undefined, this, predicted, start)
  }

  reject(error: unknown): void {
    this.runInAsyncScope(refuse, undefined, this.reply, error)
  }
}

function answer(
  { model, asked, count, reply }: InferAnswer,
  predicted: Predicted,
  start: number,
): void {
  try {
    const { body, headerLength } = writeInferResponse(model, asked, predicted, { start, count })
    if (headerLength === undefined) reply.header('content-type', jsonType)
    else
      reply
        .header('content-type', 'application/octet-stream')
        .header(lengthHeader, String(headerLength))
    reply.send(body)
  } catch (error) {
    refuse(reply, error)
  }
}

function refuse(reply: FastifyReply, error: unknown): void {
  reply.send(error instanceof Error ? error : new Error(String(error)))
}

/** The body that the reader has put there; none for a request without. */
export function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
}
