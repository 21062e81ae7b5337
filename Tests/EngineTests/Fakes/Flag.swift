import BerthKit
import Dispatch
import Synchronization

/// Something that happens once.
final class Flag: Sendable {
  private let state = Mutex(false)

  var isRaised: Bool { state.withLock { $0 } }

  /// - Returns: whether it is the first time.
  func raise() -> Bool {
    state.withLock { raised in
      defer { raised = true }
      return !raised
    }
  }
}

/// Counts from 1.
final class Counter: Sendable {
  private let count = Mutex(0)

  func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}

/// What became of something that was done in the midst of something else.
final class Meanwhile: Sendable {
  /// Threads of its own, since the one that waits is perhaps the only one that tasks have.
  private final class OwnThreads: TaskExecutor {
    private let queue = DispatchQueue(label: "meanwhile")

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
  }

  private let threads = OwnThreads()
  private let result = Mutex<BerthError?>(nil)

  var error: BerthError? { result.withLock { $0 } }

  /// Does something and waits for it, within a call that cannot wait by itself.
  func act(_ body: @escaping @Sendable () async throws -> Void) {
    let isDone = DispatchSemaphore(value: 0)
    Task.detached(executorPreference: threads) {
      do { try await body() } catch { self.result.withLock { $0 = error as? BerthError } }
      isDone.signal()
    }
    isDone.wait()
  }
}
