/** `onecopy show`, `plot` and `compare`: reports as text and pictures. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import type { SpawnSyncReturns } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { MemoryReport } from '../../src/monitor/index.ts'
import { MB, makeRun, sharedRun } from '../monitor/runs.ts'
import { program, Workplace } from './run-command.ts'
import { runOnTerminal } from './terminal.ts'

const place = new Workplace()
after(() => place.remove())

const smaller = makeRun({
  command: 'node fit.js',
  durationMs: 40_000,
  samples: 400,
  processes: [{ name: 'node', anonymous: (ms) => (ms < 20_000 ? 200 : 480) * MB }],
  phases: [['load', 0, 20_000]],
})
await new MemoryReport(sharedRun()).save(join(place.path, 'first.json'))
await new MemoryReport(smaller).save(join(place.path, 'second.json'))
copyFileSync(
  new URL('../fixtures/monitor/plots/pool.dat', import.meta.url),
  join(place.path, 'pool.dat'),
)
place.file('damaged.json', ['{"format": 1}'])
place.file('broken.json', ['{'])
place.file('notes.txt', ['x'])

test('show draws the run, says what it was, and lists its phases', async () => {
  const { stdout, stderr, code } = await place.call(['show', 'first.json', '--width', '90'])
  assert.deepEqual([stderr, code], ['', 0])
  assert.equal(stdout, `${new MemoryReport(sharedRun()).show({ width: 90 })}\n`)
  const coloured = await place.run(['show', 'first.json'], { FORCE_COLOR: '1' })
  assert.ok(coloured.stdout.includes('\u001B['))
  const ascii = await place.call(['show', 'pool.dat', '--marks', 'ascii', '--height', '4'])
  assert.match(ascii.stdout, /Peak .* resident \(RSS\)/)
})

test('show fills the terminal, whatever its size, and scrolls nothing off', (t) => {
  for (const [rows, columns, height] of [
    [24, 80, 10],
    [50, 200, 34],
  ] as const) {
    const shown = runOnTerminal(['show', 'first.json'], { rows, columns, cwd: place.path })
    if (!shown) return t.skip('python3 can not make a terminal')
    const lines = stripVTControlCharacters(shown.output).trimEnd().split('\r\n')
    assert.equal(lines.filter((line) => /^.{8}[│┤]/.test(line)).length, height)
    const widest = Math.max(...lines.map(({ length }) => length))
    assert.ok(widest === columns || widest === columns - 1, `${widest}`)
    if (rows === 50) assert.equal(lines.length, rows - 1)
  }
})

test('show --json has every figure of the run but those over time', async () => {
  const { stdout } = await place.call(['show', 'first.json', '--json'])
  const { peak, phases, processes, words } = JSON.parse(stdout) as Record<string, never[]> & {
    peak: { hard: number }
  }
  const report = new MemoryReport(sharedRun())
  assert.equal(peak.hard, report.peak.hard)
  assert.equal(phases!.length, 4)
  assert.deepEqual(Object.keys(processes![0]!), [
    'name',
    'pid',
    'parent',
    'startMs',
    'endMs',
    'cpuMs',
    'peak',
  ])
  assert.equal(String(words), report.toString())
})

test('compare sets two runs side by side, phase by phase', async () => {
  const { stdout, code } = await place.call(['compare', 'first.json', 'second.json'])
  assert.equal(code, 0)
  assert.deepEqual(stdout.split('\n'), [
    'phase         hard peak, first  second   change',
    'whole run              1.48 GB  480 MB  −999 MB  −67.5 %',
    'load                    416 MB  200 MB  −216 MB  −52.0 %',
    'share                  1.16 GB     n/a      n/a',
    'fit K folds            1.47 GB     n/a      n/a',
    'meta learner           1.48 GB     n/a      n/a',
    '',
  ])
  const json = await place.call(['compare', 'first.json', 'second.json', '--json'])
  const { figure, rows } = JSON.parse(json.stdout) as {
    figure: string
    rows: { phase: string; before: number; after: number; change: number }[]
  }
  assert.equal(figure, 'hard')
  assert.equal(rows[0]!.phase, 'whole run')
  assert.equal(rows[0]!.change, rows[0]!.after - rows[0]!.before)
})

test('plot draws one run, or several over each other, as the ending says', async () => {
  const one = await place.call(['plot', 'first.json', '--by', 'kind', '--theme', 'dark'])
  assert.deepEqual([one.stdout, one.stderr, one.code], ['', 'Wrote first.svg.\n', 0])
  assert.match(place.read('first.svg').toString(), /hard memory by kind/)
  const args = ['plot', 'first.json', 'second.json', 'pool.dat', '--title', 'three runs']
  for (const ending of ['svg', 'png', 'html']) {
    const { stderr, code } = await place.call([...args, '-o', `all.${ending}`, '--budget', '1GB'])
    assert.deepEqual([stderr, code], [`Wrote all.${ending}.\n`, 0])
  }
  const svg = place.read('all.svg').toString()
  for (const text of ['three runs', 'first.json', 'second.json', 'pool.dat', 'budget 1.00 GB']) {
    assert.ok(svg.includes(text), text)
  }
  assert.equal(place.read('all.png').toString('latin1', 1, 4), 'PNG')
  const sized = await place.call(['plot', 'first.json', '-o', 'sized.svg', '--size', '800x300'])
  assert.equal(sized.code, 0)
  assert.match(place.read('sized.svg').toString(), /width="800" height="300"/)
})

/** Arguments of `onecopy`, and the line that it answers. */
const wrong: Record<string, string> = {
  'show missing.json': "There is no file 'missing.json'.",
  'show notes.txt':
    "Expected a report (.json of onecopy profile, or .dat of mprof), got 'notes.txt'.",
  'show tmp': "Expected a file, but 'tmp' is a folder.",
  'show damaged.json':
    "Expected format in damaged.json to be 'onecopy memory report', got 1. The file is not a report of onecopy, is from a newer version, or is damaged.",
  'show first.json --width 10': "Expected --width to be a whole number from 40 to 1000, got '10'.",
  'show first.json --marks dots': "Expected --marks to be braille or blocks or ascii, got 'dots'.",
  'show first.json second.json': "too many arguments for 'show'. Expected 1 argument but got 2.",
  show: "missing required argument 'file'.",
  'compare first.json': "missing required argument 'after'.",
  'compare first.json missing.dat': "There is no file 'missing.dat'.",
  'plot first.json -o x.gif': "Expected --out to end in .svg, .png or .html, got 'x.gif'.",
  'plot first.json -o no/x.svg': "Can't write to the folder 'no': no such file or directory.",
  'plot first.json --size 5x5':
    "Expected --size to be like 1200x500, from 560x280 to 10000x10000, got '5x5'.",
  'plot first.json --budget much':
    "Expected a size such as '500MB', '1.5GB' or '64MiB', got 'much'.",
  'plot first.json --by thread': "Expected --by to be process or kind, got 'thread'.",
  plot: "missing required argument 'files'.",
  profile: 'Expected a command to run, such as: onecopy profile -- node fit.js',
  'profile --attach 1 -- true':
    "Expected either a command to run or --attach, got both: 'true' and process 1.",
  'profile --attach x': "Expected --attach to be a whole number from 1 to 2147483647, got 'x'.",
  'profile --interval 0 -- true':
    "Expected --interval to be a whole number from 1 to 3600000, got '0'.",
  'profile --live true':
    "Expected --live to be followed by a port from 0 to 65535 or by another option, got 'true'. Write -- before the command.",
  'profile --fail-over lots -- true':
    "Expected a size such as '500MB', '1.5GB' or '64MiB', got 'lots'.",
  'profile --attach 2147483647':
    'Expected --attach to be a running process, but there is no process 2147483647.',
  'profile -o out/ -- true': "Expected --out to be the name of a file, got 'out/'.",
  'profile -o a.svg -o . -- true': "Expected --out to be the name of a file, got '.'.",
  'profile --out  -- true': "Expected --out to be the name of a file, got ''.",
  'profile -- ': 'Expected a command to run, got an empty text.',
  'profile --life -- true': "unknown option '--life'. Did you mean --live?",
}

for (const [args, line] of Object.entries(wrong)) {
  test(`onecopy ${args}`, async () => {
    const { stdout, stderr, code } = await place.call(args.split(' '))
    assert.equal(stderr, `onecopy: ${line}\n`)
    assert.deepEqual([stdout, code], ['', 2])
  })
}

test('JSON that is none is refused on one line', async () => {
  const { stderr, code } = await place.call(['show', 'broken.json'])
  assert.match(stderr, /^onecopy: Expected broken\.json to hold JSON\. SyntaxError: .*\n$/)
  assert.equal(code, 2)
})

/** Runs a command behind a shell that prepares where it runs; `$@` is the command. */
function behindShell(script: string, args: readonly string[]): SpawnSyncReturns<string> {
  const command = [process.execPath, program, ...args]
  return spawnSync('sh', ['-c', script, 'sh', ...command], { cwd: place.path, encoding: 'utf8' })
}

test('an output that is full is one line, and a failure', () => {
  const shown = behindShell('"$@" > /dev/full', ['show', 'first.json'])
  assert.deepEqual(
    [shown.status, shown.stderr],
    [1, "onecopy: Can't write to the output: no space left on device.\n"],
  )
  // A limit of the size of files stands for a disk without room.
  const drawn = behindShell('ulimit -f 1; "$@"', ['plot', 'first.json', '-o', 'full.svg'])
  assert.equal(drawn.status, 1)
  assert.match(drawn.stderr, /^onecopy: Could not write .*full\.svg: EFBIG: .*\n$/)
  assert.ok(!place.names().some((name) => name.includes('full.svg')))
  assert.equal(behindShell('"$@" 2> /dev/full', ['show', 'missing.json']).status, 2)
})

test('a working folder that was deleted is said on one line', () => {
  const first = join(place.path, 'first.json')
  const { status, stderr } = behindShell('mkdir gone; cd gone; rmdir ../gone; "$@"', [
    'plot',
    first,
  ])
  assert.deepEqual(
    [status, stderr],
    [2, "onecopy: Can't write to the folder '.': the working folder was deleted.\n"],
  )
})

test('a FIFO is no report, and is refused without waiting for a writer', () => {
  const { status, stderr } = behindShell('mkfifo pipe.json; "$@"', ['show', 'pipe.json'])
  assert.equal(status, 2)
  assert.match(stderr, /^onecopy: Could not read pipe\.json: it is a FIFO; .*\n$/)
})

test('the help of every command says what it does, with examples', async () => {
  for (const name of ['profile', 'plot', 'show', 'compare']) {
    const { stdout, code } = await place.call([name, '--help'])
    assert.equal(code, 0)
    assert.match(stdout, new RegExp(`^Usage: onecopy ${name} .*\n\n[A-Z]`))
    assert.match(stdout, new RegExp(`\nExamples:\n  onecopy ${name} `))
    for (const row of stdout.split('\n')) assert.ok(row.length <= 90, row)
  }
})
