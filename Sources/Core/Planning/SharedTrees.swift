import BerthKit
import BerthRender

extension AppFacts {
  /// The group of the host's that an instance's services are in beside their own; nil for none, and where Berth cannot give
  /// them one.
  ///
  /// - Throws: `no-group`, `bad-group`.
  func sharedGroup(of record: InstanceRecord, _ values: [String: Value]) throws -> SharedGroup? {
    guard record.user != nil, let template = manifest.sharedGroup else { return nil }
    let names = Variables(settings: values, of: manifest)
    guard let name = try names.text(template) else { return nil }
    guard SharedGroup.isName(name) else { throw BerthError.badGroup(name, "it is not a name of a group") }
    guard let number = group(name) else { throw BerthError.noGroup(name, keptBy: keepsNumbers(record) ? record : nil) }
    let group = SharedGroup(name, number)
    guard group.isForPeople else {
      throw BerthError.badGroup(name, "its number \(number) is none of a group of people's")
    }
    return group
  }

  /// Whether an instance has containers, which keep the number of a group whatever becomes of the group.
  private func keepsNumbers(_ record: InstanceRecord) -> Bool {
    record.state == .ready
      && manifest.services.contains { $0.container != nil && record.services.contains($0.id) }
  }

  /// Who writes what a service is shown; nil for a user that only an image knows.
  func writer(of service: Service, _ record: InstanceRecord, _ variables: Variables) throws -> FileNumbers? {
    guard service.container != nil else {
      let own = numbers(record.user)
      return FileNumbers(user: UInt32(own.user), group: UInt32(own.group))
    }
    let told = try manifest.user(of: service).flatMap { try variables.text($0) }
    guard case .numbers(let numbers) = ContainerUser(told, of: "", .podman) else { return nil }
    return numbers
  }

  /// Folders of the operator's in which an instance's services, as far as mode and owner tell, may not write, or do not share
  /// what they write.
  package func closedTrees(of record: InstanceRecord, values: [String: Value], _ view: HostView) -> [ClosedTree] {
    // Nobody knows here which groups a person's manager gives its services.
    guard record.user != nil, let trees = try? trees(of: record, values: values) else { return [] }
    let group = (try? sharedGroup(of: record, values)) ?? nil
    var seen: Set<String> = []
    return trees.compactMap { tree in
      guard let writer = tree.writer, let access = view.ownership(tree.path), seen.insert(tree.path).inserted else {
        return nil
      }
      let isOpen = access.allows(
        user: Int(writer.user), groups: [Int(writer.group)] + (group.map { [$0.number] } ?? []))
      let isShared = group.map { Int(access.owner.group) == $0.number && access.handsOnGroup } ?? true
      guard !isOpen || !isShared else { return nil }
      return ClosedTree(
        path: tree.path, access: access, isOpen: isOpen, group: group, record: record,
        setting: manifest.sharedGroup?.variables.first.map { String($0.dropFirst("settings.".count)) })
    }
  }
}

/// A folder of the operator's in which an instance may not write, or does not share what it writes.
package struct ClosedTree {
  package let path: String
  let access: FolderAccess
  let isOpen: Bool
  let group: SharedGroup?
  let record: InstanceRecord
  /// The one that names the group; nil where there is none.
  let setting: String?

  package var problem: String {
    let owner = "\(path) belongs to \(access.ownerName):\(access.groupName) (\(String(access.mode, radix: 8)))"
    guard let group, isOpen else { return "\(owner), and its services may not write there" }
    return "\(owner), and what its services write there is not of the group \(group.name)"
  }

  /// What gives the folder to the group, or to the instance where it knows none.
  package var remedy: Remedy {
    let isShared = access.mode & 0o030 == 0o030 && SharedGroup("", Int(access.owner.group)).isForPeople
    if group == nil, let setting, isShared {
      return .berth(
        "config", "set", record.key.app, "--instance", "\(record.key.id)", "\(setting)=\(access.groupName)")
    }
    guard let name = group?.name ?? (setting == nil ? nil : "media") else {
      return .run(Command("chown", [record.user ?? "", path]))
    }
    let made = group == nil ? [Command("groupadd", ["--force", name])] : []
    let lines = made + [Command("chgrp", [name, path]), Command("chmod", ["2775", path])]
    return .prose(lines.map(\.line).joined(separator: "; "))
  }

  var notice: String { "\(record.title): \(problem); run: \(remedy)" }
}

extension BerthError {
  /// - Parameter record: an instance whose containers have the number that the group had.
  static func noGroup(_ name: String, keptBy record: InstanceRecord?) -> BerthError {
    let kept =
      record.map { "; the containers of \($0.title) keep its number, which may be another group's by now" } ?? ""
    return BerthError(
      "no-group", .badInput, "there is no group '\(name)' on this host\(kept)",
      remedy: .run(Command("groupadd", [name])),
      cause: record.map { "once there is one: \(Remedy.berth("update", $0.key.app, "--instance", "\($0.key.id)"))" })
  }

  static func badGroup(_ name: String, _ reason: String) -> BerthError {
    BerthError(
      "bad-group", .badInput, "no instance can be in the group '\(name)': \(reason)",
      remedy: "choose another group, such as one made by: groupadd media")
  }
}
