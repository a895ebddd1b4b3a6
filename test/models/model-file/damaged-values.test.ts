/** Models whose values are damaged are refused, or predict without harm. */

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { NDArray } from '../../../src/arrays/index.ts'
import { openContainer } from '../../../src/container/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import '../../../src/learn/index.ts'
import '../../../src/tables/index.ts'
import { decode } from '../../../src/objects/internal.ts'
import { type Random, randomNumbers } from '../../container/fuzz-containers.ts'
import { randomRuns } from '../../random-runs.ts'

/** More: `ONECOPY_FUZZ_RUNS=100000 node --test test/models/model-file/damaged-values.test.ts`. */
const runs = randomRuns(500, 6000)
const seed = Number(process.env['ONECOPY_FUZZ_SEED'] ?? 20261201)

const folder = join(import.meta.dirname, '../../fixtures/models')
const methods = ['predict', 'predictProba', 'decisionFunction', 'transform'] as const

type Method = (X: unknown) => Promise<unknown>

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const oddNumbers = [-1, 0, 1, 2, 3, 7, 0.5, 63, 1e6, 2 ** 31 - 1, -(2 ** 31), 2 ** 32, 1e300]

function oddValue(random: Random): Json {
  const values: Json[] = [null, true, '', 'x', [], {}, [1, 2], { $: 'ndarray', array: random(8) }]
  return random(2) === 0 ? oddNumbers[random(oddNumbers.length)]! : values[random(values.length)]!
}

/** All places of a tree: each is a list or object, and a key of it. */
function placesOf(tree: Json): [holder: Record<string, Json>, key: string][] {
  const places: [Record<string, Json>, string][] = []
  const rest: Json[] = [tree]
  while (rest.length > 0) {
    const next = rest.pop()
    if (typeof next !== 'object' || next === null) continue
    const holder = next as Record<string, Json>
    for (const key of Object.keys(holder)) {
      places.push([holder, key])
      rest.push(holder[key]!)
    }
  }
  return places
}

function damageTree(tree: Json, random: Random): void {
  const places = placesOf(tree)
  const [holder, key] = places[random(places.length)]!
  const [other, from] = places[random(places.length)]!
  const choice = random(4)
  if (choice === 0) holder[key] = structuredClone(other[from]!)
  else if (choice === 1 && typeof holder[key] === 'number') holder[key] += random(5) - 2
  else if (choice === 2 && !Array.isArray(holder)) delete holder[key]
  else holder[key] = oddValue(random)
}

function damageArray(array: NDArray, random: Random): void {
  if (array.size === 0) return
  const value = oddNumbers[random(oddNumbers.length)]!
  const isBig = array.dtype === 'int64' || array.dtype === 'uint64'
  // As bits: what a file can hold, whatever the dtype.
  array.data[array.offset + random(array.size)] = (
    isBig ? BigInt(Math.trunc(value)) : random(8) === 0 ? NaN : value
  ) as never
}

/** Opens and uses a damaged model; returns whether it was refused. */
async function useDamaged(tree: Json, arrays: readonly NDArray[], data: unknown): Promise<boolean> {
  let model: unknown
  try {
    ;({ model } = decode({ tree, arrays }) as { model: unknown })
  } catch (error) {
    assert.ok(isOneCopyError(error) && /^ERR_(FORMAT|UNTRUSTED)$/.test(error.code), String(error))
    return true
  }
  if (typeof model !== 'object' || model === null) return false
  for (const method of methods) {
    const call: Method | undefined = (model as Partial<Record<string, Method>>)[method]
    try {
      await call?.call(model, data)
    } catch (error) {
      // Options are checked when they are used, as for any model.
      assert.ok(isOneCopyError(error) || error instanceof TypeError, String(error))
    }
  }
  return false
}

test(`${runs} models with damaged values are refused, or predict without harm`, async (t) => {
  const random = randomNumbers(seed)
  const names = readdirSync(folder).filter((name) => name.endsWith('.onecopy'))
  let refused = 0
  for (let run = 0; run < runs; run++) {
    const name = names[run % names.length]!
    const { schema, values } = await openContainer(join(folder, name))
    const { model: tree } = schema as { model: { model: Json } & { [key: string]: Json } }
    const arrays = [...values.values()].map((array) => array.copy())
    const { data } = decode({ tree, arrays: arrays.map((array) => array.copy()) }) as {
      data: unknown
    }
    for (let count = 1 + random(2); count > 0; count--) {
      if (random(3) === 0) damageArray(arrays[random(arrays.length)]!, random)
      else damageTree(tree.model, random)
    }
    try {
      if (await useDamaged(tree, arrays, data)) refused++
    } catch (error) {
      throw new Error(
        `run ${run} of seed ${seed}, ${name}: ${JSON.stringify(tree.model).slice(0, 2000)}`,
        {
          cause: error,
        },
      )
    }
  }
  t.diagnostic(`seed ${seed}: refused ${refused} of ${runs}`)
  assert.ok(refused > runs / 4)
})
