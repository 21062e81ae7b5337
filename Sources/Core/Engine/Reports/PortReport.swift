import BerthKit

/// A port of an instance.
public struct PortReport: Report {
  public let role: String
  public let transport: TransportProtocol
  public let address: String
  public let port: Int

  init(_ port: InstanceRecord.Port) {
    (role, transport, address, self.port) = (port.role, port.port.transport, port.address, port.port.number)
  }

  public var fields: ReportFields { ["role": role, "protocol": transport, "address": address, "port": port] }
}

/// A port with the instance that has it.
public struct PortUse: Report {
  public let port: PortReport
  public let record: InstanceRecord

  public var fields: ReportFields { port.fields + .instance(record) }
}

/// A port that an app declares.
struct PortRoleReport: Report {
  let role: PortRole

  var fields: ReportFields {
    [
      "role": role.role, "protocols": role.protocols, "default": role.defaultNumber, "address": role.bind,
      "follows": role.follows?.role, "offset": role.follows?.offset, "service": role.service, "help": role.help,
    ]
  }
}
