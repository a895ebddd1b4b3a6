/** Makes our models of the objects of scikit-learn in a file. */

import { isOneCopyError, OneCopyError } from '../../errors.ts'
import { type Estimator, learnedState, restore, type Transformer } from '../../learn/index.ts'
import { boostedConverters } from './boosted-objects.ts'
import type { Converter, FittedObject } from './converter.ts'
import { histConverters } from './hist-objects.ts'
import { linearConverters } from './linear-objects.ts'
import { neighborConverters } from './neighbor-objects.ts'
import { ObjectFields } from './object-fields.ts'
import { pipelineConverters } from './pipeline-objects.ts'
import { scalerConverters } from './scaler-objects.ts'
import { ObjectArray, showSkops, SkopsObject, type SkopsValue } from './skops-values.ts'
import { stackConverters } from './stack-objects.ts'
import { treeConverters } from './tree-objects.ts'

/** Makes the model that a file holds. @throws as `openSkops` does */
export async function makeModel(value: SkopsValue, path: string): Promise<Estimator | Transformer> {
  return withNames(await new ModelMaker(path).make(value, ''))
}

/** What makes our models of objects of scikit-learn, by module and class. */
const converters: Readonly<Record<string, Converter>> = {
  ...linearConverters,
  ...scalerConverters,
  ...neighborConverters,
  ...treeConverters,
  ...boostedConverters,
  ...histConverters,
  ...pipelineConverters,
  ...stackConverters,
}

/** More models in one are no result of training: an object that stands in many places would be made for each. */
const mostModels = 1000

/** Makes models of the objects of one file. */
class ModelMaker {
  readonly #path: string
  #made = 0

  constructor(path: string) {
    this.#path = path
  }

  /** @param place - where the object stands; empty for the whole file */
  async make(value: SkopsValue, place: string): Promise<FittedObject> {
    const converter = value instanceof SkopsObject ? converterOf(value) : undefined
    if (converter === undefined) throw unknownModel(value, this.#path, place)
    if (++this.#made > mostModels) {
      throw new OneCopyError(
        'ERR_FORMAT',
        `Expected at most ${mostModels} models in ${this.#path}, got more.`,
        { details: { path: this.#path } },
      )
    }
    const fields = new ObjectFields(value as SkopsObject, this.#path, place)
    try {
      return await converter(fields, (inner, at) => this.make(inner, at))
    } catch (cause) {
      if (!isOneCopyError(cause) || 'path' in cause.details) throw cause
      const { path, place: where, className } = fields
      const at = where === '' ? '' : ` at \`${where}\``
      throw new OneCopyError(
        cause.code,
        `Could not make a model of ${className}${at} in ${path}: ${cause.message}`,
        { cause, details: { ...cause.details, path, place, className } },
      )
    }
  }
}

function unknownModel(value: SkopsValue, path: string, place: string): OneCopyError {
  const where = place === '' ? path : `\`${place}\` of ${path}`
  return new OneCopyError(
    'ERR_FORMAT',
    `Expected a model of scikit-learn that openSkops() knows in ${where}, got ${showSkops(value)}. ` +
      'openSkopsArrays() reads its arrays. docs/array-files.md lists the classes that are models.',
    {
      details: { path, place, ...(value instanceof SkopsObject && { className: value.className }) },
    },
  )
}

/** Only classes of scikit-learn itself count, wherever its versions keep them within a module. */
function converterOf({ className, loader }: SkopsObject): Converter | undefined {
  const [, module, name] = /^sklearn\.(\w+)\.(?:\w+\.)*(\w+)$/.exec(className) ?? []
  const key = `${module}.${name}`
  return loader === 'ObjectNode' && Object.hasOwn(converters, key) ? converters[key] : undefined
}

/** Names of the columns of the table that a model was fitted on. */
function withNames({ model, columns, fields }: FittedObject): Estimator | Transformer {
  const names = fields.value('feature_names_in_')
  if (!(names instanceof ObjectArray)) return model
  const isTexts = names.values.every((name) => typeof name === 'string')
  if (!isTexts || new Set(names.values).size !== names.values.length) return model
  if (names.values.length !== columns)
    throw fields.refuse(
      'feature_names_in_',
      `names of ${columns} columns`,
      `${names.values.length}`,
    )
  return restore(model, {
    ...learnedState(model),
    featureNamesIn_: names.values,
    featureCategoriesIn_: names.values.map(() => null),
    copiedBytes_: 0,
  })
}
