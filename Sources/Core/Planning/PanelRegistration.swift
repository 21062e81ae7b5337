import BerthKit
import BerthPlan

/// The file by which a game panel finds an instance, or all instances of an app: its name says which they are, its text in
/// which folder the manage script is.
///
/// Source: the panel Warlock, and its specification of several instances on one host.
package struct PanelRegistration: Equatable {
  package let path: String
  package let text: String
  /// Whether it is that of all instances of the app.
  let isShared: Bool

  package var file: FileWrite { FileWrite(path: path, text: text, mode: 0o644) }

  /// - Parameters:
  ///   - folder: where such files are; nil on a host that has no folder for them.
  ///   - paths: of the scope.
  init?(
    _ key: InstanceKey, guid: String, folder: String?, style: HostConfig.RegistrationStyle, paths: ScopePaths
  ) {
    guard let folder else { return nil }
    isShared = style == .app
    let name = isShared || key.id == .default ? guid : "\(guid).\(key.id.text)"
    path = "\(folder)/\(name)\(ScopePaths.registrationEnding)"
    text = isShared ? paths.panel(key.app) : paths.instance(key)
  }

  /// Whether a text is one that Berth writes into such a file of an app, in one style or the other. An empty one is nobody's.
  static func isOwn(_ text: String, of app: String, _ paths: ScopePaths) -> Bool {
    let lines = text.split(whereSeparator: \.isNewline)
    guard let line = lines.first else { return true }
    guard lines.count == 1, line != paths.panel(app) else { return lines.count == 1 }
    let folder = paths.instance(app, "")
    return line.hasPrefix(folder) && (try? InstanceID(String(line.dropFirst(folder.count)))) != nil
  }
}

extension Manifest {
  /// The id of the app for panels; one that is made of the app's name when the manifest has none.
  ///
  /// Source: RFC 9562, version 8.
  package var panelID: String {
    if let guid { return guid }
    var digits = Array(Checksum.text("berth/\(id)").prefix(32))
    digits[12] = "8"
    digits[16] = "a"
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
  }
}

extension HostView {
  /// Makes sure that a file for panels is free, or leads to this app of Berth's already, also where Berth wrote it before.
  ///
  /// - Throws: `registration-taken`.
  package func requireFree(_ registration: PanelRegistration?, of record: InstanceRecord, _ paths: ScopePaths) throws {
    guard let registration, let other = try text(registration.path),
      !PanelRegistration.isOwn(other, of: record.key.app, paths), !isMoved(other, registration, record, paths)
    else { return }
    throw BerthError.registrationTaken(registration, by: other, record, newID: uuid())
  }

  /// Whether a file for panels leads to where the same instance, or app, lay before its sandbox was moved.
  private func isMoved(
    _ text: String, _ registration: PanelRegistration, _ record: InstanceRecord, _ paths: ScopePaths
  ) -> Bool {
    let lines = text.split(whereSeparator: \.isNewline)
    let places = [paths.instance(record.key), paths.panel(record.key.app)].map { $0.dropFirst(paths.state.count) }
    return record.registration == registration.path && lines.count == 1
      && places.contains { lines[0].hasSuffix($0) } && !exists(String(lines[0]))
  }

  /// The file for panels that is an instance's alone, unless it says something else by now.
  func ownRegistration(of record: InstanceRecord, _ paths: ScopePaths) -> String? {
    guard let path = record.registration, (try? text(path)) == paths.instance(record.key) else { return nil }
    return path
  }

  /// What panels manage all instances of an app by; nothing where they manage each by itself.
  package func panel(of record: InstanceRecord, _ paths: ScopePaths) -> [String] {
    let folder = paths.panel(record.key.app)
    let file = record.registration.flatMap { (try? text($0)) == folder ? $0 : nil }
    return [file, exists(folder) ? folder : nil].compactMap { $0 }
  }
}

extension BerthError {
  static func registrationTaken(
    _ registration: PanelRegistration, by other: String, _ record: InstanceRecord, newID: String
  ) -> BerthError {
    // Only a new instance can do with another file, and only where each has its own.
    let isFixed = registration.isShared || record.state != .installing
    let path = registration.path
    return BerthError(
      "registration-taken", .conflict,
      "\(record.title): panels know this app in '\(other.prefix(200))' already", at: path,
      remedy: isFixed
        ? .run(Command("mv", ["--no-clobber", path, "\(path).other"]))
        : .berth("install", record.key.app, "--instance-id", newID))
  }
}
