/** The command `onecopy compare`: the peaks of two runs. */

import { newCommand } from './command.ts'

/** Makes the command; what reads reports is loaded when it runs. */
export function compareCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('compare')
    .summary('set the peaks of two profiles side by side')
    .description(
      'Sets the peaks of two runs side by side, phase by phase. Hard memory is compared, without ' +
        'file cache; with a file of mprof RSS is, since that is all it tells.',
    )
    .argument('<before>', 'report: .json of onecopy profile, or .dat of mprof')
    .argument('<after>', 'the report to set beside it')
    .option('--json', 'print the table as JSON on stdout, and nothing else')
    .addHelpText('after', examples)
    .action(async (before, after, { json }) => {
      const { readRun } = await import('../input/read-run.ts')
      const comparison = (await readRun(before)).compare(await readRun(after))
      const { figure, rows } = comparison
      const text = json ? JSON.stringify({ figure, rows }, undefined, 2) : String(comparison)
      process.stdout.write(`${text}\n`)
    })
  return command as unknown as ReturnType<typeof newCommand>
}

const examples = `
Examples:
  onecopy compare main.json branch.json`
