import BerthKit
import BerthStore

extension InstanceRegistry {
  /// Whose every port is, over all apps and stopped instances.
  func portOwners() throws -> [PortNumber: String] {
    var owners: [PortNumber: String] = [:]
    for instance in try instances() {
      for port in instance.ports { owners[port.port] = instance.title }
    }
    return owners
  }
}
