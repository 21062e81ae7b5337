/// Opens folders below a top one, each by the names on its way, and keeps the latest one open.
///
/// No link is followed, and no more than two descriptors are held however deep it goes.
package struct FolderCursor {
  package let top: OpenFolder
  private var path: Bytes = []
  private var current: OpenFolder

  package init(_ top: OpenFolder) {
    self.top = top
    current = top
  }

  /// - Returns: nil when there is no such folder, with `errno`.
  package mutating func open(_ folder: some Collection<UInt8>) -> OpenFolder? {
    if folder.elementsEqual(path) { return current }
    let wanted = Array(folder)
    let isBelow = path.isEmpty || wanted.isOrIsBelow(path)
    var reached = isBelow ? current : top
    for name in wanted[(isBelow ? path.count : 0)...].split(separator: .slash) {
      guard let next = reached.folder(name) else { return nil }
      reached = next
    }
    path = wanted
    current = reached
    return reached
  }

  /// Forgets what is open, since it may stand elsewhere by now.
  package mutating func forget() {
    path = []
    current = top
  }
}
