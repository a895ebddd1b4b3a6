/** The command line of onecopy: its commands, help and version. */

import { newCommand } from './command.ts'
import { compareCommand } from './compare.ts'
import { fitCommand } from './fit.ts'
import { packageVersion } from './package-version.ts'
import { plotCommand } from './plot.ts'
import { profileCommand } from './profile.ts'
import { showCommand } from './show.ts'

/** Builds the whole command line; what a command computes with is loaded when it runs. */
export function buildProgram(): ReturnType<typeof newCommand> {
  return (
    newCommand('onecopy')
      .description('Parallel computing for Node.js where your data exists once.')
      .version(packageVersion(), '-V, --version', 'show the version')
      .helpOption('-h, --help', 'show help; of a command: onecopy fit --help')
      .helpCommand(false)
      // What stands behind a command belongs to it, also when it runs another program.
      .enablePositionalOptions()
      .addCommand(fitCommand())
      .addCommand(profileCommand())
      .addCommand(plotCommand())
      .addCommand(showCommand())
      .addCommand(compareCommand())
  )
}
