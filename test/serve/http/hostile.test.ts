/** Bodies and connections of clients that mean no good. */

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { ModelServer } from '../../../src/serve/index.ts'
import { randomRuns } from '../../random-runs.ts'
import { fruitModel, linearModel, serve, SlowModel } from '../models.ts'
import { outlastSlowClients, slowClients } from './slow-clients.ts'

const headers = { 'content-type': 'application/json' }

async function post(server: ModelServer, payload: string | Buffer, url = '/predict') {
  const answer = await server.fastify.inject({ method: 'POST', url, headers, payload })
  return { code: answer.statusCode, error: answer.json<{ error?: string }>().error }
}

test('deep JSON is refused before it is parsed', async (t) => {
  const server = await serve(t, await linearModel())
  const deep = '['.repeat(200_000) + ']'.repeat(200_000)
  const expected = { code: 400, error: 'Expected JSON of at most 32 levels, got more.' }
  assert.deepEqual(await post(server, deep), expected)
  assert.deepEqual(await post(server, deep, '/v2/models/model/infer'), expected)
  assert.deepEqual(await post(server, '{"a":'.repeat(5000)), expected)
  // Brackets in texts are no levels.
  const text = JSON.stringify(['['.repeat(9000), '\\"['])
  assert.match((await post(server, text)).error!, /^Expected (2 values|a number)/)
})

test('what is no request of HTTP is answered like all other errors', async (t) => {
  const server = await serve(t, await linearModel())
  const port = Number(new URL(await server.listen({ port: 0 })).port)
  const answerOf = async (bytes: string): Promise<[status: string, error: unknown]> => {
    const socket = connect(port, '127.0.0.1')
    socket.end(bytes)
    const [head, body] = (await text(socket)).split('\r\n\r\n')
    const { error, ...others } = JSON.parse(body!) as { error: unknown }
    assert.deepEqual(others, {})
    return [head!.split('\r\n')[0]!, error]
  }
  const start = 'POST /predict HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
  const bad = 'HTTP/1.1 400 Bad Request'
  const other = 'Expected a request of HTTP/1.1, got other bytes'
  for (const [bytes, status, error] of [
    ['\x16\x03\x01\r\n\r\n', bad, /^Expected a request of HTTP\/1\.1, got other bytes: \w/],
    [`${start}Content-Length: -1\r\n\r\n`, bad, other],
    [`${start}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`, bad, other],
    [`${start}Content-Length: 9\r\n\r\n[[`, bad, other],
    [`${start}X: ${'a'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /, /at most 16 KiB/],
    [start.replace('/predict', '/predict/%ff') + '\r\n', bad, /'\/predict\/%ff'/],
    [start.replace('/predict', `/predict/${'a'.repeat(500)}`) + '\r\n', /^HTTP\/1\.1 4/, /aaa/],
  ] as const) {
    const found = await answerOf(bytes)
    if (typeof status === 'string') assert.equal(found[0], status)
    else assert.match(found[0], status)
    if (typeof error === 'string') assert.ok(String(found[1]).startsWith(error), String(found[1]))
    else assert.match(String(found[1]), error)
  }
})

test('names of prototypes are names like others', async (t) => {
  const server = await serve(t, await fruitModel())
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const row = `[{"weight":1,"${name}":{"colour":"red"}}]`
    assert.match((await post(server, row)).error!, /^Expected a column 'colour' in row 0/)
    const model = await post(server, '[]', `/predict/${name}`)
    assert.equal(model.code, 404)
  }
  assert.equal((Object.prototype as { colour?: unknown }).colour, undefined)
})

test('bodies that are too large, compressed or of an unknown type are refused', async (t) => {
  const server = await serve(t, await linearModel(), { maxBody: 1000 })
  const large = await post(server, `[[${'1,'.repeat(600)}1]]`)
  assert.deepEqual(large, {
    code: 413,
    error:
      'Expected a body of at most 1000 bytes, got more. Send fewer rows, or start the server with a larger --max-body.',
  })
  const answer = async (own: Record<string, string>) => {
    const options = { method: 'POST', url: '/predict', headers: own, payload: '[[1,2]]' } as const
    return (await server.fastify.inject(options)).statusCode
  }
  assert.equal(await answer({ ...headers, 'content-encoding': 'gzip' }), 415)
  assert.equal(await answer({ 'content-type': 'image/png' }), 415)
  assert.equal(await answer({ 'content-type': ';;;' }), 415)
})

test('anything at all gets an answer of the protocol, and never a fault', async (t) => {
  const faults: unknown[] = []
  const server = await serve(
    t,
    { line: await linearModel(), fruit: await fruitModel() },
    { onError: (error) => faults.push(error) },
  )
  const tensor = fc.record(
    {
      name: fc.constantFrom('X', 'weight', 'colour', ''),
      datatype: fc.constantFrom('FP64', 'BYTES', 'INT8', 'FP16', 'X'),
      shape: fc.oneof(fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 3 }), fc.anything()),
      data: fc.oneof(
        fc.array(fc.oneof(fc.double(), fc.string(), fc.constant(null))),
        fc.anything(),
      ),
      parameters: fc.record({ binary_data_size: fc.oneof(fc.integer(), fc.string()) }),
    },
    { requiredKeys: [] },
  )
  const request = fc.record(
    {
      inputs: fc.oneof(fc.array(tensor, { maxLength: 3 }), fc.anything()),
      outputs: fc.oneof(fc.anything(), fc.constant([{ name: 'predict', parameters: 3 }])),
      id: fc.anything(),
      parameters: fc.oneof(fc.anything(), fc.constant({ binary_data_output: true })),
    },
    { requiredKeys: [] },
  )
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    request.map((value) => Buffer.from(JSON.stringify(value) ?? '')),
    fc
      .array(fc.dictionary(fc.constantFrom('weight', 'colour'), fc.anything()))
      .map((rows) => Buffer.from(JSON.stringify(rows))),
    fc.string().map((text) => Buffer.from(`weight,colour\n${text}`)),
    fc
      .uint8Array({ maxLength: 99 })
      .map((bytes) =>
        Buffer.concat([Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]), bytes]),
      ),
  )
  const paths = [
    '/v2/models/line/infer',
    '/v2/models/fruit/infer',
    '/predict/line',
    '/predict/fruit',
  ]
  const length = fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: 300 }).map(String))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      body,
      fc.constantFrom('application/json', 'text/csv', 'application/x-npy', 'text/plain'),
      length,
      async (url, payload, type, headerLength) => {
        const own: Record<string, string> = { 'content-type': type }
        if (headerLength !== undefined) own['inference-header-content-length'] = headerLength
        const answer = await server.fastify.inject({ method: 'POST', url, headers: own, payload })
        assert.deepEqual(faults, [])
        assert.ok([200, 400, 406, 415].includes(answer.statusCode), answer.payload)
        if (answer.statusCode !== 200)
          assert.equal(typeof answer.json<{ error: unknown }>().error, 'string')
      },
    ),
    { numRuns: randomRuns(300, 1500), seed: 7 },
  )
})

test('50 slow clients do not stop a fast one, and lose their connections', (t) =>
  outlastSlowClients(t, 50))

test('a client that leaves takes its body along', async (t) => {
  const model = new SlowModel().open()
  const server = await serve(t, model)
  const port = Number(new URL(await server.listen({ port: 0 })).port)
  const [socket] = await slowClients(
    port,
    1,
    `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n${'['.repeat(40_000)}`,
  )
  const { bodies } = server.service
  while (bodies.totalBytes === 0) await new Promise((resolve) => setImmediate(resolve))
  socket!.destroy()
  while (bodies.totalBytes > 0) await new Promise((resolve) => setImmediate(resolve))
})
