/** What `onecopy fit` computes, prints and writes. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { array, openArray, saveArray } from '../../../src/arrays/index.ts'
import { tableLines, Workplace } from '../run-command.ts'

const learners = ['linear-regression', 'ridge', 'lasso', 'elastic-net', 'k-neighbors-regressor']

let place: Workplace
before(() => {
  place = new Workplace()
  place.file('houses.csv', tableLines(300))
})
after(() => place.remove())

const fit = (...args: string[]) => place.call(['fit', 'houses.csv', '--target', 'price', ...args])

const rowsOf = (row: (i: number) => string): string[] =>
  Array.from({ length: 12 }, (_, i) => row(i))

interface Report {
  learners: { name: string; rmse: number; r2: number; folds: number[] }[]
  ensemble: { name: string; rmse: number; r2: number }
  best: string
  memory: Record<string, number>
  [key: string]: unknown
}

const report = (text: string | Buffer): Report => JSON.parse(String(text)) as Report

test('a folder whose name is dots is told by its path', async () => {
  mkdirSync(join(place.path, 'dots', 'inner'), { recursive: true })
  const { stderr } = await fit('--out', 'dots/inner/..')
  assert.ok(stderr.endsWith(`\nWrote ${join(place.path, 'dots')}.\n`), stderr)
})

test('scores, memory and files stand on stdout, and what was done on stderr', async () => {
  const { stdout, stderr, code } = await place.run(['fit', 'houses.csv', '--target', 'price'])
  assert.equal(code, 0)
  // On a slow machine a stage says every ten seconds how far it is.
  const done = stderr.replaceAll(/^(?:Reading|Fitting|Writing) .* [\d.]+ s\n/gm, '')
  assert.equal(
    done,
    'Read 300 rows and 5 features.\nFitted 5 learners on 5 folds.\nWrote houses-ensemble.\n',
  )
  const lines = stdout.split('\n').map((line) => line.trim())
  assert.equal(lines[1], 'Predicting price from 5 features: 300 rows of houses.csv in 5 folds')
  for (const name of [...learners, 'ensemble']) {
    const row = lines.find((line) => line.startsWith(`${name} `))
    assert.match(row!, /^\S+ +\d\.\d{4} +\d\.\d{4} +0\.\d{4} +[\d.]+ m?s +[\d.]+ m?s(  ← best)?$/)
  }
  assert.equal(lines.filter((line) => line.endsWith('← best')).length, 1)
  const memory =
    /^Memory +peak [\d.]+ MB anonymous, [\d.]+ [kM]B shmem, [\d.]+ MB file-backed \(1 process, no workers\)$/
  assert.ok(lines.some((line) => memory.test(line)))
  assert.ok(lines.some((line) => line.includes('houses-ensemble/out-of-fold.npy')))
  assert.ok(!stdout.includes('\u001B'), 'no colours in a pipe')
  assert.deepEqual(place.names('houses-ensemble'), ['out-of-fold.npy', 'report.json'])
  assert.deepEqual(place.leftovers(), [])
})

test('--json prints the report that the folder has, and nothing else', async () => {
  const { stdout, code } = await fit('--json', '--folds', '4', '--seed', '7', '--out', 'json')
  assert.equal(code, 0)
  const { program, finished, ...saved } = report(place.read('json/report.json'))
  const printed = report(stdout)
  assert.deepEqual([program, finished], ['onecopy fit', true])
  assert.deepEqual(printed, saved)
  assert.deepEqual(Object.keys(printed), [
    'version',
    'input',
    'options',
    'task',
    'greaterIsBetter',
    'learners',
    'ensemble',
    'combiner',
    'best',
    'skipped',
    'test',
    'memory',
    'seconds',
    'folder',
    'files',
    'columns',
    'replaced',
  ])
  assert.deepEqual(printed['input'], {
    file: 'houses.csv',
    rows: 300,
    target: 'price',
    features: ['size', 'kind=fine', 'kind=plain', 'kind=rare', 'weight'],
    notes: [],
  })
  assert.deepEqual(
    printed.learners.map(({ name, folds }) => [name, folds.length]),
    learners.map((name) => [name, 4]),
  )
  for (const { r2, rmse } of printed.learners) assert.ok(r2 > 0.8 && r2 < 1 && rmse > 0)
  const { anonymous, shmem, hard, processes } = printed.memory
  assert.ok(anonymous! > 1e6 && shmem! > 300 * 8 && hard! > 1e6)
  assert.equal(processes, 1)
})

test('out-of-fold predictions explain what the report says', async () => {
  await fit('--out', 'scores')
  const { learners } = report(place.read('scores/report.json'))
  const predicted = openArray(join(place.path, 'scores/out-of-fold.npy'), { dtype: 'float64' })
  assert.deepEqual(predicted.shape, [300, 5])
  const prices = tableLines(300)
    .slice(1)
    .map((line) => Number(line.split(',')[3]))
  const mean = prices.reduce((sum, price) => sum + price, 0) / prices.length
  const total = prices.reduce((sum, price) => sum + (price - mean) ** 2, 0)
  for (const [column, { r2 }] of learners.entries()) {
    const errors = prices.reduce(
      (sum, price, row) => sum + (price - predicted.get(row, column)) ** 2,
      0,
    )
    assert.ok(Math.abs(r2 - (1 - errors / total)) < 1e-9)
  }
})

test('a .npy file has columns by number, the target anywhere', async () => {
  const rows = tableLines(100)
    .slice(1)
    .map((line) => line.split(','))
  const values = rows.map(([size, , weight, price]) => [size, weight, price].map(Number))
  const results: Buffer[] = []
  for (const [name, order, target] of [
    ['last', [0, 1, 2], '2'],
    ['end', [0, 1, 2], '-1'],
    ['first', [2, 0, 1], '0'],
    ['middle', [0, 2, 1], '1'],
  ] as const) {
    const matrix = values.map((row) => order.map((column) => row[column]!))
    await saveArray(join(place.path, `${name}.npy`), array(matrix))
    const { code, stderr } = await place.call(['fit', `${name}.npy`, '--target', target])
    assert.equal(code, 0, stderr)
    results.push(place.read(`${name}-ensemble/out-of-fold.npy`))
  }
  for (const other of results) assert.ok(other.equals(results[0]!))
})

test('columns and rows that can not be used are left out, and it says so', async () => {
  place.file('gaps.csv', [
    'name\tmostly\tsize\tprice',
    ...Array.from({ length: 600 }, (_, i) => {
      const size = i === 5 ? 'NA' : String(i % 89)
      return `person ${i}\t${i % 3 === 0 ? i : ''}\t${size}\t${i === 9 ? '' : 3 * (i % 89) + (i % 7)}`
    }),
  ])
  const { stdout, code } = await place.call(['fit', 'gaps.csv', '--target', 'price'])
  assert.equal(code, 0)
  assert.deepEqual(stdout.split('\n').slice(1, 5), [
    'Predicting price from 1 feature: 598 rows of gaps.csv in 5 folds',
    "Column 'name' was left out: it has 600 different texts.",
    "Column 'mostly' was left out: it has no value in 400 of 600 rows.",
    '2 of 600 rows have a cell without a value and were left out.',
  ])
})

/** Files that need an option, with what the command says or warns about without it. */
const dialects: Record<string, { lines: readonly string[]; args: string[]; says: RegExp }> = {
  'comment lines': {
    lines: ['% made by hand', 'a,b', ...rowsOf((i) => `${i},${i * i}`)],
    args: ['--comment', '%'],
    says: /pass --comment %\./,
  },
  'trailing delimiters': {
    lines: ['a,b', ...rowsOf((i) => `${i},${i * i},`)],
    args: ['--trailing-delimiter'],
    says: /pass --trailing-delimiter\./,
  },
  'short rows': {
    lines: ['a,b,c', ...rowsOf((i) => (i === 8 ? `${i},64` : `${i},${i * i},1`))],
    args: ['--short-rows'],
    says: /pass --short-rows;/,
  },
  'row names': {
    lines: ['"a" "b"', ...rowsOf((i) => `"r${i % 2}" ${i} ${i * i}`)],
    args: ['--row-names', '--delimiter', ' '],
    says: /pass --row-names\./,
  },
  'decimal commas': {
    lines: ['a;b', ...rowsOf((i) => `${i},5;${i * i},25`)],
    args: ['--decimal', ','],
    says: /pass --decimal ','\./,
  },
  'words for missing values': {
    lines: ['a,b', ...rowsOf((i) => `${i},${i === 4 ? 'not known' : i * i}`)],
    args: ['--missing', 'not known'],
    says: /pass --missing 'not known'\./,
  },
  'no header': {
    lines: rowsOf((i) => `${i}\t${i * i}`),
    args: ['--no-header', '--delimiter', String.raw`\t`],
    says: /pass --no-header;/,
  },
}

for (const [name, { lines, args, says }] of Object.entries(dialects)) {
  test(`${name}: without the option the command names it, with it the file is read`, async () => {
    const file = place.file(`${name.replaceAll(' ', '-')}.csv`, lines)
    const target = name === 'no header' ? 'column2' : 'b'
    const delimiter = name === 'row names' ? ['--delimiter', ' '] : []
    const refused = await place.call(['fit', file, '--target', target, ...delimiter])
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, says)
    const { stderr, code } = await place.call(['fit', file, '--target', target, ...args])
    assert.equal(code, 0, stderr)
  })
}

test('values that are not what stands in the file are named, and the option keeps them', async () => {
  const row = (i: number): string => `0${i % 3},${i === 3 ? 'None' : i},${i % 4},5,${3 * i}`
  place.file('zips.csv', ['zip,x,x,my id,y', ...rowsOf(row)])
  const { stdout, code } = await place.call(['fit', 'zips.csv', '-t', 'y'])
  assert.equal(code, 0)
  assert.deepEqual(stdout.split('\n').slice(2, 4), [
    "Column 3 is called 'x.2', because the header at line 1 has 'x' more than once. Rename one of them in the file if that is not what you want.",
    `Column 'x' was read as text because of 'None' at line 5: 11 of its 12 values are numbers. If it means "no value", pass --missing None. If the others are texts, too, pass --text x.`,
  ])
  const args = ['--text', 'zip', '--missing', 'None', '--without', 'my id', '--without', 'x.2']
  const { input, options } = report(
    (await place.call(['fit', 'zips.csv', '-t', 'y', '--json', ...args])).stdout,
  )
  assert.deepEqual(input, {
    file: 'zips.csv',
    rows: 11,
    target: 'y',
    features: ['zip=00', 'zip=01', 'zip=02', 'x'],
    notes: ['1 of 12 rows has a cell without a value and was left out.'],
  })
  assert.deepEqual((options as { table: object }).table, {
    text: ['zip'],
    missing: ['None'],
    without: ['my id', 'x.2'],
    header: true,
  })
})

test('what a file says does nothing to the terminal', async () => {
  const controls = /[^\P{Cc}\n]|\u202e/u
  const header = 'a\u001b[31m,n\u001b]0;owned\u0007,b\u202e\u001b[2J'
  place.file('odd\u001b[31m.csv', [header, ...rowsOf((i) => `${i},x${i}\u001b[2J,${i * i}`)])
  place.file('stray.csv', ['a,b\u001b[2J', ...rowsOf((i) => `${i},\u001b[2J${i}`)])
  for (const args of [
    ['odd\u001b[31m.csv', '--target', 'b\u202e\u001b[2J', '--out', 'odd\u001b[1m'],
    ['odd\u001b[31m.csv', '--target', 'b'],
    ['none\u001b[31m.csv', '--target', 'b'],
    ['stray.csv', '--target', 'b\u001b[2J'],
    ['stray.csv', '--target', 'a', '--backend', '\u001b[31m'],
  ]) {
    const { stdout, stderr } = await place.call(['fit', ...args])
    assert.doesNotMatch(stdout + stderr, controls)
    assert.match(stdout + stderr, /\ufffd/)
  }
})

test('a learner that can not be fitted is left out, and it says so', async () => {
  place.file('few.csv', ['a,b', ...[1, 2, 3, 4, 5].map((i) => `${i},${i * i}`)])
  const { stdout, code } = await place.call(['fit', 'few.csv', '--target', 'b'])
  assert.equal(code, 0)
  assert.match(stdout, /^ {2}k-neighbors-regressor was left out: /m)
  assert.equal(openArray(join(place.path, 'few-ensemble/out-of-fold.npy')).shape[1], 4)
})

test('learners that did not converge are named with the way out, which works', async () => {
  const powers = (x: number): number[] => Array.from({ length: 9 }, (_, k) => x ** (k + 1))
  const row = (i: number): string => [...powers(i / 300), (6 * i) % 300].join(',')
  const lines = Array.from({ length: 300 }, (_, i) => row(i))
  place.file('powers.csv', [
    `${powers(1)
      .map((_, k) => `x${k}`)
      .join()},y`,
    ...lines,
  ])
  const args = ['fit', 'powers.csv', '--target', 'y', '--out', 'powers']
  const { stdout, stderr, code } = await place.call(args)
  assert.equal(code, 0)
  const advice =
    'Columns that nearly repeat others are the usual cause: leave them out with --without.'
  assert.match(stdout, /^Learner `lasso` did not converge on folds [0-4, ]+ and on all rows: /m)
  assert.ok(stdout.includes(advice))
  assert.doesNotMatch(stderr, /converge|Warning/)
  const without = Array.from({ length: 8 }, (_, k) => ['--without', `x${k + 1}`]).flat()
  assert.doesNotMatch((await place.call([...args, ...without])).stdout, /converge/)
})

test('a column whose squares float64 can not hold is named, and can be left out', async () => {
  place.file('huge.csv', ['a,b,y', ...rowsOf((i) => `${i}e200,${i % 5},${i * i}`)])
  const args = ['fit', 'huge.csv', '--target', 'y', '--folds', '2', '--out', 'huge']
  const { stderr, code } = await place.call(args)
  assert.equal(code, 2)
  assert.match(
    stderr,
    /Expected values that differ by 1e-145 to 1e145 in 'a' of huge\.csv, .* got differences up to [\d.]+e\+20[01]\. Rescale them in the file, or pass --without a\.$/m,
  )
  assert.equal((await place.call([...args, '--without', 'a'])).code, 0)
})

test('the rows that were used are in a file, where some were left out', async () => {
  const lines = rowsOf((i) => `${i},${i === 4 || i === 9 ? '' : i * i}`)
  place.file('gaps.csv', ['a,b', ...lines])
  place.file('whole.csv', ['a,b', ...rowsOf((i) => `${i},${i * i}`)])
  const out = ['--target', 'b', '--folds', '2', '--out', 'used']
  const first = await place.call(['fit', 'gaps.csv', ...out])
  assert.match(first.stdout, /^ +used\/out-of-fold-rows\.npy +which rows of the file these are/m)
  assert.doesNotMatch(first.stdout, /earlier run/)
  const rows = openArray(join(place.path, 'used/out-of-fold-rows.npy'))
  assert.deepEqual(rows.toArray(), [0, 1, 2, 3, 5, 6, 7, 8, 10, 11])
  const second = await place.call(['fit', 'whole.csv', ...out])
  assert.match(second.stdout, /^ +These files replaced the results of an earlier run\.$/m)
  assert.deepEqual(place.names('used'), ['out-of-fold.npy', 'report.json'])
})

test('an output folder that is there keeps the files of others', async () => {
  mkdirSync(join(place.path, 'mixed'))
  place.file('mixed/notes.md', ['mine'])
  for (const seed of ['0', '1']) assert.equal((await fit('--out', 'mixed', '--seed', seed)).code, 0)
  assert.deepEqual(place.names('mixed'), ['notes.md', 'out-of-fold.npy', 'report.json'])
})

test('a deleted working folder does no harm to absolute paths, and others are refused', async () => {
  const inDeletedFolder = true
  const [houses, out] = ['houses.csv', 'from-nowhere'].map((name) => join(place.path, name))
  const args = ['fit', houses!, '--target', 'price']
  for (const backend of ['threads', 'processes']) {
    const { stderr, code } = await place.run(
      [...args, '--out', `${out}-${backend}`, '--backend', backend, '--workers', '1'],
      {},
      { inDeletedFolder },
    )
    assert.equal(code, 0, stderr)
    assert.deepEqual(place.names(`from-nowhere-${backend}`), ['out-of-fold.npy', 'report.json'])
  }
  for (const [given, relative] of [
    [args, 'houses-ensemble'],
    [['fit', 'houses.csv', '--target', 'price', '--out', out!], 'houses.csv'],
  ] as const) {
    const { stderr, code } = await place.run(given, {}, { inDeletedFolder })
    assert.equal(code, 2)
    assert.equal(
      stderr,
      `onecopy: The working folder was deleted, so there is no '${relative}'. Give absolute paths, or change to another folder.\n`,
    )
  }
})

test('two at once in one folder both end well, and one of them wins', async () => {
  const race = ['fit', 'houses.csv', '--target', 'price', '--out', 'race', '--seed']
  const both = await Promise.all(['3', '4'].map((seed) => place.run([...race, seed])))
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
  )
  assert.deepEqual(place.names('race'), ['out-of-fold.npy', 'report.json'])
  assert.equal(report(place.read('race/report.json'))['finished'], true)
  assert.deepEqual(place.leftovers(), [])
})

test('when the disk is full the scores are shown all the same', async () => {
  place.file('full.mjs', [
    "import fs from 'node:fs'",
    "import { syncBuiltinESMExports } from 'node:module'",
    'const { renameSync } = fs',
    'fs.renameSync = (from, to) => {',
    "  if (!to.endsWith('full')) return renameSync(from, to)",
    "  const facts = { code: 'ENOSPC', syscall: 'rename' }",
    "  throw Object.assign(new Error('ENOSPC: no space left on device, rename x'), facts)",
    '}',
    'syncBuiltinESMExports()',
  ])
  const env = { NODE_OPTIONS: `--import ${join(place.path, 'full.mjs')}` }
  const args = ['fit', 'houses.csv', '--target', 'price', '--out', 'full']
  const { stdout, stderr, code } = await place.run([...args, '--workers', '2'], env)
  assert.equal(code, 1)
  assert.match(stderr, /\nonecopy: Could not write the folder 'full': no space left on device\.\n$/)
  assert.match(stdout, /← best/)
  assert.doesNotMatch(stdout, /Files|Wrote/)
  const asJson = await place.run([...args, '--json'], env)
  const { files, best } = report(asJson.stdout)
  assert.deepEqual([asJson.code, files, best !== ''], [1, [], true])
  assert.deepEqual(place.leftovers(), [])
  assert.ok(!place.names().some((name) => name.includes('full') && name !== 'full.mjs'))
})

test('a reader that closes the pipe early does no harm', async () => {
  const child = place.start(['fit', 'houses.csv', '--target', 'price', '--out', 'piped'])
  child.stdout.destroy()
  child.stderr.destroy()
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  assert.deepEqual([code, signal], [0, null])
  assert.deepEqual(place.names('piped'), ['out-of-fold.npy', 'report.json'])
})

test('colours are there when asked for, and NO_COLOR takes them away', async () => {
  const [forced, none] = await Promise.all([
    place.run(['fit', 'missing.csv', '--target', 'b'], { FORCE_COLOR: '1' }),
    place.run(['fit', 'missing.csv', '--target', 'b'], { NO_COLOR: '1' }),
  ])
  assert.ok(forced.stderr.startsWith('\u001B[31monecopy:\u001B[39m There is no file'))
  assert.match(none.stderr, /^onecopy: There is no file/)
})

test('help tells of every option, and the version is the package’s', async () => {
  const [main, help, version] = await Promise.all([
    place.run(['--help']),
    place.call(['fit', '--help']),
    place.call(['--version']),
  ])
  assert.deepEqual([main.code, help.code, version.code], [0, 0, 0])
  assert.match(main.stdout, /fit \[options\] <file> +fit an ensemble to a table and score it/)
  for (const option of [
    'target',
    'task',
    'preset',
    'time-limit',
    'memory-limit',
    'learners',
    'config',
    'scorer',
    'folds',
    'groups',
    'weights',
    'test',
    'workers',
    'backend',
    'seed',
    'report',
    'out',
    'json',
  ]) {
    assert.match(help.stdout, new RegExp(`--${option}\\b`))
  }
  const page = readFileSync(new URL('../../../docs/fit.md', import.meta.url), 'utf8')
  const [, own = ''] = /^Options:\n([\s\S]*?)\n\n/m.exec(help.stdout) ?? []
  for (const [option] of own.matchAll(/--[a-z-]+/g))
    assert.ok(option === '--help' || page.includes(`\`${option}`), `docs/fit.md lacks ${option}`)
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
  assert.equal(main.stderr + help.stderr + version.stderr, '')
})
