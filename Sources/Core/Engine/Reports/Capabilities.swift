import BerthKit

/// What an app can do and be told, for programs: the honest form of a manage script's `--help`.
public struct Capabilities: Report {
  public let manifest: Manifest

  public init(_ manifest: Manifest) { self.manifest = manifest }

  /// The verbs of `berth manage`.
  public var verbs: [String] { ManageVerb.allCases.filter { $0.isAvailable(manifest) }.map(\.rawValue) }

  public var fields: ReportFields {
    [
      "app": manifest.id, "version": manifest.version, "guid": manifest.panelID,
      "services": manifest.services.map(\.id), "settings": manifest.settings.map(SettingDeclaration.init),
      "ports": manifest.ports.map(PortRoleReport.init), "backup": manifest.backup.map(\.id),
      "query": manifest.query?.kind.rawValue, "console": manifest.console?.kind.rawValue,
      "commands": (manifest.console?.commands ?? []).map(CommandReport.init), "routes": manifest.routes.map(\.id),
      "manage": verbs,
    ]
  }
}
