/** What the compiler says about classifiers: labels kept, several kinds in one list. */

import type { NDArray } from '../../src/arrays/index.ts'
import {
  type Classifier,
  type Estimator,
  type FloatArray,
  GradientBoostingClassifier,
  KNeighborsClassifier,
  type Label,
  LogisticRegression,
  MLPClassifier,
  Pipeline,
  Ridge,
  StandardScaler,
  SuperLearner,
  SVC,
} from '../../src/learn/index.ts'
import type { Table } from '../../src/tables/index.ts'

/** Compiles only when both types are the same. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
function expectSame<A, B>(_same: Same<A, B>): void {}

declare const X: NDArray
declare const texts: string[]

const fitted = await new LogisticRegression().fit(X, texts)
expectSame<Awaited<ReturnType<typeof fitted.predict>>, string[]>(true)

// The kind of a column is not known to the compiler: predictions are an array or a list.
declare const table: Table
const ofColumn = await new LogisticRegression().fit(table, 'kind')
type Either = FloatArray | (string | number)[]
expectSame<Awaited<ReturnType<typeof ofColumn.predict>>, Either>(true)
const ridge = await new Ridge().fit(table, table.column('price'))
expectSame<Awaited<ReturnType<typeof ridge.predict>>, FloatArray>(true)

const own = new SVC<string>()
await own.fit(X, texts)
expectSame<Awaited<ReturnType<typeof own.predict>>, string[]>(true)
// @ts-expect-error: a list of texts has no get()
;(await own.predict(X)).get(0)

const numbers = await new SVC().fit(X, [1, 2])
expectSame<Awaited<ReturnType<typeof numbers.predict>>, FloatArray>(true)

// Results of our own classes are floats, whose elements are numbers.
const P = await new LogisticRegression().predictProba(X)
expectSame<typeof P, FloatArray>(true)
Math.log(P.get(0, 0))
Math.max(...(await ridge.predict(X)).data)
Math.sqrt((await new StandardScaler().transform(X)).get(0, 0))
Math.abs((await new SVC().decisionFunction(X)).get(0))
declare const ensemble: SuperLearner
Math.log((await ensemble.predict(X)).get(0) + ensemble.outOfFold.get(0, 0))
const steps = new Pipeline({ steps: [new StandardScaler(), new Ridge()] })
Math.log((await steps.predict(X)).get(0) + (await steps.predictProba(X)).get(0, 0))

// A class of your own may return other numbers.
declare const other: Estimator
expectSame<Awaited<ReturnType<typeof other.predict>>, NDArray>(true)
const learners: Estimator[] = [new Ridge(), other]
void learners

// A list of several classifiers takes labels of any kind.
const models: Classifier[] = [
  new LogisticRegression(),
  new SVC(),
  new MLPClassifier(),
  new KNeighborsClassifier(),
  new GradientBoostingClassifier(),
  new Pipeline({ steps: [new StandardScaler(), new LogisticRegression()] }),
]
for (const model of models) {
  await model.fit([[1], [2]], texts)
  const predicted = await model.predict(X)
  expectSame<typeof predicted, FloatArray | Label[]>(true)
  // @ts-expect-error: it may be a list
  predicted.get(0)
}
const named: Record<string, Classifier<string>> = {
  logistic: new LogisticRegression<string>(),
  vectors: new SVC<string>(),
  network: new MLPClassifier<string>(),
}
expectSame<Awaited<ReturnType<(typeof named)[string]['predict']>>, string[]>(true)

// @ts-expect-error: it predicts numbers, and has no classes
const wrong: Classifier = new Ridge()
void wrong
