import BerthKit

/// An app that can be installed, or a plugin that cannot be used.
public struct AppReport: Report {
  public let entry: PluginCatalog.Entry
  /// What the plugin was shown to do, from 1 to 8; nil where nobody has tried this version of it.
  public let level: Int?
  /// Where it was taken from; nil for one that was not added.
  let source: PluginOrigin?

  public init(_ entry: PluginCatalog.Entry, level: Int? = nil, from source: PluginOrigin? = nil) {
    self.entry = entry
    self.level = level
    self.source = source
  }

  /// `ok`, `untested` or `broken`.
  public var state: String { entry.manifest.map(Self.state) ?? "broken" }

  static func state(_ manifest: Manifest) -> String { manifest.untested == nil ? "ok" : "untested" }

  public var fields: ReportFields {
    let manifest = entry.manifest
    return [
      "id": entry.id, "name": manifest?.name, "summary": manifest?.summary, "version": manifest?.version,
      "category": manifest?.category, "origin": entry.origin, "state": state, "level": level,
      "source": source.map(PluginOriginReport.init), "problem": entry.problem ?? untested,
    ]
  }

  private var untested: BerthError? {
    entry.manifest?.untested.map { BerthError("untested", .failure, $0, at: entry.origin) }
  }
}

/// What a check of a plugin found.
public struct PluginCheckReport: Report {
  public let check: PluginCheck

  public init(_ check: PluginCheck) { self.check = check }

  public var state: String { AppReport.state(check.plugin.manifest) }

  public var fields: ReportFields {
    ["id": check.plugin.manifest.id, "state": state, "warnings": check.unused]
  }
}

/// A plugin that was begun.
public struct PluginSketchReport: Report {
  let manifest: Manifest
  let folder: String

  public init(_ manifest: Manifest, folder: String) {
    self.manifest = manifest
    self.folder = folder
  }

  public var fields: ReportFields { ["id": manifest.id, "path": folder, "state": AppReport.state(manifest)] }
}

/// All that an app declares and that somebody who uses it may want to know.
public struct AppDetails: Report {
  public let manifest: Manifest
  /// Where its plugin was taken from; nil for one that was not added.
  let source: PluginOrigin?

  public init(_ manifest: Manifest, from source: PluginOrigin? = nil) {
    self.manifest = manifest
    self.source = source
  }

  public var fields: ReportFields {
    [
      "id": manifest.id, "name": manifest.name, "summary": manifest.summary, "version": manifest.version,
      "category": manifest.category, "state": AppReport.state(manifest), "untested": manifest.untested,
      "maintainer": manifest.maintainer, "licence": manifest.licence, "homepage": manifest.homepage,
      "needs": manifest.needs?.text, "guid": manifest.panelID,
      "source": source.map(PluginOriginReport.init), "asks": manifest.asks.map { PluginAskReport($0) },
    ] + parts
  }

  private var parts: ReportFields {
    [
      "settings": manifest.settings.map(SettingDeclaration.init),
      "ports": manifest.ports.map(PortRoleReport.init), "services": manifest.services.map(Service.init),
      "jobs": manifest.jobs.map(Job.init), "config": manifest.config.map(\.id),
      "backup_sets": manifest.backup.map(\.id), "routes": manifest.routes.map(\.id),
      "query": manifest.query.map(Query.init), "console": manifest.console.map(ConsoleReport.init),
    ]
  }

  private struct Service: Report {
    let service: BerthKit.Service

    /// `program`, `podman` or `docker`.
    var kind: String { service.engine?.rawValue ?? "program" }

    var fields: ReportFields {
      [
        "name": service.id, "kind": kind, "image": service.container?.image.source, "depends_on": service.dependsOn,
        "loosen": service.loosen.map(Reason.init), "capabilities": service.capabilities.map(Reason.init),
      ]
    }
  }

  private struct Reason: Report {
    let loosened: BerthKit.Service.Loosened

    var fields: ReportFields { ["key": loosened.key, "reason": loosened.reason] }
  }

  private struct Job: Report {
    let job: BerthKit.Job

    var fields: ReportFields {
      ["name": job.id, "at": job.moments, "calendar": job.calendar, "service": job.service]
    }
  }

  private struct Query: Report {
    let query: PlayerQuery

    var fields: ReportFields { ["protocol": query.kind, "port": query.role] }
  }

  private struct ConsoleReport: Report {
    let console: Console

    var fields: ReportFields {
      [
        "protocol": console.kind, "port": console.role, "commands": console.commands.map(CommandReport.init),
      ]
    }
  }
}

/// A command that an app's console takes.
struct CommandReport: Report {
  let command: Console.Command

  init(_ command: Console.Command) { self.command = command }

  var fields: ReportFields { ["command": command.word, "help": command.help] }
}
