/** What machines learn from a small problem, as text. */

import { LinearSVC, LinearSVR, SVC, SVR } from '../../../src/learn/index.ts'
import { randomProblem } from '../random-problem.ts'

/** The bytes of coefficients and decisions of machines that promise the same ones on every CPU. */
export async function machineBytes(): Promise<string> {
  const { X, y } = randomProblem(150, 11)
  const labels = y.data.map((value) => Math.floor(value / 4))
  const said = [
    (await new SVR().fit(X, y)).dualCoef_,
    (await new LinearSVR({ maxIter: 9, tol: 1e9 }).fit(X, y)).coef_.data,
    (await new LinearSVC({ loss: 'hinge', tol: 0.1 }).fit(X, labels)).coef_.data,
  ]
  for (const kernel of ['rbf', 'poly', 'sigmoid'] as const) {
    const model = await new SVC({ kernel }).fit(X, labels)
    said.push((await model.decisionFunction(X)).toTypedArray() as Float64Array)
  }
  return said.map((one) => Buffer.from(one.slice().buffer).toString('hex')).join()
}
