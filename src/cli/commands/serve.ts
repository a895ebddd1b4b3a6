/** The command `onecopy serve`: its options. */

import { newCommand, sizeOf, wholeNumber } from './command.ts'
import { UsageError } from '../output/failure.ts'

/** Makes the command; what serves is loaded when it runs. */
export function serveCommand(): ReturnType<typeof newCommand> {
  const command = newCommand('serve')
    .summary('predict by model files over HTTP')
    .description(
      'Serves fitted models by the Open Inference Protocol v2, and rows of people at /predict. There ' +
        'is a page at /, metrics at /metrics and a description at /openapi.json. SIGHUP opens the ' +
        'files anew; SIGTERM and Ctrl-C answer what has arrived, then end.',
    )
    .argument('<model...>', 'model files, or NAME=FILE; a name is in the addresses of its model')
    .option(
      '--port <port>',
      'port to listen on, 0 for any free one',
      wholeNumber('--port', { min: 0, max: 65_535 }),
      8080,
    )
    .option('--host <address>', 'address to listen on; 0.0.0.0 is every one', '127.0.0.1')
    .option(
      '--workers <count>',
      'processes that predict; they share one copy of each model',
      wholeNumber('--workers', { min: 1, max: 1024 }),
      1,
    )
    .option('--watch', 'open a model file anew when it changes')
    .option(
      '--api-key <key>',
      'answer only requests with this key (default: the variable ONECOPY_API_KEY, or none)',
    )
    .option('--max-body <size>', 'largest body of a request, such as 16MB', sizeOf('--max-body'))
    .option(
      '--max-queue <count>',
      'most requests that wait for a prediction, in each process',
      wholeNumber('--max-queue', { min: 1, max: 1_000_000 }),
      1024,
    )
    .option('-q, --quiet', 'print failures only')
    .addHelpText('after', examples)
    .action(async (models, { port, host, workers, watch = false, quiet = false, ...limits }) => {
      const apiKey = limits.apiKey ?? process.env['ONECOPY_API_KEY']
      if (apiKey === '') throw new UsageError('Expected --api-key to be a key, got an empty text.')
      const { runServe } = await import('../serve/run-serve.ts')
      await runServe({
        models,
        workers,
        port,
        host,
        isWatching: watch,
        isQuiet: quiet,
        options: { apiKey, maxBody: limits.maxBody, maxQueue: limits.maxQueue },
      })
    })
  return command as unknown as ReturnType<typeof newCommand>
}

const examples = `
Examples:
  onecopy serve price.onecopy
  onecopy serve price=models/v2.onecopy cut.onecopy --workers 4 --watch
  onecopy serve price.onecopy --host 0.0.0.0 --api-key "$KEY"`
