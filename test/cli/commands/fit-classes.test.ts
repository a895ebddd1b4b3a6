/** What `onecopy fit` does with a target of classes. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { array, openArray, saveArray } from '../../../src/arrays/index.ts'
import { tableLines, Workplace } from '../run-command.ts'

const learners = [
  'logistic-regression',
  'k-neighbors-classifier',
  'random-forest-classifier',
  'gradient-boosting-classifier',
]

let place: Workplace
/** Each row says by its price whether it is dear; every tenth has no size. */
const rows = tableLines(150)
  .slice(1)
  .map((line, i) => {
    const [size, kind, weight, price] = line.split(',')
    const label = Number(price) > 50 ? 'dear, "very"' : Number(price) > 30 ? 'fair' : 'cheap'
    return { cells: [i % 10 === 3 ? '' : size, kind, weight], label }
  })
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

before(() => {
  place = new Workplace()
  place.file('houses.csv', [
    'size,kind,weight,class',
    ...rows.map(({ cells, label }) => [...cells, quoted(label)].join()),
  ])
})
after(() => place.remove())

interface Report {
  input: { classes: string[]; rows: number }
  task: string
  learners: { name: string; accuracy: number; logLoss: number; folds: number[] }[]
  ensemble: { accuracy: number; logLoss: number }
  columns: string[]
  files: string[]
}

const reportOf = (folder: string): Report =>
  JSON.parse(String(place.read(`${folder}/report.json`))) as Report

test('a target of texts is learned as classes, with accuracy and log loss', async () => {
  const { stdout, stderr, code } = await place.run(['fit', 'houses.csv', '--target', 'class'])
  assert.equal(code, 0, stderr)
  assert.match(stderr, /^Fitted 4 learners on 5 folds\.$/m)
  const lines = stdout.split('\n').map((line) => line.trim())
  assert.equal(
    lines[1],
    'Predicting class (3 classes) from 5 features: 135 rows of houses.csv in 5 folds',
  )
  assert.ok(lines.some((line) => /^Learner +Accuracy +± +Log loss +Fit +Predict$/.test(line)))
  for (const name of [...learners, 'ensemble'])
    assert.match(
      lines.find((line) => line.startsWith(`${name} `))!,
      /^\S+ +[01]\.\d{4} +0\.\d{4} +\d\.\d+ +[\d.]+ m?s +[\d.]+ m?s(  ← best)?$/,
    )
  assert.deepEqual(place.names('houses-ensemble').toSorted(), [
    'out-of-fold-rows.npy',
    'out-of-fold.npy',
    'predictions.csv',
    'report.json',
  ])
  assert.deepEqual(place.leftovers(), [])
})

test('predictions.csv has labels and probabilities of rows by their numbers in the file', async () => {
  await place.call(['fit', 'houses.csv', '--target', 'class', '--out', 'classes'])
  const report = reportOf('classes')
  const classes = ['cheap', 'dear, "very"', 'fair']
  assert.deepEqual(report.input.classes, classes)
  assert.deepEqual(
    report.columns,
    learners.flatMap((name) => classes.map((one) => `${name}:${one}`)),
  )
  assert.deepEqual(openArray(join(place.path, 'classes/out-of-fold.npy')).shape, [135, 12])
  const [heading, ...lines] = String(place.read('classes/predictions.csv')).trim().split('\n')
  assert.equal(heading, 'row,class,predicted,P(cheap),"P(dear, ""very"")",P(fair)')
  const kept = [...rows.keys()].filter((i) => i % 10 !== 3)
  assert.equal(lines.length, kept.length)
  let right = 0
  let loss = 0
  for (const [i, line] of lines.entries()) {
    const [, row, label, predicted, ...shares] =
      /^(\d+),(".*?(?:""|[^"])"|\w+),(".*?(?:""|[^"])"|\w+),(.*),(.*),(.*)$/.exec(line)!
    assert.equal(Number(row), kept[i])
    const own = rows[kept[i]!]!.label
    assert.equal(label, own === 'dear, "very"' ? quoted(own) : own)
    const numbers = shares.map(Number)
    assert.ok(Math.abs(numbers.reduce((sum, one) => sum + one, 0) - 1) < 1e-9)
    const likeliest = classes[numbers.indexOf(Math.max(...numbers))]!
    assert.equal(predicted, likeliest === 'dear, "very"' ? quoted(likeliest) : likeliest)
    if (label === predicted) right++
    loss -= Math.log(numbers[classes.indexOf(own)]!)
  }
  const { accuracy, logLoss } = report.ensemble
  assert.ok(Math.abs(logLoss - loss / kept.length) < 1e-9)
  // Folds have 27 rows each.
  assert.ok(Math.abs(accuracy - right / kept.length) < 1e-9)
  assert.ok(accuracy > 0.75)
})

test('`--task` decides where both are possible', async () => {
  const codes = rows.map(({ cells, label }) => [cells[2], label.length].join())
  place.file('codes.csv', ['weight,size', ...codes])
  const fit = (...args: string[]) => place.call(['fit', 'codes.csv', '--target', 'size', ...args])
  assert.equal((await fit('--out', 'numbers')).code, 0)
  assert.equal(reportOf('numbers').task, 'regression')
  assert.equal((await fit('--task', 'classification', '--out', 'labels')).code, 0)
  const report = reportOf('labels')
  assert.equal(report.task, 'classification')
  assert.deepEqual(report.input.classes, [4, 5, 12])
  assert.match(
    String(place.read('labels/predictions.csv')),
    /^row,size,predicted,P\(4\),P\(5\),P\(12\)\n0,/,
  )
  // An earlier run's file does not stay.
  assert.equal((await fit('--out', 'labels')).code, 0)
  assert.deepEqual(place.names('labels'), ['out-of-fold.npy', 'report.json'])
})

test('a .npy file has labels that are numbers', async () => {
  const values = rows.map(({ cells, label }) => [Number(cells[2]), label === 'cheap' ? 1 : 2])
  await saveArray(join(place.path, 'labels.npy'), array(values))
  const args = ['fit', 'labels.npy', '--target', '1', '--task', 'classification']
  const { code, stderr } = await place.call(args)
  assert.equal(code, 0, stderr)
  assert.deepEqual(reportOf('labels-ensemble').input.classes, [1, 2])
  assert.deepEqual(openArray(join(place.path, 'labels-ensemble/out-of-fold.npy')).shape, [150, 4])
})

test('the same seed gives the same bytes on workers', async () => {
  const bytes: Buffer[] = []
  for (const [out, ...args] of [
    ['alone'],
    ['threads', '--workers', '2'],
    ['processes', '--workers', '2', '--backend', 'processes'],
  ]) {
    const { code, stderr } = await place.call([
      'fit',
      'houses.csv',
      '-t',
      'class',
      '--out',
      out!,
      ...args,
    ])
    assert.equal(code, 0, stderr)
    bytes.push(place.read(`${out}/out-of-fold.npy`), place.read(`${out}/predictions.csv`))
  }
  for (const [i, other] of bytes.entries()) assert.ok(other.equals(bytes[i % 2]!))
})

test('a target that is no classes is refused in a sentence', async () => {
  const lines = (value: (i: number) => unknown): string[] => [
    'a,b',
    ...Array.from({ length: 1100 }, (_, i) => `${i % 7},${String(value(i))}`),
  ]
  place.file(
    'names.csv',
    lines((i) => `name ${i}`),
  )
  place.file('pairs.csv', lines((i) => `name ${i >> 1}`).slice(0, 101))
  place.file(
    'one.csv',
    lines(() => 'same'),
  )
  place.file(
    'price.csv',
    lines((i) => i / 7),
  )
  for (const [args, message] of [
    [
      ['names.csv'],
      "Expected at most 1000 classes in 'b', got more different values. Name another column with --target.",
    ],
    [
      ['price.csv', '--task', 'classification'],
      "Expected at most 1000 classes in 'b', got more different values. To predict numbers, leave out --task classification.",
    ],
    [
      ['pairs.csv'],
      "Expected at least 5 rows of some class for 5 folds, but no value of 'b' is in more than 2 rows. Use fewer folds with --folds, or name another column with --target.",
    ],
    [['one.csv'], "There is nothing to predict: 'b' is same in all 1,100 rows."],
    [
      ['one.csv', '--task', 'regression'],
      "Expected numbers in the target 'b', got 'same' at line 2 of one.csv. To predict texts as classes, leave out --task.",
    ],
    [
      ['one.csv', '--task', 'guess'],
      "Expected --task to be regression or classification, got 'guess'.",
    ],
  ] as const) {
    const { stderr, code } = await place.call(['fit', ...args, '-t', 'b'])
    assert.equal(code, 2)
    assert.ok(stderr.endsWith(`onecopy: ${message}\n`), stderr)
  }
})
