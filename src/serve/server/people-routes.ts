/** The routes for people: predictions of rows, metrics, descriptions, the page. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { badRequest } from '../http/request-error.ts'
import type { OutputName } from '../model/model-outputs.ts'
import { drawPage } from '../page/draw-page.ts'
import { openapi } from '../page/openapi.ts'
import { readCsvRows } from '../rows/read-csv-rows.ts'
import { readJsonRows } from '../rows/read-json-rows.ts'
import { readNpyRows } from '../rows/npy-rows.ts'
import { contentTypes, formOfAnswer, formOfBody } from '../rows/row-form.ts'
import { type AnswerContent, writeAnswer } from '../rows/write-answer.ts'
import { bodyOf } from './protocol-routes.ts'
import type { Service } from './service.ts'

const readers = { json: readJsonRows, csv: readCsvRows, npy: readNpyRows } as const

/**
 * Adds `/predict`, `/metrics`, `/openapi.json` and `/`.
 *
 * @param version - of the package
 */
export function addPeopleRoutes(app: FastifyInstance, service: Service, version: string): void {
  const { shelf, batcher } = service
  const predict = async (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<string | Buffer> => {
    const { name } = request.params as { readonly name?: string }
    const model = name === undefined ? shelf.only() : shelf.get(name)
    const content = contentOf(request)
    const body = bodyOf(request)
    const own = formOfBody(request.headers, body)
    const form = formOfAnswer(request.headers, own)
    const rows = readers[own](body, model)
    const hasProbabilities = model.outputs.some((output) => output.name === 'predict_proba')
    if (content === 'probabilities' && !hasProbabilities)
      throw badRequest(`Expected a model with probabilities, ${model.kind} has none.`)
    const isWanted = (output: OutputName): boolean =>
      content === 'probabilities'
        ? output === 'predict_proba'
        : output === 'predict' || form !== 'npy'
    const wanted = model.outputs.map((output) => output.name).filter(isWanted)
    const predicted = await batcher.predict(model, rows, wanted)
    reply.header('content-type', contentTypes[form])
    return writeAnswer(form, content, model, pick(predicted, wanted), rows.count)
  }
  app.post('/predict', { config: { route: 'predict' } }, predict)
  app.post('/predict/:name', { config: { route: 'predict' } }, predict)
  app.get('/metrics', { config: { route: 'metrics' } }, async (_, reply) => {
    const text = await service.metricsText()
    reply.header('content-type', service.metrics.contentType)
    return text
  })
  app.get('/openapi.json', { config: { route: 'metadata' } }, () =>
    openapi(shelf.all, version, service.needsKey),
  )
  app.get('/', { config: { route: 'page', isOpen: true } }, (_, reply) => {
    const { html, policy } = drawPage()
    return reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', policy)
      .send(html)
  })
}

function contentOf(request: FastifyRequest): AnswerContent {
  const { output = 'predictions' } = request.query as { readonly output?: unknown }
  if (output === 'predictions' || output === 'probabilities') return output
  throw badRequest(
    `Expected \`output\` to be 'predictions' or 'probabilities', got '${String(output).slice(0, 40)}'.`,
  )
}

/** A batch may have computed more than this request wants. */
function pick<T extends object>(found: T, wanted: readonly (keyof T)[]): T {
  return Object.fromEntries(wanted.map((name) => [name, found[name]])) as T
}
