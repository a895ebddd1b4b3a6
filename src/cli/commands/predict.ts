/** The command `onecopy predict`: predictions of the rows of a file. */

import { leaveDeletedFolder } from '../output/working-folder.ts'
import { withProgress } from '../output/progress.ts'
import { newCommand, oneMore, onlyOne } from './command.ts'
import { addTableOptions } from './table-options.ts'

/** Makes the command; its work is loaded when it runs. */
export function predictCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('predict')
    .summary('predict the rows of a table by a saved model')
    .description(
      'Predicts every row of a file by a model that `onecopy fit --save` or saveModel() wrote. The file is read part by part, ' +
        'so it may be larger than the memory. Rows keep their order. Columns are found by name.',
    )
    .argument('<model>', 'model file: .onecopy')
    .argument(
      '<data>',
      'rows to predict: .csv, .tsv, .npy, .arrow, .feather or the folder of a table',
    )
    .option(
      '-o, --out <file>',
      'write predictions to this .csv or .npy file (default: CSV on stdout)',
      onlyOne('--out'),
    )
    .option('--proba', 'add the probability of each class')
    .option(
      '--trust <class>',
      'make instances of this class, which is not of onecopy (repeatable)',
      oneMore,
    )
  addTableOptions(command)
    .addHelpText('after', examples)
    .action(async (model, data, options) => {
      const { out, proba = false, trust: trusted = [], ...table } = options
      leaveDeletedFolder([model, data, ...(out === undefined ? [] : [out])])
      const { runPredict } = await import('../model-files/run-predict.ts')
      await withProgress((progress) =>
        runPredict({ model, data, out, proba, trusted, table }, progress),
      )
    })
  return command as unknown as ReturnType<typeof newCommand>
}

const examples = `
Examples:
  onecopy predict price.onecopy offers.csv -o prices.csv
  onecopy predict species.onecopy birds.csv --proba
  onecopy predict model.onecopy X.npy --out y.npy`
