/** What networks learn from small problems, as text. */

import { array } from '../../../src/arrays/index.ts'
import { MLPClassifier, MLPRegressor } from '../../../src/learn/index.ts'
import { randomProblem } from '../random-problem.ts'

const said = (values: Float64Array): string => Buffer.from(values.slice().buffer).toString('hex')

/** The bytes of coefficients, losses and predictions of networks, which are the same on every CPU. */
export async function networkBytes(): Promise<string> {
  const { X, y } = randomProblem(430, 11)
  const labels = y.data.map((value) => Math.floor(value / 4))
  const pairs = y.data.map((value) => Number(value > 3))
  const parts: string[] = []
  for (const activation of ['relu', 'tanh', 'logistic', 'identity'] as const) {
    const options = { activation, hiddenLayerSizes: [19, 30], maxIter: 4, alpha: 0.1 }
    for (const target of [labels, pairs]) {
      const model = await new MLPClassifier({ ...options, earlyStopping: true }).fit(X, target)
      parts.push(said((await model.predictProba(X)).toTypedArray() as Float64Array))
    }
    const model = await new MLPRegressor(options).fit(X, y)
    parts.push(...model.coefs_.map((one) => said(one.data)), said(model.lossCurve_))
  }
  return parts.join()
}

/** Coefficients of networks that are large enough for several threads, or read in several blocks. */
export async function largeNetworkBytes(): Promise<string> {
  const { X, y } = randomProblem(1500, 40)
  const both = array(
    Float64Array.from({ length: 3000 }, (_, i) => y.data[i >> 1]! * (i % 2 === 0 ? 1 : -0.5)),
    { shape: [1500, 2] },
  )
  const options = { hiddenLayerSizes: [250, 130], maxIter: 2, batchSize: 1300 }
  const model = await new MLPRegressor({ ...options, earlyStopping: true }).fit(X, both)
  return [...model.coefs_.map((one) => said(one.data)), said(model.validationLosses_)].join()
}
