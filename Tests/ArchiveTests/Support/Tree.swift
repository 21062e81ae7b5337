import BerthFiles
import Foundation

@testable import BerthArchive

/// All that can be seen of a folder's tree, to compare two of them.
struct Tree: Equatable {
  struct Node: Equatable {
    var mode: UInt32
    var size: Int64 = 0
    var modified: FileEntry.Moment
    var content: FileDigest?
    var target: String?
    /// The first of the names of the same file.
    var first: String?
  }

  var nodes: [String: Node] = [:]

  /// - Parameter links: whether it matters which names are of one file.
  init(_ path: String, times: Bool = true) throws {
    guard let top = OpenFolder(path) else { throw CocoaError(.fileNoSuchFile) }
    var inodes: [UInt64: String] = [:]
    var steps: [Bytes] = [[]]
    var cursor = FolderCursor(top)
    while let folder = steps.popLast() {
      guard let open = cursor.open(folder) else { throw CocoaError(.fileReadNoPermission) }
      for name in open.names() ?? [] {
        let path = folder.isEmpty ? name : folder + [.slash] + name
        guard let info = open.info(name) else { continue }
        var node = Node(mode: info.st_mode, modified: times ? .init(info.st_mtim) : .init())
        switch info.st_mode & S_IFMT {
        case S_IFDIR: steps.append(path)
        case S_IFLNK: node.target = open.target(of: name).map { FileName.text($0) }
        case S_IFREG:
          node.size = Int64(info.st_size)
          if info.st_nlink > 1 {
            node.first = inodes[UInt64(info.st_ino)] ?? FileName.text(path)
            inodes[UInt64(info.st_ino)] = node.first
          }
          node.content = try Self.digest(name, open, node.size)
        default: break
        }
        nodes[FileName.text(path)] = node
      }
    }
  }

  private static func digest(_ name: Bytes, _ folder: OpenFolder, _ size: Int64) throws -> FileDigest {
    guard let file = OpenFile(name, in: folder) else { throw CocoaError(.fileReadNoPermission) }
    var digest = ContentDigest(isSparse: false)
    let buffer = ReadBuffer()
    var at: Int64 = 0
    while at < size {
      guard let count = file.read(buffer.memory, at: at), count > 0 else { throw CocoaError(.fileReadCorruptFile) }
      digest.add(UnsafeRawBufferPointer(rebasing: buffer.memory[..<count]), at: at)
      at += Int64(count)
    }
    return digest.finish()
  }

  /// The paths in which two trees differ.
  func differences(from other: Tree) -> [String] {
    Set(nodes.keys).union(other.nodes.keys).sorted().filter { nodes[$0] != other.nodes[$0] }.map {
      "\($0): \(nodes[$0].map { "\($0)" } ?? "nothing"), not \(other.nodes[$0].map { "\($0)" } ?? "nothing")"
    }
  }
}
