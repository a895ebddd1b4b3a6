/** Opens a model and predicts one row, from dist/ (npm run build). */

import { array } from 'onecopy/arrays'
import { openModel } from 'onecopy/models'

const [path, width] = process.argv.slice(2)
const model = await openModel(path)
const row = array(Float64Array.from({ length: Number(width) }, (_, i) => Math.cos(i)))
const predicted = await model.predict(row.reshape(1, Number(width)))
console.log(predicted.get(0))
