/** Pictures of runs: the same bytes every time, and nothing in them that a stranger wrote. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMprof } from '../../src/monitor/report/mprof.ts'
import { drawOverlay } from '../../src/monitor/plot/figure/overlay.ts'
import { drawOverlayPage } from '../../src/monitor/plot/page/overlay-page.ts'
import { drawPage } from '../../src/monitor/plot/page/report-page.ts'
import { drawPicture } from '../../src/monitor/plot/figure/picture.ts'
import { renderPng } from '../../src/monitor/plot/figure/png.ts'
import { readFileSync } from 'node:fs'
import type { RunData } from '../../src/monitor/record/run-data.ts'
import { makeRun, MB, ramp, sharedRun } from './runs.ts'
import { assertSnapshot } from './snapshot.ts'

/** A run with everything that can be missing: gaps, unreadable processes, spikes, a limit. */
function brokenRun(): RunData {
  const hidden = (ms: number): boolean => ms > 20_000 && ms < 24_000
  return makeRun({
    command: 'node broken.js',
    durationMs: 30_000,
    samples: 120,
    mappers: 2,
    limit: 620 * MB,
    processes: [
      {
        name: 'node',
        anonymous: (ms) => ramp(ms, [0, 30_000], 100, 175) * MB,
        isUnreadable: hidden,
      },
      {
        name: 'su',
        from: 5000,
        anonymous: () => 80 * MB,
        isUnreadable: (ms) => hidden(ms) || (ms > 9000 && ms < 12_000),
      },
    ],
    shmem: () => 120 * MB,
    spikes: [{ ms: 15_000, bytes: 200 * MB }],
    phases: [
      ['load', 0, 15_000],
      ['fit', 15_000, 30_000],
    ],
  })
}

function manyProcesses(): RunData {
  return makeRun({
    command: 'make -j 20',
    durationMs: 95_000,
    samples: 190,
    processes: Array.from({ length: 20 }, (_, i) => ({
      name: i > 0 ? 'cc1plus' : 'make',
      from: i * 3000,
      to: i > 0 ? i * 3000 + 20_000 + ((i * 7919) % 13) * 1000 : 95_000,
      anonymous: (ms: number) =>
        (i > 0 ? 60 + ((i * 37) % 90) + 30 * Math.sin(ms / 3000 + i) : 12) * MB,
    })),
    cache: () => 300 * MB,
  })
}

function mprofRun(): RunData {
  const file = new URL('../fixtures/monitor/plots/pool.dat', import.meta.url)
  return parseMprof(readFileSync(file, 'utf8'), 'pool.dat')
}

test('pictures are the same to the byte', () => {
  const budgets = [{ bytes: 1200 * MB }, { bytes: 900 * MB, phase: 'load' }]
  assertSnapshot('shared.svg', drawPicture(sharedRun(), { budgets }).svg)
  assertSnapshot(
    'shared-kind-dark.svg',
    drawPicture(sharedRun(), { by: 'kind', theme: 'dark' }).svg,
  )
  assertSnapshot('broken-light.svg', drawPicture(brokenRun(), { theme: 'light' }).svg)
  assertSnapshot('processes.svg', drawPicture(manyProcesses(), { theme: 'light' }).svg)
  assertSnapshot('mprof.svg', drawPicture(mprofRun(), { theme: 'light' }).svg)
  const runs = [
    { name: 'before.json', data: sharedRun() },
    { name: 'after.json', data: brokenRun() },
  ]
  assertSnapshot('overlay.svg', drawOverlay(runs, { budgets: [{ bytes: 1000 * MB }] }))
})

test('the layers below the cache add up to the hard memory', () => {
  for (const by of ['process', 'kind'] as const) {
    for (const data of [sharedRun(), manyProcesses()]) {
      const { layers, samples } = drawPicture(data, { by })
      const top = layers.findLast(({ layer }) => !layer.isCache)!
      samples.forEach((sample, i) => {
        assert.ok(Math.abs(top.tops[i]! - data.total.hard![sample]!) < 1024)
      })
    }
  }
})

test('what could not be read is a gap in the picture and not zero', () => {
  const data = brokenRun()
  const { layers, samples, svg } = drawPicture(data)
  samples.forEach((sample, i) => {
    const isGap = Number.isNaN(data.total.hard![sample])
    assert.ok(layers.every(({ layer }) => Number.isNaN(layer.values[i]) || !isGap))
  })
  assert.match(svg, />n\/a</)
  assert.match(svg, /not all could be read/)
})

test('a theme is fixed, or left to the reader', () => {
  const svg = (theme: 'auto' | 'dark' | 'light'): string => drawPicture(sharedRun(), { theme }).svg
  assert.match(svg('auto'), /@media \(prefers-color-scheme:dark\)/)
  assert.doesNotMatch(svg('dark'), /prefers-color-scheme/)
  assert.match(svg('dark'), /\.bg\{fill:#0d1117\}/)
  assert.match(svg('light'), /\.bg\{fill:#ffffff\}/)
})

const hostile =
  '</text></title><script>alert(1)</script>"\' onload=x &amp; \u0000\u001b[31m\u202e\ud800]]>'

/** A run whose every name was chosen by an enemy. */
function hostileRun(): RunData {
  const data = makeRun({
    command: hostile,
    durationMs: 3000,
    samples: 30,
    processes: [{ name: hostile, anonymous: () => 100 * MB }],
    shmem: () => 50 * MB,
    phases: [[hostile, 0, 2000]],
    segments: [{ name: hostile, startMs: 0, endMs: 3000, peakBytes: 50 * MB, holders: 1 }],
  })
  return { ...data, ending: { signal: hostile } }
}

test('names from strangers end no element and hold no control code', () => {
  const data = hostileRun()
  const budgets = [{ bytes: 120 * MB, phase: hostile }]
  const runs = [{ name: hostile, data }]
  for (const [kind, markup] of Object.entries({
    svg: drawPicture(data, { budgets }).svg,
    overlay: drawOverlay(runs),
    page: drawPage(data, { budgets }),
    'overlay page': drawOverlayPage(runs),
  })) {
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(markup, /[\u0000-\u0009\u000b-\u001f\u202e\ud800]/, kind)
    assert.doesNotMatch(markup, /<script>alert/, kind)
    assert.doesNotMatch(
      markup,
      /(?:src|href)=|@import|url\((?!#)|https?:(?!\/\/www\.w3\.org\/2000\/svg)/,
      kind,
    )
    assertBalanced(markup)
  }
})

function withoutScripts(markup: string): string {
  return markup.replaceAll(/<script[^>]*>.*?<\/script>/gs, '')
}

/** Every element that is opened is closed, in order. */
function assertBalanced(markup: string): void {
  const open: string[] = []
  // What stands in scripts is checked by the JSON that it is.
  const rest = withoutScripts(markup).replace('<!doctype html>', '')
  for (const [, close, name, self] of rest.matchAll(/<(\/?)([a-zA-Z][\w:-]*)[^<>]*?(\/?)>/g)) {
    if (close) assert.equal(open.pop(), name)
    else if (!self) open.push(name!)
  }
  assert.deepEqual(open, [])
}

test('a page allows no script but its own', () => {
  const page = drawPage(hostileRun())
  const policy =
    /content="(default-src 'none'[^"]*)"|content="(default-src &#39;none&#39;[^"]*)"/.exec(page)
  assert.ok(policy)
  assert.match(policy[0], /script-src &#39;sha256-[\w+/]+=&#39;/)
  assert.equal([...page.matchAll(/<script/g)].length, 2)
})

test('a PNG has the size of its picture twice, and text without any font of the system', async () => {
  const png = await renderPng(drawPicture(sharedRun(), { theme: 'light' }).svg)
  const header = Buffer.from(png.subarray(0, 24))
  assert.equal(header.toString('latin1', 1, 4), 'PNG')
  assert.deepEqual([header.readUInt32BE(16), header.readUInt32BE(20)], [2400, 1000])
  const empty = await renderPng(
    drawPicture(sharedRun(), { theme: 'light' }).svg.replaceAll(/<text.*?<\/text>/g, ''),
  )
  assert.ok(
    png.length > 1.2 * empty.length,
    `${png.length} bytes with text, ${empty.length} without`,
  )
})

test('runs with one sample, with none, or without figures are drawn too', () => {
  const one = makeRun({
    durationMs: 0,
    samples: 1,
    processes: [{ name: 'true', anonymous: () => 3 * MB }],
  })
  const none = { ...one, times: new Float64Array(), total: {}, processes: [] }
  for (const data of [one, none, { ...one, total: {} }]) {
    for (const markup of [
      drawPicture(data).svg,
      drawPage(data),
      drawOverlay([{ name: 'x', data }]),
    ]) {
      assert.doesNotMatch(withoutScripts(markup), /NaN|undefined|Infinity/)
    }
  }
  assert.doesNotMatch(drawOverlay([]), /NaN|undefined|Infinity/)
})
