import BerthKit
import Glibc

/// Writes the files of a backup into a folder of its own, as the list of files says.
///
/// Of the archives only names and contents count. Links are made when everything else is there, so that nothing can be
/// written through one.
struct Unpacking {
  private let order: UnpackOrder
  private let list: FileList
  /// For each entry whether it is wanted.
  private var wanted: [Bool]
  private var written: [Bool]
  /// For each file whose content is wanted: the entry under whose name it is written first.
  private var places: [Int: Int] = [:]
  /// How many contents each archive of the chain has to give.
  private var due: [Int]
  private var bytes: Int64 = 0
  private var files = 0

  static func run(
    _ order: UnpackOrder, _ owner: (user: uid_t, group: gid_t)?, bound: Expansion, _ progress: @escaping ByteProgress
  ) throws -> UnpackSummary {
    let place = WholeFile.folder(of: order.target)
    // What a verification finds broken is not restored by halves, whatever of it would be taken.
    if order.trust.isStranger {
      for path in order.archives {
        var verification = try Verification(
          path, order.trust, bound: order.trust.isBounded ? bound : nil, progress)
        _ = try verification.run(index: nil)
      }
    }
    let chain = try BackupChain(order)
    let (list, sets) = try chain.list()
    var unpacking = Unpacking(order, list)
    try unpacking.select(sets)
    try FreeSpace.check(place, for: unpacking.bytes)
    try FreeSpace.check(place, forFiles: unpacking.wanted.count { $0 })
    let tree = try StagedTree(
      order.target,
      Ownership(from: chain.owner, to: owner, keepsPrivileges: !order.trust.isStranger))
    do {
      try unpacking.write(tree, progress)
      return UnpackSummary(files: unpacking.files, bytes: unpacking.bytes)
    } catch {
      tree.remove()
      throw error
    }
  }

  private init(_ order: UnpackOrder, _ list: FileList) {
    self.order = order
    self.list = list
    wanted = Array(repeating: false, count: list.count)
    written = wanted
    due = Array(repeating: 0, count: order.archives.count)
  }

  /// Finds what is wanted, with the folders on the way to it.
  private mutating func select(_ sets: [SelectedSet]) throws {
    let chosen = try order.sets.map { names in
      for name in names where !sets.contains(where: { $0.name == name }) {
        throw BerthError.notInBackup(name, archive: order.archives.last ?? "")
      }
      return Set(names)
    }
    let file = order.file.map { FileName.bytes(typed: $0) }
    for index in 0..<list.count {
      let entry = list.entry(index)
      if let chosen { guard let set = entry.set, chosen.contains(set) else { continue } }
      if let file { guard entry.path.isOrIsBelow(file) else { continue } }
      want(index, entry)
    }
    if let file, !wanted.contains(true) {
      throw BerthError.notInBackup(FileName.text(file), archive: order.archives.last ?? "")
    }
  }

  private mutating func want(_ index: Int, _ entry: FileEntry) {
    wanted[index] = true
    var parent = entry.path.parent
    while !parent.isEmpty, let above = list.find(parent), !wanted[above] {
      wanted[above] = true
      parent = Array(parent).parent
    }
    guard entry.kind == .file else { return }
    files += 1
    // Of a file with several names the content is under the first one, which need not be wanted itself.
    let content = entry.hardLink.flatMap { list.find($0) } ?? index
    guard places[content] == nil else { return }
    places[content] = index
    due[entry.archive] += 1
    bytes += entry.dense ?? entry.size
  }

  private mutating func write(_ tree: StagedTree, _ progress: @escaping ByteProgress) throws {
    var meter = ProgressMeter(total: bytes, progress)
    for index in 0..<list.count where wanted[index] {
      let entry = list.entry(index)
      if entry.kind == .folder { try tree.makeFolder(entry.path) }
    }
    for number in due.indices where due[number] > 0 { try writeContents(from: number, tree, &meter) }
    for index in 0..<list.count where wanted[index] {
      let entry = list.entry(index)
      if entry.kind == .link { try tree.makeLink(entry) }
      guard entry.kind == .file, let first = entry.hardLink.flatMap({ list.find($0) }), let place = places[first],
        place != index
      else { continue }
      try tree.makeName(entry.path, of: list.entry(place).path)
    }
    // From the bottom up, as what is made in a folder changes its time.
    for index in (0..<list.count).reversed() where wanted[index] {
      let entry = list.entry(index)
      if entry.kind == .folder { try tree.finishFolder(entry) }
    }
    try tree.sync()
    try meter.finish()
  }

  /// Reads one archive as far as there is something to take from it.
  private mutating func writeContents(from number: Int, _ tree: StagedTree, _ meter: inout ProgressMeter) throws {
    let path = order.archives[number]
    let stream = MemberStream(path)
    while due[number] > 0, let member = try stream.nextMember() {
      guard member.kind == .file, let index = list.find(member.path), let place = places[index],
        !written[index]
      else { continue }
      let entry = list.entry(index)
      guard entry.archive == number, entry.hardLink == nil else { continue }
      guard member.size == entry.size else {
        throw BerthError.badBackup("has another size than the list of files says", archive: path, member: entry.path)
      }
      var file = try tree.makeFile(list.entry(place).path)
      let content = try stream.pieces { bytes, offset in
        guard offset >= 0, offset <= entry.size - Int64(bytes.count) else {
          throw BerthError.badBackup("is longer than it says", archive: path, member: entry.path)
        }
        try file.write(bytes, at: offset)
        try meter.add(bytes.count)
      }
      guard content.digest == entry.digest, member.isSparse == (entry.dense != nil) else {
        throw BerthError.badBackup("has another content than the list of files says", archive: path, member: entry.path)
      }
      try file.finish(entry)
      // A second member of that name is not taken.
      written[index] = true
      due[number] -= 1
    }
    guard due[number] == 0 else {
      throw BerthError.badBackup("it lacks \(due[number]) of its files", archive: path)
    }
  }
}
