/** Metrics of a million rows, against scikit-learn's. */

import { join } from 'node:path'
import { openArray } from '../src/arrays/index.ts'
import {
  accuracy,
  averagePrecision,
  brier,
  confusionMatrix,
  f1,
  IsotonicCalibration,
  logLoss,
  mae,
  medianAbsoluteError,
  rmse,
  rocAuc,
  TemperatureScaling,
  tuneThreshold,
} from '../src/learn/index.ts'
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
import { writeNumbers } from './random.ts'

const rows = 1_000_000
const rounds = 5

/** What scikit-learn is called for each of our metrics; those without a peer are missing. */
const peers: Readonly<Record<string, string>> = {
  rmse: 'metrics.mean_squared_error(p, q, squared=False)',
  mae: 'metrics.mean_absolute_error(p, q)',
  medianAbsoluteError: 'metrics.median_absolute_error(p, q)',
  accuracy: 'metrics.accuracy_score(y, g)',
  f1: 'metrics.f1_score(y, g)',
  confusionMatrix: 'metrics.confusion_matrix(y, g)',
  logLoss: 'metrics.log_loss(y, p)',
  brier: 'metrics.brier_score_loss(y, p)',
  rocAuc: 'metrics.roc_auc_score(y, p)',
  rocAucWeighted: 'metrics.roc_auc_score(y, p, sample_weight=q)',
  averagePrecision: 'metrics.average_precision_score(y, p)',
  isotonic: 'IsotonicRegression().fit(p, y)',
}

function peerProgram(path: string): string {
  const functions = Object.entries(peers).map(([name, call]) => `def ${name}():\n    ${call}\n`)
  return `
import numpy
from sklearn import metrics
from sklearn.isotonic import IsotonicRegression
X = numpy.load(${JSON.stringify(path)})
p, q = X[:, 0].copy(), X[:, 1].copy()
y = (X[:, 2] < p).astype(float)
g = (p > 0.5).astype(float)
${functions.join('')}
`
}

await inTemporaryFolder(async (folder) => {
  const machine = describeMachine()
  console.log(`${formatMachine(machine)}, ${rows} rows, median of ${rounds} rounds\n`)
  const path = join(folder, 'numbers.npy')
  writeNumbers(path, [rows, 3])
  const X = openArray(path)
  const columnOf = (j: number): Float64Array =>
    Float64Array.from({ length: rows }, (_, i) => Number(X.get(i, j)))
  const [p, q] = [columnOf(0), columnOf(1)]
  const y = Float64Array.from(p, (value, i) => Number(Number(X.get(i, 2)) < value))
  const guesses = p.map((value) => Number(value > 0.5))
  const texts = Array.from(y, (label) => (label === 1 ? 'yes' : 'no'))
  const guessedTexts = Array.from(guesses, (label) => (label === 1 ? 'yes' : 'no'))
  const ours: Readonly<Record<string, () => unknown>> = {
    rmse: () => rmse(p, q),
    mae: () => mae(p, q),
    medianAbsoluteError: () => medianAbsoluteError(p, q),
    accuracy: () => accuracy(y, guesses),
    f1: () => f1(y, guesses),
    f1OfTexts: () => f1(texts, guessedTexts, { positive: 'yes' }),
    confusionMatrix: () => confusionMatrix(y, guesses),
    logLoss: () => logLoss(y, p),
    brier: () => brier(y, p),
    rocAuc: () => rocAuc(y, p),
    rocAucWeighted: () => rocAuc(y, p, { weights: q }),
    averagePrecision: () => averagePrecision(y, p),
    tuneThreshold: () => tuneThreshold(y, p),
    isotonic: () => new IsotonicCalibration().fit(p, y),
    temperature: () => new TemperatureScaling().fit(p, y),
  }
  const peer = await PythonPeer.start('scikit-learn', peerProgram(path))
  const figures: Record<string, unknown> = {}
  const lines: string[][] = []
  for (const [name, run] of Object.entries(ours)) {
    const timings = await compare(
      {
        onecopy: () => time(run),
        ...(peer && name in peers && { peer: () => peer.time(name) }),
      } as Record<'onecopy' | 'peer', () => Promise<Timing>>,
      rounds,
    )
    const { onecopy, peer: theirs } = timings as Partial<typeof timings>
    const cellsOf = (key: 'wallMs' | 'cpuMs'): string[] => [
      onecopy![key].toFixed(1),
      theirs === undefined ? '' : theirs[key].toFixed(1),
      theirs === undefined ? '' : `${(theirs[key] / onecopy![key]).toFixed(1)} x`,
    ]
    lines.push([name, ...cellsOf('wallMs'), ...cellsOf('cpuMs')])
    figures[name] = timings
  }
  peer?.close()
  const head = ['onecopy', 'scikit-learn', 'faster']
  console.log(formatTable([['ms, wall and CPU', ...head, ...head], ...lines]))
  record('metrics', machine, { rows, rounds, figures })
})
