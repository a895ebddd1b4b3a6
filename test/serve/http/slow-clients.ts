/** Clients that begin requests and never end them. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { linearModel, serve } from '../models.ts'

/** Opens connections that send the start of a request. */
export async function slowClients(port: number, count: number, start: string): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'))
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  for (const socket of sockets) {
    socket.on('error', () => {})
    socket.write(start)
  }
  return sockets
}

/** Limits of a server that slow clients are tried on. */
export const slowLimits = { maxBody: 100_000, timeoutMs: 1500 } as const

/** Holds a server against slow clients: a fast one is answered, and they lose their connections. */
export async function outlastSlowClients(t: TestContext, count: number): Promise<void> {
  const server = await serve(t, await linearModel(), slowLimits)
  const { bodies } = server.service
  await outlastSlowClientsAt(t, await server.listen({ port: 0 }), count, () => {
    // Their bodies never take more memory than eight bodies may.
    assert.ok(bodies.totalBytes <= 8 * slowLimits.maxBody)
  })
  assert.equal(bodies.totalBytes, 0)
}

/**
 * As {@link outlastSlowClients}, for a server with {@link slowLimits}.
 *
 * @param check - called while they are there
 */
export async function outlastSlowClientsAt(
  t: TestContext,
  url: string,
  count: number,
  check: () => void = () => {},
): Promise<void> {
  const port = Number(new URL(url).port)
  const head = 'POST /predict HTTP/1.1\r\nHost: x\r\n'
  const heads = await slowClients(port, count / 2, `${head}X-A: `)
  const body = `${head}Content-Length: 90000\r\n\r\n${'['.repeat(40_000)}`
  const all = [...heads, ...(await slowClients(port, count / 2, body))]
  t.after(() => all.forEach((socket) => socket.destroy()))
  const gone = Promise.all(all.map((socket) => once(socket.resume(), 'close')))
  for (let i = 0; i < 20; i++) {
    const answer = await fetch(`${url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '[[0, 0]]',
    })
    assert.equal(answer.status, 200)
    await answer.arrayBuffer()
    check()
  }
  await gone
}
