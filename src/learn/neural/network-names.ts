/** What other libraries call the options of neural networks. */

import { foreignHint } from '../../foreign-options.ts'

const refusedSolver = 'leave it out: Adam is always used'

/** A hint that names the option which another library calls so. */
export const networkHint = foreignHint({
  counterparts: {
    hidden_layers: 'hiddenLayerSizes',
    hidden: 'hiddenLayerSizes',
    hidden_units: 'hiddenLayerSizes',
    layers: 'hiddenLayerSizes',
    units: 'hiddenLayerSizes',
    nonlinearity: 'activation',
    learning_rate_init: 'learningRate',
    lr: 'learningRate',
    eta: 'learningRate',
    l2: 'alpha',
    lambda: 'alpha',
    reg_lambda: 'alpha',
    weight_decay: 'alpha',
    penalty: 'alpha',
    epochs: 'maxIter',
    n_epochs: 'maxIter',
    num_epochs: 'maxIter',
    max_epochs: 'maxIter',
    n_iter: 'maxIter',
    max_iterations: 'maxIter',
    n_iter_no_change: 'iterNoChange',
    patience: 'iterNoChange',
    early_stopping_rounds: 'iterNoChange',
    early_stopping_round: 'iterNoChange',
    eval_set: 'validationRows',
    validation_data: 'validationRows',
    validation_split: 'validationFraction',
    tolerance: 'tol',
    min_delta: 'tol',
    eps: 'epsilon',
    adam_epsilon: 'epsilon',
    class_weights: 'classWeight',
    random_state: 'seed',
    random_seed: 'seed',
  },
  instead: {
    solver: refusedSolver,
    optimizer: refusedSolver,
    momentum: refusedSolver,
    nesterovs_momentum: refusedSolver,
    power_t: refusedSolver,
    max_fun: refusedSolver,
    dropout: 'use `alpha`, fewer units or `earlyStopping` against overfitting',
    loss: 'MLPRegressor minimizes squared errors, MLPClassifier log losses',
    warm_start: 'every fit starts anew',
    verbose: 'nothing is printed; `lossCurve_` has the loss of each epoch',
    n_jobs: 'native threads use all cores without it',
    class_weight: 'MLPClassifier has `classWeight`; regressors take `weights` of rows in `fit`',
  },
})

/** What other libraries call the activations. */
export const foreignActivations = {
  linear: 'identity',
  sigmoid: 'logistic',
  ReLU: 'relu',
  rectifier: 'relu',
  Tanh: 'tanh',
}
