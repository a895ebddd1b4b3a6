/** Threads that run one job after the other. */

#pragma once

#include <functional>

namespace onecopy {

/**
 * Runs `work` on a thread: on one that has done its work and waits for more, or on a new one. `work` must not throw. It may run on
 * when the process exits.
 *
 * @throws std::system_error when the system gives no thread
 */
void runOnThread(std::function<void()> work);

}  // namespace onecopy
