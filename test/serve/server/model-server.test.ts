/** A server of models: keys, limits, faults, replacement, closing, plugins. */

import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { connect } from 'node:net'
import { test } from 'node:test'
import fastify from 'fastify'
import { createServer, servePlugin } from '../../../src/serve/index.ts'
import { LinearRegression, StandardScaler } from '../../../src/learn/index.ts'
import { higherModel, linearModel, serve, SlowModel } from '../models.ts'

const body = JSON.stringify([[0, 0]])
const headers = { 'content-type': 'application/json' }
const post = { method: 'POST', url: '/predict', headers, payload: body } as const

test('without the key only health and the page are answered', async (t) => {
  const server = await serve(t, await linearModel(), { apiKey: 'correct horse' })
  const codeOf = async (url: string, own: Record<string, string> = {}, method = 'GET') => {
    const answer = await server.fastify.inject({
      method: method as 'GET',
      url,
      headers: { ...headers, ...own },
      ...(method === 'POST' && { payload: body }),
    })
    return answer.statusCode
  }
  for (const url of ['/', '/v2/health/live', '/v2/health/ready', '/v2/models/model/ready'])
    assert.equal(await codeOf(url), 200, url)
  for (const url of ['/v2', '/v2/models', '/v2/models/model', '/metrics', '/openapi.json'])
    assert.equal(await codeOf(url), 401, url)
  assert.equal(await codeOf('/predict', {}, 'POST'), 401)
  for (const wrong of [
    { authorization: 'Bearer correct' },
    { authorization: 'Bearer correct horse x' },
    { authorization: 'Basic correct horse' },
    { 'x-api-key': '' },
    { 'x-api-key': 'Correct horse' },
  ])
    assert.equal(await codeOf('/predict', wrong as Record<string, string>, 'POST'), 401)
  assert.equal(await codeOf('/predict', { authorization: 'Bearer correct horse' }, 'POST'), 200)
  assert.equal(await codeOf('/predict', { 'x-api-key': 'correct horse' }, 'POST'), 200)
})

test('a key beyond ASCII is known in Latin-1 and in UTF-8', async (t) => {
  const server = await serve(t, await linearModel(), { apiKey: 'Schlüssel€' })
  const other = await serve(t, await linearModel(), { apiKey: 'Schlüssel' })
  const codeOf = async (to: typeof server, key: string): Promise<number> => {
    const own = { ...headers, 'x-api-key': key }
    return (await to.fastify.inject({ ...post, headers: own })).statusCode
  }
  const asUtf8 = (key: string): string => Buffer.from(key).toString('latin1')
  assert.equal(await codeOf(server, asUtf8('Schlüssel€')), 200)
  assert.equal(await codeOf(server, asUtf8('Schlüssel')), 401)
  assert.equal(await codeOf(other, asUtf8('Schlüssel')), 200)
  assert.equal(await codeOf(other, 'Schlüssel'), 200)
})

test('a fault of the model is a 500 without its text, and the operator gets it', async (t) => {
  const faults: unknown[] = []
  const server = await serve(t, new SlowModel().open(), { onError: (error) => faults.push(error) })
  const { statusCode, payload } = await server.fastify.inject({ ...post, payload: '[[666, 1]]' })
  assert.equal(statusCode, 500)
  assert.equal(payload, '{"error":"The server has failed at this request. Its log says why."}')
  assert.match(String(faults[0]), /secret path/)
})

test('a model is replaced at once, and a wrong one changes nothing', async (t) => {
  const server = await serve(t, { line: await linearModel() })
  const predict = async (): Promise<number> =>
    Math.round(
      (await server.fastify.inject(post)).json<{ predictions: number[] }>().predictions[0]!,
    )
  assert.equal(await predict(), 1)
  await server.put('line', await higherModel())
  assert.equal(await predict(), 11)
  await assert.rejects(server.put('line', new LinearRegression()), { code: 'ERR_NOT_FITTED' })
  await assert.rejects(
    server.put('line', {} as never),
    /Expected model 'line' to be a fitted learner/,
  )
  await assert.rejects(server.put('a/b', await linearModel()), { code: 'ERR_OPTION' })
  assert.equal(await predict(), 11)
  assert.deepEqual(server.names, ['line'])
})

test('requests that have arrived get the model before, also when it is slow', async (t) => {
  const slow = new SlowModel().open()
  const server = await serve(t, { line: slow })
  slow.isOpen = false
  const answer = server.fastify.inject({ ...post, payload: '[[5, 0]]' })
  while (slow.batches.length < 3) await new Promise((resolve) => setImmediate(resolve))
  await server.put('line', await higherModel())
  slow.open()
  assert.deepEqual((await answer).json<{ predictions: number[] }>().predictions, [5])
})

test('closing answers what has arrived, and takes nothing new', async (t) => {
  const slow = new SlowModel().open()
  const server = await createServer(slow)
  t.after(() => {
    slow.open()
    return server.close()
  })
  slow.isOpen = false
  const address = await server.listen({ port: 0 })
  const answer = fetch(`${address}/predict`, { method: 'POST', headers, body: '[[5, 0]]' })
  while (slow.batches.length < 3) await new Promise((resolve) => setImmediate(resolve))
  const closed = server.close()
  const late = await fetch(`${address}/v2`).then(
    ({ status }) => status,
    () => 'refused',
  )
  assert.ok(late === 'refused' || late === 503, String(late))
  slow.open()
  assert.deepEqual(((await (await answer).json()) as { predictions: number[] }).predictions, [5])
  await closed
})

test('wrong options, names and models are refused', async () => {
  const model = await linearModel()
  await assert.rejects(createServer(new LinearRegression()), { code: 'ERR_NOT_FITTED' })
  await assert.rejects(createServer(LinearRegression as never), TypeError)
  await assert.rejects(createServer({}), TypeError)
  const scaler = await new StandardScaler().fit([[1], [2]])
  await assert.rejects(createServer(scaler as never), {
    message:
      'Expected createServer to be given a fitted model, or models by name as in { price: model }, got an object of class StandardScaler.',
  })
  await assert.rejects(createServer({ 'a b': model }), { code: 'ERR_OPTION' })
  await assert.rejects(
    createServer(model, { port: 3 } as never),
    /createServer has no option `port`/,
  )
  await assert.rejects(createServer(model, { maxBody: 0 }), { code: 'ERR_OPTION' })
  await assert.rejects(createServer(model, { apiKey: '' }), { code: 'ERR_OPTION' })
})

test('a port that is taken is refused by name', async (t) => {
  const first = await serve(t, await linearModel())
  const second = await serve(t, await linearModel())
  const port = Number(new URL(await first.listen({ port: 0 })).port)
  await assert.rejects(second.listen({ port }), { code: 'ERR_SYSTEM' })
})

test('the plugin serves under a prefix, beside routes of others', async (t) => {
  const app = fastify()
  t.after(() => app.close())
  app.post('/echo', (request) => request.body)
  await app.register(await servePlugin(await linearModel()), { prefix: '/models' })
  const predicted = await app.inject({ ...post, url: '/models/predict' })
  assert.equal(Math.round(predicted.json<{ predictions: number[] }>().predictions[0]!), 1)
  assert.equal((await app.inject('/models/v2/health/live')).statusCode, 200)
  assert.equal((await app.inject('/models/')).statusCode, 200)
  const echo = await app.inject({ ...post, url: '/echo' })
  assert.deepEqual(echo.json(), [[0, 0]])
})

test('requests that are predicted together keep their own asynchronous contexts', async (t) => {
  const app = fastify()
  t.after(() => app.close())
  const contexts = new AsyncLocalStorage<string>()
  const seen: [id: string, context: string | undefined][] = []
  app.addHook('onRequest', (request, _, done) => contexts.run(request.id, done))
  app.addHook('onSend', (request, _, payload, done) => {
    seen.push([request.id, contexts.getStore()])
    done(null, payload)
  })
  const slow = new SlowModel().open()
  await app.register(await servePlugin(slow))
  const answers = [1, 2, 3, 666].map((value) => {
    const input = { name: 'X', shape: [1, 2], datatype: 'FP64', data: [value, 0] }
    return app.inject({ ...post, url: '/v2/models/model/infer', payload: { inputs: [input] } })
  })
  assert.deepEqual(
    (await Promise.all(answers)).map(({ statusCode }) => statusCode),
    [200, 200, 200, 500],
  )
  assert.equal(seen.length, 4)
  for (const [id, context] of seen) assert.equal(context, id)
})

test('a body is forgotten when its client leaves before the answer', async (t) => {
  const slow = new SlowModel().open()
  const server = await serve(t, slow)
  const url = await server.listen({ port: 0 })
  slow.isOpen = false
  const client = connect(Number(new URL(url).port), '127.0.0.1')
  client.write(`POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n[[5,0]]`)
  while (slow.batches.length < 3) await new Promise((resolve) => setImmediate(resolve))
  const { bodies } = server.service
  assert.equal(bodies.totalBytes, 7)
  client.destroy()
  const gone = async (): Promise<boolean> =>
    new Promise((resolve, reject) =>
      server.fastify.server.getConnections((error, count) =>
        error === null ? resolve(count === 0) : reject(error),
      ),
    )
  while (!(await gone())) await new Promise((resolve) => setImmediate(resolve))
  // Its rows are still there.
  assert.equal(bodies.totalBytes, 7)
  slow.open()
  while (bodies.totalBytes > 0) await new Promise((resolve) => setImmediate(resolve))
})

test('metrics count requests, rows and memory', async (t) => {
  const server = await serve(t, await linearModel())
  for (let i = 0; i < 3; i++) await server.fastify.inject(post)
  await server.fastify.inject({ ...post, payload: '{' })
  const text = (await server.fastify.inject('/metrics')).payload
  assert.match(text, /^onecopy_requests_total\{route="predict",code="200"\} 3$/m)
  assert.match(text, /^onecopy_requests_total\{route="predict",code="400"\} 1$/m)
  assert.match(text, /^onecopy_request_duration_seconds_count\{route="predict"\} 4$/m)
  assert.match(text, /^onecopy_batch_rows_sum 3$/m)
  assert.match(text, /^onecopy_queue_length 0$/m)
  assert.match(text, /^onecopy_body_bytes 0$/m)
  for (const kind of ['anonymous', 'shmem', 'file'])
    assert.match(text, new RegExp(`^onecopy_memory_bytes\\{kind="${kind}"\\} \\d+$`, 'm'))
})

interface Description {
  readonly openapi: string
  readonly paths: Record<string, Record<string, PathItem>>
  readonly security: unknown
}

interface PathItem {
  readonly requestBody: {
    readonly content: Record<string, { readonly schema: { items: unknown } }>
  }
}

test('openapi.json describes the columns of each model', async (t) => {
  const server = await serve(t, { line: await linearModel() }, { apiKey: 'k' })
  const answer = await server.fastify.inject({
    url: '/openapi.json',
    headers: { 'x-api-key': 'k' },
  })
  const { openapi, paths, security } = answer.json<Description>()
  assert.equal(openapi, '3.1.0')
  assert.deepEqual(security, [{ key: [] }])
  const { schema } = paths['/predict/line']!['post']!.requestBody.content['application/json']!
  assert.deepEqual(schema.items, {
    type: 'array',
    items: { type: ['number', 'null'] },
    minItems: 2,
    maxItems: 2,
  })
  // Each path that it names is there.
  for (const [path, methods] of Object.entries(paths))
    for (const method of Object.keys(methods)) {
      const found = await server.fastify.inject({
        method: method.toUpperCase() as 'GET',
        url: path,
        headers: { 'x-api-key': 'k' },
      })
      assert.notEqual(found.statusCode, 404, path)
    }
})
