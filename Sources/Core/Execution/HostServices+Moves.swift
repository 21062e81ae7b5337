import BerthKit
import BerthPlan

extension HostServices {
  /// Moves folders, each as far as it has not been moved. What is at a target has to be empty.
  package func move(_ moves: [FolderMove]) throws {
    for move in moves where files.exists(move.path) {
      files.removeFolderIfEmpty(move.target)
      // The target has what was in the folder already, and somebody has made the folder anew.
      if files.exists(move.target), try files.list(move.path).isEmpty { continue }
      guard !files.exists(move.target) else { throw BerthError.folderInUse(move.target) }
      try files.makeFolder(ScopePaths.folder(of: move.target), mode: 0o700, owner: nil)
      if move.givesBack { try changeOwner(move.path, move) }
      try files.move(move.path, to: move.target)
    }
    for move in moves where !move.givesBack && files.exists(move.target) { try changeOwner(move.target, move) }
  }

  private func changeOwner(_ folder: String, _ move: FolderMove) throws {
    guard let user = move.user else { return }
    let numbers = users.numbers(of: user)
    let own = FileNumbers(user: UInt32(numbers.user), group: UInt32(numbers.group))
    try files.changeOwner(
      of: folder, from: move.givesBack ? own : move.numbers, to: move.givesBack ? move.numbers : own)
  }
}
