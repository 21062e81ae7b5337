import BerthKit
import BerthPlan

extension Executor {
  /// What the registry and its log take for one operation, beside what grows with the plan, in bytes.
  private static let reserve: Int64 = 256 << 10

  /// Makes sure that there is room for what a plan writes, before anything is changed. What only gives orders or takes away is
  /// tried whatever room there is.
  ///
  /// - Throws: `disk-full`.
  func requireRoom(for plan: Plan) throws {
    var need = RoomNeed(host.files)
    for planned in plan.steps { need.add(planned.step) }
    guard need.isAny else { return }
    need.addJournal(of: plan, in: host.paths.state, reserve: Self.reserve)
    if let lack = need.lack { throw BerthError.diskFull(lack.folder, needed: lack.needed, free: lack.free) }
  }
}

/// The room that a plan takes on each disk, at the moment when it takes most of it.
///
/// A file's text is written beside the one that it replaces, on the way back as well, so that going back takes no more than
/// the way there.
struct RoomNeed {
  private struct Disk {
    let folder: String
    let room: DiskRoom
    var taken: Int64 = 0
    var most: Int64 = 0

    mutating func take(_ bytes: Int64, freeing former: Int64 = 0) {
      taken += (bytes + room.block - 1) / room.block * room.block
      most = max(most, taken)
      taken -= former
    }
  }

  /// Of a receipt beside a file's former text, and of an instance's row.
  private static let receipt: Int64 = 512
  private static let row: Int64 = 4 << 10

  private let files: any FileTree
  private var disks: [UInt64: Disk] = [:]
  /// The disk of each folder that was asked for; nil where no bound is known.
  private var places: [String: UInt64?] = [:]
  /// What the journal takes for receipts, and for the plan where it keeps it.
  private var receipts: Int64 = 0
  private var texts: Int64 = 0
  /// Whether anything is written at all.
  private(set) var isAny = false

  init(_ files: any FileTree) { self.files = files }

  mutating func add(_ step: Step) {
    receipts += Self.receipt
    switch step {
    case .writeFile(let file): add(file)
    case .shareUnits(_, let files): for file in files { add(file) }
    case .sharePool(let site): add(site.file)
    case .makeFolder(let path, _, _, _), .makeLink(let path, _): take(1, in: ScopePaths.folder(of: path))
    case .register: receipts += Self.row
    default: break
    }
  }

  private mutating func add(_ file: FileWrite) {
    let former = files.usedBytes(file.path) ?? 0
    let folder = ScopePaths.folder(of: file.path)
    // What a person has changed in it may have to be kept beside.
    if file.checkedFor != nil, former > 0 { take(former, in: folder) }
    take(Int64(file.text.utf8.count), in: folder, freeing: former)
    // As JSON, a line break takes two bytes.
    receipts += former + former / 4
    texts += Int64(file.text.utf8.count) * 5 / 4
  }

  private mutating func take(_ bytes: Int64, in folder: String, freeing former: Int64 = 0) {
    isAny = true
    if let disk = disk(of: folder) { disks[disk]?.take(bytes, freeing: former) }
  }

  /// The registry's log has the receipts first, and then the registry itself.
  mutating func addJournal(of plan: Plan, in folder: String, reserve: Int64) {
    let rows = Int64(plan.changes.count) * Self.row
    let kept = plan.mayBeFinished ? texts + receipts : 0
    take(reserve + 2 * (receipts + rows + kept), in: folder)
  }

  /// The first disk that has less room than the plan takes.
  var lack: (folder: String, needed: Int64, free: Int64)? {
    disks.values.filter { $0.most > $0.room.bytes }.min { $0.folder < $1.folder }
      .map { ($0.folder, $0.most, $0.room.bytes) }
  }

  /// - Parameter folder: one that may not be there yet, and then lies where the nearest one above it does.
  private mutating func disk(of folder: String) -> UInt64? {
    if let known = places[folder] { return known }
    var found: UInt64?
    if let room = files.room(in: folder) {
      found = room.disk
      if disks[room.disk] == nil { disks[room.disk] = Disk(folder: folder, room: room) }
    } else if let slash = folder.lastIndex(of: "/"), folder != "/", !files.isFolder(folder) {
      found = disk(of: slash == folder.startIndex ? "/" : String(folder[..<slash]))
    }
    places[folder] = .some(found)
    return found
  }
}
