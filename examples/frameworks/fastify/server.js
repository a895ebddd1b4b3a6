/** Counts primes for requests, and stops when a client goes away. */

import fastify from 'fastify'
import { delayed, Parallel } from 'onecopy'
import { countPrimes } from './primes.js'

/** Serves `GET /primes?below=100`; tells `onAbort` of requests that were given up. */
export function makeServer(onAbort) {
  const app = fastify()
  const parallel = new Parallel({ workers: 2 })
  app.addHook('onClose', () => parallel.close())
  app.get('/primes', async (request, reply) => {
    const controller = new AbortController()
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) controller.abort()
    })
    try {
      const { signal } = controller
      const [count] = await parallel.run([delayed(countPrimes)(Number(request.query.below))], {
        signal,
      })
      return { count }
    } catch (error) {
      if (error.name !== 'AbortError') throw error
      onAbort(parallel.stats())
      return reply.hijack()
    }
  })
  return app
}
