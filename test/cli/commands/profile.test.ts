/** `onecopy profile`: the command runs as it would alone, and its memory is written down. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readReport } from '../../../src/monitor/index.ts'
import { Workplace } from '../run-command.ts'

const place = new Workplace()
after(() => place.remove())

/** A program that holds so many MB until it ends, and says so. */
const holder = `
const [mb, ms, code] = process.argv.slice(2).map(Number)
const held = Buffer.alloc(mb * 1e6, 1)
console.log('holding', held.length)
setTimeout(() => process.exit(code), ms)`
place.file('hold.mjs', [holder])
place.file('echo.mjs', [
  'process.stdin.resume()',
  "process.stdin.on('data', (data) => process.stdout.write(data))",
  'console.log(JSON.stringify(process.argv.slice(2)))',
])

const hold = (mb: number, ms = 300, code = 0): string[] => [
  '--',
  process.execPath,
  'hold.mjs',
  String(mb),
  String(ms),
  String(code),
]

test('a profile is written, and the command keeps its output and exit code', async () => {
  const { stdout, stderr, code } = await place.run(['profile', ...hold(80, 400, 5)])
  assert.equal(code, 5)
  assert.equal(stdout, 'holding 80000000\n')
  const [words, wrote, ...rest] = stderr.split('\n')
  assert.match(words!, /^onecopy: Peak \S+ MB hard at .* The command failed with exit code 5\.$/)
  assert.deepEqual([wrote, ...rest], ['onecopy: Wrote profile.html and profile.json.', ''])
  const report = await readReport(join(place.path, 'profile.json'))
  assert.ok(report.peak.hard! > 80e6 && report.peak.hard! < 200e6)
  assert.match(report.data.command!, /hold\.mjs 80 400 5$/)
  assert.equal(report.data.ending!.exitCode, 5)
  assert.match(place.read('profile.html').toString(), /^<!doctype html>/)
  assert.deepEqual(place.leftovers(), [])
})

test('options of the command are its own, and its input reaches it', async () => {
  for (const args of [
    ['--', process.execPath, 'echo.mjs', '--out', 'x', '-q', '--live', '--', '-h', ''],
    [process.execPath, 'echo.mjs', '--out', 'x', '-q', '--live', '--', '-h', ''],
  ]) {
    const child = place.start(['profile', '-q', '-o', 'echo.json', ...args])
    child.stdin.end('from stdin')
    const output = await child.stdout.toArray()
    assert.equal(
      Buffer.concat(output as Buffer[]).toString(),
      '["--out","x","-q","--live","--","-h",""]\nfrom stdin',
    )
  }
})

test('any program can be run, also one that is over at once', async () => {
  const { stdout, stderr, code } = await place.run(['profile', '-o', 'echo', '--', 'echo', 'hi'])
  assert.deepEqual([stdout, code], ['hi\n', 0])
  assert.match(stderr, /\nonecopy: Wrote echo\.html and echo\.json\.\n$/)
})

test('what is written is chosen by the ending', async () => {
  const out = ['-o', 'run', '-o', 'run.png', '-o', 'run.dat', '-o', 'v1.2']
  const { stderr, code } = await place.run(['profile', ...out, ...hold(20, 100)])
  assert.equal(code, 0)
  const files = 'run.html, run.json, run.png, run.dat, v1.2.html and v1.2.json'
  assert.ok(stderr.endsWith(`onecopy: Wrote ${files}.\n`), stderr)
  assert.equal(place.read('run.png').toString('latin1', 1, 4), 'PNG')
  assert.match(place.read('run.dat').toString(), /^CMDLINE .*\nKIND hard\n/)
})

test('-q says nothing when all is well', async () => {
  const { stderr, code } = await place.run(['profile', '-q', ...hold(20, 50)])
  assert.deepEqual([stderr, code], ['', 0])
})

test('a program that is not there, or can not be run, ends as in the shell', async () => {
  place.file('plain.txt', ['no program'])
  chmodSync(join(place.path, 'plain.txt'), 0o644)
  const missing = await place.run(['profile', '--', 'no-such-program', '-x'])
  assert.deepEqual(
    [missing.code, missing.stdout, missing.stderr],
    [127, '', "onecopy: Command not found: 'no-such-program'.\n"],
  )
  const plain = await place.run(['profile', '--', './plain.txt'])
  assert.deepEqual(
    [plain.code, plain.stderr],
    [126, "onecopy: Can't run './plain.txt': permission denied.\n"],
  )
})

test('a command that a signal ends gives 128 and its number', async () => {
  const { code, stderr } = await place.run(['profile', '--', 'sh', '-c', 'sleep 0.2; kill -9 $$'])
  assert.equal(code, 137)
  assert.match(stderr, /SIGKILL/)
})

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} goes to the command, and its profile is written`, async () => {
    const name = signal.toLowerCase()
    const child = place.start(['profile', '-o', `${name}.json`, ...hold(30, 60_000)])
    await once(child.stdout, 'data')
    child.kill(signal)
    const [exitCode] = (await once(child, 'exit')) as [number]
    assert.equal(exitCode, code)
    const report = await readReport(join(place.path, `${name}.json`))
    assert.equal(report.data.ending!.signal, signal)
    assert.deepEqual(place.leftovers(), [])
  })
}

test('a command that answers a signal itself ends as it wants', async () => {
  place.file('polite.mjs', [
    "process.on('SIGTERM', () => process.exit(7))",
    "console.log('ready')",
    'setInterval(() => {}, 1000)',
  ])
  const child = place.start(['profile', '-q', '--', process.execPath, 'polite.mjs'])
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  assert.equal((await once(child, 'exit'))[0], 7)
})

test('a signal that may not be sent to the command ends neither it nor the watch', async () => {
  // Another user's command, such as sudo, stands here as one whose process refuses the signal.
  place.file('refusing.mjs', [
    "import { ChildProcess } from 'node:child_process'",
    'const { kill } = ChildProcess.prototype',
    'ChildProcess.prototype.kill = function () {',
    "  kill.call(this, 'SIGCONT')",
    "  this.emit('error', new Error('kill EPERM'))",
    '}',
  ])
  place.file('going-on.mjs', [
    "process.once('SIGCONT', () => process.exit(4))",
    "setTimeout(() => {}, 60_000, console.log('up'))",
  ])
  const child = place.start(
    ['profile', '-o', 'refused.json', '--', process.execPath, 'going-on.mjs'],
    { NODE_OPTIONS: `--import ${join(place.path, 'refusing.mjs')}` },
  )
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  const [stderr, [code]] = await Promise.all([child.stderr.toArray(), once(child, 'exit')])
  assert.equal(code, 4)
  assert.match(
    stderr.join(''),
    /^onecopy: A signal could not be sent to the command, which keeps running: kill EPERM\.\nonecopy: .*\nonecopy: Wrote refused\.json\.\n$/,
  )
})

test('a budget that did not hold ends with 3, and says phase, process, moment and growth', async () => {
  const over = await place.run(['profile', '-q', '--fail-over', '50MB', ...hold(90)])
  assert.equal(over.code, 3)
  assert.match(
    over.stderr,
    /^onecopy: Hard memory reached \S+ MB at \S+ m?s, \S+ MB over the budget of 50\.0 MB: .*node hold\.mjs \(\d+\).*\.\n$/,
  )
  const within = await place.run(['profile', '-q', '--fail-over', '2GB', ...hold(90)])
  assert.deepEqual([within.code, within.stderr], [0, ''])
  const failed = await place.run(['profile', '-q', '--fail-over', '50MB', ...hold(90, 300, 4)])
  assert.equal(failed.code, 4, 'the failure of the command itself comes first')
  assert.match(failed.stderr, /over the budget/)
})

test('a command that is over at once keeps a budget that it can not have broken, every time', async () => {
  for (let i = 0; i < 6; i++) {
    const command = ['--fail-over', '20MB', '--', 'sleep', `0.00${i}`]
    const { code, stderr } = await place.run(['profile', '-q', '-o', 'short.json', ...command])
    assert.deepEqual([code, stderr], [0, ''])
  }
})

test('a budget that a command may have broken unseen fails, every time', async () => {
  for (let i = 0; i < 4; i++) {
    const command = ['--fail-over', '120kB', '--', 'sleep', `0.00${i}`]
    const { code, stderr } = await place.run(['profile', '-q', '-o', 'short.json', ...command])
    assert.equal(code, 3)
    assert.match(
      stderr,
      /^onecopy: (?:The budget of 120 kB could not be checked: it was over before a (?:second )?sample saw its memory, which was at most \d+ kB\.|Hard memory reached .*)\n$/,
    )
  }
})

test('a budget for a phase that never came does not pass', async () => {
  const { code, stderr } = await place.run(['profile', '-q', '--fail-over', 'fit=1GB', ...hold(20)])
  assert.equal(code, 3)
  assert.equal(
    stderr,
    'onecopy: The budget of 1.00 GB for fit could not be checked: the run has no phases.\n',
  )
})

/** The first event of a profile with `--live`: it sees what it watches. */
async function watching({ stderr }: ReturnType<Workplace['start']>): Promise<string> {
  const [url] = livePage.exec(String((await once(stderr, 'data'))[0]))!
  const { body } = await fetch(`${url}events`)
  for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
    if (chunk.includes('event: run\n')) return chunk
  }
  return ''
}

const livePage = /http:\/\/127\.0\.0\.1:\d+\/[\w-]+\//

test('a running process can be watched until it ends', async () => {
  const script =
    'const b = Buffer.alloc(70e6, 1); console.log(b.length); process.stdin.on("data", () => process.exit(b[0] - 1))'
  const running = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    await once(running.stdout, 'data')
    const args = ['profile', '-o', 'attached.json', '--live', '--attach', String(running.pid)]
    const child = place.start(args)
    const seen = await watching(child)
    assert.deepEqual([running.exitCode, child.exitCode], [null, null])
    running.stdin.write('end')
    assert.deepEqual(await once(child, 'exit'), [0, null])
    assert.equal(running.exitCode, 0)
    const report = await readReport(join(place.path, 'attached.json'))
    assert.ok(report.peak.hard! > 70e6)
    assert.equal(/"title":"(.*?)"/.exec(seen)?.[1], `node (${running.pid})`)
  } finally {
    running.kill('SIGKILL')
  }
})

test('Ctrl-C ends the watch, not the process', async () => {
  const running = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    stdio: 'ignore',
  })
  try {
    const args = ['--attach', String(running.pid), '--live']
    const child = place.start(['profile', '-o', 'stopped.json', ...args])
    await watching(child)
    child.kill('SIGINT')
    assert.deepEqual(await once(child, 'exit'), [0, null])
    assert.equal(running.exitCode, null)
    assert.ok((await readReport(join(place.path, 'stopped.json'))).samples > 1)
  } finally {
    running.kill('SIGKILL')
  }
})

test('--live shows the run while it goes, and closes with it', async () => {
  const child = place.start(['profile', '--live', '-o', 'live.json', ...hold(40, 60_000)])
  await once(child.stdout, 'data')
  const said = String(child.stderr.read() ?? (await once(child.stderr, 'data'))[0])
  const [url] = livePage.exec(said)!
  assert.equal((await fetch(url)).status, 200)
  const reader = (await fetch(`${url}events`)).body!.pipeThrough(new TextDecoderStream())
  let text = ''
  for await (const chunk of reader) {
    text += chunk
    if (text.includes('event: more\n')) child.kill('SIGTERM')
  }
  assert.match(text, /^event: run\ndata: \{"title":".*hold\.mjs 40 60000 0"/)
  assert.match(text, /event: end\ndata: \{"signal":"SIGTERM"\}\n\n$/)
  if (child.exitCode === null) await once(child, 'exit')
  assert.equal(child.exitCode, 143)
  await assert.rejects(fetch(url))
})

test('a file that fails for a fault of ours costs neither the other files nor the words', async () => {
  place.file('faulty.mjs', [
    'const { stringify } = JSON',
    'JSON.stringify = (value, ...more) => {',
    "  if (value?.format === 'onecopy memory report') throw new RangeError('Invalid string length')",
    '  return stringify(value, ...more)',
    '}',
  ])
  const { stderr, code } = await place.run(
    ['profile', '-o', 'fault.json', '-o', 'fault.csv', ...hold(30)],
    { NODE_OPTIONS: `--import ${join(place.path, 'faulty.mjs')}` },
  )
  assert.equal(code, 1)
  assert.match(stderr, /^onecopy: RangeError: Invalid string length\n +at /)
  assert.match(stderr, /\nonecopy: Peak \S+ MB hard at .*\n$/)
  const written = place.names().filter((name) => name.includes('fault.'))
  assert.deepEqual(written, ['fault.csv'])
})

test('a file that can not be written is told before anything runs', async () => {
  mkdirSync(join(place.path, 'folder.json'))
  for (const [out, line] of [
    ['no/where', "Can't write to the folder 'no': no such file or directory."],
    ['/proc/x.json', "Can't write to the folder '/proc': no such file or directory."],
    ['folder.json', "Expected --out to be a file, but 'folder.json' is a folder."],
  ] as const) {
    const { code, stdout, stderr } = await place.run(['profile', '-o', out, ...hold(10)])
    assert.deepEqual([code, stdout, stderr], [2, '', `onecopy: ${line}\n`])
  }
  const before = place.names()
  const { code } = await place.run(['profile', '-o', 'none.json', '--', 'false'])
  assert.deepEqual([code, place.names()], [1, [...before, 'none.json'].toSorted()])
})
