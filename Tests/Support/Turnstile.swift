import Foundation

/// Lets so many tests in at a time. All tests begin at once, and fifty service managers that start together on a small
/// machine are so slow that nothing is ready in time.
actor Turnstile {
  /// For tests with a sandbox of their own.
  static let sandboxes = Turnstile(max(4, 2 * ProcessInfo.processInfo.activeProcessorCount))

  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ places: Int) { free = places }

  func enter() async {
    guard free == 0 else {
      free -= 1
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  func leave() {
    // The place goes to whoever has waited longest.
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}
