/** Checks of tables as features. */

import { array, type NDArray } from '../../arrays/index.ts'
import { NumberColumn, Table } from '../../tables/index.ts'
import { Pipeline } from '../pipelines/pipeline.ts'
import { answer, checkProblem, type EstimatorCheck, promiseClose } from './check-subject.ts'

/** Checks of the rules for tables; a pipeline makes an array of the table for a class that takes none. */
export const tableChecks: readonly EstimatorCheck[] = [
  {
    name: 'columns of a table in a pipeline are like an array of them',
    async run(subject) {
      const { X, y } = checkProblem()
      const expected = await subject.fit(X, y)
      const pipeline = new Pipeline({ steps: { only: subject.make() } })
      await pipeline.fit(tableOf(X), subject.target(y))
      const rows = tableOf(X, 'reversed')
      const found = pipeline.role === 'learner' ? pipeline.predict(rows) : pipeline.transform(rows)
      promiseClose(await found, await answer(expected.estimator, X))
    },
  },
]

/** A table of the columns of a matrix, in their order or the other way round. */
function tableOf(X: NDArray, order: 'same' | 'reversed' = 'same'): Table {
  const columns = Array.from({ length: X.shape[1]! }, (_, j) => {
    const values = Float64Array.from(X.column(j).copy().toTypedArray(), Number)
    return new NumberColumn(`column${j}`, array(values))
  })
  return new Table(order === 'same' ? columns : columns.toReversed())
}
