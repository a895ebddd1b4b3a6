/** The command `onecopy describe`: what a file holds. */

import { newCommand } from './command.ts'

/** Makes the command; what reads files is loaded when it runs. */
export function describeCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('describe')
    .summary('say what a file of a model, arrays or a table holds')
    .description(
      'Says what a file holds: classes, options and metadata of a model, which types need trust, names, sizes and shapes of arrays and whether they are ' +
        'mapped or copied, columns of a table. No code of a file runs.',
    )
    .argument(
      '<file>',
      '.onecopy, .npy, .npz, .safetensors, .skops, .txt of LightGBM, .json and .ubj of XGBoost, .csv, .tsv, .arrow, .feather',
    )
    .option('--json', 'print the description as JSON on stdout, and nothing else')
    .addHelpText('after', examples)
    .action(async (file, { json }) => {
      const { describeFile } = await import('../model-files/describe-file.ts')
      const { text, data } = await describeFile(file)
      process.stdout.write(`${json ? JSON.stringify(data, undefined, 2) : text}\n`)
    })
  return command as unknown as ReturnType<typeof newCommand>
}

const examples = `
Examples:
  onecopy describe price.onecopy
  onecopy describe weights.safetensors --json`
