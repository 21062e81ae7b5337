import BerthFiles
import BerthKit
import Glibc

/// Where the files of sets are read from.
struct ArchiveSource {
  let top: OpenFolder
  /// How many bytes of an entry's path stand for the top folder.
  let depth: Int
  /// The name of the only file, where it has another one than its entry.
  var name: Bytes?
  /// Whether they are copies made for this backup, whose times and numbers say nothing.
  let isCopy: Bool
  var files: [TreeWalk.Found]

  /// The folder and the name of an entry's file, relative to the top.
  func place(of path: Bytes) -> (folder: ArraySlice<UInt8>, name: ArraySlice<UInt8>) {
    if let name { return ([], name[...]) }
    let below = path[min(path.count, depth)...]
    guard let slash = below.lastIndex(of: .slash) else { return ([], below) }
    return (below[..<slash], below[(slash + 1)...])
  }
}

extension ArchiveBuilder {
  /// What the parts consist of, and whether anything of it cannot be kept.
  func sources(of parts: [ArchivePart]) throws -> [ArchiveSource] {
    var wanted: Set<Int> = []
    var sources: [ArchiveSource] = []
    for part in parts {
      guard let number = selection.names.firstIndex(of: part.set) else {
        throw BerthError.notInBackup(part.set, archive: order.path)
      }
      switch (order.head.sets[number].source, part.copy) {
      case (.files, _): wanted.insert(number)
      case (.sqlite, let copy?): sources.append(try copies(of: part.set, in: copy))
      case (.dump, let copy?): sources.append(try dump(of: part.set, at: copy))
      case (.sqlite, nil), (.dump, nil): break
      }
    }
    if !wanted.isEmpty {
      for (name, folder) in order.folders.sorted(by: { $0.key < $1.key }) {
        var walk = TreeWalk(selection, wanted)
        try walk.walk(name, at: folder)
        summary.remarks.merge(walk.remarks)
        guard !walk.found.isEmpty, let top = OpenFolder(folder) else { continue }
        // Another folder of the same backup was mounted over this place, so that no program saw what lies under it.
        let inner = order.folders.keys.filter { $0.hasPrefix("\(name)/") }.map { Array($0.utf8) }
        let found =
          inner.isEmpty
          ? walk.found : walk.found.filter { found in !inner.contains { found.entry.path.isOrIsBelow($0) } }
        var files = above(name) + found
        for index in files.indices { files[index].former = former(files[index].entry) }
        sources.append(ArchiveSource(top: top, depth: name.utf8.count + 1, isCopy: false, files: files))
      }
    }
    return sources
  }

  /// The folders on the way to one that stands somewhere else: the instance's own.
  private func above(_ name: String) -> [TreeWalk.Found] {
    let names = name.split(separator: "/").dropLast()
    return names.indices.map { end in
      var folder = FileEntry(path: Array(names[...end].joined(separator: "/").utf8), kind: .folder, mode: 0o700)
      folder.user = order.head.owner?.user ?? 0
      folder.group = order.head.owner?.group ?? 0
      folder.modified = .init(Int64(time(nil)))
      return TreeWalk.Found(entry: folder)
    }
  }

  private func copies(of set: String, in copy: String) throws -> ArchiveSource {
    // Everything in the folder is wanted.
    let all = Selection([SelectedSet(set, .files(paths: ["*"], exclude: []))])
    guard let top = OpenFolder(copy) else { throw BerthError.fileSystem("cannot read", copy) }
    var files: [TreeWalk.Found] = []
    for name in top.names() ?? [] {
      var walk = TreeWalk(all, [0])
      try walk.walk(FileName.text(name), at: "\(copy)/\(FileName.text(name))")
      summary.remarks.merge(walk.remarks)
      for var found in walk.found {
        found.entry.set = set
        if found.entry.kind == .folder { found = original(of: found) }
        files.append(found)
      }
    }
    return ArchiveSource(top: top, depth: 0, isCopy: true, files: files)
  }

  /// A folder on the way to a copy is the instance's own one, as far as that is there.
  private func original(of copy: TreeWalk.Found) -> TreeWalk.Found {
    var names = copy.entry.path.split(separator: .slash)
    let top = String(decoding: names.removeFirst(), as: UTF8.self)
    var found = copy
    found.entry.set = nil
    guard let folder = order.folders[top].flatMap({ OpenFolder($0) }) else { return found }
    var cursor = FolderCursor(folder)
    if let info = cursor.open(names.joined(separator: [.slash]).map { $0 })?.info,
      let original = TreeWalk.found(copy.entry.path, info)
    {
      found = original
    }
    found.entry.set = selection.set(ofFolder: copy.entry.path)
    return found
  }

  private func dump(of set: String, at copy: String) throws -> ArchiveSource {
    guard let top = OpenFolder(WholeFile.folder(of: copy)) else { throw BerthError.fileSystem("cannot read", copy) }
    let name = Array(copy.utf8).lastName
    guard let info = top.info(name), var found = TreeWalk.found(Array("dumps/\(set)".utf8), info),
      found.entry.kind == .file
    else { throw BerthError.fileSystem("cannot read", copy) }
    found.entry.set = set
    var folder = FileEntry(path: Array("dumps".utf8), kind: .folder, mode: 0o700)
    folder.modified = found.entry.modified
    return ArchiveSource(
      top: top, depth: 0, name: Array(name), isCopy: true, files: [TreeWalk.Found(entry: folder), found])
  }
}
