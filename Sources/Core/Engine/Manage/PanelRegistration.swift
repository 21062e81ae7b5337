import BerthKit

/// The file by which a game panel finds an instance: its name says which app and instance, its text in which folder the
/// manage script is.
///
/// Source: the panel Warlock, and its specification of several instances on one host.
struct PanelRegistration: Equatable {
  let path: String
  let text: String

  /// - Parameter paths: of the scope.
  /// - Returns: nil on a host that has no folder for such files.
  init?(_ key: InstanceKey, guid: String, folder: String?, paths: ScopePaths) {
    guard let folder else { return nil }
    let name = key.id == .default ? guid : "\(guid).\(key.id.text)"
    path = "\(folder)/\(name).app"
    text = paths.instance(key)
  }
}

extension Manifest {
  /// The id of the app for panels; one that is made of the app's name when the manifest has none.
  ///
  /// Source: RFC 9562, version 8.
  var panelID: String {
    if let guid { return guid }
    var digits = Array(Checksum.text("berth/\(id)").prefix(32))
    digits[12] = "8"
    digits[16] = "a"
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
  }
}

extension HostView {
  /// Makes sure that a file for panels is free, or the instance's own already.
  ///
  /// - Throws: `registration-taken`.
  func requireFree(_ registration: PanelRegistration?, of record: InstanceRecord) throws {
    guard let registration, record.registration != registration.path, let other = try text(registration.path),
      other != registration.text
    else { return }
    throw BerthError.registrationTaken(registration.path, by: other, record, newID: uuid())
  }

  /// The file for panels that an instance has, unless it says something else by now.
  func ownRegistration(of record: InstanceRecord, _ paths: ScopePaths) -> String? {
    guard let path = record.registration, (try? text(path)) == paths.instance(record.key) else { return nil }
    return path
  }
}

extension BerthError {
  static func registrationTaken(_ path: String, by other: String, _ record: InstanceRecord, newID: String) -> BerthError
  {
    BerthError(
      "registration-taken", .conflict,
      "\(record.title): panels know this app in '\(other.prefix(200))' already", at: path,
      remedy: .berth("install", record.key.app, "--instance-id", newID))
  }
}
