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

/** Holds a server against slow clients: a fast one is answered, and they lose their connections. */
export async function outlastSlowClients(t: TestContext, count: number): Promise<void> {
  const server = await serve(t, await linearModel(), { maxBody: 100_000, timeoutMs: 1500 })
  const port = Number(new URL(await server.listen({ port: 0 })).port)
  const head = 'POST /predict HTTP/1.1\r\nHost: x\r\n'
  const heads = await slowClients(port, count / 2, `${head}X-A: `)
  const body = `${head}Content-Length: 90000\r\n\r\n${'['.repeat(40_000)}`
  const all = [...heads, ...(await slowClients(port, count / 2, body))]
  t.after(() => all.forEach((socket) => socket.destroy()))
  const gone = Promise.all(all.map((socket) => once(socket.resume(), 'close')))
  for (let i = 0; i < 20; i++) {
    const answer = await fetch(`http://127.0.0.1:${port}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '[[0, 0]]',
    })
    assert.equal(answer.status, 200)
    await answer.arrayBuffer()
    // Their bodies never take more memory than eight bodies may.
    assert.ok(server.service.bodies.totalBytes <= 800_000)
  }
  await gone
  assert.equal(server.service.bodies.totalBytes, 0)
}
