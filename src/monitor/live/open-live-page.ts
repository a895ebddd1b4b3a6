/** Opens the live page; loads its modules on first use. */

import { randomBytes } from 'node:crypto'
import { OneCopyError } from '../../errors.ts'
import { type OptionNames, requireKnown, requireNumber } from '../../options.ts'
import type { LivePage, LivePageOptions } from './live-page.ts'

/**
 * Opens a web page that shows a run live: memory stacked by process, CPU, phases, and a table of
 * processes. The page listens on 127.0.0.1 only, at an address that can't be guessed. It answers
 * only GET, and no request changes anything. It does not keep the program running.
 *
 * @throws TypeError when the port is not a number
 * @throws OneCopyError `ERR_OPTION` when the port is not from 0 to 65535, `ERR_SYSTEM` when it is
 *   not available
 *
 * @example
 * ```ts
 * const page = await openLivePage({ title: 'night run' })
 * console.log(page.url)
 * const monitor = startMonitor()
 * page.follow(monitor)
 * await work()
 * page.end(await monitor.stop())
 * ```
 */
export async function openLivePage(options: LivePageOptions = {}): Promise<LivePage> {
  requireKnown('openLivePage', options, names)
  const port = requirePort(options.port ?? 0)
  const token = randomBytes(24).toString('base64url')
  // A monitor starts quickly: few programs open a page.
  const { LivePage } = await import('./live-page.ts')
  const page = new LivePage(options, token)
  await page.listen(port)
  return page
}

const names: OptionNames<LivePageOptions> = { port: true, title: true, budgets: true }

function requirePort(port: unknown): number {
  const asked = requireNumber('port', port)
  if (Number.isInteger(asked) && asked >= 0 && asked <= 65_535) return asked
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`port\` to be a whole number from 0 to 65535, got ${asked}. 0 takes any free port.`,
    { details: { port: asked } },
  )
}
