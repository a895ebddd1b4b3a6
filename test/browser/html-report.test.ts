/** The HTML report in a real browser: values under the pointer, both pictures, dark mode. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { MemoryReport, plotReports } from '../../src/monitor/index.ts'
import { makeRun, MB, noise, sharedRun } from '../monitor/runs.ts'
import { needsBrowser, openPage } from './chromium.ts'

const folder = mkdtempSync(join(tmpdir(), 'onecopy-report-'))
after(() => rmSync(folder, { recursive: true }))
const urlOf = (name: string): string => pathToFileURL(join(folder, name)).href

before(async () => {
  const report = new MemoryReport(sharedRun())
  await report.save(join(folder, 'run.html'), { budgets: [{ bytes: 1200 * MB }] })
  await plotReports(
    [
      ['before', report],
      ['after', report],
    ],
    join(folder, 'both.html'),
  )
})

test('the pointer reads values off the picture', needsBrowser, async () => {
  const { page, assertQuiet } = await openPage()
  await page.goto(urlOf('run.html'))
  assert.equal(await page.textContent('h1'), 'node fit.js --folds 10')
  assert.match(
    (await page.textContent('.words'))!,
    /^Peak 1\.48 GB hard at 44\.6 s in meta learner/,
  )
  const box = (await page.locator('.process svg').boundingBox())!
  assert.ok(await page.isHidden('#tip'))
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.5)
  assert.ok(await page.isVisible('#tip'))
  const [when, ...rows] = (await page.innerText('#tip')).split('\n')
  assert.match(when!, /^\d\d\.\d s · fit K folds$/)
  assert.deepEqual(
    rows.filter((_, i) => i % 2 === 0),
    [
      'hard memory',
      'file cache',
      'worker 4 1004',
      'worker 3 1003',
      'worker 2 1002',
      'worker 1 1001',
      'node 1000',
      'shared memory, once',
    ],
  )
  assert.equal(rows.at(-1), '800 MB')
  await page.mouse.move(5, 5)
  assert.ok(await page.isHidden('#tip'))
  await page.focus('.process')
  await page.keyboard.press('ArrowRight')
  assert.ok(await page.isVisible('#tip'))
  await page.keyboard.press('Escape')
  assert.ok(await page.isHidden('#tip'))
  assertQuiet()
  await page.context().close()
})

test(
  'the other picture is a click away, and dark where the reader likes it',
  needsBrowser,
  async () => {
    const { page, assertQuiet } = await openPage({ colorScheme: 'dark' })
    await page.goto(urlOf('run.html'))
    assert.ok(await page.isVisible('.process svg'))
    await page.getByText('by kind', { exact: true }).click()
    assert.ok(await page.isHidden('.process svg'))
    assert.ok(await page.isVisible('.kind svg'))
    const background = 'getComputedStyle(document.body).backgroundColor'
    assert.equal(await page.evaluate(background), 'rgb(13, 17, 23)')
    assert.equal(
      await page.evaluate("getComputedStyle(document.querySelector('.kind svg .bg')).fill"),
      'rgb(13, 17, 23)',
    )
    assertQuiet()
    await page.context().close()
  },
)

test(
  'the report of an hour stays small, and its last moment can be read',
  needsBrowser,
  async () => {
    const random = noise(5)
    const run = makeRun({
      command: 'node night.js',
      durationMs: 3_600_000,
      samples: 36_000,
      processes: Array.from({ length: 60 }, (_, i) => ({
        name: `worker ${i}`,
        anonymous: () => (40 + random() * 30) * MB,
      })),
      phases: Array.from({ length: 80 }, (_, i) => [`part ${i}`, i * 45_000, (i + 1) * 45_000]),
    })
    await new MemoryReport(run).save(join(folder, 'night.html'))
    const { size } = statSync(join(folder, 'night.html'))
    assert.ok(size < 200_000, `${size} bytes`)
    const { page, assertQuiet } = await openPage()
    await page.goto(urlOf('night.html'))
    const box = (await page.locator('.process svg').boundingBox())!
    await page.mouse.move(box.x + box.width * 0.775, box.y + box.height * 0.5)
    assert.match(await page.innerText('#tip'), /^(?:59 min \d+ s|1 h) · part 79\n/)
    assertQuiet()
    await page.context().close()
  },
)

test('the page of several runs is quiet, too', needsBrowser, async () => {
  const { page, assertQuiet } = await openPage()
  await page.goto(urlOf('both.html'))
  assert.ok(await page.isVisible('svg'))
  assert.equal(await page.locator('tbody tr').count(), 6)
  assertQuiet()
  await page.context().close()
})
