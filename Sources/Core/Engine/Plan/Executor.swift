import BerthKit
import Crypto
import Foundation

/// Carries out plans, and takes back what it did when a step fails. Nothing else changes the host.
///
/// The receipts are kept in memory; they are Codable values so that a journal on disk can hold them.
public actor Executor {
  /// Told what is being done, before it is.
  public typealias Progress = @Sendable (_ step: Step, _ number: Int, _ count: Int, _ title: String) -> Void

  private let host: HostServices
  private let progress: Progress
  private var receipts: [Receipt] = []
  private var setAside: [String] = []

  public init(host: HostServices, progress: @escaping Progress = { _, _, _, _ in }) {
    self.host = host
    self.progress = progress
  }

  /// Does the steps in order and stops at the first that fails.
  ///
  /// - Throws: what the step threw. The caller decides whether to ``rollBack(after:)``.
  public func carryOut(_ steps: ArraySlice<Step>, of plan: Plan) async throws {
    for (index, step) in zip(steps.indices, steps) {
      try Task.checkCancellation()
      progress(step, index + 1, plan.steps.count, plan.instance.title)
      try await perform(step)
    }
  }

  /// Takes back everything in strict reverse, the step that failed included.
  ///
  /// - Returns: the error to show: the first one, with what could not be taken back.
  public func rollBack(after error: any Error) async -> any Error {
    var leftovers: [String] = []
    var needsReload = false
    for receipt in receipts.reversed() {
      // The unit files are put back after this step's turn; the manager reads them again once something needs it.
      if receipt.undo == .reloadManager {
        needsReload = true
        continue
      }
      if needsReload, receipt.undo.needsManager {
        needsReload = false
        leftovers += await attempt(.reloadManager, of: .reloadManager)
      }
      leftovers += await attempt(receipt.undo, of: receipt.step)
    }
    if needsReload { leftovers += await attempt(.reloadManager, of: .reloadManager) }
    receipts = []
    setAside = []
    host.files.removeFolderIfEmpty(host.paths.trash)
    guard !leftovers.isEmpty else { return error }
    return BerthError.undoFailed(error, leftovers: leftovers)
  }

  /// - Returns: a line for what could not be taken back.
  private func attempt(_ undo: Undo, of step: Step) async -> [String] {
    do { try await host.takeBack(undo) } catch {
      return ["\(step.summary): \((error as? BerthError)?.summary ?? "\(error)")"]
    }
    return []
  }

  /// Clears away what was set aside. After this nothing can be taken back.
  ///
  /// - Returns: what could not be cleared away. The operation has succeeded all the same.
  public func finish() -> [String] {
    receipts = []
    let left = setAside.filter { path in
      do { try host.files.remove(path) } catch { return true }
      return false
    }
    if !setAside.isEmpty { host.files.removeFolderIfEmpty(host.paths.trash) }
    setAside = []
    return left
  }

  private func perform(_ step: Step) async throws {
    switch step {
    case .installPackages(let lists): try await host.packages.install(lists)
    case .makeUsers(let names):
      let missing = names.filter { !host.users.exists($0) }
      note(step, .removeUsers(missing))
      if !missing.isEmpty { try await host.users.make(missing) }
    case .removeUsers(let names):
      note(step, .makeUsers(names))
      try await host.users.remove(names)
    case .register(let registration):
      let former = try host.registry.all(app: registration.record.key.app).first { $0.uid == registration.record.uid }
      try host.registry.register(registration.record, settings: registration.settings)
      guard let former else { return note(step, .forget(registration.record)) }
      note(step, .register(Registration(record: former, settings: registration.formerSettings, takesUp: true)))
    case .forget(let record):
      let settings = try host.registry.settings(of: record.uid)
      note(step, .register(Registration(record: record, settings: settings, takesUp: false)))
      try host.registry.forget(record.uid)
    case .keep(let record):
      let settings = try host.registry.settings(of: record.uid)
      note(step, .register(Registration(record: record, settings: settings, takesUp: true)))
      try host.registry.keep(record.uid)
    case .settle(let record, let state):
      note(step, .settle(record, record.state))
      try host.registry.setState(state, of: record.uid)
    case .makeFolder(let path, let mode, let owner, let isShared):
      guard let topmost = host.topmostMissing(path) else { return }
      note(step, .removeFolder(path: path, topmost: topmost, isShared: isShared))
      try host.files.makeFolder(path, mode: mode, owner: owner)
    case .writeFile(let file): try write(file, step)
    case .makeLink(let path, let target):
      // A kept instance still has its links.
      if host.files.exists(path), host.files.realPath(path) == host.files.realPath(target) {
        return note(step, .nothing)
      }
      note(step, host.files.exists(path) ? .nothing : .removePath(path))
      try host.files.makeLink(path, to: target)
    case .removeTree(let path): try remove(path, step)
    case .shareUnits(let app, let files): try share(files, app, step)
    case .releaseUnits(let app, let paths): try release(paths, app, step)
    case .reloadManager:
      note(step, .reloadManager)
      try await host.manager.reload()
    case .enable(let units):
      note(step, .disable(units))
      try await host.manager.enable(units)
    case .disable(let units):
      let enabled = try host.manager.enabledUnits()
      let wereEnabled = units.filter(enabled.contains)
      note(step, wereEnabled.isEmpty ? .nothing : .enable(wereEnabled))
      try await host.manager.disable(units)
    case .start(let record):
      note(step, .stop(record))
      try await host.start(record)
    case .stop(let record):
      note(step, try await host.isActive(record) ? .start(record) : .nothing)
      try await host.stop([record])
    }
  }

  private func note(_ step: Step, _ undo: Undo) { receipts.append(Receipt(step: step, undo: undo)) }

  private func write(_ file: FileWrite, _ step: Step) throws {
    let former = host.files.exists(file.path) ? try host.files.read(file.path) : nil
    var undo: [Undo] = [former.map { .rewrite(file.with(text: $0)) } ?? .removePath(file.path)]
    var beside: String?
    if let uid = file.checkedFor {
      let recorded = try host.registry.checksum(of: file.path)
      undo.append(.recordChecksum(recorded, path: file.path, instance: uid))
      if let former, former != file.text, let recorded, recorded != Self.checksum(former) {
        // A person changed it since Berth wrote it: their text is kept beside.
        let path = "\(file.path).\(host.clock.timestamp().filter { $0 != ":" && $0 != "-" })"
        undo.append(.removePath(path))
        beside = path
      }
    }
    note(step, .several(undo))
    if let former, let beside {
      try host.files.write(former, to: beside, mode: file.mode, owner: file.owner, anchor: file.anchor)
    }
    try host.files.write(file.text, to: file.path, mode: file.mode, owner: file.owner, anchor: file.anchor)
    if let uid = file.checkedFor {
      try host.registry.setChecksum(Self.checksum(file.text), of: file.path, instance: uid)
    }
  }

  private func remove(_ path: String, _ step: Step) throws {
    guard host.files.exists(path) else { return }
    try host.files.makeFolder(host.paths.trash, mode: 0o700, owner: nil)
    let aside = "\(host.paths.trash)/\(host.clock.uuid())"
    note(step, .putBack(from: aside, to: path))
    try host.files.move(path, to: aside)
    setAside.append(aside)
  }

  private func share(_ files: [FileWrite], _ app: String, _ step: Step) throws {
    var former: [FileWrite] = []
    var added: [String] = []
    var changed: [FileWrite] = []
    for file in files {
      let text = host.files.exists(file.path) ? try host.files.read(file.path) : nil
      guard text != file.text else { continue }
      changed.append(file)
      if let text { former.append(file.with(text: text)) } else { added.append(file.path) }
    }
    note(step, .restoreUnits(app: app, former: former, added: added))
    for file in changed { try host.files.write(file.text, to: file.path, mode: file.mode, owner: nil, anchor: nil) }
  }

  private func release(_ paths: [String], _ app: String, _ step: Step) throws {
    guard try host.registry.instances(app: app).allSatisfy({ $0.state == .removing }) else { return }
    for path in paths { try remove(path, step) }
  }

  static func checksum(_ text: String) -> String {
    SHA256.hash(data: Data(text.utf8)).map { byte in
      String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
  }
}

extension FileWrite {
  /// The same file with another text.
  func with(text: String) -> FileWrite {
    FileWrite(
      path: path, text: text, mode: mode, owner: owner, anchor: anchor, isSecret: isSecret, checkedFor: checkedFor)
  }
}
