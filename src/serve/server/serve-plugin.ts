/** The service as a plugin of Fastify. */

import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { packageFile } from '../../package-file.ts'
import { readFileSync } from 'node:fs'
import { answerTo } from '../http/answer-error.ts'
import { addPeopleRoutes } from './people-routes.ts'
import { addProtocolRoutes } from './protocol-routes.ts'
import type { Service } from './service.ts'

/** Makes a plugin of a service; its routes, parsers and errors are its own. */
export function pluginOf(service: Service): FastifyPluginAsync {
  const version = packageVersion()
  return async (app: FastifyInstance) => {
    // All bodies are read within common bounds, and each route knows what it takes.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (request, payload, done) =>
      service.bodies.read(request.raw, payload, done),
    )
    app.addHook('onRequest', (request, reply, done) => {
      const startMs = performance.now()
      // Fastify's onResponse is not called where the client has closed the connection before.
      reply.raw.on('close', () => service.finish(request, reply, performance.now() - startMs))
      done()
    })
    if (service.needsKey)
      app.addHook('onRequest', (request, _, done) => {
        const { isOpen = false } = request.routeOptions.config as { readonly isOpen?: boolean }
        if (!isOpen) service.requireKey(request)
        done()
      })
    app.setErrorHandler((error, _, reply) => answerWith(service, error, reply))
    addProtocolRoutes(app, service, version)
    addPeopleRoutes(app, service, version)
  }
}

/** Answers with an error as the protocol has it. */
export function answerWith(service: Service, error: unknown, reply: FastifyReply): FastifyReply {
  const { statusCode, text, headers, isFault } = answerTo(error)
  if (isFault) service.options.onError(error)
  return reply.code(statusCode).headers(headers).send({ error: text })
}

/** Answers requests of other paths. */
export function answerUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?')[0]!.slice(0, 80)
  const text = `There is nothing at ${request.method} ${path}. See /openapi.json.`
  return reply.code(404).send({ error: text })
}

let found: string | undefined

function packageVersion(): string {
  found ??= (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string })
    .version
  return found
}
