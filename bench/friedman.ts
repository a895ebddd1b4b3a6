/** One layer of Lasso and ElasticNet over K folds of friedman1, 1M × 50. */

import { ElasticNet, KFold, Lasso, SuperLearner } from '../src/learn/index.ts'
import { measureLayer } from './fold-layer.ts'
import { friedmanRows, makeFriedman } from './friedman-data.ts'

await measureLayer(import.meta.filename, {
  name: 'friedman',
  title: 'layer of 2 models, 1M × 50',
  resultBytes: friedmanRows * 2 * 8,
  folds: [2, 10, 20],
  makeData: makeFriedman,
  makeEnsemble: (folds) =>
    new SuperLearner({ folds: new KFold({ folds }) }).add([
      new Lasso({ alpha: 0.01 }),
      new ElasticNet({ alpha: 0.01 }),
    ]),
  numpy: numpyProgram,
  recorded: {
    'ML-Ensemble 0.2.3, K = 10': '14.15 s, +2015 MB',
    'NumPy per-fold Gram, K = 10': '0.83 s, +32 MB',
  },
})

/** Per-fold Gram matrices in blocks of the mapped file, and one pass of predictions. */
function numpyProgram(folder: string): string {
  return `
import numpy as np
def layer(k=10, block=20000):
    X = np.load('${folder}/X.npy', mmap_mode='r'); y = np.load('${folder}/y.npy', mmap_mode='r')
    n, d = X.shape
    edges = [n * i // k for i in range(k + 1)]
    for start, stop in zip(edges, edges[1:]):
        G = np.zeros((d + 1, d + 1))
        for s in range(start, stop, block):
            B = np.column_stack([X[s:min(s + block, stop)], y[s:min(s + block, stop)]])
            G += B.T @ B
    Z = np.empty((n, 2)); W = np.ones((d, 2))
    for s in range(0, n, block):
        Z[s:s + block] = X[s:s + block] @ W
`
}
