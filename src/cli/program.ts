/** The command line of onecopy: its commands, help and version. */

import { cacheCommand } from './commands/cache.ts'
import { newCommand } from './commands/command.ts'
import { compareCommand } from './commands/compare.ts'
import { convertCommand } from './commands/convert.ts'
import { describeCommand } from './commands/describe.ts'
import { fitCommand } from './commands/fit.ts'
import { packageVersion } from './output/package-version.ts'
import { plotCommand } from './commands/plot.ts'
import { predictCommand } from './commands/predict.ts'
import { profileCommand } from './commands/profile.ts'
import { serveCommand } from './commands/serve.ts'
import { showCommand } from './commands/show.ts'
import { vcfCommand } from './commands/vcf.ts'

/** Builds the whole command line; what a command computes with is loaded when it runs. */
export function buildProgram(): ReturnType<typeof newCommand> {
  return (
    newCommand('onecopy')
      .description('Parallel computing for Node.js where your data exists once.')
      .version(packageVersion(), '-V, --version', 'show the version')
      .helpOption('-h, --help', 'show help (for one command: onecopy fit --help)')
      .helpCommand(false)
      // What stands behind a command belongs to it, also when it runs another program.
      .enablePositionalOptions()
      .addCommand(fitCommand())
      .addCommand(predictCommand())
      .addCommand(serveCommand())
      .addCommand(describeCommand())
      .addCommand(convertCommand())
      .addCommand(vcfCommand())
      .addCommand(cacheCommand())
      .addCommand(profileCommand())
      .addCommand(plotCommand())
      .addCommand(showCommand())
      .addCommand(compareCommand())
  )
}
