/** A model of numbers behind the encoder of a table. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import { EncodedModel, LogisticRegression, Ridge } from '../../../src/learn/index.ts'
import {
  CategoryColumn,
  designMatrix,
  NumberColumn,
  Table,
  TableEncoder,
} from '../../../src/tables/index.ts'

const cities = ['Oslo', 'Rome', 'Bern']
const codes = Int8Array.from({ length: 30 }, (_, i) => (i * 7) % 3)
const area = Float64Array.from({ length: 30 }, (_, i) => 10 + i)
const rent = area.map((value, i) => value * 3 + codes[i]! * 40)
const table = new Table([
  new CategoryColumn('city', array(codes), cities),
  new NumberColumn('area', array(area)),
  new NumberColumn('rent', array(rent)),
])

async function fit(missing: 'drop' | 'error') {
  const encoder = new TableEncoder({ target: 'rent', unknown: 'ignore', missing }).fit(table)
  const { X, y } = designMatrix(table, { target: 'rent', encoder })
  return { encoder, X, model: await new Ridge({ alpha: 1e-6 }).fit(X, y) }
}

test('predicts tables with columns in another order and with other columns and texts', async () => {
  const { encoder, X, model } = await fit('error')
  const encoded = new EncodedModel(encoder, model)
  assert.deepEqual(encoded.featureNamesIn_, ['city', 'area'])
  assert.deepEqual(encoded.featureCategoriesIn_, [['Bern', 'Oslo', 'Rome'], null])
  assert.deepEqual(encoded.predicts, ['predict'])
  const other = new Table([
    new NumberColumn('floor', array(area)),
    new NumberColumn('area', array(area)),
    new CategoryColumn('city', array(codes), cities),
  ])
  assert.deepEqual(await encoded.predict(other), await model.predict(X))
  const fresh = new Table([
    new NumberColumn('area', array(Float64Array.of(20))),
    new CategoryColumn('city', array(Int8Array.of(0)), ['Paris']),
  ])
  await encoded.predict(fresh)
})

test('refuses what it can not predict', async () => {
  for (const missing of ['drop', 'error'] as const) {
    const { encoder, model } = await fit(missing)
    const encoded = new EncodedModel(encoder, model)
    const gap = new Table([
      new NumberColumn('area', array(Float64Array.of(1, Number.NaN))),
      new CategoryColumn('city', array(Int8Array.of(0, 1)), cities),
    ])
    await assert.rejects(encoded.predict(gap), { code: 'ERR_VALUE', message: /area/ })
    await assert.rejects(encoded.predict(table.select(['area'])), { code: 'ERR_INDEX' })
    await assert.rejects(encoded.predict([[1, 2]] as never), { name: 'TypeError' })
  }
  assert.throws(() => new EncodedModel(new TableEncoder(), new Ridge()), { code: 'ERR_NOT_FITTED' })
  assert.throws(() => new EncodedModel(3 as never, new Ridge()), {
    message: 'Expected a TableEncoder for an EncodedModel, got 3.',
  })
  const { encoder } = await fit('error')
  assert.throws(() => new EncodedModel(encoder, {} as never), {
    message: 'Expected a fitted model for an EncodedModel, got an object of class Object.',
  })
})

test('gives probabilities of classes', async () => {
  const { encoder, X } = await fit('error')
  const labels = Array.from(codes, (code) => (code === 0 ? 'north' : 'south'))
  const model = await new LogisticRegression().fit(X, labels)
  const encoded = new EncodedModel(encoder, model)
  assert.deepEqual(encoded.predicts, ['predict', 'predictProba'])
  assert.deepEqual(encoded.classes_, ['north', 'south'])
  assert.deepEqual(await encoded.predictProba(table), await model.predictProba(X))
  assert.deepEqual(await encoded.predict(table), labels)
})
