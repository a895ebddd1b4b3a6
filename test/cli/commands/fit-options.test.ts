/** What options of `onecopy fit` do: learners, scorer, weights, groups, test, limits. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { array, openArray, saveArray } from '../../../src/arrays/index.ts'
import { rmse } from '../../../src/learn/index.ts'
import { tableLines, Workplace } from '../run-command.ts'

let place: Workplace
const lines = tableLines(240).slice(1)
const prices = lines.map((line) => Number(line.split(',')[3]))

before(async () => {
  place = new Workplace()
  place.file('houses.csv', tableLines(240))
  place.file('weighed.csv', [
    'size,kind,weight,price,count,city',
    ...lines.map((line, i) => `${line},${i % 3},city ${i % 8}`),
  ])
  place.file('later.csv', [
    'price,size,weight,kind',
    ...lines.slice(0, 50).map((line, i) => {
      const [size, kind, weight, price] = line.split(',')
      return [price, i === 7 ? '' : size, weight, i === 9 ? 'strange' : kind].join()
    }),
  ])
  place.file('classes.csv', [
    'size,weight,kind',
    ...lines.map((line) => [0, 2, 1].map((c) => line.split(',')[c]).join()),
  ])
  const rows = lines.map((line, i) => {
    const [size, , weight, price] = line.split(',').map(Number)
    return [i % 8, size!, i % 3, weight!, price!]
  })
  await saveArray(join(place.path, 'all.npy'), array(rows))
  await saveArray(join(place.path, 'some.npy'), array(rows.slice(0, 40)))
  await saveArray(join(place.path, 'wide.npy'), array(rows.map((row) => [...row, 1])))
})
after(() => place.remove())

interface Report {
  options: Record<string, unknown>
  input: { features: string[] }
  learners: { name: string; score: number; rmse: number; folds: number[]; weight: unknown }[]
  ensemble: { score: number; rmse: number } | null
  skipped: { name: string; reason: string }[]
  test: null | { rows: number; notes: string[]; learners: { name: string; score: number }[] }
  combiner: string
  best: string
}

async function fit(...args: string[]): Promise<Report> {
  const { stdout, stderr, code } = await place.call(['fit', ...args, '--json'])
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout) as Report
}

async function refused(...args: string[]): Promise<string> {
  const { stderr, code } = await place.call(['fit', ...args])
  assert.equal(code, 2, stderr)
  return stderr.replace(/^onecopy: /, '').trim()
}

test('learners are those that are named, also without the ending of their names', async () => {
  const args = ['houses.csv', '-t', 'price', '--learners', 'ridge, random-forest,svr']
  const { learners, options } = await fit(...args, '--folds', '3')
  const names = ['ridge', 'svr', 'random-forest-regressor']
  assert.deepEqual(
    learners.map(({ name }) => name),
    names,
  )
  assert.deepEqual(options['learners'], ['ridge', 'random-forest', 'svr'])
  const classes = await fit('classes.csv', '-t', 'kind', '--learners', 'random-forest,gaussian-nb')
  assert.deepEqual(
    classes.learners.map(({ name }) => name),
    ['random-forest-classifier', 'gaussian-nb'],
  )
})

test('a learner that is not there, or is of another kind, is told with what there is', async () => {
  const args = ['houses.csv', '-t', 'price', '--learners']
  assert.equal(
    await refused(...args, 'ridge,random-forset'),
    "Expected --learners to name learners, got 'random-forset'. Did you mean 'random-forest'?",
  )
  assert.match(await refused(...args, 'xgboost'), /got 'xgboost'\. There are linear-regression, /)
  assert.equal(
    await refused(...args, 'gaussian-nb'),
    "Expected --learners to name learners of numbers, because 'price' is predicted as numbers, got 'gaussian-nb', " +
      'which predicts classes. To predict classes, pass --task classification.',
  )
  assert.equal(
    await refused(...args, 'ridge,,lasso'),
    "Expected --learners to be names with commas between them, got 'ridge,,lasso'.",
  )
  assert.equal(
    await refused(...args, 'svr,random-forest,random-forest-regressor'),
    "Expected --learners to name each learner once, got 'random-forest-regressor' twice.",
  )
})

test('the scorer heads the scores and decides which is best', async () => {
  const args = ['fit', 'houses.csv', '-t', 'price', '--learners', 'ridge,k-neighbors']
  const { stdout } = await place.call([...args, '--scorer', 'mae'])
  assert.match(stdout, /^ +Learner +MAE +± +RMSE +R² +Fit +Predict$/m)
  assert.match(stdout, /^ +MAE +score on rows that the model had not seen; lower is better$/m)
  const { learners } = await fit(...args.slice(1), '--scorer', 'mae')
  for (const { score, rmse } of learners) assert.ok(score > 0 && score < rmse)
  // Without probabilities of the support vector machine.
  const loss = await fit(
    'classes.csv',
    '-t',
    'kind',
    '--learners',
    'linear-svc,gaussian-nb',
    '--scorer',
    'logLoss',
  )
  assert.equal(loss.learners[0]!.score, null)
  assert.notEqual(loss.best, 'linear-svc')
})

test('a scorer that is not there, or of another kind, is refused with those that fit', async () => {
  const args = ['houses.csv', '-t', 'price', '--scorer']
  const near = await refused(...args, 'rmsee')
  assert.match(near, /^Expected --scorer to be 'rmse', .*, got 'rmsee'\. Did you mean 'rmse'\?$/)
  assert.match(
    await refused(...args, 'neg_mean_absolute_error'),
    /got 'neg_mean_absolute_error'\. onecopy calls it 'mae'\.$/,
  )
  assert.match(
    await refused(...args, 'accuracy'),
    /^Expected --scorer to be a scorer of numbers, such as 'rmse', .*, got 'accuracy', which scores classes\.$/,
  )
  assert.match(
    await refused('classes.csv', '-t', 'kind', '--preset', 'quick', '--scorer', 'f1'),
    /^Expected --scorer to be a measure of all classes, got f1,.* Use f1Macro,/,
  )
})

test('a weight of 2 counts like the row twice, in scores, too', async () => {
  const weights = ['--weights', 'count', '--without', 'city', '--learners', 'ridge']
  const { learners, input } = await fit(
    'weighed.csv',
    '-t',
    'price',
    ...weights,
    '--out',
    'weighed',
  )
  assert.ok(!input.features.includes('count'))
  const Z = openArray(join(place.path, 'weighed/out-of-fold.npy'), { dtype: 'float64' })
  const folds = learners[0]!.folds
  assert.equal(folds.length, 5)
  // The mean of squared errors over all rows, from those of folds of about the same weight.
  const mean = Math.sqrt(folds.reduce((sum, fold) => sum + fold ** 2, 0) / folds.length)
  const all = rmse(prices, Z.column(0), { weights: prices.map((_, i) => i % 3) })
  assert.ok(Math.abs(mean / all - 1) < 0.03, `${mean} ${all}`)
})

test('rows of a group are in one fold', async () => {
  const args = [
    '-t',
    'price',
    '--groups',
    'city',
    '--without',
    'count',
    '--learners',
    'k-neighbors',
  ]
  const grouped = await fit('weighed.csv', ...args, '--folds', '8')
  assert.ok(!grouped.input.features.some((name) => name.startsWith('city')))
  assert.equal(grouped.learners[0]!.folds.length, 8)
  assert.equal(
    await refused('weighed.csv', '-t', 'price', '--groups', 'kind'),
    'Expected at least 5 groups for 5 folds, got 3. Use fewer folds with --folds, or another column with --groups.',
  )
})

test('columns with weights and groups are refused where they are none', async () => {
  place.file('holes.csv', [
    'a,b,w,g',
    ...lines.slice(0, 20).map((_, i) => `${i},${i * i},${i === 4 ? '' : 1},${i === 6 ? '' : i}`),
  ])
  place.file('minus.csv', [
    'a,b,w',
    ...lines.slice(0, 20).map((_, i) => `${i},${i * i},${i === 4 ? -1 : 1}`),
  ])
  place.file('zero.csv', ['a,b,w', ...lines.slice(0, 20).map((_, i) => `${i},${i * i},0`)])
  const cases: Record<string, string> = {
    'holes.csv -t b --weights w':
      "Expected finite weights of at least 0 in 'w' of holes.csv, got no value in row 4 (counted from 0).",
    'holes.csv -t b --groups g --without w':
      "Expected a group in every row of 'g' of holes.csv, got no value in row 6 (counted from 0).",
    'minus.csv -t b --weights w':
      "Expected finite weights of at least 0 in 'w' of minus.csv, got -1 in row 4 (counted from 0).",
    'zero.csv -t b --weights w':
      "Expected a weight above 0 in 'w' of zero.csv, got 0 in every row.",
    'zero.csv -t b --weights b':
      "Expected --weights to name another column than --target, got 'b'.",
    'zero.csv -t b --groups b': "Expected --groups to name another column than --target, got 'b'.",
    'zero.csv -t b --groups w --weights w':
      "Expected --groups to name another column than --weights, got 'w'.",
    'zero.csv -t b --weights w --without w':
      "Expected --without to name other columns than --weights, got 'w'.",
    'all.npy -t 4 --weights 9':
      "Expected --weights to be a column number from 0 to 4, got '9': all.npy has 5 columns without names.",
    'all.npy -t -1 --groups 4': "Expected --groups to name another column than --target, got '4'.",
  }
  for (const [args, message] of Object.entries(cases))
    assert.equal(await refused(...args.split(' ')), message)
  const unknown = await refused('zero.csv', '-t', 'b', '--weights', 'ww')
  assert.match(unknown, /^Expected a column 'ww' in .*zero\.csv, got a file without it\. /)
  assert.equal(
    await refused('weighed.csv', '-t', 'price', '--weights', 'kind'),
    "Expected numbers in the column 'kind' of --weights, got 'plain' at line 2 of weighed.csv.",
  )
})

test('columns of a matrix have weights and groups, wherever they stand', async () => {
  const args = [
    'all.npy',
    '--target',
    '4',
    '--groups',
    '0',
    '--weights',
    '-3',
    '--learners',
    'ridge',
  ]
  const { input, learners } = await fit(...args, '--test', 'some.npy')
  assert.deepEqual(input.features, ['column 1', 'column 3'])
  assert.equal(learners[0]!.folds.length, 5)
  assert.equal(
    await refused('all.npy', '--target', '4', '--test', 'wide.npy'),
    'Expected wide.npy to have the columns of the file that was learned from: 4 features, got 5.',
  )
})

test('rows of a test are predicted by name of their columns, and scored', async () => {
  const args = ['houses.csv', '-t', 'price', '--learners', 'linear-regression,k-neighbors']
  const { test: found, learners } = await fit(...args, '--test', 'later.csv')
  assert.equal(found!.rows, 49)
  assert.deepEqual(found!.notes, [
    "Column 'kind' of later.csv has 1 text that the models have not seen and ignore: 'strange'.",
    '1 of 50 rows of later.csv has a cell without a value and was left out.',
  ])
  assert.deepEqual(
    found!.learners.map(({ name }) => name),
    ['linear-regression', 'k-neighbors-regressor', 'ensemble'],
  )
  // Models of all rows have seen these, so that they are about as good on them, but for the row of an unknown kind.
  assert.ok(found!.learners[0]!.score < 4 * learners[0]!.score)
  const { stdout } = await place.call(['fit', ...args, '--test', 'later.csv'])
  assert.match(stdout, /^Test on 49 rows of later\.csv, predicted by models of all rows above$/m)
})

test('a target whose header is there twice is refused, unless the other one is left out', async () => {
  place.file('twice.csv', ['size,price,price', ...lines.map((_, i) => `${i % 7},${i},${i}`)])
  assert.equal(
    await refused('twice.csv', '-t', 'price'),
    "Expected one column 'price' to predict, got several: column 'price.2' has the same header. " +
      "Rename one of them in the file, or leave it out with --without 'price.2'.",
  )
  assert.match(
    await refused('twice.csv', '-t', 'price.2'),
    /leave it out with --without 'price'\.$/,
  )
  const { input } = await fit(
    'twice.csv',
    '-t',
    'price',
    '--without',
    'price.2',
    '--learners',
    'ridge',
  )
  assert.deepEqual(input.features, ['size'])
})

test('a test of one row, or of one class, has no scores that need more', async () => {
  place.file('one.csv', ['size,weight,kind,price', '1,2,plain,3'])
  const { test: one } = await fit('houses.csv', '-t', 'price', '--test', 'one.csv')
  assert.equal(one!.rows, 1)
  assert.ok(
    one!.learners.every(
      (row) => Number.isFinite(row.score) && (row as { r2?: unknown }).r2 === null,
    ),
  )
  assert.deepEqual(one!.notes, ['No R² of one.csv: a single row has none.'])
  const args = ['classes.csv', '-t', 'kind', '--scorer', 'rocAuc']
  const { test: few } = await fit(...args, '--test', 'one.csv')
  assert.ok(few!.learners.every(({ score }) => score === null))
  assert.match(
    few!.notes.at(-1)!,
    /^No rocAuc of one\.csv: Expected a row of each class for rocAuc, got none of '\w+'\.$/,
  )
})

test('a test with other columns, classes or another format is refused before the fit', async () => {
  place.file('narrow.csv', ['size,price', ...lines.map((_, i) => `${i},${i}`)])
  place.file('new.csv', ['size,weight,kind', '1,2,plain', '1,2,other', '1,2,other'])
  const args = ['houses.csv', '-t', 'price', '--test']
  assert.match(await refused(...args, 'narrow.csv'), /^Expected columns 'kind', 'weight' in /)
  assert.equal(await refused(...args, 'gone.csv'), "There is no file 'gone.csv'.")
  assert.equal(
    await refused(...args, 'all.npy'),
    "Expected --test to be a .csv, .tsv, .arrow or .feather file like houses.csv, got 'all.npy'.",
  )
  assert.equal(
    await refused('classes.csv', '-t', 'kind', '--test', 'new.csv'),
    "Expected 'kind' of new.csv to have classes of classes.csv only, got 'other', in 2 rows of classes that are not there. " +
      "A model can't predict what it has not seen: take these rows out of the test.",
  )
})

test('a preset chooses learners, and limits are read with their units', async () => {
  const quick = await fit('houses.csv', '-t', 'price', '--preset', 'quick', '--test', 'later.csv')
  assert.equal(quick.combiner, 'greedy-selection')
  assert.equal(quick.options['preset'], 'quick')
  // Its learners get the columns themselves, texts and gaps included.
  assert.deepEqual(quick.input.features, ['size', 'kind', 'weight'])
  assert.deepEqual([quick.test!.rows, quick.test!.notes.length], [50, 1])
  assert.equal(quick.options['folds'], quick.learners[0]!.folds.length)
  const sum = quick.learners.reduce((all, { weight }) => all + Number(weight), 0)
  assert.ok(Math.abs(sum - 1) < 1e-9)
  assert.deepEqual(
    quick.test!.learners.map(({ name }) => name),
    ['ensemble'],
  )
  const limited = await fit(
    'houses.csv',
    '-t',
    'price',
    '--time-limit',
    '5min',
    '--memory-limit',
    '2GB',
    '--learners',
    'ridge,lasso',
    '--folds',
    '4',
  )
  assert.deepEqual(limited.learners.map(({ name }) => name).toSorted(), ['lasso', 'ridge'])
  const { timeLimitMs, memoryLimit, folds } = limited.options
  assert.deepEqual([timeLimitMs, memoryLimit, folds], [300_000, 2e9, 4])
  const classes = await fit('classes.csv', '-t', 'kind', '--preset', 'quick', '--groups', 'size')
  assert.equal(classes.options['scorer'], 'logLoss')
})

test('limits and rows with which nothing can be fitted are told', async () => {
  assert.match(
    await refused('houses.csv', '-t', 'price', '--memory-limit', '1MB'),
    /Expected --memory-limit to leave room for at least one learner, got 1\.00 MB\. The command holds [\d.]+ MB before\. Raise it\.$/,
  )
  place.file('three.csv', ['a,b', '1,2', '2,3', '3,5'])
  assert.match(
    await refused('three.csv', '-t', 'b', '--preset', 'quick'),
    /Expected at least 4 rows to learn from and to score learners on, got 3\.$/,
  )
  const { learners, skipped } = await fit('houses.csv', '-t', 'price', '--time-limit', '1ms')
  assert.equal(learners.length, 1)
  assert.ok(skipped.every(({ reason }) => reason.endsWith('the time limit.')))
})

test('a time or size without sense is refused', async () => {
  const args = ['houses.csv', '-t', 'price']
  for (const text of ['0', '-3', 'soon', '5 days', '1e3'])
    assert.equal(
      await refused(...args, `--time-limit=${text}`),
      `Expected --time-limit to be a time above 0, such as 30, 30s, 5min or 1h, got '${text}'.`,
    )
  assert.equal(
    await refused(...args, '--memory-limit', '30'),
    "Expected --memory-limit to be a size with its unit, such as '30MB', got '30'. Write '30B' for bytes.",
  )
  assert.match(
    await refused(...args, '--memory-limit', 'much'),
    /^Expected --memory-limit to be a size such as /,
  )
  assert.equal(
    await refused(...args, '--preset', 'fast'),
    "Expected --preset to be quick or good or best, got 'fast'.",
  )
})
