/** Opens pages in the browser of the machine, and holds every complaint of theirs. */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after } from 'node:test'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where the browser is; `CHROMIUM` names another one. */
const program = process.env['CHROMIUM'] ?? programs.find((path) => existsSync(path))

/** Options of a test that needs the browser: it is skipped where there is none. */
export const needsBrowser = {
  skip: program === undefined && 'there is no chromium: apt-get install chromium',
}

let browser: Promise<Browser> | undefined
after(async () => (await browser)?.close())

/** A page, and what it complained of. */
export interface WatchedPage {
  readonly page: Page
  /** Fails when the page has written an error, or thrown one. */
  readonly assertQuiet: () => void
}

/** Opens an empty page; each has storage and a network of its own. */
export async function openPage(options: BrowserContextOptions = {}): Promise<WatchedPage> {
  browser ??= chromium.launch({ executablePath: program!, args: ['--no-sandbox'] })
  const context = await (
    await browser
  ).newContext({
    viewport: { width: 1280, height: 900 },
    ...options,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.setDefaultTimeout(60_000)
  return { page, assertQuiet: () => assert.deepEqual(complaints, []) }
}

/** The colour at a point of an element's canvas, as `#rrggbb`; x and y are parts of its size. */
export async function colourAt(page: Page, selector: string, x: number, y: number) {
  return page.evaluate(
    // The page's own code: this project's types know no DOM.
    `(() => {
      const canvas = document.querySelector(${JSON.stringify(`${selector} canvas`)})
      const at = [Math.floor(${x} * canvas.width), Math.floor(${y} * canvas.height), 1, 1]
      const [r, g, b, a] = canvas.getContext('2d').getImageData(...at).data
      return a === 0 ? 'none' : '#' + [r, g, b].map((v) => v.toString(16).padStart(2, '0')).join('')
    })()`,
  )
}

/** Waits until an expression of the page is true; its policy lets nobody else evaluate one. */
export async function until(page: Page, expression: string): Promise<void> {
  for (let tries = 0; !(await page.evaluate<boolean>(expression)); tries++) {
    assert.ok(tries < 1200, `waited a minute for ${expression}`)
    await page.waitForTimeout(50)
  }
}
