/** The task that costs nothing, as workerpool wants it. */

import workerpool from 'workerpool'

workerpool.worker({ nothing: (x) => x })
