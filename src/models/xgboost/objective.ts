/** XGBoost's objectives: what scores become, and where they begin. */

import { show } from '../../errors.ts'
import type { BoostedTask } from '../boosted/boosted-model.ts'
import type { ModelField } from './model-field.ts'
import { oneTarget } from './tree-of-fields.ts'

/** What scores become, and the scores before the first tree. */
export interface XGBoostObjective {
  readonly task: BoostedTask
  readonly baselines: readonly number[]
}

/** Objectives that predict the score itself. */
const scores = [
  'reg:squarederror',
  'reg:linear',
  'reg:squaredlogerror',
  'reg:pseudohubererror',
  'reg:absoluteerror',
  'reg:quantileerror',
  'binary:logitraw',
  'rank:pairwise',
  'rank:ndcg',
  'rank:map',
]

const exponentials = {
  'count:poisson': 'poisson',
  'reg:gamma': 'gamma',
  'reg:tweedie': 'tweedie',
} as const

/** Most classes; trees of a round are one for each. */
const mostClasses = 2 ** 16

/** Reads the objective and `base_score`. @throws OneCopyError `ERR_FORMAT` */
export function readObjective(learner: ModelField): XGBoostObjective {
  const parameters = learner.get('learner_model_param')
  const classes = parameters.get('num_class').count(0, mostClasses)
  const targets = parameters.get('num_target')
  if (targets.value !== undefined && targets.count(0, mostClasses) > 1)
    throw targets.refuse('1', 'more', oneTarget)
  const task = taskOf(learner.get('objective'), classes)
  const groups = task.kind === 'classes' && task.count > 2 ? task.count : Math.max(1, classes)
  const given = readBaseScores(parameters.get('base_score'), groups)
  return { task, baselines: given.map((base) => marginOf(learner, task, base)) }
}

function taskOf(objective: ModelField, classes: number): BoostedTask {
  const name = objective.get('name').text()
  const isSoftmax = name === 'multi:softprob' || name === 'multi:softmax'
  if (isSoftmax && classes >= 2) return { kind: 'classes', count: classes }
  const [kind, map] = ['numbers', 'score'] as const
  if (classes <= 1) {
    if (name === 'binary:logistic' || name === 'reg:logistic') return { kind: 'classes', count: 2 }
    if (Object.hasOwn(exponentials, name)) {
      const loss = exponentials[name as keyof typeof exponentials]
      return { kind, loss, parameter: loss === 'tweedie' ? tweediePower(objective) : 0, map: 'exp' }
    }
    if (name === 'reg:absoluteerror') return { kind, loss: 'absolute', parameter: 0, map }
    if (scores.includes(name)) return { kind, loss: 'squared', parameter: 0, map }
  }
  throw objective
    .get('name')
    .refuse(
      'an objective whose predictions are scores, their exponentials or probabilities of classes',
      `'${name}'${classes > 1 ? ` with ${classes} classes` : ''}`,
      'Its predictions have no counterpart here.',
    )
}

/** The power of the Tweedie loss, which predictions don't depend on. */
function tweediePower(objective: ModelField): number {
  if (!objective.has('tweedie_regression_param')) return 1.5
  const field = objective.get('tweedie_regression_param').get('tweedie_variance_power')
  const power = Number(field.value)
  if (power >= 1 && power <= 2) return Math.min(Math.max(power, 1.001), 1.999)
  throw field.refuse('a number from 1 to 2', show(field.value))
}

/** `base_score`: a number, or from XGBoost 3.1 on a list of one or one for each class, written as text. */
function readBaseScores(field: ModelField, groups: number): number[] {
  const { value } = field
  const text = typeof value === 'number' ? `${value}` : field.text()
  const words = text.replace(/^\[(.*)\]$/, '$1').split(',')
  const values = words.map((word) => (number.test(word) ? Math.fround(Number(word)) : NaN))
  if (values.every(Number.isFinite)) {
    if (values.length === groups) return values
    if (values.length === 1) return Array<number>(groups).fill(values[0]!)
  }
  throw field.refuse(
    groups === 1 ? 'a number' : `1 or ${groups} numbers`,
    `'${words.join(',').slice(0, 80)}'`,
  )
}

const number = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i

/** The score that is predicted as `base`. */
function marginOf(learner: ModelField, task: BoostedTask, base: number): number {
  const field = learner.get('learner_model_param').get('base_score')
  if (task.kind === 'classes') {
    // Scores of a softmax begin with the number itself.
    if (learner.get('objective').get('name').text().startsWith('multi:')) return base
    if (base > 0 && base < 1) return -Math.log(1 / base - 1)
    throw field.refuse('a probability above 0 and below 1', show(field.value))
  }
  if (task.map === 'score') return base
  if (base > 0) return Math.log(base)
  throw field.refuse('a number above 0', show(field.value))
}
