/** The page of a prediction server in a real browser: models, form, key, live figures. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fruitModel, linearModel, serve } from '../serve/models.ts'
import { needsBrowser, openPage, until } from './chromium.ts'

for (const [colorScheme, width] of [
  ['light', 1280],
  ['dark', 390],
] as const)
  test(
    `the page predicts what its form holds (${colorScheme}, ${width} pixels)`,
    needsBrowser,
    async (t) => {
      const server = await serve(t, { fruit: await fruitModel(), line: await linearModel() })
      const address = await server.listen({ port: 0 })
      const { page, assertQuiet } = await openPage({
        colorScheme,
        viewport: { width, height: 900 },
      })
      t.after(() => page.context().close())
      await page.goto(address)
      await until(page, "document.querySelectorAll('#fields input').length === 1")
      assert.equal(await page.textContent('h1'), 'fruit')
      assert.equal(
        await page.textContent('#about'),
        'GradientBoostingClassifier · version 1 · 2 classes',
      )
      await page.fill('#fields input', '80')
      await page.selectOption('#fields select', 'red')
      assert.match((await page.textContent('#call'))!, /-d '\[\{"weight":80,"colour":"red"\}\]'$/)
      await page.click('#form button')
      await until(page, "document.querySelector('.prediction') !== null")
      assert.equal(await page.textContent('.prediction'), 'apple')
      assert.deepEqual(await page.locator('.class-name').allTextContents(), ['apple', 'pear'])
      await page.selectOption('#models', 'line')
      await until(page, "document.querySelectorAll('#fields input').length === 2")
      assert.deepEqual(await page.locator('#inputs td').allTextContents(), [
        'X',
        'FP64',
        '[-1, 2]',
        '',
      ])
      // Nothing is wider than the page.
      const overflow = 'document.documentElement.scrollWidth - innerWidth'
      assert.ok((await page.evaluate<number>(overflow)) <= 0)
      await until(page, "document.querySelectorAll('.tile').length === 8")
      assert.match(
        (await page.locator('.tile .value').first().textContent())!,
        /^\d+(\.\d+)? [MG]B$/,
      )
      assertQuiet()
    },
  )

test('the page asks for the key that the server needs', needsBrowser, async (t) => {
  const server = await serve(t, await linearModel(), { apiKey: 'open sesame' })
  const address = await server.listen({ port: 0 })
  const { page } = await openPage()
  t.after(() => page.context().close())
  await page.goto(address)
  await until(page, "document.querySelector('#key-form').hidden === false")
  assert.match((await page.textContent('#problem'))!, /^Expected an API key/)
  await page.fill('#key', 'open sesame')
  await page.click('#key-form button')
  await until(page, "document.querySelectorAll('#fields input').length === 2")
  await page.click('#form button')
  await until(page, "document.querySelector('.prediction') !== null")
})
