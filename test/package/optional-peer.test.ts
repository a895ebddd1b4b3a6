/** What is said where an optional package is not installed. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const png = new URL('../../src/monitor/plot/figure/png.ts', import.meta.url)

/** Draws a PNG in a process where resolving the renderer ends in this way. */
function drawWithout(failure: string): string {
  const program = `
    import { registerHooks } from 'node:module'
    registerHooks({
      resolve(name, context, next) {
        if (name === '@resvg/resvg-js') ${failure}
        return next(name, context)
      },
    })
    const { renderPng } = await import(${JSON.stringify(png.href)})
    await renderPng('<svg/>').catch((error) => console.log(error.code + ': ' + error.message))`
  const flags = ['--input-type=module', '--eval', program]
  const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8' })
  assert.equal(stderr, '')
  return stdout
}

test('without the PNG renderer the message says how to install it, and what to do instead', () => {
  assert.equal(
    drawWithout("return next('@onecopy/there-is-no-such-package', context)"),
    'ERR_DEPENDENCY: Drawing PNG needs the package @resvg/resvg-js, which is not installed. ' +
      'Install it with `npm install @resvg/resvg-js@2.6.2`, or save the picture as .svg or .html.\n',
  )
})

test('a PNG renderer that does not load is told apart from one that is not installed', () => {
  assert.equal(
    drawWithout("throw new Error('no build for this processor\\nsecond line')"),
    'ERR_DEPENDENCY: Drawing PNG needs the package @resvg/resvg-js, which does not load: no build for this processor. ' +
      'Install it with `npm install @resvg/resvg-js@2.6.2`, or save the picture as .svg or .html.\n',
  )
})

test('the version in the message is the one that this package is tested with', () => {
  const file = fileURLToPath(new URL('../../package.json', import.meta.url))
  const { devDependencies } = JSON.parse(readFileSync(file, 'utf8')) as {
    devDependencies: Record<string, string>
  }
  assert.equal(devDependencies['@resvg/resvg-js'], '2.6.2')
  const server = readFileSync(
    new URL('../../src/serve/server/model-server.ts', import.meta.url),
    'utf8',
  )
  const metrics = readFileSync(
    new URL('../../src/serve/observe/metrics.ts', import.meta.url),
    'utf8',
  )
  const install = `'fastify@${devDependencies['fastify']} prom-client@${devDependencies['prom-client']}'`
  assert.ok(server.includes(install))
  assert.ok(metrics.includes(install))
})
