/** Bodies of several chunks: whole, aligned, and freed with their answers. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linearModel, serve } from '../models.ts'

const rows = 20_000
const values = Float64Array.from({ length: 2 * rows }, (_, i) => (i * 0.618) % 7)
const bytes = Buffer.from(values.buffer)

/** What {@link linearModel} predicts. */
function assertPredicted(found: Float64Array): void {
  assert.equal(found.length, rows)
  for (let i = 0; i < rows; i++) {
    const expected = 1 + 2 * values[2 * i]! + 3 * values[2 * i + 1]!
    assert.ok(Math.abs(found[i]! - expected) < 1e-9, `row ${i}`)
  }
}

test('tensors behind JSON of any length are read right, several at a time', async (t) => {
  const server = await serve(t, await linearModel())
  const url = `${await server.listen({ port: 0 })}/v2/models/model/infer`
  const ask = async (extra: number): Promise<void> => {
    const head = JSON.stringify({
      id: 'x'.repeat(extra),
      parameters: { binary_data_output: true },
      inputs: [
        {
          name: 'X',
          shape: [rows, 2],
          datatype: 'FP64',
          parameters: { binary_data_size: bytes.length },
        },
      ],
    })
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'inference-header-content-length': `${head.length}` },
      body: Buffer.concat([Buffer.from(head), bytes]),
    })
    assert.equal(answer.status, 200)
    const body = Buffer.from(await answer.arrayBuffer())
    const start = Number(answer.headers.get('inference-header-content-length'))
    assertPredicted(new Float64Array(new Uint8Array(body.subarray(start)).buffer))
  }
  await Promise.all(Array.from({ length: 16 }, (_, extra) => ask(extra)))
  const { bodies } = server.service
  while (bodies.totalBytes > 0) await new Promise((resolve) => setImmediate(resolve))
})

test('rows of JSON of several chunks are read right', async (t) => {
  const server = await serve(t, await linearModel())
  const answer = await fetch(`${await server.listen({ port: 0 })}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(
      Array.from({ length: rows }, (_, i) => [...values.subarray(2 * i, 2 * i + 2)]),
    ),
  })
  const { predictions } = (await answer.json()) as { predictions: number[] }
  assertPredicted(Float64Array.from(predictions))
})

test('memory of others stays theirs', async (t) => {
  const server = await serve(t, await linearModel())
  const header = Buffer.from(
    JSON.stringify({
      inputs: [
        {
          name: 'X',
          shape: [rows, 2],
          datatype: 'FP64',
          parameters: { binary_data_size: bytes.length },
        },
      ],
    }),
  )
  const payload = Buffer.concat([header, bytes])
  const before = Buffer.from(payload)
  const { statusCode } = await server.fastify.inject({
    method: 'POST',
    url: '/v2/models/model/infer',
    headers: { 'inference-header-content-length': `${header.length}` },
    payload,
  })
  assert.equal(statusCode, 200)
  assert.ok(payload.equals(before))
})
