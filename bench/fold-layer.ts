/** What a layer over K folds of a file takes: time, and memory above its result. */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SuperLearner } from '../src/learn/index.ts'
import { kernelThreads } from '../src/native/index.ts'
import { Parallel } from '../src/parallel/index.ts'
import { runFloor } from './fold-floor.ts'
import {
  compare,
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  PythonPeer,
  record,
  time,
  type Timing,
} from './harness.ts'
import { tell, treePeak, waitForWatch } from './tree-peak.ts'

/** A layer to measure. */
export interface FoldLayer {
  /** Of the record. */
  readonly name: string
  readonly title: string
  /** Bytes of its result, the out-of-fold predictions. */
  readonly resultBytes: number
  /** Numbers of folds to compare, ascending. */
  readonly folds: readonly number[]
  /** Writes `X.npy` and `y.npy`; no value of `X` is negative. */
  readonly makeData: (folder: string) => void
  readonly makeEnsemble: (folds: number) => SuperLearner
  /** Python that defines `layer()`, the same work by NumPy for K = 10; default: no such peer. */
  readonly numpy?: (folder: string) => string
  /** What others took of the same layer on a like machine. */
  readonly recorded: Readonly<Record<string, string>>
}

/**
 * Measures a layer; the peak of its memory in another process.
 *
 * @param program - path of the benchmark, which ends with this call; it is the other process too
 */
export async function measureLayer(program: string, layer: FoldLayer): Promise<void> {
  const [role, folder] = process.argv.slice(2)
  if (role !== 'child') return inTemporaryFolder((made) => run(program, layer, made))
  await waitForWatch()
  await fitLayer(layer, folder!, 10)
  tell({})
}

async function run(program: string, layer: FoldLayer, folder: string): Promise<void> {
  const { name, title, resultBytes, folds, recorded } = layer
  layer.makeData(folder)
  const machine = describeMachine()
  console.log(formatMachine(machine))
  const numpy =
    layer.numpy &&
    (await PythonPeer.start('NumPy', layer.numpy(folder), { OPENBLAS_NUM_THREADS: '2' }))
  const threads = new Parallel({ workers: kernelThreads(), backend: 'threads' })
  const floor = `floor, ${kernelThreads()} threads`
  const contestants: Record<string, () => Promise<Timing>> = {
    [floor]: () => time(() => runFloor(folder, resultBytes, threads)),
    ...Object.fromEntries(
      folds.map((k) => [`onecopy K=${k}`, () => time(() => fitLayer(layer, folder, k))]),
    ),
    ...(numpy && { 'NumPy K=10': () => numpy.time('layer') }),
  }
  const timings = await compare(contestants, 7)
  numpy?.close()
  await threads.close()
  const { growth } = await treePeak(pathToFileURL(program), ['child', folder])
  const peakBytes = growth - resultBytes
  console.log(
    formatTable([
      [title, 'wall ms', 'CPU ms', 'wall / floor', 'CPU / floor'],
      ...Object.entries(timings).map(([who, { wallMs, cpuMs }]) => [
        who,
        wallMs.toFixed(0),
        cpuMs.toFixed(0),
        (wallMs / timings[floor]!.wallMs).toFixed(2),
        (cpuMs / timings[floor]!.cpuMs).toFixed(2),
      ]),
    ]),
  )
  console.log('floor: products of [X y], one plain read of X, and the first touch of Z')
  const [fewest, most] = [folds[0]!, folds.at(-1)!]
  const ratioOfFolds = timings[`onecopy K=${most}`]!.wallMs / timings[`onecopy K=${fewest}`]!.wallMs
  console.log(`K = ${most} costs ${ratioOfFolds.toFixed(2)} × K = ${fewest}`)
  const peakMB = (peakBytes / 1e6).toFixed(0)
  console.log(`peak anonymous + shmem above the start, Z apart, K = 10: +${peakMB} MB`)
  for (const [peer, figures] of Object.entries(recorded))
    console.log(`recorded: ${peer}: ${figures}`)
  const ratioToFloor = timings[`onecopy K=${most}`]!.wallMs / timings[floor]!.wallMs
  record(name, machine, { timings, ratioOfFolds, ratioToFloor, peakBytes, recorded })
}

async function fitLayer({ makeEnsemble }: FoldLayer, folder: string, folds: number): Promise<void> {
  const ensemble = await makeEnsemble(folds).fit(join(folder, 'X.npy'), join(folder, 'y.npy'))
  ensemble.outOfFold[Symbol.dispose]()
}
