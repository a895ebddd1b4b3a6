/** The Open Inference Protocol: requests and their answers, byte by byte. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ModelServer } from '../../../src/serve/index.ts'
import { bytesOf, fruitModel, linearModel, serve } from '../models.ts'

const path = '/v2/models/line/infer'

async function infer(server: ModelServer, body: unknown, url = path) {
  const { statusCode, payload } = await server.fastify.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { statusCode, payload }
}

const input = (data: unknown, shape: number[], datatype = 'FP64') => ({
  name: 'X',
  shape,
  datatype,
  data,
})

test('JSON tensors, flat and nested, get the outputs of the model', async (t) => {
  const server = await serve(t, { line: await linearModel() })
  const wanted = (values: number[], id = '') =>
    `{"model_name":"line","model_version":"1",${id}"outputs":[{"name":"predict","datatype":"FP64","shape":[${values.length}],"data":[${values.join(',')}]}]}`
  // Values that come out exactly are those of the origin only.
  const [first] = JSON.parse((await infer(server, { inputs: [input([1, 1], [1, 2])] })).payload)
    .outputs[0].data
  assert.ok(Math.abs(first - 6) < 1e-9)
  const flat = await infer(server, { id: '42', inputs: [input([0, 0, 0, 0], [2, 2])] })
  const nested = await infer(server, {
    id: '42',
    inputs: [
      input(
        [
          [0, 0],
          [0, 0],
        ],
        [2, 2],
      ),
    ],
  })
  assert.equal(flat.statusCode, 200)
  assert.equal(flat.payload, nested.payload)
  const [at0] = JSON.parse(flat.payload).outputs[0].data as [number]
  assert.equal(flat.payload, wanted([at0, at0], '"id":"42",'))
})

test('every number type gives the same prediction, as JSON and as bytes', async (t) => {
  const server = await serve(t, { line: await linearModel() })
  const expected = JSON.parse((await infer(server, { inputs: [input([1, 0], [1, 2])] })).payload)
  const bytes: Record<string, Buffer> = {
    BOOL: Buffer.from([1, 0]),
    INT8: Buffer.from([1, 0]),
    UINT8: Buffer.from([1, 0]),
    INT16: Buffer.from(Int16Array.of(1, 0).buffer),
    UINT16: Buffer.from(Uint16Array.of(1, 0).buffer),
    INT32: Buffer.from(Int32Array.of(1, 0).buffer),
    UINT32: Buffer.from(Uint32Array.of(1, 0).buffer),
    INT64: Buffer.from(BigInt64Array.of(1n, 0n).buffer),
    UINT64: Buffer.from(BigUint64Array.of(1n, 0n).buffer),
    FP16: Buffer.from(Uint16Array.of(0x3c00, 0).buffer),
    FP32: Buffer.from(Float32Array.of(1, 0).buffer),
    FP64: bytesOf([1, 0]),
  }
  for (const [datatype, data] of Object.entries(bytes)) {
    const json = await infer(server, { inputs: [input([1, 0], [1, 2], datatype)] })
    assert.deepEqual(JSON.parse(json.payload), expected, datatype)
    const binary = await inferBinary(server, [[{ name: 'X', shape: [1, 2], datatype }, data]])
    assert.deepEqual(JSON.parse(binary.payload), expected, datatype)
  }
})

/** Sends tensors as the binary extension has them. */
async function inferBinary(
  server: ModelServer,
  inputs: readonly (readonly [object, Buffer])[],
  more: object = {},
  url = path,
) {
  const json = Buffer.from(
    JSON.stringify({
      inputs: inputs.map(([head, data]) => ({
        ...head,
        parameters: { binary_data_size: data.length },
      })),
      ...more,
    }),
  )
  const payload = Buffer.concat([json, ...inputs.map(([, data]) => data)])
  return server.fastify.inject({
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(json.length),
    },
    payload,
  })
}

test('binary outputs stand behind the JSON, for all outputs or for one', async (t) => {
  const server = await serve(t, { fruit: await fruitModel() })
  const texts = Buffer.concat([Buffer.from([3, 0, 0, 0]), Buffer.from('red')])
  const inputs = [
    [{ name: 'weight', shape: [1, 1], datatype: 'FP64' }, bytesOf([80])],
    [{ name: 'colour', shape: [1], datatype: 'BYTES' }, texts],
  ] as const
  const url = '/v2/models/fruit/infer'
  const all = await inferBinary(server, inputs, { parameters: { binary_data_output: true } }, url)
  assert.equal(all.statusCode, 200)
  assert.equal(all.headers['content-type'], 'application/octet-stream')
  const length = Number(all.headers['inference-header-content-length'])
  const { outputs } = JSON.parse(all.rawPayload.subarray(0, length).toString())
  assert.deepEqual(outputs, [
    { name: 'predict', datatype: 'BYTES', shape: [1], parameters: { binary_data_size: 9 } },
    {
      name: 'predict_proba',
      datatype: 'FP64',
      shape: [1, 2],
      parameters: { binary_data_size: 16 },
    },
  ])
  const data = all.rawPayload.subarray(length)
  assert.equal(data.readUInt32LE(0), 5)
  assert.equal(data.toString('utf8', 4, 9), 'apple')
  assert.ok(Math.abs(data.readDoubleLE(9) + data.readDoubleLE(17) - 1) < 1e-12)
  const one = await inferBinary(
    server,
    inputs,
    {
      parameters: { binary_data_output: true },
      outputs: [{ name: 'predict', parameters: { binary_data: false } }],
    },
    url,
  )
  assert.equal(one.headers['inference-header-content-length'], undefined)
  assert.deepEqual(JSON.parse(one.payload).outputs, [
    { name: 'predict', datatype: 'BYTES', shape: [1], data: ['apple'] },
  ])
})

test('metadata names the server, its models, their inputs and outputs', async (t) => {
  const server = await serve(t, { line: await linearModel(), fruit: await fruitModel() })
  const get = async (url: string) => (await server.fastify.inject({ url })).json<object>()
  const { version: _, ...about } = (await get('/v2')) as Record<string, unknown>
  assert.deepEqual(about, { name: 'onecopy', extensions: ['binary_tensor_data'] })
  assert.deepEqual(await get('/v2/health/live'), { live: true })
  assert.deepEqual(await get('/v2/health/ready'), { ready: true })
  assert.deepEqual(await get('/v2/models/line/ready'), { name: 'line', ready: true })
  assert.deepEqual(await get('/v2/models/line/versions/1/ready'), { name: 'line', ready: true })
  assert.deepEqual(await get('/v2/models/line/versions/1'), {
    name: 'line',
    versions: ['1'],
    platform: 'onecopy',
    inputs: [{ name: 'X', datatype: 'FP64', shape: [-1, 2] }],
    outputs: [{ name: 'predict', datatype: 'FP64', shape: [-1] }],
    parameters: { kind: 'LinearRegression' },
  })
  assert.deepEqual(await get('/v2/models/fruit'), {
    name: 'fruit',
    versions: ['1'],
    platform: 'onecopy',
    inputs: [
      { name: 'weight', datatype: 'FP64', shape: [-1, 1] },
      { name: 'colour', datatype: 'BYTES', shape: [-1, 1] },
    ],
    outputs: [
      { name: 'predict', datatype: 'BYTES', shape: [-1] },
      { name: 'predict_proba', datatype: 'FP64', shape: [-1, 2] },
    ],
    parameters: {
      kind: 'GradientBoostingClassifier',
      classes: ['apple', 'pear'],
      categories: { colour: ['green', 'red'] },
    },
  })
})

test('models and versions that are not there get status 404 and a name that is', async (t) => {
  const server = await serve(t, { line: await linearModel() })
  const body = { inputs: [input([0, 0], [1, 2])] }
  assert.deepEqual(await infer(server, body, '/v2/models/lime/infer'), {
    statusCode: 404,
    payload: `{"error":"There is no model 'lime'. Did you mean 'line'?"}`,
  })
  assert.deepEqual(await infer(server, body, '/v2/models/line/versions/7/infer'), {
    statusCode: 404,
    payload: `{"error":"Model 'line' has version '1' only, not '7'."}`,
  })
})

test('each wrong request is refused with what was expected', async (t) => {
  const server = await serve(t, { line: await linearModel(), fruit: await fruitModel() })
  const types =
    'BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, FP32, FP64, BYTES'
  const cases: [unknown, string][] = [
    ['', 'Expected a body of JSON, got none.'],
    [[1], 'Expected an object with `inputs`, got a list of 1.'],
    [{}, 'Expected `inputs` to be a list of tensors, got nothing.'],
    [{ inputs: [] }, 'Expected `inputs` to be a list of tensors, got a list of 0.'],
    [{ inputs: [3] }, 'Expected input 0 to be a tensor, got 3.'],
    [{ id: 4, inputs: [3] }, 'Expected `id` to be a text, got 4.'],
    [
      { inputs: [input([1, 2], [1, 2], 'FLOAT')] },
      `Expected \`datatype\` of input 'X' to be one of ${types}, got 'FLOAT'.`,
    ],
    [
      { inputs: [input([1, 2], [-1, 2])] },
      "Expected `shape` of input 'X' to be a list of 1 to 8 lengths, got [-1, 2].",
    ],
    [
      { inputs: [input([1, 2, 3], [1, 2])] },
      "Expected 2 values in input 'X', whose shape is [1, 2], got 3.",
    ],
    [
      { inputs: [input([[1, 2], [3]], [2, 2])] },
      "Expected lists of 2 on axis 1 of input 'X', whose shape is [2, 2], got a list of 1.",
    ],
    [
      { inputs: [input([1, 'a'], [1, 2])] },
      `Expected values of type FP64 in input 'X', got "a" at position 1 (counted from 0).`,
    ],
    [
      { inputs: [input([1, 256], [1, 2], 'UINT8')] },
      "Expected values of type UINT8 in input 'X', got 256 at position 1 (counted from 0).",
    ],
    [
      { inputs: [input([1, 1.5], [1, 2], 'INT32')] },
      "Expected values of type INT32 in input 'X', got 1.5 at position 1 (counted from 0).",
    ],
    [
      '{"inputs":[{"name":"X","shape":[1,2],"datatype":"FP64","data":[1,1e999]}]}',
      "Expected values of type FP64 in input 'X', got a number beyond float64 at position 1 (counted from 0).",
    ],
    [
      { inputs: [input([1, 2, 3], [1, 3])] },
      "Expected input 'X' to have shape [rows, 2], as when the model was fitted, got [1, 3].",
    ],
    [
      { inputs: [input(['a', 'b'], [1, 2], 'BYTES')] },
      "Expected numbers in input 'X', got texts (BYTES).",
    ],
    [
      { inputs: [input([1, 2], [1, 2])], outputs: [{ name: 'y' }] },
      `Expected outputs named 'predict', got "y".`,
    ],
    [
      { inputs: [{ name: 'X', shape: [1, 2], datatype: 'FP64' }] },
      "Expected `data` of input 'X' to be a list, got nothing. Values behind the JSON need the parameter `binary_data_size`.",
    ],
    [
      {
        inputs: [
          { name: 'X', shape: [1, 2], datatype: 'FP64', parameters: { binary_data_size: 16 } },
        ],
      },
      "Expected 16 bytes for input 'X', the body has 0 left.",
    ],
  ]
  for (const [body, error] of cases)
    assert.deepEqual(await infer(server, body), {
      statusCode: 400,
      payload: JSON.stringify({ error }),
    })
  const column = (name: string, datatype: string, data: unknown[]) => ({
    inputs: [
      { name: 'weight', datatype: 'FP64', shape: [1], data: [3] },
      { name, datatype, shape: [data.length], data },
    ],
  })
  const fruit: [unknown, string][] = [
    [
      column('color', 'BYTES', ['red']),
      "Expected inputs named as the columns of the model, got input 'color'. Did you mean 'colour'?",
    ],
    [column('colour', 'FP64', [1]), "Expected texts (BYTES) in input 'colour', got FP64."],
    [
      column('colour', 'BYTES', ['red', 'red']),
      "Expected 1 rows in input 'colour' as in others, got 2.",
    ],
    [column('weight', 'FP64', [3]), "Expected input 'weight' once, got it twice."],
  ]
  for (const [body, error] of fruit)
    assert.deepEqual(await infer(server, body, '/v2/models/fruit/infer'), {
      statusCode: 400,
      payload: JSON.stringify({ error }),
    })
})

test('wrong lengths of headers and tensors are refused', async (t) => {
  const server = await serve(t, { line: await linearModel() })
  const json = Buffer.from(
    JSON.stringify({
      inputs: [
        { name: 'X', shape: [1, 2], datatype: 'FP64', parameters: { binary_data_size: 16 } },
      ],
    }),
  )
  const body = Buffer.concat([json, bytesOf([1, 2])])
  const send = async (length: string, payload = body) => {
    const { statusCode, payload: answer } = await server.fastify.inject({
      method: 'POST',
      url: path,
      headers: { 'inference-header-content-length': length },
      payload,
    })
    return [statusCode, (JSON.parse(answer) as { error?: string }).error ?? ''] as const
  }
  assert.equal((await send(String(json.length)))[0], 200)
  for (const length of ['-1', 'abc', '1e3', String(body.length + 1), '9'.repeat(30)]) {
    const [code, error] = await send(length)
    assert.equal(code, 400, length)
    assert.match(error, /^Expected Inference-Header-Content-Length to be a whole number up to/)
  }
  const [code, error] = await send(String(json.length - 1))
  assert.equal(code, 400)
  assert.match(error, /^Expected a body of JSON/)
  assert.deepEqual(await send(String(json.length), Buffer.concat([body, Buffer.from('xx')])), [
    400,
    'Expected no bytes behind the last input, got 2.',
  ])
  assert.deepEqual(await send(String(json.length), body.subarray(0, body.length - 1)), [
    400,
    "Expected 16 bytes for input 'X', the body has 15 left.",
  ])
})
