/** Classes that a bundle registers with a copy of onecopy of its own. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before } from 'node:test'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { delayed } from '../../src/parallel/index.ts'
import { everyBackend, onBackends } from './backends.ts'

const root = resolve(import.meta.dirname, '../..')
mkdirSync(join(root, 'build'), { recursive: true })
const folder = mkdtempSync(join(root, 'build', 'instances-bundled-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const source = `
  import { registerClass } from './src/objects/index.ts'
  export class Secret {
    #value
    constructor(value) { this.#value = value }
    get value() { return this.#value }
  }
  registerClass(Secret, {
    name: 'test.Secret',
    version: 1,
    module: import.meta.url,
    save: ({ value }) => ({ value }),
    load: ({ value }) => new Secret(value),
  })
  export const read = (secret) => [secret instanceof Secret, secret.value]
  export const add = (secret, more) => new Secret(secret.value + more)
`

interface Secret {
  readonly value: number
}

interface Bundle {
  readonly Secret: new (value: number) => Secret
  readonly read: (secret: Secret) => [isSecret: boolean, value: number]
  readonly add: (secret: Secret, more: number) => Secret
}

/** Two programs may have bundled the same package. */
const bundles: Bundle[] = []

before(async () => {
  for (const name of ['first', 'second']) {
    const outfile = join(folder, `${name}.mjs`)
    await build({
      stdin: { contents: source, resolveDir: root, loader: 'ts' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'error',
      outfile,
    })
    bundles.push((await import(pathToFileURL(outfile).href)) as Bundle)
  }
})

onBackends(everyBackend, 'each bundle has its own class on both sides', async (make) => {
  const parallel = make({ workers: 1 })
  for (const { Secret, read, add } of bundles) {
    assert.deepEqual(await parallel.run([delayed(read)(new Secret(3))]), [[true, 3]])
    const [sum] = await parallel.run([delayed(add)(new Secret(3), 4)])
    assert.ok(sum instanceof Secret)
    assert.equal(sum.value, 7)
    const captured = new Secret(5)
    assert.deepEqual(await parallel.run([delayed(() => read(captured))()]), [[true, 5]])
  }
})
