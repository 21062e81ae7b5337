import BerthEngine
import BerthKit

/// Instances as a table for people.
enum InstanceTable {
  static func lines(_ reports: [InstanceReport]) -> [String] {
    let hasNotes = reports.contains { $0.problem != nil }
    var table = Table(["APP", "NAME", "ID", "STATUS", "ENABLED", "PORTS"] + (hasNotes ? ["NOTE"] : []))
    for report in reports {
      let ports = report.ports.map { "\($0.role) \($0.port)/\($0.transport.rawValue)" }.joined(separator: ", ")
      table.add(
        [
          report.record.key.app, report.record.name.text, report.record.key.id.text, report.status.rawValue,
          report.isEnabled ? "yes" : "no", ports,
        ] + (hasNotes ? [report.problem ?? ""] : []))
    }
    return table.lines { column, text, padded in
      guard column == 3 else { return padded }
      switch text {
      case "running": return Style.stdout.green(padded)
      case "failed", "incomplete", "blocked": return Style.stdout.red(padded)
      case "starting", "stopping": return Style.stdout.yellow(padded)
      default: return padded
      }
    }
  }
}
