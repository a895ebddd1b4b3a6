/** The live page in a real browser: draws, follows the run, survives a reload. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { MemoryReport, openLivePage } from '../../src/monitor/index.ts'
import type { LivePage, RunData } from '../../src/monitor/index.ts'
import { formatBytes } from '../../src/format.ts'
import { fakeMonitor } from '../monitor/fake-monitor.ts'
import { makeRun, MB, noise, sharedRun } from '../monitor/runs.ts'
import { colourAt, needsBrowser, openPage, until } from './chromium.ts'

interface Opened {
  readonly page: Page
  readonly live: LivePage
  readonly monitor: ReturnType<typeof fakeMonitor>
  readonly assertQuiet: () => void
}

/** Opens the live page of a run that has come to a moment. */
async function openLive(
  t: TestContext,
  run: RunData,
  untilMs: number,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const live = await openLivePage({
    title: run.command!,
    budgets: [{ bytes: 1200 * MB }, { bytes: 500 * MB, phase: 'load' }],
  })
  const monitor = fakeMonitor(run, untilMs)
  live.follow(monitor)
  const { page, assertQuiet } = await openPage(options)
  t.after(async () => {
    await page.context().close()
    live.close()
  })
  await page.addInitScript(rememberTexts)
  await page.goto(live.url)
  await until(page, 'view.charts.length > 0')
  return { page, live, monitor, assertQuiet }
}

/** Text on a canvas can be read off its calls only. */
const rememberTexts = `
  globalThis.drawn = []
  const { fillText } = CanvasRenderingContext2D.prototype
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    drawn.push(text)
    return fillText.call(this, text, ...rest)
  }`

const texts = async (page: Page): Promise<string[]> => page.evaluate('[...new Set(drawn)]')

test(
  'the page draws memory by process, cache, CPU, phases, peak and budgets',
  needsBrowser,
  async (t) => {
    const { page, assertQuiet } = await openLive(t, sharedRun(), 40_000)
    assert.equal(await page.textContent('h1'), 'node fit.js --folds 10')
    assert.equal(await page.textContent('#state'), 'running for 40.0 s')
    assert.deepEqual(await page.locator('.tile .value').allTextContents(), [
      '1.44 GB',
      '1.47 GB',
      '800 MB',
      '260 MB',
      '5',
    ])
    // From the bottom up: shared memory, then the process that is there from the start.
    assert.equal(await colourAt(page, '#memory', 0.9, 0.8), '#0072b2')
    assert.equal(await colourAt(page, '#memory', 0.2, 0.9), '#e69f00')
    const drawn = await texts(page)
    for (const text of [
      'load',
      'share',
      'fit K folds',
      'peak 1.47 GB at 34.3 s',
      'budget 1.20 GB',
      'budget of load 500 MB',
      '1 GB',
      '20 s',
      '1 core',
    ]) {
      assert.ok(drawn.includes(text), `${text} in ${drawn.join(', ')}`)
    }
    assert.deepEqual(await page.locator('#legend .name').allTextContents(), [
      'file cache',
      'hard memory',
      'worker 4 1004',
      'worker 3 1003',
      'worker 2 1002',
      'worker 1 1001',
      'node 1000',
      'shared memory, once',
      'RSS would show',
    ])
    assertQuiet()
  },
)

test(
  'the page has a chart of tasks as soon as workers have finished any',
  needsBrowser,
  async (t) => {
    const run = sharedRun()
    // From 25 s on 20 tasks a second.
    const tasks = run.times.map((ms) => (ms < 25_000 ? NaN : (ms - 25_000) / 50))
    const withTasks = { ...run, total: { ...run.total, tasks } }
    const { page, monitor, assertQuiet } = await openLive(t, withTasks, 20_000)
    assert.ok(await page.isHidden('#tasks'))
    monitor.untilMs = 40_000
    await until(page, 'view.charts.length === 3')
    assert.ok(await page.isVisible('#tasks canvas'))
    assert.equal(await page.textContent('#tasks-now'), '20.0 tasks per second')
    assert.ok((await texts(page)).includes('20/s'))
    assertQuiet()
  },
)

test(
  'the table has a row for each process, the largest first, the ended last',
  needsBrowser,
  async (t) => {
    const { page, monitor, assertQuiet } = await openLive(t, sharedRun(), 40_000)
    const rows = async (): Promise<string[][]> => {
      const texts = await page.locator('#processes tr').allInnerTexts()
      return texts.map((text) => text.split('\t').map((cell) => cell.trim()))
    }
    const first = await rows()
    assert.equal(first.length, 5)
    const [name, pid, own, , rss, , threads, seen] = first[0]!
    assert.match(name!, /^worker \d$/)
    assert.match(own!, /^1\d\d MB$/)
    assert.match(rss!, /MB|GB/)
    assert.deepEqual([pid!.length, threads, seen], [4, '11', '12.5 s – now'])
    monitor.untilMs = 50_000
    await until(page, "document.querySelectorAll('tr.ended').length === 4")
    const last = await rows()
    assert.equal(last[0]![0], 'node')
    assert.deepEqual(last[4]!.slice(2, 3), ['ended'])
    assertQuiet()
  },
)

test('the page follows the run, and says how it ended', needsBrowser, async (t) => {
  const run = sharedRun()
  const { page, live, monitor, assertQuiet } = await openLive(t, run, 20_000)
  monitor.untilMs = 30_000
  await until(page, "document.getElementById('state').textContent === 'running for 30.0 s'")
  assert.equal(
    await page.evaluate('view.run.times.length'),
    run.times.filter((ms) => ms <= 30_000).length,
  )
  live.end(new MemoryReport({ ...run, ending: { signal: 'SIGKILL', oomKilled: true } }))
  await until(page, "document.getElementById('state').className === 'failed'")
  assert.equal(await page.textContent('#state'), 'ended: out of memory after 60.0 s')
  await until(page, "drawn.includes('meta learner')")
  assert.equal(await page.evaluate('view.run.times.length'), 600)
  assertQuiet()
})

test(
  'the end of a run shows what was last known, and when each process ended',
  needsBrowser,
  async (t) => {
    const run = makeRun({
      durationMs: 20_000,
      samples: 60,
      processes: [
        { name: 'node', anonymous: () => 60 * MB },
        { name: 'worker', from: 3000, to: 15_000, anonymous: () => 40 * MB },
      ],
      spikes: [{ ms: 5000, bytes: 60 * MB }],
    })
    run.total.hard!.fill(NaN, 58)
    const { page, live, assertQuiet } = await openLive(t, { ...run, command: 'node' }, 20_000)
    live.end(new MemoryReport(run))
    await until(page, "document.getElementById('state').className === 'ended'")
    await until(page, "document.querySelectorAll('tr.ended').length === 2")
    assert.equal(await page.locator('.tile .value').first().textContent(), '60.0 MB')
    assert.deepEqual(await page.locator('#processes td:last-child').allTextContents(), [
      '0 s \u2013 20.0 s',
      '3.1 s \u2013 14.9 s',
    ])
    // The line of the whole stays on the stack; what rose between two samples stands upright on it.
    const top = await page.evaluate<number>('Math.max(...view.charts[0].data.at(-1))')
    assert.ok(Math.abs(top - 100 * MB) < 1024, `${top}`)
    assert.ok((await texts(page)).includes('peak 160 MB at 5.1 s'))
    assertQuiet()
  },
)

test('a reload brings the whole run back', needsBrowser, async (t) => {
  const { page, monitor, assertQuiet } = await openLive(t, sharedRun(), 20_000)
  monitor.untilMs = 45_000
  await until(page, 'view.run.durationMs === 45000')
  const before = await page.evaluate(
    'JSON.stringify([view.run.times, view.run.hard, view.run.phases])',
  )
  await page.reload()
  await until(page, 'view.charts.length > 0')
  assert.equal(
    await page.evaluate('JSON.stringify([view.run.times, view.run.hard, view.run.phases])'),
    before,
  )
  assertQuiet()
})

test(
  'the page is dark where the reader likes it dark, also when that changes',
  needsBrowser,
  async (t) => {
    const { page, assertQuiet } = await openLive(t, sharedRun(), 40_000, { colorScheme: 'dark' })
    const background = 'getComputedStyle(document.body).backgroundColor'
    assert.equal(await page.evaluate(background), 'rgb(13, 17, 23)')
    assert.equal(await colourAt(page, '#memory', 0.9, 0.8), '#2b8fd0')
    await page.emulateMedia({ colorScheme: 'light' })
    await until(page, `${background} === 'rgb(255, 255, 255)'`)
    await page.waitForTimeout(100)
    assert.equal(await colourAt(page, '#memory', 0.9, 0.8), '#0072b2')
    assertQuiet()
  },
)

test(
  'values stand in the legend under the pointer, and a dragged part is looked at closely',
  needsBrowser,
  async (t) => {
    const { page, assertQuiet } = await openLive(t, sharedRun(), 40_000)
    const chart = (await page.locator('#memory .u-over').boundingBox())!
    const at = (part: number): [number, number] => [chart.x + part * chart.width, chart.y + 100]
    await page.mouse.move(...at(0.25))
    assert.match((await page.textContent('#legend .head'))!, /^at (?:9\.9|10\.\d) s$/)
    assert.match(
      (await page.locator('#legend .size').nth(7).textContent())!,
      /^(?:0 B|\d\.\d+ MB)$/,
    )
    await page.mouse.down()
    await page.mouse.move(...at(0.75), { steps: 5 })
    await page.mouse.up()
    const [from, to] = await page.evaluate<[number, number]>(
      '[view.charts[1].scales.x.min, view.charts[1].scales.x.max]',
    )
    assert.ok(Math.abs(from - 10) < 0.5 && Math.abs(to - 30) < 0.5, `${from} to ${to}`)
    await page.mouse.dblclick(...at(0.5))
    assert.equal(await page.evaluate('view.charts[0].scales.x.max'), 40)
    await page.getByRole('button', { name: '1 min' }).click()
    assert.equal(await page.getAttribute('#ranges [data-seconds="60"]', 'aria-pressed'), 'true')
    assertQuiet()
  },
)

test(
  'a run of 36,000 points is drawn by its lowest and highest of each pixel',
  needsBrowser,
  async (t) => {
    const random = noise(3)
    const run = makeRun({
      command: 'node night.js',
      durationMs: 3_600_000,
      samples: 36_000,
      processes: Array.from({ length: 8 }, (_, i) => ({
        name: `worker ${i}`,
        anonymous: () => (40 + i * 8 + random() * 30) * MB,
      })),
      spikes: [{ ms: 1_234_567, bytes: 400 * MB }],
      phases: Array.from({ length: 36 }, (_, i) => [`hour part ${i}`, i * 1e5, (i + 1) * 1e5]),
    })
    const { page, monitor, assertQuiet } = await openLive(t, run, 3_500_000)
    const kept = await page.evaluate<number>('view.run.times.length')
    assert.ok(kept > 4000 && kept < 12_100, `${kept} samples were sent`)
    const pixels = await page.evaluate<number>('view.charts[0].bbox.width / devicePixelRatio')
    const drawn = await page.evaluate<number>('view.charts[0].data[0].length')
    assert.ok(drawn > pixels && drawn < 3.1 * pixels, `${drawn} points on ${pixels} pixels`)
    assert.ok((await texts(page)).includes(`peak ${formatBytes(run.peak.hard)} at 20 min 35 s`))
    monitor.untilMs = 3_600_000
    await until(page, 'view.run.durationMs === 3600000')
    assert.equal(await page.evaluate('view.run.times.length'), kept + 1000)
    assertQuiet()
  },
)

test('on a narrow screen nothing runs out of the page', needsBrowser, async (t) => {
  const { page, assertQuiet } = await openLive(t, sharedRun(), 40_000, {
    viewport: { width: 420, height: 800 },
  })
  assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 420)
  await page.setViewportSize({ width: 1000, height: 700 })
  await until(page, 'view.charts[0].width > 500')
  assertQuiet()
})
