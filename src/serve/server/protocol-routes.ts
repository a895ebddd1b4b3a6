/** The routes of the Open Inference Protocol. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { unavailable } from '../http/request-error.ts'
import { readInferRequest } from '../protocol/infer-request.ts'
import { writeInferResponse } from '../protocol/infer-response.ts'
import { modelMetadata, serverMetadata } from '../protocol/metadata.ts'
import { rowsOfTensors } from '../protocol/tensor-rows.ts'
import type { Service } from './service.ts'

interface ModelParams {
  readonly name: string
  readonly version?: string
}

const jsonType = 'application/json; charset=utf-8'

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

  const infer = async (request: FastifyRequest, reply: FastifyReply): Promise<string | Buffer> => {
    const model = modelOf(request)
    const length = request.headers['inference-header-content-length'] as string | undefined
    const asked = readInferRequest(bodyOf(request), length, model)
    const rows = rowsOfTensors(asked.inputs, model)
    const names = asked.outputs.map((output) => output.name)
    const predicted = await batcher.predict(model, rows, names)
    const { body, headerLength } = writeInferResponse(model, asked, predicted, rows.count)
    if (headerLength === undefined) reply.header('content-type', jsonType)
    else
      reply
        .header('content-type', 'application/octet-stream')
        .header('inference-header-content-length', String(headerLength))
    return body
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

/** The body that the reader has put there; none for a request without. */
export function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
}
