/** The JSON schema of files that describe an ensemble. */

import { scorerNames } from '../../learn/internal.ts'
import type { JsonSchema } from './check-json.ts'
import { classifiers, combiners, type Maker, regressors, transformers } from './learner-catalog.ts'

/** The schema, which lists all learners and steps with their options. */
export function ensembleSchema(): JsonSchema {
  const learners = { ...regressors, ...classifiers }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'An ensemble for `onecopy fit --config`',
    type: 'object',
    additionalProperties: false,
    required: ['layers'],
    properties: {
      $schema: { type: 'string', description: 'Path or address of this schema, for editors.' },
      task: {
        type: 'string',
        enum: ['regression', 'classification'],
        description: 'What to predict. Default: classes where the target has only texts.',
      },
      folds: { ...folds, description: 'Number of cross-validation folds.', default: 5 },
      seed: {
        type: 'integer',
        minimum: 0,
        maximum: 2 ** 32 - 1,
        description: 'Seed for drawing the folds.',
        default: 0,
      },
      scorer: {
        type: 'string',
        enum: scorerNames(),
        description: 'Measure of the score. Default: rmse, or accuracy for classes.',
      },
      onError: {
        type: 'string',
        enum: ['stop', 'skip'],
        description: 'What to do with a learner that fails.',
        default: 'stop',
      },
      layers: {
        type: 'array',
        minItems: 1,
        items: { $ref: '#/$defs/layer' },
        description: 'Each layer learns from the predictions of the layer before.',
      },
      meta: {
        $ref: '#/$defs/meta',
        description:
          'Combines the predictions of the last layer. Default: ridge or logistic-regression.',
      },
    },
    $defs: {
      layer: {
        type: 'object',
        additionalProperties: false,
        required: ['groups'],
        properties: {
          groups: { type: 'array', minItems: 1, items: { $ref: '#/$defs/group' } },
          folds: { ...folds, description: 'Default: those of the ensemble.' },
          propagateFeatures: {
            type: 'array',
            items: { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 0 }] },
            description:
              'Columns that the next layer gets, too: names, or numbers from 0. The name of a column of texts means all columns made of it.',
          },
        },
      },
      group: {
        type: 'object',
        additionalProperties: false,
        required: ['learners'],
        properties: {
          preprocess: {
            type: 'array',
            items: { $ref: '#/$defs/step' },
            description: 'Steps before each learner of the group, in order.',
          },
          learners: { type: 'array', minItems: 1, items: { $ref: '#/$defs/learner' } },
        },
      },
      learner: choose(learners, true),
      step: choose(transformers, false),
      meta: choose({ ...learners, ...combiners }, false),
    },
  }
}

const folds = { type: 'integer', minimum: 2, maximum: 1000 } as const

/** A name, or an object with the name and options. */
function choose(makers: Readonly<Record<string, Maker>>, isNamed: boolean): JsonSchema {
  return {
    anyOf: [
      { type: 'string', enum: Object.keys(makers) },
      ...Object.entries(makers).map(([type, Class]) => ({
        type: 'object' as const,
        additionalProperties: false as const,
        required: ['type'],
        properties: {
          type: { type: 'string' as const, const: type },
          ...(isNamed && {
            name: {
              type: 'string' as const,
              pattern: '^[A-Za-z][A-Za-z0-9_-]*$',
              description: 'What it is called in the results. Default: its type.',
            },
          }),
          options: optionsOf(Class),
        },
      })),
    ],
  }
}

/** All options of a class with their defaults; the class itself checks their values. */
function optionsOf(Class: Maker): JsonSchema {
  const options = Object.entries(new Class().getParams())
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      options.map(([name, value]) => [name, value === undefined ? {} : { default: value }]),
    ),
  }
}
