/** Trains networks by Adam on batches of rows. */

#pragma once

#include <atomic>
#include <vector>

#include "neural/network.h"
#include "neural/network_rows.h"

namespace onecopy {

/** How a network learns: `NetworkTraining`. */
struct Training {
  int64_t batchRows, epochs, patience;
  double rate, beta1, beta2, epsilon, alpha, tol;
  bool shuffles;
  uint64_t seed;

  explicit Training(const Value& value);
};

/** What a training has found, besides the coefficients. */
struct Trained {
  /** Mean loss of each epoch, with the penalty. */
  std::vector<double> losses;
  /** Mean loss on the validation rows after each epoch; empty without them. */
  std::vector<double> validation;
  /** After how many epochs the coefficients were taken. */
  int64_t best = 0;
  /** Whether it stopped because the loss got no better. */
  bool converged = false;
  /** Whether the last loss and all coefficients are numbers of a sensible size. */
  bool isFinite = true;
};

/** Fills in random coefficients, by Glorot and Bengio. */
void startNetwork(Network& network, uint64_t seed);

/**
 * Trains a network from the coefficients that it has. A sum over the rows of a batch is always made in their order, and each sum by one
 * thread, so the result depends neither on threads nor on how many rows are computed at a time.
 */
Trained trainNetwork(Network& network, const NetworkRows& rows, const Training& training, int threads,
                     const std::atomic<bool>& stop);

}  // namespace onecopy
