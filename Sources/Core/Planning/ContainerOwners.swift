import BerthKit
import BerthRender

/// Who owns the folders that containers write, where their programs run as users that the host does not know.
///
/// Of those who mount one folder, the first that may write it counts.
struct ContainerOwners {
  private var writers: [String: ContainerUser?] = [:]

  init(
    _ record: InstanceRecord, _ manifest: Manifest, _ values: [String: Value], _ instance: InstanceValues,
    _ variables: Variables
  ) throws {
    for service in manifest.enabledServices(values) {
      let user = try user(of: service, record, manifest, instance, variables)
      for mount in service.enabledMounts(values) where !mount.isReadOnly {
        guard let path = try variables.text(mount.path), writers[path] == nil else { continue }
        writers[path] = .some(user)
      }
    }
  }

  func owner(of folder: String, else owner: FileOwner) -> FileOwner {
    FileOwner(user: owner.user, inside: writers[folder] ?? nil)
  }

  /// Nil for a program of the host's, and a container that the instance's user runs.
  private func user(
    of service: Service, _ record: InstanceRecord, _ manifest: Manifest, _ instance: InstanceValues,
    _ variables: Variables
  ) throws -> ContainerUser? {
    guard let container = service.container, let image = record.images[service.id] else { return nil }
    let told = try manifest.user(of: service).flatMap { try variables.text($0) }
    let user = ContainerUser(told, of: image.id ?? image.reference, container.engine)
    let own = FileNumbers(user: UInt32(instance.userNumber), group: UInt32(instance.groupNumber))
    return user == .numbers(own) ? nil : user
  }
}
