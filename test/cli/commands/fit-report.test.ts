/** The page of `onecopy fit --report`. */

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { tableLines, Workplace } from '../run-command.ts'

let place: Workplace
const lines = tableLines(150).slice(1)

before(() => {
  place = new Workplace()
  place.file('houses.csv', tableLines(150))
  place.file('classes.csv', [
    'size,weight,kind',
    ...lines.map((line) => [0, 2, 1].map((c) => line.split(',')[c]).join()),
  ])
})
after(() => place.remove())

async function draw(file: string, target: string, ...args: string[]): Promise<string> {
  const { stderr, code } = await place.call([
    'fit',
    file,
    '-t',
    target,
    '--report',
    'page.html',
    ...args,
  ])
  assert.equal(code, 0, stderr)
  assert.match(stderr, /^Wrote page\.html\.$/m)
  const page = String(place.read('page.html'))
  assert.ok(!/NaN|undefined|Infinity/.test(page))
  return page
}

const headings = (page: string): string[] =>
  [...page.matchAll(/<h[12][^>]*>([^<]*)</g)].map(([, text]) => text!)

/** What screen readers say for the pictures. */
const labels = (page: string): string[] =>
  [...page.matchAll(/role="img" aria-label="([^"]*)"/g)].map(([, text]) => text!)

test('the page of numbers has all its parts, and loads nothing', async () => {
  // The folder is not there yet.
  const first = ['--out', 'new', '--report', './new/first.html']
  const { stdout, stderr } = await place.call(['fit', 'houses.csv', '-t', 'price', ...first])
  assert.match(stderr, /^Wrote \.\/new\/first\.html\.$/m)
  assert.match(
    stdout,
    /^Files +\.\/new\/first\.html +everything as pictures: open it in a browser$/m,
  )
  const page = await draw('houses.csv', 'price', '--test', 'houses.csv')
  assert.deepEqual(headings(page), [
    'Predicting price',
    'Scores',
    'Predicted and true',
    'Importance of columns',
    'Correlation of predictions',
    'The ensemble',
    'All scores',
    'Test: 150 rows of houses.csv',
    'Memory',
  ])
  assert.equal(labels(page).length, 6)
  // The namespace of SVG is a name, no address.
  const addresses = page.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')
  assert.ok(!/https?:|<script|<link|<img|<iframe|@import|url\((?!#)/.test(addresses))
  assert.ok(/http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;/.test(page))
  assert.ok(/@media \(prefers-color-scheme:dark\)/.test(page))
  assert.ok(/name="viewport" content="width=device-width,initial-scale=1"/.test(page))
  for (const name of ['linear-regression', 'k-neighbors-regressor', 'ensemble'])
    assert.ok(page.includes(`<td>${name}</td>`), name)
  assert.ok(Buffer.byteLength(page) < 300_000)
})

test('the page of classes shows confusion and calibration', async () => {
  const page = await draw('classes.csv', 'kind', '--learners', 'gaussian-nb,random-forest')
  assert.deepEqual(headings(page).slice(1, 6), [
    'Scores',
    'Confusion',
    'Calibration',
    'Importance of columns',
    'Correlation of predictions',
  ])
  // Each of 150 rows is in one cell of three times three.
  const counts = [...page.matchAll(/true \w+, predicted \w+: (\d+) rows?, /g)].map(([, n]) =>
    Number(n),
  )
  assert.equal(counts.length, 9)
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    150,
  )
})

test('layers, combiners, presets and learners without probabilities are drawn, too', async () => {
  writeFileSync(
    join(place.path, 'deep.json'),
    JSON.stringify({
      layers: [
        {
          groups: [{ learners: ['ridge', 'svr'], preprocess: ['standard-scaler'] }],
          propagateFeatures: ['size'],
        },
        { groups: [{ learners: [{ type: 'lasso', name: 'top' }] }] },
      ],
      meta: 'non-negative-least-squares',
    }),
  )
  const deep = await draw('houses.csv', 'price', '--config', 'deep.json')
  assert.ok(deep.includes('after standard-scaler'))
  assert.ok(deep.includes('non-negative-least-squares'))
  await draw('houses.csv', 'price', '--preset', 'quick')
  await draw('classes.csv', 'kind', '--preset', 'quick')
  const silent = await draw('classes.csv', 'kind', '--learners', 'linear-svc', '--scorer', 'rocAuc')
  assert.ok(headings(silent).includes('Calibration'))
})

test('names and labels in a file are text, whatever they are', async () => {
  const bad = '<script>alert(1)</script>'
  const label = (i: number): string =>
    [`"></svg><img src=x onerror=alert(2)>`, 'b</title>', 'c'][i % 3]!
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
  place.file('bad.csv', [
    [bad, 'x&y', `</style>${bad}`].map(quoted).join(),
    ...lines.map((line, i) =>
      [i % 3, line.split(',')[0], quoted(label(i + (i % 7 === 0 ? 1 : 0)))].join(),
    ),
  ])
  const page = await draw('bad.csv', `</style>${bad}`, '--learners', 'gaussian-nb,ridge-classifier')
  assert.ok(!/<script|<img|onerror=alert\(2\)>(?!<)/.test(page))
  assert.equal(page.split('</style>').length, page.split('<style>').length)
  assert.equal(page.split('</title>').length, page.split('<title>').length)
  assert.ok(page.includes('&lt;script&gt;alert(1)&lt;/script&gt;'))
  place.file('dark.csv', [`a\u202e\u0007,b`, ...lines.map((_, i) => `${i},${i * i}`)])
  const dark = await draw('dark.csv', 'b')
  assert.ok(!dark.includes('\u202e') && !dark.includes('\u0007'))
})

test('an earlier page is replaced, and any other file is not', async () => {
  const fit = (path: string) =>
    place.call(['fit', 'houses.csv', '-t', 'price', '--learners', 'ridge', '--report', path])
  await fit('again.html')
  const { code, stderr } = await fit('again.html')
  assert.equal(code, 0, stderr)
  mkdirSync(join(place.path, 'folder.html'))
  place.file('mine.html', ['<!doctype html>', '<p>mine'])
  for (const [path, message] of [
    [
      'mine.html',
      "The file 'mine.html' was not written by onecopy fit. Choose another path with --report.",
    ],
    ['folder.html', "Expected --report to be a file, but 'folder.html' is a folder."],
    ['page.pdf', "Expected --report to be a .html file, got 'page.pdf'."],
    ['gone/page.html', "Can't write to the folder 'gone': no such file or directory."],
  ] as const) {
    const ended = await fit(path)
    assert.deepEqual([ended.code, ended.stderr], [2, `onecopy: ${message}\n`])
  }
  assert.equal(String(place.read('mine.html')), '<!doctype html>\n<p>mine\n')
})

test('an interrupt while the page is written leaves the page before it, and nothing else', async () => {
  place.file('waits.mjs', [
    "import fs from 'node:fs'",
    "import { syncBuiltinESMExports } from 'node:module'",
    'const { fsync } = fs',
    'let count = 0',
    // The first file is that of the predictions.
    'fs.fsync = (fd, done) => {',
    '  if (count++ === 0) return fsync(fd, done)',
    "  process.stderr.write('waiting\\n')",
    '  setInterval(() => {}, 1000)',
    '}',
    'syncBuiltinESMExports()',
  ])
  place.file('kept.html', ['<!doctype html>', '<meta name="generator" content="onecopy fit"/>'])
  const before = place.names().toSorted()
  const args = ['fit', 'houses.csv', '-t', 'price', '--learners', 'ridge', '--out', 'stopped']
  const child = place.start([...args, '--report', 'kept.html'], {
    NODE_OPTIONS: `--import ${join(place.path, 'waits.mjs')}`,
  })
  let said = ''
  child.stderr.on('data', (data: Buffer) => {
    said += String(data)
    if (said.includes('waiting')) child.kill('SIGINT')
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  assert.deepEqual([code, signal], [null, 'SIGINT'], said)
  assert.deepEqual(place.names().toSorted(), [...before, 'stopped'].toSorted())
  assert.match(String(place.read('kept.html')), /^<!doctype html>\n<meta/)
})

test('when the page can not be written, the scores and the other files are there', async () => {
  place.file('full.mjs', [
    "import fs from 'node:fs'",
    "import { syncBuiltinESMExports } from 'node:module'",
    'const { renameSync } = fs',
    'fs.renameSync = (from, to) => {',
    "  if (!to.endsWith('.html')) return renameSync(from, to)",
    "  throw Object.assign(new Error('ENOSPC: no space left on device, rename x'), { code: 'ENOSPC', syscall: 'rename' })",
    '}',
    'syncBuiltinESMExports()',
  ])
  const env = { NODE_OPTIONS: `--import ${join(place.path, 'full.mjs')}` }
  const args = ['fit', 'houses.csv', '-t', 'price', '--learners', 'ridge', '--out', 'half']
  const { stdout, stderr, code } = await place.run([...args, '--report', 'full.html'], env)
  assert.equal(code, 1)
  assert.match(stderr, /onecopy: Could not write .*full\.html: ENOSPC/)
  assert.match(stdout, /half\/out-of-fold\.npy/)
  assert.doesNotMatch(stdout, /full\.html/)
  assert.ok(!place.names().some((name) => name.includes('full.html')))
})
