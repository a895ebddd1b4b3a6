/** Predictions for people: rows as JSON, CSV and .npy, answers in the same forms. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ModelServer } from '../../../src/serve/index.ts'
import { fruitModel, linearModel, serve, strictModel } from '../models.ts'

async function predict(
  server: ModelServer,
  payload: string | Buffer,
  headers: Record<string, string> = {},
  url = '/predict',
) {
  const answer = await server.fastify.inject({ method: 'POST', url, headers, payload })
  return { code: answer.statusCode, text: answer.payload, bytes: answer.rawPayload, answer }
}

const json = { 'content-type': 'application/json' }

test('rows as objects, lists or one object are predicted', async (t) => {
  const server = await serve(t, await fruitModel(), { name: 'fruit' })
  for (const rows of [
    [{ weight: 80, colour: 'red', extra: 1 }],
    [[80, 'red']],
    { rows: [{ weight: 80, colour: 'red' }] },
    { weight: 80, colour: 'red' },
    [80, 'red'],
  ]) {
    const { code, text } = await predict(server, JSON.stringify(rows), json)
    assert.equal(code, 200, text)
    const { model, predictions, classes, probabilities } = JSON.parse(text)
    assert.deepEqual([model, predictions, classes], ['fruit', ['apple'], ['apple', 'pear']])
    assert.ok(Math.abs(probabilities[0][0] + probabilities[0][1] - 1) < 1e-12)
  }
})

test('CSV gets CSV, with columns in any order and names in quotes', async (t) => {
  const server = await serve(t, await fruitModel())
  const body = 'id,"colour",weight\r\n1,red,80\r\n2,"green",60\r\n\r\n'
  const { code, text, answer } = await predict(server, body, { 'content-type': 'text/csv' })
  assert.equal(code, 200, text)
  assert.equal(answer.headers['content-type'], 'text/csv; charset=utf-8')
  const lines = text.trimEnd().split('\n')
  assert.equal(lines[0], 'prediction,probability_apple,probability_pear')
  assert.deepEqual(
    lines.slice(1).map((line) => line.split(',')[0]),
    ['apple', 'pear'],
  )
  // curl sends this type when nobody has said one.
  const plain = await predict(server, body, { 'content-type': 'application/x-www-form-urlencoded' })
  assert.equal(plain.text, text)
})

/** As numpy.save writes it. */
function npy(values: readonly number[], shape: string, fortran = 'False'): Buffer {
  const head = `{'descr': '<f8', 'fortran_order': ${fortran}, 'shape': ${shape}, }`
  const text = `${head.padEnd(117)}\n`
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length, 0])
  return Buffer.concat([start, Buffer.from(text), Buffer.from(Float64Array.from(values).buffer)])
}

test('.npy gets .npy, in either order of its axes', async (t) => {
  const server = await serve(t, await linearModel())
  const headers = { 'content-type': 'application/x-npy' }
  const rows = await predict(server, npy([1, 2, 3, 4], '(2, 2)'), headers)
  assert.equal(rows.code, 200, rows.text)
  assert.equal(rows.answer.headers['content-type'], 'application/x-npy')
  assert.match(rows.bytes.toString('latin1'), /'shape': \(2,\)/)
  const values = [rows.bytes.readDoubleLE(128), rows.bytes.readDoubleLE(136)]
  assert.deepEqual(values.map(Math.round), [9, 19])
  const turned = await predict(server, npy([1, 3, 2, 4], '(2, 2)', 'True'), headers)
  assert.deepEqual(turned.bytes, rows.bytes)
})

test('the answer has the form that Accept names', async (t) => {
  const server = await serve(t, { fruit: await fruitModel(), line: await linearModel() })
  const rows = JSON.stringify([{ weight: 80, colour: 'red' }])
  const form = async (accept: string, url: string, body = rows) => {
    const { code, answer } = await predict(server, body, { ...json, accept }, url)
    return [code, String(answer.headers['content-type']).split(';')[0]]
  }
  assert.deepEqual(await form('text/csv', '/predict/fruit'), [200, 'text/csv'])
  assert.deepEqual(await form('text/html, */*;q=0.1', '/predict/fruit'), [200, 'application/json'])
  assert.deepEqual(await form('text/csv;q=0.1, application/json', '/predict/fruit'), [
    200,
    'application/json',
  ])
  assert.deepEqual(await form('application/x-npy', '/predict/line', '[[1,2]]'), [
    200,
    'application/x-npy',
  ])
  assert.deepEqual(await form('application/x-npy', '/predict/fruit'), [406, 'application/json'])
  assert.deepEqual(await form('application/x-npy', '/predict/fruit?output=probabilities'), [
    200,
    'application/x-npy',
  ])
  assert.deepEqual(await form('image/png', '/predict/fruit'), [406, 'application/json'])
})

test('each wrong row is refused with its place', async (t) => {
  const server = await serve(t, {
    fruit: await fruitModel(),
    line: await linearModel(),
    strict: await strictModel(),
  })
  const cases: [url: string, body: string, headers: Record<string, string>, error: string][] = [
    [
      '/predict',
      '[]',
      json,
      "Expected the name of a model, as in /predict/fruit. There are 'fruit', 'line', 'strict'.",
    ],
    [
      '/predict/fruit',
      '[{"weight":80,"colour":"red"},{"weight":"a","colour":"red"}]',
      json,
      `Expected a number in column 'weight' of row 1 (counted from 0), got "a".`,
    ],
    [
      '/predict/fruit',
      '[{"weight":80,"color":"red"}]',
      json,
      "Expected a column 'colour' in row 0 (counted from 0), got none; null is a missing value. Did you mean 'color'?",
    ],
    [
      '/predict/fruit',
      '[{"weight":80,"colour":{}}]',
      json,
      "Expected a text in column 'colour' of row 0 (counted from 0), got an object.",
    ],
    [
      '/predict/line',
      '[[1,2],[1,2,3]]',
      json,
      'Expected 2 values in row 1 (counted from 0), as when the model was fitted, got 3.',
    ],
    [
      '/predict/line',
      '[{"a":1}]',
      json,
      'Expected row 0 (counted from 0) to be a list of 2 numbers, since the model was fitted on an array without names, got an object.',
    ],
    [
      '/predict/fruit',
      'weight,colour\n80,red\nx,red\n',
      { 'content-type': 'text/csv' },
      "Expected a number in column 'weight' of row 1 (counted from 0), got 'x'.",
    ],
    [
      '/predict/fruit',
      'weight,colour\n80\n',
      { 'content-type': 'text/csv' },
      'Expected 2 fields in row 0 (counted from 0) of the CSV, got 1.',
    ],
    [
      '/predict/fruit',
      'weight,colour\n80,"red\n',
      { 'content-type': 'text/csv' },
      'Expected a closing quote in row 1 of the CSV, got none.',
    ],
    [
      '/predict/fruit?output=labels',
      '[]',
      json,
      "Expected `output` to be 'predictions' or 'probabilities', got 'labels'.",
    ],
    [
      '/predict/line?output=probabilities',
      '[[1,2]]',
      json,
      'Expected a model with probabilities, LinearRegression has none.',
    ],
    // The texts of the estimators themselves.
    [
      '/predict/strict',
      '[{"colour":"red"},{"colour":"blue"}]',
      json,
      "Expected texts of column 'colour' that were there in fit(), got 'blue' in row 1 (counted from 0). Set handleUnknown of its encoder to 'ignore' or another value that takes them.",
    ],
    [
      '/predict/line',
      '[[1,null]]',
      json,
      'Expected finite numbers, got NaN in `X` at row 0, column 1 (counted from 0). Leave such rows out, or fill in their values first.',
    ],
  ]
  for (const [url, body, headers, error] of cases) {
    const { code, text } = await predict(server, body, headers, url)
    assert.deepEqual([code, JSON.parse(text)], [400, { error }], url + body)
  }
})

test('no rows get no predictions', async (t) => {
  const server = await serve(t, { fruit: await fruitModel(), line: await linearModel() })
  for (const name of ['fruit', 'line']) {
    const { code, text } = await predict(server, '{"rows":[]}', json, `/predict/${name}`)
    assert.equal(code, 200, text)
    assert.deepEqual(JSON.parse(text).predictions, [])
  }
})
