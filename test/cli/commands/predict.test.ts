/** `onecopy fit --save`, `predict`, `describe` and `convert`: from a table to a model and back. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { array, openArray, saveArray, shared } from '../../../src/arrays/index.ts'
import { LogisticRegression, Ridge } from '../../../src/learn/index.ts'
import { openModel, saveModel } from '../../../src/models/index.ts'
import { readCsv, type Table } from '../../../src/tables/index.ts'
import { program, tableLines, Workplace } from '../run-command.ts'

let place: Workplace
before(async () => {
  place = new Workplace()
  place.file('houses.csv', tableLines(300))
  const { code, stdout, stderr } = await place.call([
    'fit',
    'houses.csv',
    '--target',
    'price',
    '--save',
    'price.onecopy',
  ])
  assert.equal(code, 0, stderr)
  assert.match(
    stdout,
    /^Files {4}price\.onecopy +the fitted ensemble, for onecopy predict, serve and describe$/m,
  )
})
after(() => place.remove())

const run = (...args: string[]) => place.call(args)
const pathOf = (name: string): string => join(place.path, name)
const lines = (name: string): string[] => readFileSync(pathOf(name), 'utf8').trimEnd().split('\n')

interface TableModel {
  predict(table: Table): Promise<{ toArray(): number[] }>
}

describe('predict', () => {
  test('writes the predictions of the saved model, in the order of the rows', async () => {
    const { code, stdout, stderr } = await run('predict', 'price.onecopy', 'houses.csv')
    assert.equal(code, 0, stderr)
    assert.match(stderr, /^Predicted 300 rows\.\n$/)
    const model = await openModel<TableModel>(pathOf('price.onecopy'))
    const expected = (await model.predict(await readCsv(pathOf('houses.csv')))).toArray()
    assert.deepEqual(stdout.trimEnd().split('\n'), ['prediction', ...expected.map(String)])
  })

  test('files hold the same as stdout; columns may come in another order', async () => {
    const [heading, ...rows] = tableLines(300)
    const turned = [heading!, ...rows].map((line) => line.split(',').toReversed().join())
    place.file('turned.csv', turned)
    assert.equal((await run('predict', 'price.onecopy', 'houses.csv', '-o', 'a.csv')).code, 0)
    assert.equal((await run('predict', 'price.onecopy', 'turned.csv', '-o', 'b.npy')).code, 0)
    const values = openArray(pathOf('b.npy'))
    assert.deepEqual(values.shape, [300])
    assert.deepEqual(lines('a.csv').slice(1), Array.from(values.toArray() as number[], String))
  })

  test('many parts keep their order and their rows', async () => {
    const n = 200_000
    const X = shared([n, 2], 'float64')
    for (let i = 0; i < X.size; i++) X.data[i] = i
    const y = Float64Array.from({ length: n }, (_, row) => row)
    await saveModel(await new Ridge({ alpha: 1e-9 }).fit(X, y), pathOf('line.onecopy'))
    await saveArray(pathOf('X.npy'), X)
    const text = Array.from({ length: n }, (_, row) => `${2 * row},${2 * row + 1}`)
    place.file('X.csv', ['a,b', ...text])
    for (const data of ['X.npy', 'X.csv']) {
      const { code, stderr } = await run('predict', 'line.onecopy', data, '-o', 'line.npy')
      assert.equal(code, 0, stderr)
      const found = openArray(pathOf('line.npy'))
      assert.deepEqual(found.shape, [n])
      for (let row = 0; row < n; row += 997)
        assert.ok(Math.abs(Number(found.get(row)) - row) < 1e-3)
    }
  })

  test('a reader that has seen enough ends the command without a failure', async () => {
    const child = place.start(['predict', 'line.onecopy', 'X.npy'])
    let stderr = ''
    child.stderr.on('data', (bytes: Buffer) => (stderr += String(bytes)))
    await once(child.stdout, 'data')
    child.stdout.destroy()
    const [code] = (await once(child, 'close')) as [number]
    assert.deepEqual([code, stderr], [0, ''])
  })

  test('labels and probabilities of classes', async () => {
    const X = array(
      Float64Array.from({ length: 40 }, (_, i) => i),
      { shape: [40, 1] },
    )
    const labels = Array.from({ length: 40 }, (_, i) => (i < 20 ? 'low, "er"' : 'high'))
    const model = await new LogisticRegression().fit(X, labels)
    await saveModel(model, pathOf('classes.onecopy'))
    await saveArray(pathOf('x.npy'), X)
    const { stdout } = await run('predict', 'classes.onecopy', 'x.npy', '--proba')
    const [heading, first] = stdout.split('\n')
    assert.equal(heading, 'prediction,probability of high,"probability of low, ""er"""')
    assert.match(first!, /^"low, ""er""",[\d.e-]+,0\.\d+$/)
    assert.equal(
      (await run('predict', 'classes.onecopy', 'x.npy', '--proba', '-o', 'p.npy')).code,
      0,
    )
    assert.deepEqual(openArray(pathOf('p.npy')).shape, [40, 2])
    const refused = await run('predict', 'classes.onecopy', 'x.npy', '-o', 'p.npy')
    assert.equal(refused.code, 2)
    assert.match(
      refused.stderr,
      /^onecopy: Expected --out to be a \.csv file, as the labels are no numbers/,
    )
  })

  test('the data is never replaced by its predictions, by whatever name', async () => {
    const before = readFileSync(pathOf('houses.csv'))
    symlinkSync('houses.csv', pathOf('alias.csv'))
    for (const out of ['houses.csv', './houses.csv', 'alias.csv']) {
      const { code, stderr } = await run('predict', 'price.onecopy', 'houses.csv', '-o', out)
      const expected = `onecopy: Expected --out to be another file than the data, got '${out}' for both.\n`
      assert.deepEqual({ code, stderr }, { code: 2, stderr: expected })
    }
    assert.deepEqual(readFileSync(pathOf('houses.csv')), before)
  })

  test('an output that the system refuses is reported once', () => {
    const full = openSync('/dev/full', 'w')
    const command = [program, 'predict', 'price.onecopy', 'houses.csv']
    const { status, stderr } = spawnSync(process.execPath, command, {
      cwd: place.path,
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    })
    closeSync(full)
    const expected = "onecopy: Can't write to the output: no space left on device.\n"
    assert.deepEqual([status, stderr], [1, expected])
  })

  test('refusals name the file, the column and the row, and leave what was there', async () => {
    writeFileSync(pathOf('old.csv'), 'old\n')
    const [heading, ...rows] = tableLines(30)
    place.file('gap.csv', [heading!, ...rows.slice(0, 9), rows[9]!.replace(/^[^,]*/, '')])
    place.file('text.csv', [heading!, ...rows.map((row) => row.replace(/^[^,]*/, 'many'))])
    const wrong: [args: string[], message: RegExp][] = [
      [['price.onecopy', 'none.csv'], /none\.csv/],
      [['none.onecopy', 'houses.csv'], /none\.onecopy/],
      [
        ['houses.csv', 'houses.csv'],
        /Expected the start of .*houses\.csv to be that of an uncompressed zip/,
      ],
      [
        ['price.onecopy', 'line.csv'],
        /Expected columns 'size', 'kind', 'weight' in .*line\.csv, got a file without them\. There are 'a'\./,
      ],
      [
        ['price.onecopy', 'line'],
        /Expected a column '\w+' in line, got a table without it\. There are 'a'/,
      ],
      [
        ['new.onecopy', 'houses.csv'],
        /Expected new\.onecopy to hold a fitted model, got a Ridge that has not learned anything/,
      ],
      [['price.onecopy', 'gap.csv'], /Fill the gaps or leave these rows out of the file/],
      [['price.onecopy', 'text.csv'], /'many'/],
      [['price.onecopy', 'X.npy'], /Expected (a table|\d+ columns)/],
      [['price.onecopy', 'houses.csv', '--proba'], /Expected a model with probabilities/],
      [
        ['price.onecopy', 'houses.csv', '-o', 'x.txt'],
        /Expected --out to be a \.csv or \.npy file/,
      ],
    ]
    place.file('line.csv', ['a', '1'])
    await readCsv(pathOf('line.csv'), { out: pathOf('line') })
    await saveModel(new Ridge(), pathOf('new.onecopy'))
    for (const [args, message] of wrong) {
      const { code, stderr } = await run(
        'predict',
        ...args,
        ...(args.includes('-o') ? [] : ['-o', 'old.csv']),
      )
      assert.equal(code, 2, `${args.join(' ')}: ${stderr}`)
      assert.match(stderr, message)
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
    }
    assert.deepEqual(lines('old.csv'), ['old'])
    assert.ok(place.names().every((name) => !name.includes('.tmp')))
  })
})

test('a model of a preset takes the gaps and texts of a table itself', async () => {
  const args = [
    'fit',
    'houses.csv',
    '--target',
    'price',
    '--preset',
    'quick',
    '--save',
    'auto.onecopy',
  ]
  assert.equal((await run(...args)).code, 0)
  const [heading, ...rows] = tableLines(30)
  place.file('gaps.csv', [heading!, ...rows.map((row) => row.replace(/^[^,]*/, ''))])
  const { code, stdout, stderr } = await run('predict', 'auto.onecopy', 'gaps.csv')
  assert.equal(code, 0, stderr)
  assert.equal(stdout.trimEnd().split('\n').length, 31)
})

test('describe says what files hold, as text and as JSON', async () => {
  const { stdout } = await run('describe', 'price.onecopy')
  assert.match(
    stdout,
    /^price\.onecopy: a model file \(\.onecopy\), [\d.]+ kB\nClasses {3}onecopy\.EncodedModel, onecopy\.TableEncoder, onecopy\.SuperLearner/,
  )
  assert.match(stdout, /\nTrust {5}only classes of onecopy\n/)
  assert.match(stdout, /\ntarget {4}price\n/)
  const json = JSON.parse((await run('describe', 'price.onecopy', '--json')).stdout) as {
    metadata: { target: string }
    bytes: number
  }
  assert.equal(json.metadata.target, 'price')
  assert.equal(json.bytes, statSync(pathOf('price.onecopy')).size)
  await saveArray(pathOf('m.npy'), shared([3, 2], 'int16'))
  assert.match((await run('describe', 'm.npy')).stdout, /array +int16 +\(3, 2\) +12 B +mapped/)
  assert.match((await run('describe', 'houses.csv')).stdout, /300 rows × 4 columns/)
  assert.equal((await run('describe', 'none.npy')).code, 2)
})

test('models of XGBoost are described and converted from both of its formats', async () => {
  const fixtures = new URL('../../fixtures/xgboost/', import.meta.url)
  const said: string[] = []
  for (const ending of ['json', 'ubj']) {
    copyFileSync(new URL(`softprob.${ending}`, fixtures), pathOf(`boosted.${ending}`))
    said.push((await run('describe', `boosted.${ending}`)).stdout.replaceAll(`.${ending}:`, ':'))
    const { code, stderr } = await run('convert', `boosted.${ending}`, `${ending}.onecopy`)
    assert.equal(code, 0, stderr)
    const refused = await run('predict', `boosted.${ending}`, 'houses.csv')
    assert.equal(refused.code, 2)
    assert.equal(
      refused.stderr,
      `onecopy: Expected a model file (.onecopy), got 'boosted.${ending}'. If it is XGBoost's model (.json, .ubj), convert it first: onecopy convert boosted.${ending} boosted.onecopy\n`,
    )
  }
  assert.equal(said[0], said[1])
  assert.match(said[0]!, /^boosted: XGBoost's model \(\.json, \.ubj\), opened as\nGradientBoosting/)
  assert.deepEqual(readFileSync(pathOf('json.onecopy')), readFileSync(pathOf('ubj.onecopy')))
})

test('convert goes from format to format and refuses what does not go', async () => {
  await saveArray(pathOf('m.npy'), array(Float32Array.of(1, 2, 3)))
  for (const [from, to] of [
    ['m.npy', 'm.npz'],
    ['m.npz', 'm.safetensors'],
    ['m.safetensors', 'back.npy'],
    ['houses.csv', 'houses'],
    ['price.onecopy', 'copy.onecopy'],
  ] as const) {
    const { code, stderr } = await run('convert', from, to)
    assert.equal(code, 0, stderr)
    assert.equal(stderr, `Wrote ${to}.\n`)
  }
  assert.deepEqual(readFileSync(pathOf('back.npy')), readFileSync(pathOf('m.npy')))
  const same = await run('predict', 'copy.onecopy', 'houses')
  assert.equal(same.stdout, (await run('predict', 'price.onecopy', 'houses.csv')).stdout)
  const refused = await run('convert', 'm.npy', 'm.onnx')
  assert.equal(refused.code, 2)
  assert.equal(
    refused.stderr,
    "onecopy: Expected to convert an array (.npy) to arrays (.npz) or arrays (.safetensors), got 'm.onnx'.\n",
  )
  assert.match(
    (await run('convert', 'houses.csv', 'houses')).stderr,
    /a folder that is not there yet/,
  )
})
