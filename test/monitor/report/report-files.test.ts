/** Files of reports: what is written can be read, and what is damaged is refused. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { MemoryReport, plotReports, readReport } from '../../../src/monitor/index.ts'
import { parseMprof, toMprof } from '../../../src/monitor/report/mprof.ts'
import { toCsv } from '../../../src/monitor/report/report-csv.ts'
import { parseReportJson, toReportJson } from '../../../src/monitor/report/report-json.ts'
import type { RunData } from '../../../src/monitor/record/run-data.ts'
import { makeRun, MB, sharedRun } from '../runs.ts'

const folder = mkdtempSync(join(tmpdir(), 'onecopy-report-'))
after(() => rmSync(folder, { recursive: true }))

function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/monitor/plots/${name}`, import.meta.url))
}

/** Two processes, a gap, a spike, phases, a limit: a bit of everything. */
function smallRun(): RunData {
  return makeRun({
    command: 'node small.js, "again"',
    durationMs: 500,
    samples: 6,
    processes: [
      { name: 'node', anonymous: (ms) => 10 * MB + 1000 * ms },
      {
        name: '=cmd|x',
        from: 100,
        to: 300,
        anonymous: () => 5 * MB,
        isUnreadable: (ms) => ms === 200,
      },
    ],
    shmem: () => 4 * MB,
    mappers: 1,
    spikes: [{ ms: 300, bytes: 7 * MB }],
    phases: [
      ['load', 0, 200],
      ['fit', 200, 500],
    ],
    segments: [{ name: 'onecopy', startMs: 0, endMs: 500, peakBytes: 4 * MB, holders: 2 }],
    limit: 100 * MB,
  })
}

test('a JSON file gives the same run back', async () => {
  const path = join(folder, 'run.json')
  const data = { ...smallRun(), ending: { exitCode: 3, oomKilled: false } }
  await new MemoryReport(data).save(path)
  assert.deepEqual((await readReport(path)).data, data)
})

/** What only a watch of ours knows: isolates, details of phases, who was killed. */
function fullRun(): RunData {
  const run = smallRun()
  const column = Float64Array.from([1, NaN, 3])
  return {
    ...run,
    processes: run.processes.map((line) => ({ ...line, ending: { signal: 'SIGTERM' } })),
    isolates: [
      {
        pid: 1000,
        thread: 2,
        name: 'worker 1',
        startMs: 100,
        endMs: 300,
        peak: { heapUsed: 3, heapTotal: undefined, external: 5, arrayBuffers: 0 },
        first: 1,
        columns: { heapUsed: column, external: column },
      },
    ],
    phases: run.phases.map((phase) => ({
      ...phase,
      thread: 2,
      details: { rows: 1e6, path: 'x.npy', peak: null, isLast: true },
    })),
    ending: {
      signal: 'SIGKILL',
      oomKilled: true,
      killed: { pid: 1000, name: 'node', atMs: 400, anonymous: 5 * MB, rss: undefined },
    },
  }
}

test('a JSON file keeps isolates, details of phases and who was killed', () => {
  const run = fullRun()
  assert.deepEqual(parseReportJson(toReportJson(run), 'x.json'), run)
})

test('damage to these is named by its place', () => {
  const text = toReportJson(fullRun())
  for (const [from, to, where] of [
    ['"thread":2,"name"', '"thread":"2","name"', 'isolates[0].thread'],
    ['"first":1,"columns":{"heapUsed"', '"first":5,"columns":{"heapUsed"', 'isolates[0].first'],
    ['"details":{"rows":1000000', '"details":{"rows":[]', 'phases[0].details'],
    ['"killed":{"pid":1000', '"killed":{"pid":-1', 'ending.killed.pid'],
    ['"ending":{"signal":"SIGTERM"}', '"ending":{"signal":7}', 'processes[0].ending.signal'],
  ] as const) {
    assert.ok(text.includes(from), from)
    assert.throws(
      () => parseReportJson(text.replace(from, to), 'x.json'),
      ({ code, message }: { code?: string; message: string }) =>
        code === 'ERR_FORMAT' && message.startsWith(`Expected ${where} in x.json to be `),
    )
  }
})

test('a JSON file of any run gives the same run back', () => {
  const bytes = fc.option(fc.integer({ min: 0, max: 2 ** 45 }), { nil: NaN })
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 20 }), fc.string(), (values, name) => {
      const column = Float64Array.from(values)
      const data: RunData = {
        ...smallRun(),
        times: Float64Array.from(values, (_, i) => i * 1.5),
        total: { hard: column },
        processes: [{ ...smallRun().processes[0]!, name, columns: { rss: column } }],
      }
      assert.deepEqual(parseReportJson(toReportJson(data), 'x.json'), data)
    }),
    { seed: 4, numRuns: 100 },
  )
})

test('a damaged JSON file is refused with the place', () => {
  const valid = JSON.parse(toReportJson(smallRun())) as Record<string, unknown>
  const refused = (change: Record<string, unknown>, message: RegExp): void => {
    const text = JSON.stringify({ ...valid, ...change })
    assert.throws(() => parseReportJson(text, 'x.json'), { code: 'ERR_FORMAT', message })
  }
  refused({ format: 'x' }, /^Expected format in x\.json to be 'onecopy memory report', got 'x'\./)
  refused({ version: 2 }, /^Expected version in x\.json to be 1, got 2\. .*from a newer version/)
  refused({ times: [0, 5, 5] }, /^Expected times in x\.json to be numbers that rise/)
  refused({ times: [0, '5'] }, /^Expected times\[1\] in x\.json to be a number, 0 or more, got '5'/)
  refused({ total: { hard: [1] } }, /^Expected total\.hard in x\.json to be 6 values/)
  refused({ processes: {} }, /^Expected processes in x\.json to be a list/)
  refused({ processes: [7] }, /^Expected processes\[0\] in x\.json to be an object, got 7/)
  refused(
    { phases: [{ name: 'a', startMs: 5, endMs: 1, level: 0 }] },
    /^Expected phases\[0\]\.endMs/,
  )
  refused({ peak: null }, /^Expected peak in x\.json to be an object, got null/)
  const process = (valid['processes'] as object[])[0]
  refused({ processes: [{ ...process, first: 4 }] }, /^Expected processes\[0\]\.first/)
  assert.throws(() => parseReportJson('{', 'x.json'), {
    code: 'ERR_FORMAT',
    message: /^Expected x\.json to hold JSON/,
  })
})

test('a table for spreadsheets has the tree and its processes at every sample', () => {
  const lines = toCsv(smallRun()).split('\r\n')
  assert.equal(
    lines[0],
    'seconds,phase,pid,name,anonymous,shmem,file_backed,hard,hard_least,hard_most,hard_peak,rss,page_tables,swap,pss,heap,cgroup,cpu_ms,tasks,uss,threads',
  )
  assert.equal(
    lines[1],
    '0,load,,(tree),10000000,4000000,45000000,14000000,,,14000000,59000000,,,,,,,,,',
  )
  assert.equal(lines[2], '0,load,1000,node,10000000,4000000,45000000,,,,,59000000,,,,,,,,,11')
  // What was not read is empty, and a name that a spreadsheet would run is text.
  assert.ok(lines.includes("0.2,load,1001,'=cmd|x,,,,,,,,,,,,,,,,,"))
  assert.equal(lines.length, 1 + 6 + 6 + 3 + 1)
})

test('a file for mprof gives peaks, phases and processes back, marked as hard memory', () => {
  const run = smallRun()
  const back = parseMprof(toMprof(run), 'x.dat')
  assert.equal(back.peak.hard, run.peak.hard)
  assert.equal(back.command, run.command)
  assert.deepEqual(
    back.phases.map(({ name, startMs, endMs }) => [name, startMs, endMs]),
    run.phases.map(({ name, startMs, endMs }) => [name, startMs, endMs]),
  )
  assert.equal(back.processes.length, 1)
  assert.equal(back.processes[0]!.pid, 1001)
  const values = [...back.total.hard!]
  for (const bytes of run.total.hard!) assert.ok(values.includes(bytes))
  // The spike stands between the samples.
  assert.equal(back.times.length, run.times.length + 1)
})

test('a real file of mprof run -M gives its line and its children', async () => {
  const { data, peak } = await readReport(fixture('pool.dat'))
  assert.equal(data.command, '/usr/bin/python3 pool.py')
  assert.deepEqual([peak.hard, data.total.hard], [undefined, undefined])
  const text = readFileSync(fixture('pool.dat'), 'utf8')
  const sums = text
    .split('MEM ')
    .slice(1)
    .map((sample) => {
      const [main, ...children] = sample.split('\n').filter((line) => line !== '')
      const sizes = children.map((line) => Number(line.split(' ')[2]))
      return Number(main!.split(' ')[0]) + sizes.reduce((sum, size) => sum + size, 0)
    })
  const largest = Math.max(...sums) * 1_048_576
  assert.ok(largest > 80 * MB, 'the children are most of it')
  assert.ok(Math.abs(Math.max(...data.total.rss!) - largest) < 4)
  assert.equal(data.processes.length, 2)
  assert.ok(data.processes.every(({ peak }) => peak.rss! > 20 * MB))
})

test('a real file of mprof run --python gives its functions as phases', async () => {
  const report = await readReport(fixture('load.dat'))
  assert.deepEqual(
    report.data.phases.map(({ name, level }) => [name, level]),
    [
      ['__main__.load', 0],
      ['__main__.fit', 0],
      ['__main__.load', 1],
    ],
  )
  const load = report.phase('__main__.load')
  assert.equal(load.count, 2)
  assert.ok(load.peakRss! > 70 * MB)
})

test('a peak of mprof run -M has the children in it, and of -C -M once', () => {
  const children = [0, 100, 300, 300, 100, 0]
  const file = (hasSums: boolean): string =>
    children
      .map((mib, i) => {
        const main = 400 + i + (hasSums ? mib : 0)
        return `MEM ${main} ${1 + i / 10}\n${mib > 0 ? `CHLD 7 ${mib} ${1 + i / 10}\n` : ''}`
      })
      .join('')
  for (const hasSums of [false, true]) {
    const { total } = parseMprof(file(hasSums), 'x.dat')
    assert.deepEqual(
      [...total.rss!].map((bytes) => bytes / 1_048_576),
      children.map((mib, i) => 400 + i + mib),
    )
  }
})

test('a number that no size and no date can be is refused', () => {
  for (const line of ['MEM 1e308 1.1', 'MEM 1 1e300', 'CHLD 1 1e308 1', 'FUNC f 1 1 1 1e300 0'])
    assert.throws(() => parseMprof(`MEM 1 1.0\n${line}\n`, 'x.dat'), {
      code: 'ERR_FORMAT',
      message: `Expected line 2 of x.dat to be a line of mprof, got '${line}'. The file is damaged or not from mprof.`,
    })
})

test('what a damaged file says can not take over a terminal', () => {
  assert.throws(() => parseMprof('MEM \u001B[2J\u009B31m\u202E 1\n', 'x.dat'), {
    message:
      "Expected line 1 of x.dat to be a line of mprof, got 'MEM \ufffd[2J\ufffd31m\ufffd 1'. The file is damaged or not from mprof.",
  })
  const json = { format: '\u001B]0;owned\u0007' }
  assert.throws(() => parseReportJson(JSON.stringify(json), 'x.json'), {
    message:
      "Expected format in x.json to be 'onecopy memory report', got '\ufffd]0;owned\ufffd'. The file is not a report of onecopy, is from a newer version, or is damaged.",
  })
})

test('a report from after the last date is refused', () => {
  const plain = JSON.parse(toReportJson(smallRun())) as Record<string, unknown>
  assert.throws(() => parseReportJson(JSON.stringify({ ...plain, startEpochMs: 9e15 }), 'x.json'), {
    code: 'ERR_FORMAT',
    message:
      'Expected startEpochMs in x.json to be a moment, in milliseconds since 1970, before the year 275760, got 9000000000000000. The file is not a report of onecopy, is from a newer version, or is damaged.',
  })
})

test('what is no regular file is refused at once, and a FIFO nobody writes to blocks nobody', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-'))
  try {
    const fifo = join(folder, 'x.json')
    execFileSync('mkfifo', [fifo])
    await assert.rejects(readReport(fifo), {
      code: 'ERR_FILE',
      message: `Could not read ${fifo}: it is a FIFO; write what it gives to a file.`,
    })
    mkdirSync(join(folder, 'y.dat'))
    await assert.rejects(readReport(join(folder, 'y.dat')), { code: 'ERR_FILE' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('of a file that mprof appended to, the last run counts', () => {
  const text = 'CMDLINE a\nMEM 900 1.0\nFUNC f 1 2.0 1 2.1 0\nCMDLINE b\nMEM 1 2.0\nMEM 2 2.1\n'
  const { command, times, total, phases } = parseMprof(text, 'x.dat')
  assert.deepEqual([command, [...times], Math.max(...total.rss!)], ['b', [0, 100], 2 * 1_048_576])
  assert.deepEqual(
    phases.map(({ name }) => name),
    ['f'],
  )
})

test('a last line that mprof could not finish is left out; any other damage is refused', () => {
  assert.equal(parseMprof('MEM 1 1.0\nMEM 2 1.1\nMEM 3', 'x.dat').times.length, 2)
  assert.throws(() => parseMprof('MEM 1 1.0\nMEM x 1.1\n', 'x.dat'), {
    code: 'ERR_FORMAT',
    message:
      "Expected line 2 of x.dat to be a line of mprof, got 'MEM x 1.1'. The file is damaged or not from mprof.",
  })
  assert.throws(() => parseMprof('CMDLINE true\n', 'x.dat'), {
    code: 'ERR_FORMAT',
    message:
      'Expected x.dat to hold samples (lines that begin with MEM), found none. The command may have ended before the first.',
  })
})

test('a comparison with a file of mprof compares RSS', async () => {
  const mprof = await readReport(fixture('load.dat'))
  const comparison = mprof.compare(new MemoryReport(sharedRun()))
  assert.equal(comparison.figure, 'rss')
  assert.ok(comparison.rows[0]!.after! > 4000 * MB)
  assert.match(String(comparison), /^phase +RSS peak, first/)
})

test('every ending writes its own format, and nothing is left beside it', async () => {
  const report = new MemoryReport(smallRun())
  const starts = {
    json: '{"format":"onecopy memory report"',
    csv: 'seconds,',
    dat: 'CMDLINE node small.js',
    svg: '<svg xmlns=',
    png: '\x89PNG',
    html: '<!doctype html>',
  }
  for (const [ending, start] of Object.entries(starts)) {
    const path = join(folder, `each.${ending.toUpperCase()}`)
    await report.save(path)
    assert.equal(readFileSync(path, 'latin1').slice(0, start.length), start)
  }
  await plotReports(
    [
      ['a', report],
      ['b', report],
    ],
    join(folder, 'both.svg'),
  )
  assert.match(readFileSync(join(folder, 'both.svg'), 'utf8'), /^<svg /)
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes('tmp')),
    [],
  )
})

test('other endings are refused with the list of those that there are', async () => {
  const report = new MemoryReport(smallRun())
  await assert.rejects(report.save('x.pdf'), {
    code: 'ERR_OPTION',
    message:
      "Expected a path that ends in one of .json, .csv, .dat, .svg, .png, .html, got 'x.pdf'. The extension says which format the file has.",
  })
  await assert.rejects(readReport('x.csv'), {
    code: 'ERR_OPTION',
    message: /one of \.json, \.dat, got/,
  })
  await assert.rejects(plotReports([], 'x.json'), {
    code: 'ERR_OPTION',
    message: /\.svg, \.png, \.html/,
  })
  await assert.rejects(report.save(7 as never), { name: 'TypeError' })
})

test('a file that cannot be written or read is named', async () => {
  const report = new MemoryReport(smallRun())
  const path = join(folder, 'missing', 'x.json')
  await assert.rejects(report.save(path), {
    code: 'ERR_FILE',
    message: /^Could not write .*missing\/x\.json: ENOENT/,
  })
  await assert.rejects(readReport(path), {
    code: 'ERR_FILE',
    message: /^Could not read .*missing\/x\.json: ENOENT/,
  })
})

test('a file is replaced as a whole, also behind a symbolic link', async () => {
  const [target, link] = [join(folder, 'target.json'), join(folder, 'link.json')]
  writeFileSync(target, 'old')
  symlinkSync(target, link)
  await new MemoryReport(smallRun()).save(link)
  assert.equal((await readReport(target)).samples, 6)
})
