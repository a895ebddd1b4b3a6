/** The command `onecopy convert`: a file in another format. */

import { leaveDeletedFolder } from '../output/working-folder.ts'
import { withProgress } from '../output/progress.ts'
import { newCommand } from './command.ts'

/** Makes the command; what reads files is loaded when it runs. */
export function convertCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('convert')
    .summary('write a file of a model, arrays or a table in another format')
    .description(
      'Writes a file in the format that the name of the second one stands for. Models: .skops, LightGBM (.txt), XGBoost (.json, .ubj) and .onecopy ' +
        'to .onecopy or .onnx. Arrays: .npy, .npz and .safetensors to each other. A .csv or .tsv file to the folder of a table or .arrow, and that folder to .arrow.',
    )
    .argument('<from>', 'file to read')
    .argument('<to>', 'file to write; one that is there is replaced')
    .addHelpText('after', examples)
    .action(async (from, to) => {
      leaveDeletedFolder([from, to])
      const { convertFile } = await import('../model-files/convert-file.ts')
      await withProgress(async (progress) => {
        progress.stage(`Converting ${from}`)
        await convertFile(from, to)
        progress.finish(`Wrote ${to}.`)
      })
    })
  return command as unknown as ReturnType<typeof newCommand>
}

const examples = `
Examples:
  onecopy convert model.skops model.onecopy
  onecopy convert boosted.txt boosted.onnx
  onecopy convert weights.npz weights.safetensors`
