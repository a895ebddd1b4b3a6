/** The OpenAPI description of a server. */

import type { InputColumn, ServedModel } from '../model/served-model.ts'

type Json = Readonly<Record<string, unknown>>

const error: Json = {
  description: 'The reason, as a text.',
  content: {
    'application/json': {
      schema: { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] },
    },
  },
}

const errors: Json = {
  400: error,
  401: error,
  404: error,
  413: error,
  415: error,
  429: error,
  500: error,
  503: error,
}

/**
 * Describes all routes, with the columns of each model.
 *
 * @param version - of the package
 * @see spec.openapis.org/oas/v3.1.0
 */
export function openapi(models: readonly ServedModel[], version: string, needsKey: boolean): Json {
  const paths: Record<string, Json> = {
    '/v2': { get: reading('The server: its name, version and extensions.') },
    '/v2/health/live': { get: reading('Whether the server runs.') },
    '/v2/health/ready': { get: reading('Whether the server takes requests.') },
    '/v2/models': { get: reading('All models with their inputs and outputs.') },
    '/metrics': { get: reading('Metrics for Prometheus.', 'text/plain') },
  }
  for (const model of models) {
    const base = `/v2/models/${model.name}`
    paths[base] = { get: reading(`Inputs and outputs of ${model.name}.`) }
    paths[`${base}/ready`] = { get: reading(`Whether ${model.name} is ready.`) }
    paths[`${base}/infer`] = { post: inferring(model) }
    paths[`/predict/${model.name}`] = { post: predicting(model) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: `onecopy: ${models.map(({ name }) => name).join(', ')}`,
      version,
      description:
        'Predictions by the Open Inference Protocol v2 and, for rows of people, by /predict.',
    },
    paths,
    ...(needsKey && {
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
    }),
  }
}

function reading(summary: string, type = 'application/json'): Json {
  return { summary, responses: { 200: { description: summary, content: { [type]: {} } } } }
}

function predicting(model: ServedModel): Json {
  const row = rowSchema(model)
  const answer = {
    type: 'object',
    properties: {
      model: { type: 'string' },
      predictions: { type: 'array' },
      classes: { type: 'array' },
      probabilities: { type: 'array', items: { type: 'array', items: { type: 'number' } } },
    },
  }
  return {
    summary: `Predicts rows by ${model.name}, ${model.kind}.`,
    parameters: [
      {
        name: 'output',
        in: 'query',
        schema: { type: 'string', enum: ['predictions', 'probabilities'], default: 'predictions' },
      },
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: { type: 'array', items: row } },
        'text/csv': { schema: { type: 'string' } },
        'application/x-npy': { schema: { type: 'string', format: 'binary' } },
      },
    },
    responses: {
      200: {
        description: 'A prediction for each row, in order.',
        content: {
          'application/json': { schema: answer },
          'text/csv': { schema: { type: 'string' } },
          'application/x-npy': { schema: { type: 'string', format: 'binary' } },
        },
      },
      406: error,
      ...errors,
    },
  }
}

function rowSchema({ columns, width }: ServedModel): Json {
  const value = { type: ['number', 'null'] }
  if (columns === undefined)
    return { type: 'array', items: value, ...(width && { minItems: width, maxItems: width }) }
  return {
    type: 'object',
    properties: Object.fromEntries(columns.map((column) => [column.name, columnSchema(column)])),
    required: columns.map(({ name }) => name),
  }
}

function columnSchema({ categories }: InputColumn): Json {
  if (categories === null) return { type: ['number', 'null'] }
  return { type: ['string', 'null'], examples: categories.slice(0, 20) }
}

function inferring({ name, outputs }: ServedModel): Json {
  const tensor = {
    type: 'object',
    properties: {
      name: { type: 'string' },
      datatype: { type: 'string' },
      shape: { type: 'array', items: { type: 'integer' } },
      parameters: { type: 'object' },
      data: { type: 'array' },
    },
    required: ['name', 'datatype', 'shape'],
  }
  const request = {
    type: 'object',
    properties: {
      id: { type: 'string' },
      parameters: { type: 'object' },
      inputs: { type: 'array', items: tensor },
      outputs: {
        type: 'array',
        items: {
          type: 'object',
          properties: { name: { enum: outputs.map((output) => output.name) } },
        },
      },
    },
    required: ['inputs'],
  }
  const response = {
    type: 'object',
    properties: {
      model_name: { type: 'string' },
      model_version: { type: 'string' },
      id: { type: 'string' },
      outputs: { type: 'array', items: tensor },
    },
  }
  const form = (schema: Json): Json => ({
    'application/json': { schema },
    'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
  })
  return {
    summary: `Open Inference Protocol v2 for ${name}.`,
    requestBody: { required: true, content: form(request) },
    responses: { 200: { description: 'The outputs.', content: form(response) }, ...errors },
  }
}
