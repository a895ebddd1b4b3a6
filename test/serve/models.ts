/** Small fitted models and servers for the tests of serving. */

import type { TestContext } from 'node:test'
import { array, type NDArray } from '../../src/arrays/index.ts'
import {
  GradientBoostingClassifier,
  LinearRegression,
  OneHotEncoder,
  Pipeline,
  Ridge,
} from '../../src/learn/index.ts'
import {
  createServer,
  type Models,
  type ModelServer,
  type ServeOptions,
} from '../../src/serve/index.ts'
import { CategoryColumn, NumberColumn, Table } from '../../src/tables/index.ts'

/** y = 1 + 2a + 3b, exactly. */
export async function linearModel(): Promise<LinearRegression> {
  const X = array([
    [0, 0],
    [1, 0],
    [0, 1],
    [2, 3],
    [4, 1],
  ])
  return new LinearRegression().fit(X, [1, 3, 4, 14, 12])
}

/** Like {@link linearModel}, with 10 added: another version of it. */
export async function higherModel(): Promise<LinearRegression> {
  const X = array([
    [0, 0],
    [1, 0],
    [0, 1],
    [2, 3],
    [4, 1],
  ])
  return new LinearRegression().fit(X, [11, 13, 14, 24, 22])
}

/** A table with a column of numbers and one of texts. */
export function fruitTable(): Table {
  const weights = Float64Array.from({ length: 60 }, (_, i) => 50 + (i % 30) * 5)
  const colours = Int8Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 0 : 1))
  return new Table([
    new NumberColumn('weight', array(weights)),
    new CategoryColumn('colour', array(colours), ['red', 'green']),
  ])
}

/** Labels of {@link fruitTable} that follow its columns. */
export function fruitLabels(): string[] {
  return Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 'apple' : 'pear'))
}

/** Tells apples from pears by a table. */
export async function fruitModel() {
  return new GradientBoostingClassifier({ maxIter: 5, minSamplesLeaf: 5 }).fit(
    fruitTable(),
    fruitLabels(),
  )
}

/** A pipeline that refuses texts that it has not seen, and missing values. */
export async function strictModel() {
  const y = Float64Array.from({ length: 60 }, (_, i) => i)
  return new Pipeline({
    steps: { encode: new OneHotEncoder({ handleUnknown: 'error' }), ridge: new Ridge() },
  }).fit(fruitTable().select(['colour']), y)
}

/** A matrix of float64 as its bytes. */
export function bytesOf(values: readonly number[]): Buffer {
  return Buffer.from(Float64Array.from(values).buffer)
}

/** A server that the test closes at its end. */
export async function serve(
  t: TestContext,
  models: Models,
  options: ServeOptions = {},
): Promise<ModelServer> {
  const server = await createServer(models, options)
  t.after(() => server.close())
  return server
}

/** A model whose predictions wait until they are let go, and that remembers how many rows it has seen at a time. */
export class SlowModel {
  readonly batches: number[] = []
  readonly #waiting: (() => void)[] = []
  isOpen = false

  getParams(): object {
    return {}
  }

  setParams(): this {
    return this
  }

  async fit(): Promise<this> {
    return this
  }

  async predict(X: NDArray): Promise<NDArray> {
    this.batches.push(X.shape[0]!)
    if (!this.isOpen) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const values = Float64Array.from({ length: X.shape[0]! }, (_, i) => Number(X.get(i, 0)))
    if (values.includes(666)) throw new Error('secret path /etc/model')
    return array(values)
  }

  /** Lets the predictions go that wait now. */
  release(): void {
    for (const go of this.#waiting.splice(0)) go()
  }

  /** Waits for no one from now on. */
  open(): this {
    this.isOpen = true
    this.release()
    return this
  }
}
