import BerthKit
import Foundation

/// Made-up instances that differ in everything, unless a test says what they share.
enum Sample {
  static let setting = StoredSetting(key: "title", value: "Harbour", isSecret: false)

  /// A UUID that begins with a number in eight digits.
  static func id(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 8 - digits.count) + digits + "-1111-4111-8111-111111111111"
  }

  static func port(_ role: String, _ transport: TransportProtocol, _ number: Int) -> InstanceRecord.Port {
    .init(role: role, port: PortNumber(transport, number), address: "0.0.0.0")
  }

  static func record(
    _ number: Int, app: String = "demo", id: String? = nil, name: String? = nil, slug: String? = nil,
    state: InstanceRecord.State = .ready, ports: [InstanceRecord.Port] = [], services: [String] = ["main", "worker"],
    labels: [String: String] = [:], directory: String? = nil
  ) -> InstanceRecord {
    InstanceRecord(
      uid: "uid-\(number)", key: InstanceKey(app: app, id: InstanceID(unchecked: id ?? Self.id(number))),
      name: InstanceName(unchecked: name ?? "name-\(number)"), slug: slug ?? "slug-\(number)", state: state, user: nil,
      version: "1.2.3", directory: directory, labels: labels, services: services, ports: ports,
      createdAt: "2026-11-21T09:00:00Z")
  }
}
